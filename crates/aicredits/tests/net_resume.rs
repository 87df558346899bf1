//! The resume file: what is asked again, what a kill loses, and what is refused.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use aicredits::{
    Cancel, Client, ClientBuilder, Error, ErrorKind, FleetBuilder, FleetClock, Report, TableValue, Target, Timestamp,
};
use aicredits_emulator::Emulator;
use aicredits_emulator::script::Reply;

use common::{API_KEY, client};

mod common;

/// A folder that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("aicredits-resume-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("resume.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Time does not pass, and the date is so many seconds ahead.
struct Later(u64);

impl FleetClock for Later {
    fn now(&self) -> Duration {
        Duration::from_secs(1_000_000 + self.0)
    }

    fn date(&self) -> Timestamp {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_unix((now.as_secs() + self.0) as i64, now.subsec_nanos()).unwrap()
    }
}

fn later(seconds: u64) -> Arc<dyn FleetClock> {
    Arc::new(Later(seconds))
}

const REPLY: &str =
    r#"{"topUpCredits":{"balance":5},"creditBalanceBreakdown":[{"subscriptionId":"s","usageRules":[{"balance":5}]}]}"#;

/// A server that always answers with five credits.
fn five() -> Emulator {
    Emulator::scripted(Reply::json(200, REPLY)).unwrap()
}

fn asking(emulator: &Emulator) -> ClientBuilder {
    client(emulator.url()).per_call_scope()
}

fn fleet(client: &Client, file: &Path) -> FleetBuilder {
    client.fleet().without_rate().resume(file)
}

fn sites(count: usize) -> Vec<Target> {
    (0..count).map(|index| Target::site(format!("site-{index}")).label(format!("Site {index}"))).collect()
}

/// Both tables, without what differs between two runs. An error names its request.
fn lasting(report: Report) -> [String; 2] {
    let without = |table: &aicredits::Table| {
        let differ = ["started_at", "read_at", "attempts", "request_id", "error", "resumed"];
        let columns = table.columns().iter().enumerate().filter(|(_, column)| !differ.contains(&column.name()));
        let columns: Vec<_> = columns.map(|(place, _)| place).collect();
        let row =
            |row| columns.iter().map(|&column| format!("{:?};", table.value(row, column))).collect::<String>() + "\n";
        (0..table.rows()).map(row).collect()
    };
    [without(report.balances()), without(report.rules())]
}

fn run(fleet: FleetBuilder, targets: Vec<Target>) -> Report {
    fleet.start(targets).unwrap().collect()
}

fn resumed(report: &Report) -> Vec<bool> {
    report.balances().column("resumed").unwrap().map(|value| value == TableValue::Boolean(true)).collect()
}

#[test]
fn balances_that_were_read_are_not_asked_again() {
    let (emulator, folder) = (five(), Folder::new("again"));
    let (client, file) = (asking(&emulator).build().unwrap(), folder.file());
    let first = run(fleet(&client, &file), sites(3));
    assert_eq!((resumed(&first), emulator.server().requests()), (vec![false; 3], 3));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // Other labels and places, an equal target, and a new one: labels and places are those of the new input.
    let mut targets = sites(4);
    targets.reverse();
    targets.push(Target::site("site-0").label("again").owner("o"));
    let mut running = fleet(&client, &file).start(targets).unwrap();
    let outcomes: Vec<_> = running.by_ref().collect();
    let progress = running.progress();
    assert_eq!((progress.total, progress.done, progress.resumed, progress.failed), (5, 5, 4, 0));
    assert!(outcomes[0].is_resumed() && outcomes[0].index() == 1, "those of the file come first");
    assert_eq!(outcomes[0].attempts().len(), 1);
    assert_eq!(outcomes[0].result().unwrap().scope().unwrap().site_id(), Some("site-2"));
    let second: Report = outcomes.into_iter().collect();
    assert_eq!(resumed(&second), [false, true, true, true, true]);
    assert_eq!(emulator.server().requests(), 4);
    let labels: Vec<_> = second.balances().column("label").unwrap().collect();
    assert_eq!(labels, ["Site 3", "Site 2", "Site 1", "Site 0", "again"].map(TableValue::Text));
    let fetched = second.balances().column("read_at").unwrap().nth(3);
    assert_eq!(fetched, first.balances().column("read_at").unwrap().next());
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 5, "a header and four sites");

    // A balance that is too old is read again, and one from a clock that was wrong.
    for (max_age, seconds, asked) in [(3600, 3590, 0), (3600, 3610, 1), (43_200, 3610, 0)] {
        let before = emulator.server().requests();
        let aged = fleet(&client, &file).resume_max_age(Duration::from_secs(max_age)).clock(later(seconds));
        run(aged, sites(1));
        assert_eq!(emulator.server().requests() - before, asked, "{max_age} {seconds}");
    }
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"read_at\":\"20", "\"read_at\":\"21")).unwrap();
    let before = emulator.server().requests();
    run(fleet(&client, &file), sites(1));
    assert_eq!(emulator.server().requests() - before, 1);
}

#[test]
fn failures_are_asked_again_and_the_last_line_of_a_target_counts() {
    let folder = Folder::new("failures");
    let ok = || Reply::json(200, REPLY);
    let script =
        [Reply::json(403, r#"{"message":"no","details":{"applicationError":{"code":"PERMISSION_DENIED"}}}"#), ok()];
    let emulator = Emulator::scripted(script.to_vec()).unwrap();
    let (client, file) = (asking(&emulator).build().unwrap(), folder.file());
    let failed = run(fleet(&client, &file), sites(1));
    assert_eq!(failed.failures()[0].kind(), ErrorKind::Forbidden);
    let line = fs::read_to_string(&file).unwrap().lines().nth(1).unwrap().to_owned();
    assert!(
        line.contains(r#""status":"forbidden","http_status":403,"error_code":"PERMISSION_DENIED","error":"403"#),
        "{line}"
    );
    assert_eq!(resumed(&run(fleet(&client, &file), sites(1))), [false]);
    assert_eq!(resumed(&run(fleet(&client, &file), sites(1))), [true]);
    // A later failure replaces the balance.
    fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    assert_eq!(resumed(&run(fleet(&client, &file), sites(1))), [false]);
    assert_eq!(emulator.server().requests(), 3);
}

#[test]
fn nothing_is_written_of_a_fleet_that_was_ended() {
    let (emulator, folder) = (Emulator::scripted(Reply::new().mute()).unwrap(), Folder::new("ended"));
    let (client, file) = (asking(&emulator).max_concurrency(2).build().unwrap(), folder.file());
    let cancel = Cancel::new();
    let running = fleet(&client, &file).cancelled_by(&cancel).start(sites(5)).unwrap();
    assert!(emulator.server().wait_for_requests(2, Duration::from_secs(60)));
    cancel.cancel();
    assert_eq!(running.filter(|outcome| outcome.result().is_err()).count(), 5);
    let timed_out = run(fleet(&client, &file).timeout(Duration::from_millis(50)), sites(5));
    assert_eq!(timed_out.failures()[0].kind(), ErrorKind::Timeout);
    assert!(emulator.server().wait_for_requests(4, Duration::from_secs(60)));
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1, "the header alone");
}

/// The server sends the key back in a text, and in the name of a member.
#[test]
fn no_key_is_in_the_file() {
    let echo = format!(
        r#"{{"topUpCredits":{{"balance":5}},"{API_KEY}":1,"creditBalanceBreakdown":[{{"subscriptionId":"{API_KEY}"}}]}}"#
    );
    let script = [Reply::json(200, echo), Reply::json(403, format!(r#"{{"message":"no: {API_KEY}"}}"#))];
    let (emulator, folder) = (Emulator::scripted(script.to_vec()).unwrap(), Folder::new("key"));
    let (client, file) = (asking(&emulator).max_concurrency(1).build().unwrap(), folder.file());
    let targets = vec![Target::site("a").label(API_KEY).owner(API_KEY), Target::site("b").client(API_KEY, &client)];
    let first = run(fleet(&client, &file), targets.clone());
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 3);
    for part in API_KEY.as_bytes().windows(8) {
        let part = std::str::from_utf8(part).unwrap();
        assert!(!text.contains(part) && !first.balances().to_csv().contains(part), "{part}: {text}");
    }
    // The same reading comes from the file.
    let second = run(fleet(&client, &file), targets);
    assert!(resumed(&second)[0]);
    assert_eq!(second.balances().column("sources").unwrap().next(), first.balances().column("sources").unwrap().next());
    // Such a key is a part of every reply, which is no balance without it: nothing is written.
    let wide = Client::builder().api_key("topUpCredits").base_url(emulator.url()).per_call_scope().build().unwrap();
    fs::remove_file(&file).unwrap();
    run(fleet(&wide, &file), vec![Target::site("a")]);
    assert!(!fs::read_to_string(&file).unwrap().contains("topUpCredits"));
}

#[test]
fn recent_attempts_count_for_the_pace_of_the_next_run() {
    let (emulator, folder) = (five(), Folder::new("pace"));
    let file = folder.file();
    run(fleet(&asking(&emulator).build().unwrap(), &file), sites(3));
    for (seconds, recent) in [(30, 3), (61, 0)] {
        // Another process has another client.
        let client = asking(&emulator).build().unwrap();
        let running = client.fleet().rate(3).resume(&file).clock(later(seconds)).start(sites(3)).unwrap();
        assert_eq!(running.progress().recent_attempts, recent, "after {seconds} s");
        drop(running);
    }
    // The window is full, and time does not pass.
    let (client, cancel) = (asking(&emulator).build().unwrap(), Cancel::new());
    let fleet = client.fleet().rate(3).resume(&file).clock(later(30)).cancelled_by(&cancel);
    let mut running = fleet.start(sites(4)).unwrap();
    assert!(running.by_ref().take(3).all(|outcome| outcome.is_resumed()));
    cancel.cancel();
    let last = running.next().unwrap();
    assert_eq!((last.result().unwrap_err().kind(), last.attempts().len()), (ErrorKind::Cancelled, 0));
    assert_eq!(emulator.server().requests(), 3);
}

#[test]
fn the_file_cut_at_every_byte_of_its_last_two_lines() {
    let (emulator, folder) = (five(), Folder::new("cut"));
    let (client, file) = (asking(&emulator).build().unwrap(), folder.file());
    let whole = lasting(run(fleet(&client, &file), sites(3)));
    let bytes = fs::read(&file).unwrap();
    let ends: Vec<_> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(ends.len(), 4);
    for length in (ends[1]..=bytes.len()).chain(0..=ends[0]) {
        fs::write(&file, &bytes[..length]).unwrap();
        let mut running = fleet(&client, &file).start(sites(3)).unwrap();
        let warnings = running.warnings();
        assert_eq!(warnings.is_empty(), length == 0 || ends.contains(&length), "{length}: {warnings:?}");
        let report: Report = running.by_ref().collect();
        let asked = resumed(&report).iter().filter(|resumed| !**resumed).count();
        assert_eq!(asked, 3 - ends[1..].iter().filter(|end| **end <= length).count(), "{length}");
        assert!(lasting(report) == whole, "{length}");
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 4, "{length}");
    }
}

#[test]
fn refused_files_stay_as_they_are() {
    let (emulator, folder) = (five(), Folder::new("refused"));
    let (client, file) = (asking(&emulator).build().unwrap(), folder.file());
    run(fleet(&client, &file), sites(3));
    let good = fs::read_to_string(&file).unwrap();
    let requests = emulator.server().requests();
    let lines: Vec<_> = good.lines().collect();
    let [header, one, two, three] = lines[..] else { panic!("{good}") };
    let refused = |text: &str| {
        fs::write(&file, text).unwrap();
        let error = fleet(&client, &file).start(sites(3)).unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        error
    };
    let broken = |text: &str, line: usize, reason: &str| {
        let error = refused(text);
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        let expected = format!("the resume file {} is broken in line {line}: {reason}", file.display());
        assert_eq!(error.message(), expected);
    };
    broken(&format!("{header}\n{one}\n{}\n{three}\n", &two[..two.len() - 1]), 3, "it is no JSON object");
    broken(&format!("{header}\n{one}\n\n{three}\n"), 3, "it is no JSON object");
    // The cut end stays too.
    broken(&format!("{header}\n{}\n{}", one.replace("\"ok\"", "7"), &two[..9]), 2, "status is no text");
    broken(&format!("{one}\n{two}\n"), 1, "it is not the first line of a resume file");
    broken("target,label\n", 1, "it is not the first line of a resume file");
    broken("a text without a line break", 1, "it is not the first line of a resume file");
    broken(&"x".repeat(100_000), 1, "it is not the first line of a resume file");

    let invalid = |error: Error, fault: &str| {
        assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some("resume")), "{error}");
        assert!(error.message().contains(fault), "{error}");
    };
    invalid(refused(&good.replace("resume\":1", "resume\":2")), "has another version");
    invalid(
        refused(&good.replace(&emulator.url(), "https://other.test")),
        "is of another base URL, https://other.test",
    );
    fs::write(&file, &good).unwrap();
    let other = client_of("http://127.0.0.1:9".to_owned());
    let named = |name: &str, client: &Client| Target::site("s").client(name, client);
    let start = |targets: Vec<Target>| fleet(&client, &file).start(targets).unwrap_err();
    invalid(start(vec![named("acme", &other)]), "needs clients with one base URL");
    let twin = asking(&emulator).build().unwrap();
    invalid(start(vec![named("acme", &client), named("acme", &twin)]), "two are named acme");
    invalid(fleet(&client, &folder.0).start(sites(1)).unwrap_err(), "cannot be used: ");
    invalid(fleet(&client, Path::new("/dev/null")).start(sites(1)).unwrap_err(), "it is no regular file");
    let error = fleet(&client, &file).resume_max_age(Duration::ZERO).start(sites(1)).unwrap_err();
    assert_eq!(error.setting(), Some("resume_max_age"));
    assert_eq!(emulator.server().requests(), requests, "nothing was sent");

    let running = fleet(&client, &file).start(sites(4)).unwrap();
    invalid(fleet(&client, &file).start(sites(3)).unwrap_err(), "is in use by another run");
    drop(running);
    assert_eq!(run(fleet(&client, &file), sites(3)).failures(), []);
}

fn client_of(url: String) -> Client {
    client(url).build().unwrap()
}

const URL: &str = "AICREDITS_TEST_URL";
const FILE: &str = "AICREDITS_TEST_RESUME";
const KEY: &str = "IST.fleet-canary-of-all-sites-not-a-secret";

/// Sixty sites of an agency, some of them gone, and some whose key has no access.
fn agency_targets(url: &str, key: &str) -> (Client, Vec<Target>) {
    let client = |key: &str| {
        let builder = Client::builder().api_key(key).base_url(url).per_call_scope().max_concurrency(4).max_retries(0);
        builder.build().unwrap()
    };
    let (all, one) = (client(KEY), client(key));
    let site = |index: usize| format!("0a1b2c3d-0000-4000-8000-0000517e{:04}", 1 + index);
    let targets = (0..60).map(|index| match index % 20 {
        7 => Target::site(format!("77d2-gone-{index}")),
        13 => Target::site(site(index)).client("one", &one),
        _ => Target::site(site(index)).label(format!("Site {index}")),
    });
    (all.clone(), targets.collect())
}

/// The run that is killed: this same test, in another process.
fn child(url: &str, key: &str, file: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_killed_run_is_resumed", "--test-threads=1"]);
    command.env(URL, format!("{url} {key}")).env(FILE, file).stdout(std::process::Stdio::null());
    command.spawn().unwrap()
}

/// Kills a run at random moments, by the bytes that it has written, and resumes it: the tables are those of a whole run.
///
/// `AICREDITS_KILLS=50` makes it longer.
#[test]
fn a_killed_run_is_resumed() {
    if let (Ok(emulator), Some(file)) = (std::env::var(URL), std::env::var_os(FILE)) {
        let (url, key) = emulator.split_once(' ').unwrap();
        let (client, targets) = agency_targets(url, key);
        assert_eq!(fleet(&client, Path::new(&file)).start(targets).unwrap().count(), 60);
        return;
    }
    let emulator = Emulator::from_json(r#"{"scenario":"agency-1000"}"#).unwrap();
    let names: Vec<_> = (0..60).map(|index| format!("\"0a1b2c3d-0000-4000-8000-0000517e{:04}\"", 1 + index)).collect();
    let request = format!(r#"{{"name":"all","secret":"{KEY}","sites":[{}]}}"#, names.join(","));
    assert_eq!(emulator.control("key", &request).status, 200);
    let (url, key) = (emulator.url(), emulator.site_key().to_owned());
    let folder = Folder::new("killed");
    let (client, targets) = agency_targets(&url, &key);
    let whole = lasting(run(fleet(&client, &folder.0.join("whole.jsonl")), targets.clone()));
    let bytes = fs::metadata(folder.0.join("whole.jsonl")).unwrap().len();

    let seeds = std::env::var("AICREDITS_KILLS").map_or(12, |count| count.parse::<u64>().unwrap());
    let mut killed = 0;
    for seed in 0..seeds {
        let file = folder.0.join(format!("{seed}.jsonl"));
        // Twice, each time later in the file.
        let place = |seed: u64| (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % bytes;
        let mut places = [place(2 * seed), place(2 * seed + 1)];
        places.sort_unstable();
        for place in places {
            let mut run = child(&url, &key, &file);
            while fs::metadata(&file).map_or(0, |metadata| metadata.len()) < place && run.try_wait().unwrap().is_none()
            {
                std::thread::yield_now();
            }
            run.kill().unwrap();
            let status = run.wait().unwrap();
            assert!(status.success() || status.signal() == Some(9), "{status}");
            killed += u64::from(status.signal() == Some(9));
        }
        let (client, targets) = agency_targets(&url, &key);
        let report = run(fleet(&client, &file), targets);
        let read = resumed(&report).iter().filter(|resumed| **resumed).count();
        assert!(read > 0 || places[1] < 1000, "seed {seed} had {read} of the file");
        assert!(lasting(report) == whole, "seed {seed}");
    }
    assert!(killed >= seeds, "{killed} of {} runs were killed before their end", 2 * seeds);
}

//! `aicredits balances`.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::process::{KEY, Said, aicredits, run, run_with_input, with_emulator, with_script};
use crate::terminal::error_of;

/// A folder with the files of a test.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// `aicredits balances` in this folder, with the emulator's keys and server.
    fn ask(&self, emulator: &Emulator, args: &[&str]) -> Said {
        run(with_emulator(self.command(args), emulator))
    }

    /// As `ask`, with a scripted server.
    fn ask_script(&self, server: &Server, args: &[&str]) -> Said {
        run(with_script(self.command(args), server))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = aicredits(&[&["balances"], args].concat());
        command.current_dir(self.0.path());
        command
    }
}

fn reply(balance: i64) -> Reply {
    Reply::json(200, format!(r#"{{"topUpCredits":{{"balance":{balance}}}}}"#))
}

/// The column of a CSV file.
fn column(csv: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let place = reader.headers().unwrap().iter().position(|column| column == name).unwrap();
    reader.records().map(|record| record.unwrap()[place].to_owned()).collect()
}

#[test]
fn rows_for_people_and_failures_by_kind() {
    let (emulator, files) = (Emulator::start().unwrap(), Files::new());
    let (account, site) = (emulator.account_id(), emulator.site_id());
    let targets = format!(
        "label,site_id,account_id,scope,key\nShop,{site},,,\n\n\"Old, gone\",77d2-gone,,,\n,,{account},account,\nOlder,77d2-older,{account},site,\n"
    );
    files.write("targets.csv", &targets);
    let said = files.ask(&emulator, &["--targets", "targets.csv"]);
    let expected = format!(
        "\
target                                spendable  available  next reset
Shop                                        850        850  2026-07-01
Old, gone                             not found
{account}      1,050      1,050  2026-07-01
Older                                 not found

1,050 available and 1,050 spendable in 1 account
"
    );
    assert_eq!((said.code, said.stdout.as_str()), (Some(3), expected.as_str()), "{}", said.stderr);
    let (message, rest) = said.stderr.split_once("\n  404 Not Found: ").unwrap();
    assert!(message.starts_with("2 targets failed: there is no such account or site"), "{message}");
    assert!(rest.contains("(site 77d2-gone; request ") && rest.ends_with("  first in line 4 of the input\n"), "{rest}");

    let input = format!("\u{feff}{site}\r\n\r\n  {site}  \n");
    let said = run_with_input(with_emulator(files.command(&["--sites", "-"]), &emulator), input.as_bytes()).success();
    assert_eq!(said.lines().filter(|line| line.starts_with(site)).count(), 2);
    assert!(said.ends_with(
        "no total: no target is an account, and the readings of sites may be one wallet of their account\n"
    ));
}

#[test]
fn tables_as_files() {
    let (emulator, files) = (Emulator::start().unwrap(), Files::new());
    files.write("accounts.txt", emulator.account_id());
    let old = files.write("report.csv", "old");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("report.csv", files.path("link.csv")).unwrap();
    let said = files.ask(&emulator, &["--accounts", "accounts.txt", "--out", "link.csv", "--out-rules", "rules.jsonl"]);
    assert_eq!(said.success(), "", "cron mails each line");
    assert!(files.path("link.csv").is_symlink());
    assert_eq!(fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o640);
    let csv = files.read("report.csv");
    assert_eq!(
        (column(&csv, "available"), column(&csv, "resumed")),
        (vec!["1050".to_owned()], vec!["false".to_owned()])
    );
    let rules = files.read("rules.jsonl");
    assert_eq!(rules.lines().count(), 2);
    assert!(rules.starts_with(r#"{"target":0,"label":null,"account_id":"#), "{rules}");
    let printed = files.ask(&emulator, &["--accounts", "accounts.txt", "--out", "-"]).success();
    assert_eq!(column(&printed, "available"), column(&csv, "available"));
    // A FIFO and a device are written, and not replaced.
    files
        .ask(&emulator, &["--accounts", "accounts.txt", "--out", "/dev/null", "--out-rules", "rules.jsonl"])
        .failure(64);
    std::os::unix::fs::symlink("/dev/null", files.path("null.csv")).unwrap();
    files.ask(&emulator, &["--accounts", "accounts.txt", "--out", "null.csv"]).success();
    let names: Vec<_> = fs::read_dir(files.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 5, "no temporary file is left: {names:?}");
    fs::create_dir(files.path("folder.csv")).unwrap();
    for (name, fault) in [
        ("report.parquet", "does not write Parquet yet"),
        ("report.html", "does not write HTML yet"),
        ("report", "neither .csv nor .jsonl"),
        ("no/such/folder.csv", "No such file"),
        ("/proc/1/report.csv", "cannot write"),
        ("folder.csv", "is a directory"),
    ] {
        let complaint = files.ask(&emulator, &["--accounts", "accounts.txt", "--out", name]).failure(64);
        assert!(complaint.contains(fault), "{complaint}");
    }
}

/// Each exit status, with the rows that are kept and their order.
#[test]
fn the_answer_is_the_exit_status() {
    let files = Files::new();
    files.write("sites.txt", "a\nb\nc\nd\n");
    let unknown = || Reply::json(200, r#"{"topUpCredits":{}}"#);
    let other = || Reply::json(200, r#"{"status":"down"}"#);
    let no = || Reply::status(403);
    let run = |replies: [Reply; 4], args: &[&str]| {
        let server = Server::start(replies.to_vec()).unwrap();
        // One after another: the first attempt is the pace.
        let said =
            files.ask_script(&server, &[&["--sites", "sites.txt", "--out", "-", "--rate", "none"], args].concat());
        let mut kept = column(&said.stdout, "spendable");
        if !args.contains(&"--sort") {
            kept.sort_unstable();
        }
        (said.code.unwrap(), kept.join(" "), said.stderr)
    };
    let all = || [reply(5), reply(30), reply(-1), reply(9)];
    for (replies, args, code, kept) in [
        (all(), &[][..], 0, "-1 30 5 9"),
        (all(), &["--fail-under", "9"], 1, "-1 30 5 9"),
        (all(), &["--fail-under", "0", "--below", "9"], 1, "-1 5"),
        ([reply(5), reply(30), reply(0), reply(9)], &["--fail-under", "0"], 0, "0 30 5 9"),
        ([reply(5), reply(30), unknown(), reply(9)], &["--fail-under", "0"], 2, " 30 5 9"),
        ([reply(5), reply(30), unknown(), reply(9)], &["--fail-under", "6", "--below", "6"], 1, " 5"),
        ([reply(5), reply(30), unknown(), reply(9)], &[], 0, " 30 5 9"),
        ([reply(5), other(), reply(1), reply(9)], &[], 2, " 1 5 9"),
        ([reply(5), no(), reply(1), reply(9)], &["--fail-under", "100", "--below", "2"], 3, " 1"),
        ([no(), no(), no(), no()], &["--fail-under", "1"], 4, "   "),
        ([no(), reply(30), unknown(), reply(-9)], &["--sort", "spendable"], 3, "-9 30  "),
    ] {
        let (status, rows, stderr) = run(replies, args);
        assert_eq!((status, rows.as_str()), (code, kept), "{args:?}: {stderr}");
        let told = ["under ", "unknown whether ", " replies are unknown: ", " failed: "];
        assert_eq!(told.iter().any(|told| stderr.contains(told)), code != 0, "{stderr}");
    }
}

#[test]
fn wrong_lines_are_named_at_once_and_keys_are_not_shown() {
    let (emulator, files) = (Emulator::start().unwrap(), Files::new());
    let header = "label,site_id,account_id,scope,key";
    let refused = |text: &str, args: &[&str]| {
        files.write("t.csv", text);
        files.ask(&emulator, &[&["--targets", "t.csv"], args].concat()).failure(64)
    };
    let text = format!(
        "{header}\nA,,,,\n\"two\nlines\",s s,,,\nB,IST.canary,,,\nC,s,,,IST.canary\nD,s,,,eyJcanary\nE,s,,,../canary\nF,s,,,canary\nG,s,,Site,\nIST.canary,s,,,\n"
    );
    let complaint = refused(&text, &["--key", "acme=key"]);
    for told in [
        "t.csv has wrong lines: line 2: it names no account and no site; line 3: site_id has a blank, at byte 1",
        "line 5: an API key is in it, and is not shown",
        "line 6: an API key is in it",
        "line 7: its key is no name of a key, and is not shown",
        "line 8: its key is no name",
        "line 9: no --key NAME=FILE has the name of its key",
        "line 10: it has the scope `Site`",
        "line 11: an API key is in it",
    ] {
        assert!(complaint.contains(told), "{told}: {complaint}");
    }
    let complaint = refused(&format!("site_id\n{}", "s s\n".repeat(25)), &[]);
    assert!(complaint.contains("line 21: ") && !complaint.contains("line 22"), "{complaint}");
    assert!(complaint.trim_end().ends_with("; and 5 more"), "{complaint}");
    for (text, fault) in [
        ("", "has no targets"),
        (header, "has no targets"),
        (
            "site_id;label\na;b\n",
            "column 1 of its header is none of label, site_id, account_id, scope, key; the columns",
        ),
        ("site_id,canary\na,b\n", "column 2 of its header"),
        ("site_id,site_id\na,b\n", "its header has site_id twice"),
        ("site_id,label\na\n", "line 2 has 1 cells, and the header has 2"),
    ] {
        let complaint = refused(text, &[]);
        assert!(complaint.contains(fault), "{fault}: {complaint}");
    }
    for (args, fault) in [
        (&["--sites", "none.txt"][..], "no targets from none.txt: No such file"),
        (&["--sites", "-", "--api-key-file", "-"], "cannot have both"),
        (&["--sites", "-", "--targets", "-"], "cannot be used with"),
        (&[], "--targets <FILE>|--sites <FILE>|--accounts <FILE>"),
        (&["--sites", "t.csv", "--rate", "fast"], "not a rate such as 180/min"),
        (&["--accounts", "a.txt", "--rate", "0/min"], "--rate is not between 1 and 60000"),
        (&["--accounts", "a.txt", "--resume-max-age", "1h"], "--resume <FILE>"),
        (&["--sites", "t.csv", "--html", "r.html"], "unexpected argument '--html'"),
    ] {
        files.write("a.txt", "a");
        let complaint = files.ask(&emulator, args).failure(64);
        assert!(complaint.contains(fault), "{fault}: {complaint}");
    }
    let journal = emulator.control("journal", "{}");
    assert!(!journal.json.contains("/credit-transactions/"), "nothing was sent");
}

#[test]
fn each_target_is_asked_with_the_key_that_it_names() {
    let (emulator, files) = (Emulator::start().unwrap(), Files::new());
    let (account, site) = (emulator.account_id(), emulator.site_id());
    files.write("t.csv", &format!("site_id,account_id,key\n{site},,shop\n,{account},agency\n,{account},shop\n"));
    fs::create_dir(files.path("keys")).unwrap();
    files.write("keys/shop", &format!("{}\n", emulator.site_key()));
    files.write("keys/agency", emulator.api_key());
    for args in
        [&["--keys", "keys"][..], &["--key", "shop=keys/shop", "--key", "agency=keys/agency", "--key", "unused=none"]]
    {
        // No target needs the variable.
        let mut command = files.command(&[&["--targets", "t.csv", "--out", "-"], args].concat());
        command.env("AICREDITS_BASE_URL", emulator.url());
        let said = run(command);
        assert_eq!(said.code, Some(3), "{}", said.stderr);
        assert_eq!(column(&said.stdout, "key"), ["shop", "agency", "shop"]);
        assert_eq!(column(&said.stdout, "status"), ["ok", "ok", "forbidden"]);
    }
    let complaint = files.ask(&emulator, &["--targets", "t.csv", "--key", "shop=none"]).failure(64);
    assert!(complaint.contains("no API key from none: No such file"), "{complaint}");
    fs::remove_file(files.path("keys/shop")).unwrap();
    let complaint = files.ask(&emulator, &["--targets", "t.csv", "--keys", "keys"]).failure(64);
    assert!(complaint.contains("line 2: the folder of --keys has no file with the name of its key"), "{complaint}");
}

#[test]
fn a_run_goes_on_where_another_ended() {
    let files = Files::new();
    files.write("sites.txt", "a\nb\n");
    let server = Server::start([reply(1), Reply::status(403), reply(2)].to_vec()).unwrap();
    let args = ["--sites", "sites.txt", "--out", "-", "--resume", "resume.jsonl"];
    let first = files.ask_script(&server, &args);
    assert_eq!(first.code, Some(3));
    assert!(
        first.stderr.contains("the same command with the same resume file asks for these again"),
        "{}",
        first.stderr
    );
    let second = files.ask_script(&server, &args).success();
    let mut resumed = column(&second, "resumed");
    resumed.sort_unstable();
    assert_eq!((resumed, server.requests()), (vec!["false".to_owned(), "true".to_owned()], 3));
    files.ask_script(&server, &[&args[..], &["--resume-max-age", "1h"]].concat()).success();
    assert_eq!(server.requests(), 3);

    // A cut end is removed with a warning, and a broken line is refused.
    let text = files.read("resume.jsonl");
    files.write("resume.jsonl", &format!("{text}{{\"scope\""));
    let warned = files.ask_script(&server, &args);
    assert_eq!((warned.code, files.read("resume.jsonl") == text), (Some(0), true));
    assert!(
        warned.stderr.starts_with("warning: the last line of the resume file was cut (8 bytes)"),
        "{}",
        warned.stderr
    );
    let broken = text.replacen("\"scope\"", "\"canary\"", 1);
    files.write("resume.jsonl", &broken);
    let complaint = files.ask_script(&server, &args).failure(65);
    assert!(complaint.contains("the resume file resume.jsonl is broken in line 2: scope is missing"), "{complaint}");
    assert_eq!(files.read("resume.jsonl"), broken);
}

/// Starts a run that waits for the server, sends it a signal, and returns its end.
fn signalled(server: &Server, files: &Files, signal: Signal, args: &[&str]) -> Said {
    let mut command =
        with_script(files.command(&[&["--sites", "sites.txt", "--out", "report.csv"], args].concat()), server);
    let before = server.requests();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(server.wait_for_requests(before + 1, Duration::from_secs(60)));
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
}

#[test]
fn a_signal_ends_a_run_in_good_order() {
    let (server, files) = (Server::start(Reply::new().mute()).unwrap(), Files::new());
    files.write("sites.txt", "a\nb\n");
    files.write("report.csv", "old");
    for (signal, code, word) in [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "terminated")] {
        let said = signalled(&server, &files, signal, &["--resume", "resume.jsonl"]).failure(code);
        assert!(said.starts_with(&format!("error: {word} after 0 of 2 targets; no table was written\n")), "{said}");
        assert!(
            said.contains("The outcomes so far are in resume.jsonl. The same command goes on from there."),
            "{said}"
        );
        assert_eq!(files.read("report.csv"), "old");
        assert_eq!(files.read("resume.jsonl").lines().count(), 1);
    }
    let said = signalled(&server, &files, Signal::INT, &[]).failure(130);
    assert!(said.contains("With --resume FILE a run can go on where it ended."), "{said}");
}

#[test]
fn a_terminal_has_a_progress_bar_and_a_summary() {
    let (server, files) = (Server::start(reply(3)).unwrap(), Files::new());
    files.write("sites.txt", "a\nb\nc\n");
    let mut command = with_script(files.command(&["--sites", "sites.txt", "--out", "report.csv"]), &server);
    command.stdout(File::create(files.path("stdout")).unwrap());
    let shown = error_of(command, 80);
    let (bars, summary) = shown.rsplit_once('\r').unwrap();
    assert!(bars.contains("/3") && bars.contains(" in the last minute") && bars.contains('━'), "{bars:?}");
    assert!(bars.split('\r').filter(|bar| !bar.is_empty()).all(|bar| bar.chars().count() == 79), "{bars:?}");
    assert!(summary.starts_with("read 3 of 3 targets, in 1 second\nno total: "), "{summary:?}");
    assert_eq!(column(&files.read("report.csv"), "spendable"), ["3", "3", "3"]);
}

/// The key is in no file that a run leaves.
#[test]
fn no_file_has_the_key() {
    let echo = format!(r#"{{"topUpCredits":{{"balance":3}},"creditBalanceBreakdown":[{{"subscriptionId":"{KEY}"}}]}}"#);
    let (server, files) = (Server::start(Reply::json(200, echo)).unwrap(), Files::new());
    files.write("sites.txt", "a\nb\n");
    let args =
        ["--sites", "sites.txt", "--out", "r.csv", "--out-rules", "rules.csv", "--resume", "r.jsonl", "--verbose"];
    assert_eq!(files.ask_script(&server, &args).code, Some(0));
    for entry in fs::read_dir(files.0.path()).unwrap() {
        let path: &Path = &entry.unwrap().path();
        assert!(!fs::read_to_string(path).unwrap().contains("canary"), "{}", path.display());
    }
}

/// The example of docs/command.md.
#[test]
fn the_example_of_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command.md");
    let page = fs::read_to_string(page).unwrap();
    let block = |language: &str| page.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap();
    let (emulator, files) = (Emulator::start().unwrap(), Files::new());
    files.write("targets.csv", block("csv"));
    let args: Vec<_> = block("console").trim().strip_prefix("$ aicredits balances ").unwrap().split(' ').collect();
    let said = files.ask(&emulator, &args);
    assert_eq!((said.code, said.stdout.as_str()), (Some(3), ""), "{}", said.stderr);
    assert_eq!(column(&files.read("report.csv"), "status"), ["ok", "not_found", "ok"]);
    assert_eq!(files.read("report.resume").lines().count(), 4);
}

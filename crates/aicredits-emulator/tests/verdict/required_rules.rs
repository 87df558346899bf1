use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use aicredits_emulator::JournalQuery;
use aicredits_emulator::script::{Reply, Script};

use super::*;
use VerdictRule::*;

fn single_flight() -> Require {
    Require { single_flight: true, ..Require::default() }
}

/// Waits until so many requests have come.
fn came(emulator: &Emulator, requests: u64) {
    assert!(emulator.wait(&Wait { requests, timeout_ms: 20_000 }).unwrap().reached);
}

fn delayed(emulator: &Emulator) {
    fault(emulator, 1, FaultReply { delay_ms: 300, ..FaultReply::default() });
}

/// The first request is answered when the test says so.
fn held_up() -> (Emulator, Sender<()>) {
    let (answer, answered) = mpsc::channel();
    let held = Mutex::new(Some(answered));
    let script = Script::handler(move |_| {
        if let Some(answered) = held.lock().unwrap().take() {
            let _ = answered.recv();
        }
        Reply::json(200, "{}")
    });
    (Emulator::scripted(script).unwrap(), answer)
}

#[test]
fn single_flight_of_two_threads() {
    let (emulator, answer) = held_up();
    let (mut first, mut second) = (connect(&emulator), connect(&emulator));
    Ask::balance(&emulator).send(&mut first);
    came(&emulator, 1);
    Ask::balance(&emulator).send(&mut second);
    came(&emulator, 2);
    answer.send(()).unwrap();
    assert_eq!((first.receive().status, second.receive().status), (200, 200));
    assert_eq!(found_by(&emulator, single_flight()), [(SingleFlight, vec![1, 2])]);
    emulator.assert_good_client();
}

#[test]
fn single_flight_of_two_accounts_or_after_the_client_left() {
    let emulator = Emulator::start().unwrap();
    delayed(&emulator);
    let (mut first, mut second) = (connect(&emulator), connect(&emulator));
    Ask::balance(&emulator).send(&mut first);
    came(&emulator, 1);
    let other = Ask::balance(&emulator).with("authorization", emulator.site_key());
    assert_eq!(other.with("wix-account-id", "").with("wix-site-id", emulator.site_id()).on(&mut second).status, 200);
    assert_eq!(first.receive().status, 200);

    delayed(&emulator);
    Ask::balance(&emulator).send(&mut first);
    came(&emulator, 3);
    drop(first);
    assert_eq!(Ask::balance(&emulator).on(&mut second).status, 200);
    drop(second);
    assert!(emulator.server().wait_until_closed(client::PATIENCE));
    assert_eq!(found_by(&emulator, single_flight()), []);
}

#[test]
fn max_per_minute() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    for _ in 0..3 {
        Ask::balance(&emulator).on(&mut client);
    }
    let by = |limit| found_by(&emulator, Require { max_per_minute: Some(limit), ..Require::default() });
    assert_eq!(by(3), []);
    assert_eq!(by(2), [(MaxPerMinute, vec![3])]);
}

#[test]
fn shared_pause() {
    let emulator = Emulator::start().unwrap();
    let by = || found_by(&emulator, Require { shared_pause: true, ..Require::default() });
    fault(&emulator, 1, FaultReply { retry_after_s: Some(30), ..status(429) });
    let mut client = connect(&emulator);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 429);
    // Within the grace, and with another key.
    let site = Ask::balance(&emulator).with("wix-account-id", "").with("wix-site-id", emulator.site_id());
    assert_eq!(site.on(&mut client).status, 200);
    thread::sleep(Duration::from_millis(300));
    let other = Ask::balance(&emulator).with("authorization", emulator.site_key()).with("wix-account-id", "");
    assert_eq!(other.with("wix-site-id", emulator.site_id()).on(&mut client).status, 200);
    assert_eq!(by(), []);
    assert_eq!(site.on(&mut client).status, 200);
    assert_eq!(by(), [(SharedPause, vec![1, 4])]);
}

#[test]
fn a_429_with_retry_after_0_starts_no_pause() {
    let emulator = Emulator::start().unwrap();
    fault(&emulator, 1, FaultReply { retry_after_s: Some(0), ..status(429) });
    let mut client = connect(&emulator);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 429);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    assert_eq!(found_by(&emulator, Require { shared_pause: true, ..Require::default() }), []);
}

#[test]
fn asked_once() {
    let emulator = Emulator::start().unwrap();
    let by = || found_by(&emulator, Require { asked_once: true, ..Require::default() });
    fault(&emulator, 1, status(503));
    let mut client = connect(&emulator);
    for code in [503, 200] {
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, code);
    }
    assert_eq!(by(), []);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    assert_eq!(by(), [(AskedOnce, vec![2, 3])]);
}

#[test]
fn max_attempts() {
    let emulator = Emulator::start().unwrap();
    let by = |limit| found_by(&emulator, Require { max_attempts: Some(limit), ..Require::default() });
    fault(&emulator, 3, status(503));
    let mut client = connect(&emulator);
    for code in [503, 503, 503, 200] {
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, code);
    }
    assert_eq!(by(3), []);
    assert_eq!(by(2), [(MaxAttempts, vec![3])]);
}

#[test]
fn keep_alive() {
    let emulator = Emulator::start().unwrap();
    let by = |limit| found_by(&emulator, Require { keep_alive: Some(limit), ..Require::default() });
    let mut client = connect(&emulator);
    for _ in 0..3 {
        Ask::balance(&emulator).on(&mut client);
    }
    // Needed: the server ends the connection.
    fault(&emulator, 1, FaultReply { end: Some(aicredits_emulator::End::Close), ..FaultReply::default() });
    Ask::balance(&emulator).on(&mut client);
    let mut client = connect(&emulator);
    Ask::balance(&emulator).on(&mut client);
    assert_eq!(by(1), []);
    Ask::balance(&emulator).on(&mut connect(&emulator));
    Ask::balance(&emulator).on(&mut connect(&emulator));
    assert_eq!(by(1), [(KeepAlive, vec![7])]);
}

/// The end of a reply is reported by another thread than the next request, and often later.
#[test]
fn requests_on_many_connections_one_after_the_other_are_judged_by_their_times() {
    let emulator = Emulator::start().unwrap();
    const REQUESTS: u64 = 500;
    for n in 0..REQUESTS {
        assert_eq!(Ask::balance(&emulator).with("wix-account-id", "another").on(&mut connect(&emulator)).status, 404);
        // The end of a reply may be reported after the next requests, but a rule forgets a request after 8 more. So this
        // waits for the reports.
        if n % 4 == 0 {
            emulator.journal(&JournalQuery { limit: Some(0), ..JournalQuery::default() }).unwrap();
        }
    }
    let require = Require {
        single_flight: true,
        keep_alive: Some(1),
        max_attempts: Some(1),
        max_per_minute: Some(1),
        ..Require::default()
    };
    let verdict = emulator.verdict(&VerdictQuery { require, ..VerdictQuery::default() }).unwrap();
    let counts: Vec<_> = verdict.findings.iter().map(|finding| (finding.rule, finding.count)).collect();
    let most = REQUESTS - 1;
    assert_eq!(counts, [(RetriedFinal, most), (MaxPerMinute, most), (MaxAttempts, most), (KeepAlive, most)]);
}

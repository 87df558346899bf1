//! The client before the emulator's verdict: the default rules find nothing, and neither do those that it promises to keep.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use aicredits::{Client, ClientBuilder, Scope};
use aicredits_emulator::script::{Reply, Script};
use aicredits_emulator::{Emulator, Mark, Require, VerdictQuery, VerdictRule};

use common::client;

mod common;

const RETRIES: u32 = 2;
/// 1, the retries, 1 repeat after a stale connection, and 1 with a renewed credential.
const MOST_ATTEMPTS: u64 = 1 + RETRIES as u64 + 1 + 1;

fn of(emulator: &Emulator) -> ClientBuilder {
    Client::builder().api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url())
}

fn assert_good(emulator: &Emulator, require: Require) {
    emulator.assert_good_client_by(&VerdictQuery { require, ..VerdictQuery::default() });
}

/// The emulator adds a fault, given as JSON.
fn fault(emulator: &Emulator, reply: &str, times: u32) {
    let added = emulator.control("fault", &format!(r#"{{"times":{times},"reply":{reply}}}"#));
    assert_eq!(added.status, 200, "{}", added.json);
}

#[test]
fn nothing_is_found_whatever_the_service_answers() {
    let emulator = Emulator::start().unwrap();
    let client = of(&emulator).max_retries(RETRIES).build().unwrap();
    let statuses = [400, 401, 403, 404, 408, 409, 425, 428, 429, 500, 501, 502, 503, 504];
    let statuses = statuses.map(|status| format!(r#"{{"status":{status}}}"#));
    let others = [
        r#"{"status":503,"retry_after_s":1}"#,
        r#"{"status":429,"retry_after_s":1}"#,
        r#"{"status":429,"retry_after_date_s":1}"#,
        r#"{"cut_at":20}"#,
        r#"{"status":403,"cut_at":100}"#,
        r#"{"cut_at":60,"end":"reset"}"#,
        r#"{"mangle":["truncate"]}"#,
        r#"{"mangle":["garble"]}"#,
        r#"{"framing":"chunked","delay_ms":20}"#,
        r#"{"end":"close"}"#,
        r#"{"framing":"close"}"#,
    ];
    for reply in statuses.iter().map(String::as_str).chain(others) {
        fault(&emulator, reply, 1);
        let _ = client.get_balance();
        emulator.control("clear_faults", "{}");
        // The next call is the test's, not a retry of the client's.
        emulator.mark(&Mark::default()).unwrap();
        assert!(client.get_balance().is_ok(), "{reply}");
        emulator.mark(&Mark::default()).unwrap();
    }
    assert_good(
        &emulator,
        Require { single_flight: true, max_attempts: Some(MOST_ATTEMPTS), keep_alive: Some(1), ..Require::default() },
    );
}

#[test]
fn a_call_makes_as_many_attempts_as_it_promises_and_no_more() {
    let emulator = Emulator::scripted(Reply::json(503, "{}")).unwrap();
    let client = client(emulator.url()).max_retries(RETRIES).build().unwrap();
    assert!(client.get_balance().is_err());
    assert_good(&emulator, Require { max_attempts: Some(1 + u64::from(RETRIES)), ..Require::default() });
    let stricter = Require { max_attempts: Some(u64::from(RETRIES)), ..Require::default() };
    let verdict = emulator.verdict(&VerdictQuery { require: stricter, ..VerdictQuery::default() }).unwrap();
    assert_eq!(verdict.findings[0].rule, VerdictRule::MaxAttempts);
}

/// The worst case: a stale connection, a credential that is renewed, and a service that is down.
#[test]
fn a_stale_connection_and_a_renewed_credential_add_one_attempt_each() {
    let script = Script::handler({
        let requests = AtomicUsize::new(0);
        move |_| match requests.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::json(200, "{}"),
            // The connection was kept, and ends without a reply.
            1 => Reply::new().close(),
            2 => Reply::json(401, "{}"),
            _ => Reply::json(503, "{}"),
        }
    });
    let emulator = Emulator::scripted(script).unwrap();
    let credentials = AtomicUsize::new(0);
    let provider = move || Ok(format!("credential-number-{}", credentials.fetch_add(1, Ordering::SeqCst) / 2));
    let builder = Client::builder().credential_provider(provider).scope(Scope::Credential);
    let client = builder.base_url(emulator.url()).max_retries(RETRIES).build().unwrap();
    assert!(client.get_balance().is_ok());
    emulator.mark(&Mark::default()).unwrap();
    assert!(client.get_balance().is_err());
    assert!(emulator.server().requests() >= 5, "{}", emulator.server().requests());
    assert_good(&emulator, Require { max_attempts: Some(MOST_ATTEMPTS), keep_alive: Some(1), ..Require::default() });
}

#[test]
fn one_connection_is_enough_for_calls_that_follow_each_other() {
    let emulator = Emulator::start().unwrap();
    let client = of(&emulator).build().unwrap();
    for _ in 0..100 {
        client.get_balance().unwrap();
    }
    assert_good(&emulator, Require { keep_alive: Some(1), single_flight: true, ..Require::default() });
    let once = Require { asked_once: true, ..Require::default() };
    let verdict = emulator.verdict(&VerdictQuery { require: once, ..VerdictQuery::default() }).unwrap();
    assert_eq!((verdict.findings[0].rule, verdict.findings[0].count), (VerdictRule::AskedOnce, 99));
}

#[test]
fn retries_until_a_balance_ask_for_it_once() {
    let emulator = Emulator::start().unwrap();
    let client = of(&emulator).max_retries(RETRIES).build().unwrap();
    fault(&emulator, r#"{"status":503}"#, 2);
    client.get_balance().unwrap();
    assert_good(&emulator, Require { asked_once: true, max_attempts: Some(3), ..Require::default() });
}

#[test]
fn calls_of_several_threads_are_not_mistaken_for_retries() {
    let emulator = Emulator::start().unwrap();
    let client = of(&emulator).max_retries(0).build().unwrap();
    fault(&emulator, r#"{"status":403,"delay_ms":300}"#, 8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.get_balance().unwrap_err());
        }
    });
    emulator.assert_good_client();
}

#[test]
fn a_call_that_is_given_up_is_no_second_reading_in_flight() {
    let emulator = Emulator::start().unwrap();
    fault(&emulator, r#"{"delay_ms":60000}"#, 1);
    let client = of(&emulator).max_retries(0).timeout(Duration::from_millis(200)).build().unwrap();
    assert!(client.get_balance().is_err());
    let client = of(&emulator).build().unwrap();
    client.get_balance().unwrap();
    assert_good(&emulator, Require { single_flight: true, ..Require::default() });
}

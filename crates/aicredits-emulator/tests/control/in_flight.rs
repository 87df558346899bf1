//! Requests and waits that are in flight when the world changes.

use std::thread;
use std::time::Instant;

use aicredits_emulator::{Emulator, JournalQuery, PATH, Reset, Wait};

use crate::client::{Client, PATIENCE};
use crate::http::{JSON, send, send_on};

#[test]
fn dropping_an_emulator_ends_a_wait_over_http() {
    let emulator = Emulator::start().unwrap();
    let addr = emulator.server().addr();
    let mut client = Client::connect(addr);
    client.send("POST /_emulator/wait HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n");
    client.send(r#"{"requests":1000,"timeout_ms": 600000}"#);
    // So that the wait has begun: a later request of another connection is answered.
    assert_eq!(send(addr, "GET", "/_emulator/state", &[], "").status, 200);
    let started = Instant::now();
    drop(emulator);
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_wait_ends_with_the_last_request() {
    let emulator = Emulator::start().unwrap();
    let addr = emulator.server().addr();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| emulator.wait(&Wait { requests: 2, timeout_ms: 60_000 }).unwrap());
        for _ in 0..2 {
            send(addr, "POST", PATH, &[JSON], "{}");
        }
        let waited = waiting.join().unwrap();
        assert!(waited.reached);
        assert_eq!(waited.total, 2);
    });
    let waited = emulator.wait(&Wait { requests: 3, timeout_ms: 1 }).unwrap();
    assert!(!waited.reached);
}

/// The reply of the first request ends after the reset: it must not end the request of the same number that came after.
#[test]
fn a_reply_in_flight_across_a_reset_is_not_in_the_new_journal() {
    let emulator = Emulator::start().unwrap();
    let addr = emulator.server().addr();
    let fault = r#"{"times":2,"reply":{"delay_ms":300}}"#;
    assert_eq!(emulator.control("fault", fault).status, 200);
    let mut before = Client::connect(addr);
    let request = format!("POST {PATH} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{{}}");
    before.send(&request);
    assert!(emulator.wait(&Wait { requests: 1, timeout_ms: 20_000 }).unwrap().reached);
    emulator.reset(&Reset::default()).unwrap();
    assert_eq!(emulator.journal(&JournalQuery::default()).unwrap().total, 0);
    assert_eq!(emulator.control("fault", r#"{"reply":{"delay_ms":600000}}"#).status, 200);
    let mut after = Client::connect(addr);
    after.send(&request);
    assert!(emulator.wait(&Wait { requests: 1, timeout_ms: 20_000 }).unwrap().reached);
    before.receive();
    // The connection of before still serves.
    before.send("GET /_emulator/state HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(before.receive().status, 200);
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    assert_eq!((journal.total, journal.requests[0].ended, journal.requests[0].replied_ms), (1, None, None));
}

#[test]
fn a_reset_ends_no_connection() {
    let emulator = Emulator::start().unwrap();
    let addr = emulator.server().addr();
    let mut client = Client::connect(addr);
    for _ in 0..2 {
        assert_eq!(send_on(&mut client, addr, "POST", PATH, &[JSON], "{}").status, 401);
        emulator.reset(&Reset::default()).unwrap();
    }
    assert_eq!(send_on(&mut client, addr, "POST", PATH, &[JSON], "{}").status, 401);
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    assert_eq!((journal.total, journal.requests[0].on_connection), (1, 2));
    assert_eq!(emulator.server().connections(), 1);
}

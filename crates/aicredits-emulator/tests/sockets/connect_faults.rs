//! Faults of new connections.

use std::thread;
use std::time::{Duration, Instant};

use aicredits_emulator::{Emulator, Nothing, PAID_ACTION_PATH, PATH};
use serde_json::{Value, json};

use crate::calls::{account_bytes, account_headers, request, send};
use crate::client::{Client, PATIENCE};
use crate::faults::{add, follows_its_seed, left, statuses};

/// A control request on a new connection.
fn control(emulator: &Emulator, method: &str, action: &str, body: &str) -> (u16, Value) {
    let mut client = Client::connect(emulator.server().addr());
    let head = format!("{method} /_emulator/{action} HTTP/1.1\r\nHost: localhost\r\n");
    // The request line comes in two pieces.
    let (first, rest) = head.split_at(9);
    client.send(first);
    client.send(format!("{rest}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    let reply = client.receive();
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

#[test]
fn a_new_connection_may_be_closed_or_reset() {
    let emulator = Emulator::start().unwrap();
    for (connect, resets) in [("close", false), ("reset", true)] {
        add(&emulator, &format!(r#"{{"connect":"{connect}","match":{{"skip":1}}}}"#));
        assert_eq!(statuses(&emulator, 1), [200], "the first connection passes");
        let client = Client::connect(emulator.server().addr());
        let (bytes, end) = client.receive_to_end();
        assert_eq!((bytes.len(), end.is_err()), (0, resets), "{connect}");
        assert_eq!(statuses(&emulator, 1), [200]);
    }
    // A fault of a connection is none of a request, and is in no journal.
    assert_eq!(emulator.state(&Nothing {}).unwrap().requests, 4);
}

#[test]
fn a_new_connection_may_never_be_answered() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"connect":"mute"}"#);
    let mut client = Client::connect(emulator.server().addr());
    client.send(request("POST", PATH, &account_headers(&emulator), "{}"));
    // The connections have a thread each, and the first one to ask for the fault gets it.
    let begun = Instant::now();
    while !emulator.state(&Nothing {}).unwrap().faults.is_empty() {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    assert_eq!(statuses(&emulator, 1), [200], "the next connection is answered");
    assert!(client.receives_nothing_for(Duration::from_millis(100)));
    assert_eq!(emulator.state(&Nothing {}).unwrap().requests, 1);
}

#[test]
fn open_connections_stay_as_they_are() {
    let emulator = Emulator::start().unwrap();
    let mut client = Client::connect(emulator.server().addr());
    let reading = request("POST", PATH, &account_headers(&emulator), "{}");
    client.send(&reading);
    assert_eq!(client.receive().status, 200);
    add(&emulator, r#"{"times":null,"connect":"reset"}"#);
    client.send(&reading);
    assert_eq!(client.receive().status, 200);
}

/// How often a connection of the API was closed.
fn closed(emulator: &Emulator, connections: usize) -> Vec<bool> {
    (0..connections)
        .map(|_| {
            let mut client = Client::connect(emulator.server().addr());
            let headers = [account_headers(emulator).as_slice(), &[("Connection", "close")]].concat();
            client.send(request("POST", PATH, &headers, "{}"));
            client.receive_to_end().0.is_empty()
        })
        .collect()
}

#[test]
fn chance_and_its_seed_decide_which_connections() {
    let happened = |seed: &str| {
        let emulator = Emulator::start().unwrap();
        add(&emulator, &format!(r#"{{"times":null,"connect":"close","probability":0.5{seed}}}"#));
        closed(&emulator, 40)
    };
    follows_its_seed(happened, [true, false]);
    // A connection that chance spares does not count.
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"times":3,"connect":"close","probability":0.5,"seed":7}"#);
    assert_eq!(closed(&emulator, 40).iter().filter(|closed| **closed).count(), 3);
    assert_eq!(left(&emulator), json!([]));
}

#[test]
fn a_control_client_gets_in_whatever_happens_to_connections_and_can_clear_the_fault() {
    for connect in ["close", "reset", "mute"] {
        let emulator = Emulator::start().unwrap();
        let fault = format!(r#"{{"times":null,"connect":"{connect}"}}"#);
        assert_eq!(control(&emulator, "POST", "fault", &fault), (200, json!({"fault": "f1"})));
        if connect != "mute" {
            assert_eq!(account_bytes(&emulator).0, "");
        }
        assert_eq!(control(&emulator, "GET", "state", "").1["faults"][0]["connect"], connect);
        assert_eq!(control(&emulator, "POST", "clear_faults", "{}"), (200, json!({"cleared": 1})));
        assert_eq!(statuses(&emulator, 1), [200]);
    }
}

#[test]
fn connections_for_control_requests_do_not_count() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"times":2,"connect":"close","match":{"skip":1}}"#);
    for _ in 0..3 {
        assert_eq!(control(&emulator, "GET", "journal?limit=1", "").0, 200);
        assert_eq!(send(&emulator, "GET", "/", &[], "").status, 421, "the page, but another Host");
        assert_eq!(send(&emulator, "GET", "http://h/_emulator/state", &[], "").status, 421);
    }
    assert_eq!(closed(&emulator, 4), [false, true, true, false]);
}

#[test]
fn the_first_request_of_a_connection_decides_for_all() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"times":null,"connect":"reset"}"#);
    let mut client = Client::connect(emulator.server().addr());
    client.send(request("GET", "/_emulator/state", &[], ""));
    assert_eq!(client.receive().status, 421, "another Host");
    client.send(request("POST", PATH, &account_headers(&emulator), "{}"));
    assert_eq!(client.receive().status, 200);
    // The paid action is no control request, and neither is what only looks like one.
    for path in [PAID_ACTION_PATH, "/_emulator", "/x/_emulator/state"] {
        let mut client = Client::connect(emulator.server().addr());
        let sent = client.try_send(request("POST", path, &account_headers(&emulator), r#"{"cost":1}"#));
        assert!(sent.and(client.receive_to_end().1).is_err(), "{path}");
    }
    assert_eq!(emulator.state(&Nothing {}).unwrap().accounts[0].allocations[0].rules[0].balance, 850);
}

//! The journal over sockets: what it has of a request, and what it must not have.

use aicredits_emulator::{Ended, JournalQuery, Route};

use super::*;

#[test]
fn an_entry_has_the_request_and_its_reply() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let reply =
        Ask { target: format!("{PATH}?a=b"), ..Ask::balance(&emulator) }.with("X-Other", "h\u{e9}").on(&mut client);
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    assert_eq!((journal.total, journal.dropped, journal.requests.len()), (1, 0, 1));
    let entry = &journal.requests[0];
    assert_eq!((entry.n, entry.connection, entry.on_connection), (1, 0, 0));
    assert_eq!((entry.method.as_str(), entry.version.as_str()), ("POST", "1.1"));
    assert_eq!(entry.target, format!("{PATH}?a=b"));
    assert_eq!((entry.route, entry.key.as_deref()), (Some(Route::Balance), Some("example")));
    assert_eq!((entry.account.as_deref(), entry.site.as_deref()), (Some(emulator.account_id()), None));
    assert_eq!((entry.body.as_str(), entry.body_bytes), ("{}", 2));
    assert_eq!((entry.status, entry.ended, &entry.fault), (Some(200), Some(Ended::Complete), &None));
    assert_eq!(entry.request_id.as_deref(), reply.header("x-wix-request-id"));
    assert!(entry.replied_ms.unwrap() >= entry.arrived_ms);
    let header = |name: &str| entry.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str());
    assert_eq!(header("authorization"), Some("(key example)"));
    assert_eq!(header("x-other"), Some("h\u{c3}\u{a9}"), "each character is one byte");
}

#[test]
fn a_fault_and_the_end_of_a_reply_are_there() {
    let emulator = Emulator::start().unwrap();
    let cut = FaultReply { cut_at: Some(40), ..FaultReply::default() };
    fault(&emulator, 1, cut);
    let mut client = connect(&emulator);
    Ask::balance(&emulator).send(&mut client);
    drop(client.receive_to_end());
    assert!(emulator.server().wait_until_closed(client::PATIENCE));
    let entry = emulator.journal(&JournalQuery::default()).unwrap().requests.remove(0);
    assert_eq!((entry.ended, entry.fault.as_deref()), (Some(Ended::Cut), Some("f1")));

    fault(&emulator, 1, FaultReply { delay_ms: 60_000, ..FaultReply::default() });
    let mut client = connect(&emulator);
    Ask::balance(&emulator).send(&mut client);
    assert!(emulator.wait(&Wait { requests: 2, timeout_ms: 20_000 }).unwrap().reached);
    let entry = emulator.journal(&JournalQuery { after: 1, ..Default::default() }).unwrap().requests.remove(0);
    assert_eq!((entry.ended, entry.replied_ms), (None, None), "a delayed reply is not waited for");
    drop(client);
    assert!(emulator.server().wait_until_closed(client::PATIENCE));
    let entry = emulator.journal(&JournalQuery { after: 1, ..Default::default() }).unwrap().requests.remove(0);
    assert_eq!(entry.ended, Some(Ended::Gone));
}

#[test]
fn a_query_selects() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    Ask::balance(&emulator).on(&mut client);
    Ask::paid(&emulator, 1).on(&mut client);
    Ask::balance(&emulator).with("authorization", "an-unknown-key").on(&mut client);
    let numbers = |query: JournalQuery| {
        let journal = emulator.journal(&query).unwrap();
        journal.requests.iter().map(|entry| entry.n).collect::<Vec<_>>()
    };
    assert_eq!(numbers(JournalQuery { route: Some(Route::PaidAction), ..Default::default() }), [2]);
    assert_eq!(numbers(JournalQuery { key: Some("unknown".into()), ..Default::default() }), [3]);
    assert_eq!(numbers(JournalQuery { status: Some(200), limit: Some(1), ..Default::default() }), [1]);
    assert_eq!(numbers(JournalQuery { after: 2, ..Default::default() }), [3]);
}

#[test]
fn no_part_of_a_key_is_there() {
    let emulator = Emulator::start().unwrap();
    let (own, key) = ("own-credential-4711-0815", emulator.api_key());
    let mut client = connect(&emulator);
    let ask = |key: &str| {
        let target = format!("{PATH}?key={key}&again={}", key.replace('-', "%2d"));
        let body = format!(r#"{{"a":"{key}","b":"{}"}}"#, key.replace('-', "\\u002d")).into_bytes();
        Ask { target, body, ..Ask::balance(&emulator) }
            .with("authorization", key)
            .with("x-key", key)
            .with("proxy-authorization", &format!("Bearer {key}"))
            .with("wix-account-id", key)
    };
    ask(key).on(&mut client);
    ask(own).on(&mut client);
    // A revoked or another key is known too.
    Ask::balance(&emulator).with("x-key", emulator.site_key()).on(&mut client);
    let json = [emulator.control("journal", "{}").json, emulator.control("verdict", "{}").json].concat();
    for secret in [own, key, emulator.site_key()] {
        for start in 0..secret.len() - 12 {
            let part = &secret[start..start + 12];
            assert!(!json.contains(part), "{part} is in {json}");
        }
        assert!(!json.contains(&secret.replace('-', "%2d")[8..]));
    }
    assert!(json.contains("?key=(secret)&again=(secret)"), "{json}");
}

#[test]
fn a_body_that_is_not_utf_8_keeps_every_byte() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    Ask { body: b"\xff\x00h\xe9".to_vec(), ..Ask::balance(&emulator) }.on(&mut client);
    Ask { body: "h\u{e9}".into(), ..Ask::balance(&emulator) }.on(&mut client);
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    let bodies: Vec<_> = journal.requests.iter().map(|entry| (entry.body.as_str(), entry.body_bytes)).collect();
    assert_eq!(bodies, [("\u{ff}\0h\u{e9}", 4), ("h\u{e9}", 3)]);
}

#[test]
fn large_bodies_are_cut_and_old_requests_go() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let large = Ask { body: vec![b'x'; 100_000], ..Ask::balance(&emulator) };
    for _ in 0..300 {
        large.on(&mut client);
    }
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    assert_eq!((journal.total, journal.requests.len() as u64 + journal.dropped), (300, 300));
    assert!(journal.dropped > 40, "{}", journal.dropped);
    let entry = &journal.requests[0];
    assert_eq!((entry.body.len(), entry.body_bytes), (65_536, 100_000));
}

#[test]
fn control_requests_are_not_there() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    client.send("POST /_emulator/state HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
    assert_eq!(client.receive().status, 200);
    assert_eq!(emulator.journal(&JournalQuery::default()).unwrap().total, 0);
}

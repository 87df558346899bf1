//! Counts threads and descriptors in a separate process. It has a single test, so that no other test changes the counts.

use std::time::{Duration, Instant};

use aicredits_emulator::script::{Reply, Script, Server, SynDropped, refused_addr};

use common::client;

mod common;

const PATIENCE: Duration = Duration::from_secs(20);

fn counts() -> (usize, usize) {
    let entries = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    (entries("/proc/self/task"), entries("/proc/self/fd"))
}

/// A call of each kind, by a client that is dropped after it.
fn every_kind_of_call() {
    let connected = |greeting: fn() -> Reply| Script::from(Reply::status(500)).on_connect(move |_| greeting());
    let servers = [
        Script::from(Reply::json(200, "{}")),
        Reply::json(200, "[]").into(),
        Reply::json(403, "{}").into(),
        Reply::status(302).header("Location", "/elsewhere").into(),
        Reply::json(200, "{}").header("Content-Encoding", "gzip").into(),
        Reply::status(200).header("X-Long", "v".repeat(65 << 10)).into(),
        Reply::raw("HTTP/1.1 200 OK\r\n\r\n").endless(vec![b' '; 64 << 10]).into(),
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").mute().into(),
        Reply::raw("SSH-2.0\r\n\r\n").close().into(),
        Reply::new().mute().into(),
        Reply::new().reset().into(),
        connected(|| Reply::new().reset()),
        connected(|| Reply::new().mute()),
    ]
    .map(|script| Server::start(script).unwrap());
    let (refused, dropped) = (refused_addr().unwrap(), SynDropped::start().unwrap());
    let plain = servers.iter().map(Server::url);
    let handshakes = servers.iter().map(|server| server.url().replace("http", "https"));
    let nowhere = [refused.url(), dropped.url(), "http://wix.invalid".to_owned()];
    for url in plain.chain(handshakes).chain(nowhere) {
        let client = client(url).allow_insecure_http(true).timeout(Duration::from_millis(100)).build().unwrap();
        // Other tests check the outcomes. This one counts what is left afterwards.
        let outcomes = [client.get_balance(), client.get_balance()];
        assert_eq!(outcomes[0].is_ok(), outcomes[1].is_ok(), "{outcomes:?}");
    }
}

#[test]
fn no_call_leaves_a_thread_or_a_descriptor() {
    let before = counts();
    for _ in 0..3 {
        every_kind_of_call();
    }
    // A thread that resolves a name ends with the look-up, which may outlive the call.
    let begun = Instant::now();
    while counts() != before && begun.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    assert_eq!(counts(), before);
}

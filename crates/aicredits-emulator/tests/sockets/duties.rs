//! The duties of an HTTP/1.1 server: expectations, HEAD, pipelining, HTTP/1.0, targets in the absolute form.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use aicredits_emulator::script::{Delivery, Listen, Reply, Request, Script, Server, Service};
use aicredits_emulator::{Emulator, PATH};

use crate::client::{Client, PATIENCE};

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const EXPECTING: &str = "POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

/// Answers with the request's target, as the emulator's front would.
struct Echo;

impl Service for Echo {
    fn answer(&self, request: &Request) -> Reply {
        assert_ne!(request.target, "/panic", "this panic is part of the test");
        Reply::status(200).body(request.target.clone())
    }
}

fn echo() -> Server {
    Server::start(Script::service(Arc::new(Echo))).unwrap()
}

/// Everything that comes back, up to the end of the connection.
fn text(server: &Server, request: &str) -> String {
    let mut client = Client::connect(server.addr());
    client.send(request);
    String::from_utf8(client.receive_to_end().0).unwrap()
}

#[test]
fn a_client_that_expects_100_gets_it_before_it_sends_its_body() {
    for server in [echo(), Server::start(Reply::json(200, "/b")).unwrap()] {
        let mut client = Client::connect(server.addr());
        for _ in 0..2 {
            client.send(EXPECTING);
            client.expect(CONTINUE);
            client.send("{}");
            assert_eq!(client.receive().text(), "/b");
        }
        let chunked = "POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
        client.send(chunked);
        client.expect(CONTINUE);
        client.send("1\r\n{\r\n");
        client.send("0\r\n\r\n");
        assert_eq!(client.receive().text(), "/b");
    }
}

#[test]
fn nobody_else_gets_100() {
    let server = echo();
    let closing = |head: &str| format!("POST /b {head}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}");
    for request in [
        // The body is already here.
        closing("HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"),
        closing("HTTP/1.1\r\nHost: h\r\n"),
        // HTTP/1.0 does not know it.
        closing("HTTP/1.0\r\nExpect: 100-continue\r\n"),
        "GET /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        assert!(text(&server, &request).starts_with("HTTP/1.1 200 OK\r\n"), "{request}");
    }
    let before = server.requests();
    let unknown = text(&server, "GET / HTTP/1.1\r\nHost: h\r\nExpect: a-miracle\r\n\r\n");
    assert!(unknown.starts_with("HTTP/1.1 417 Expectation Failed\r\n"), "{unknown}");
    let large = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n";
    assert!(text(&server, large).starts_with("HTTP/1.1 413 "));
    assert_eq!(server.requests(), before);
}

#[test]
fn head_has_the_head_of_get_and_no_body() {
    let server = echo();
    let ask = |method: &str| text(&server, &format!("{method} /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    let (head, get) = (ask("HEAD"), ask("GET"));
    assert!(get.ends_with("\r\n\r\n/a"));
    assert_eq!(head, get.strip_suffix("/a").unwrap());
    let mut client = Client::connect(server.addr());
    client.send("HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n");
    client.expect("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    client.send(GET);
    assert_eq!(client.receive().text(), "/a");
}

#[test]
fn other_methods_and_absolute_targets_reach_the_service() {
    let server = echo();
    let mut client = Client::connect(server.addr());
    for (method, target) in [("OPTIONS", "*"), ("BREW", "/pot"), ("GET", "http://wix.test/a?b")] {
        client.send(format!("{method} {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(client.receive().text(), target);
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = echo();
    let mut client = Client::connect(server.addr());
    for round in 0..3 {
        let requests =
            (0..500).map(|n| format!("POST /{round}/{n} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{{}}"));
        client.send(requests.collect::<String>());
        for n in 0..500 {
            assert_eq!(client.receive().text(), format!("/{round}/{n}"));
        }
    }
    assert_eq!((server.connections(), server.requests()), (1, 1500));
}

/// The second of two pipelined requests arrived with the first, although it is answered later.
#[test]
fn a_request_arrives_with_the_first_byte_of_its_head() {
    let pause = Duration::from_millis(40);
    let script = Script::handler(move |request| match request.ordinal {
        0 => Reply::new().delay(3 * pause).then(Reply::status(200)),
        _ => Reply::status(200),
    });
    let server = Server::start(script).unwrap();
    let mut client = Client::connect(server.addr());
    client.send([GET, GET].concat());
    assert!(server.wait_for_requests(1, PATIENCE));
    thread::sleep(pause);
    // The first part of the third one comes during the delay, the rest after it.
    client.send(&GET[..10]);
    client.receive();
    client.receive();
    thread::sleep(pause);
    client.send(&GET[10..]);
    client.receive();
    let arrived: Vec<Instant> = server.journal().iter().map(|request| request.arrived).collect();
    assert_eq!(arrived[1], arrived[0]);
    assert!(arrived[2] - arrived[0] >= pause && arrived[2] - arrived[0] < 3 * pause, "{arrived:?}");
}

#[test]
fn http_1_0_closes_unless_asked_to_keep_the_connection() {
    let server = echo();
    assert_eq!(
        text(&server, "GET /a HTTP/1.0\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n/a"
    );
    let mut client = Client::connect(server.addr());
    for _ in 0..2 {
        client.send("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        let reply = client.receive();
        assert_eq!((reply.text(), reply.header("connection")), ("/a", Some("keep-alive")));
    }
}

#[test]
fn a_close_is_announced_by_a_service_and_not_by_a_script() {
    let closing = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    assert!(text(&echo(), closing).contains("\r\nConnection: close\r\n"));
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    assert!(!text(&server, closing).contains("Connection"));
    let server = echo();
    let mut client = Client::connect(server.addr());
    client.send(GET);
    assert_eq!(client.receive().header("connection"), None);
}

#[test]
fn the_emulator_has_these_duties() {
    let emulator = Emulator::start().unwrap();
    let mut client = Client::connect(emulator.server().addr());
    let (key, account) = (emulator.api_key(), emulator.account_id());
    let headers = format!("Host: h\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\nContent-Length: 2\r\n");
    client.send(format!("POST http://wix.test{PATH} HTTP/1.1\r\n{headers}Expect: 100-continue\r\n\r\n"));
    client.expect(CONTINUE);
    client.send("{}");
    let reply = client.receive();
    assert_eq!(reply.status, 200, "{}", reply.text());
    client.send("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n");
    let reply = client.receive();
    assert_eq!((reply.status, reply.header("connection")), (400, Some("close")));
    assert!(reply.header("date").is_some_and(|date| date.ends_with(" GMT")), "{reply:?}");
}

#[test]
fn a_service_that_panics_costs_its_connection_alone_and_learns_of_the_end() {
    struct Panics(std::sync::mpsc::SyncSender<usize>);
    impl Service for Panics {
        fn answer(&self, request: &Request) -> Reply {
            Echo.answer(request)
        }
        fn ended(&self, _: u64, _: Delivery, _: Instant) {}
        fn disconnected(&self, connection: usize) {
            self.0.send(connection).unwrap();
        }
    }
    let (sender, receiver) = std::sync::mpsc::sync_channel(9);
    let server = Server::start(Script::service(Arc::new(Panics(sender)))).unwrap();
    let mut other = Client::connect(server.addr());
    assert!(server.wait_for_connections(1, PATIENCE));
    assert_eq!(text(&server, "GET /panic HTTP/1.1\r\nHost: h\r\n\r\n"), "");
    assert_eq!(receiver.recv_timeout(PATIENCE), Ok(1));
    other.send(GET);
    assert_eq!(other.receive().status, 200);
}

#[test]
fn one_connection_too_many_is_told_so() {
    let listen = Listen { max_connections: Some(3), ..Listen::default() };
    let server = Server::listen(Script::service(Arc::new(Echo)), &listen).unwrap();
    let mut clients: Vec<Client> = (0..3).map(|_| Client::connect(server.addr())).collect();
    assert!(server.wait_for_connections(3, PATIENCE));
    let mut refused = Client::connect(server.addr());
    let reply = refused.receive();
    assert_eq!((reply.status, reply.header("connection")), (503, Some("close")));
    assert!(reply.text().contains("the server has 3 connections open"), "{}", reply.text());
    for client in &mut clients {
        client.send(GET);
        assert_eq!(client.receive().status, 200);
    }
    clients.pop();
    let begun = Instant::now();
    while server.open_connections() == 3 {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    let mut client = Client::connect(server.addr());
    client.send(GET);
    assert_eq!(client.receive().status, 200);
}

#[test]
fn a_slow_request_ends_and_an_idle_connection_does_not() {
    let timeout = Duration::from_millis(60);
    let listen = Listen { request_timeout: Some(timeout), ..Listen::default() };
    let server = Server::listen(Script::service(Arc::new(Echo)), &listen).unwrap();
    let mut idle = Client::connect(server.addr());
    idle.send(GET);
    idle.receive();
    for part in ["G", "GET / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{}"] {
        let begun = Instant::now();
        let late = text(&server, part);
        assert!(late.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{part:?}: {late}");
        assert!(begun.elapsed() >= timeout && begun.elapsed() < PATIENCE);
    }
    idle.send(GET);
    assert_eq!(idle.receive().status, 200);

    let tls = aicredits_emulator::script::Tls::generate(None).unwrap();
    let listen = Listen { tls: Some(tls), ..listen };
    let server = Server::listen(Reply::status(200), &listen).unwrap();
    assert_eq!(text(&server, "\u{16}\u{3}"), "", "half a handshake");
}

/// A key is longer than any line of a usual request, and the body is the largest: both come in many pieces.
#[test]
fn a_client_that_still_sends_can_read_why_it_is_refused() {
    let server = echo();
    for _ in 0..20 {
        let mut client = Client::connect(server.addr());
        client.send("GET / HTTP/1.1\r\nHost: h\r\nA: ");
        for _ in 0..80 {
            client.send("x".repeat(1000));
        }
        assert_eq!(client.receive().status, 431);
    }
}

/// Some clients end a body with an empty line that is no part of it (RFC 9112, 2.2).
#[test]
fn an_empty_line_before_a_request_is_no_part_of_it() {
    let timeout = Duration::from_millis(60);
    let listen = Listen { request_timeout: Some(timeout), ..Listen::default() };
    let server = Server::listen(Reply::status(200), &listen).unwrap();
    for line in ["\r\n", "\n", "\r\n\r\n", "\r"] {
        let mut client = Client::connect(server.addr());
        client.send(format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{{}}{line}"));
        assert_eq!(client.receive().status, 200);
        assert!(client.receives_nothing_for(timeout * 3), "{line:?}");
        let sent = Instant::now();
        client.send(if line == "\r" { "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n" } else { GET });
        assert_eq!(client.receive().status, 200, "{line:?}");
        assert!(server.journal().last().unwrap().arrived >= sent, "{line:?}");
    }
}

//! The script layer over real sockets: each step, each ending, the journal, the counts.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::client::{Client, PATIENCE};
use aicredits_emulator::script::{
    End, JOURNAL_BODY_BYTES, JOURNAL_BYTES, JOURNAL_LIMIT, Reply, Script, Server, SynDropped, refused_addr,
};

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const POST: &str = "POST /b?c HTTP/1.1\r\nhOst: h\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\n{}";

/// The bytes that come back for one request, up to the end of the connection.
fn exchange(reply: Reply) -> (String, std::io::Result<()>) {
    let server = Server::start(reply).unwrap();
    let mut client = Client::connect(server.addr());
    client.send(GET);
    let (bytes, end) = client.receive_to_end();
    (String::from_utf8(bytes).unwrap(), end)
}

#[test]
fn replies_come_in_turn_and_the_last_one_repeats() {
    let server = Server::start([Reply::status(503), Reply::json(200, "{}")]).unwrap();
    let mut client = Client::connect(server.addr());
    for expected in [503, 200, 200] {
        client.send(GET);
        assert_eq!(client.receive().status, expected);
    }
    assert_eq!((server.requests(), server.connections()), (3, 1));
}

#[test]
fn a_handler_sees_the_request() {
    let script = Script::handler(|request| Reply::status(200).body(request.body.repeat(2)));
    let server = Server::start(script).unwrap();
    let mut client = Client::connect(server.addr());
    client.send(POST);
    assert_eq!(client.receive().text(), "{}{}");
}

#[test]
fn a_panicking_handler_costs_its_connection_and_no_other() {
    let script = Script::handler(|request| {
        assert_eq!(request.target, "/a", "this panic is part of the test");
        Reply::status(200)
    });
    let server = Server::start(script).unwrap();
    let mut client = Client::connect(server.addr());
    client.send(POST);
    assert_eq!(client.receive_to_end().0, b"");
    let mut client = Client::connect(server.addr());
    client.send(GET);
    assert_eq!(client.receive().status, 200);
}

#[test]
fn well_formed_replies_are_rendered_to_the_byte() {
    let (text, end) = exchange(Reply::json(200, "{}").header("X-A", b"\x09v".as_slice()).close());
    assert_eq!(text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: \tv\r\nContent-Length: 2\r\n\r\n{}");
    assert!(end.is_ok());
    assert_eq!(exchange(Reply::status(204).close()).0, "HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(exchange(Reply::status(777).close()).0, "HTTP/1.1 777 \r\nContent-Length: 0\r\n\r\n");
    let lying = Reply::status(200).header("content-length", "5").body("{}").close();
    assert_eq!(exchange(lying).0, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}");
}

#[test]
fn anything_can_be_sent() {
    let broken = "HTTP/9.9 OK\n\u{0}\u{7f}";
    assert_eq!(exchange(Reply::raw(broken).close()).0, broken);
    let early = Reply::raw("HTTP/1.1 103 Early Hints\r\n\r\n").then(Reply::status(200)).send("HTTP/1.1 200").close();
    assert_eq!(
        exchange(early).0,
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200"
    );
    let many = (0..129).fold(Reply::status(200), |reply, n| reply.header(format!("X-{n}"), "v")).close();
    assert_eq!(exchange(many).0.matches("\r\nX-").count(), 129);
}

#[test]
fn a_cut_ends_the_connection_after_exactly_that_byte() {
    let whole = exchange(Reply::json(200, "{}").close()).0;
    for cut in 0..=whole.len() + 1 {
        let shown = &whole[..cut.min(whole.len())];
        let (text, end) = exchange(Reply::json(200, "{}").cut(cut as u64, End::Fin));
        assert_eq!(text, shown, "cut at {cut}");
        assert!(end.is_ok(), "cut at {cut}: {end:?}");
        let (text, end) = exchange(Reply::json(200, "{}").cut(cut as u64, End::Reset));
        assert_eq!(text, shown, "reset at {cut}");
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset, "reset at {cut}");
    }
}

#[test]
fn a_cut_counts_over_all_steps() {
    let reply = Reply::raw("abc").drip(Duration::ZERO).then(Reply::new().endless("de")).cut(6, End::Fin);
    assert_eq!(exchange(reply).0, "abcded");
}

#[test]
fn a_client_that_closed_its_writing_half_still_gets_its_reply() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let mut client = TcpStream::connect(server.addr()).unwrap();
    client.write_all(GET.as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("\r\n\r\n{}"), "{text}");
}

#[test]
fn a_burst_of_clients_is_served_at_once() {
    let server = Server::start(Reply::status(200)).unwrap();
    let mut clients: Vec<Client> = (0..300).map(|_| Client::connect(server.addr())).collect();
    clients.iter_mut().for_each(|client| client.send(GET));
    assert!(clients.iter_mut().all(|client| client.receive().status == 200));
    assert_eq!((server.open_connections(), server.requests()), (300, 300));
}

#[test]
fn a_delay_lasts_its_time() {
    let begun = Instant::now();
    let (text, _) = exchange(Reply::new().delay(Duration::from_millis(60)).send("late").close());
    assert_eq!(text, "late");
    assert!(begun.elapsed() >= Duration::from_millis(60));
}

#[test]
fn a_delay_keeps_what_the_client_sends_meanwhile() {
    let server = Server::start([Reply::new().delay(Duration::from_millis(60)), Reply::status(200)]).unwrap();
    let mut client = Client::connect(server.addr());
    client.send(GET);
    assert!(server.wait_for_requests(1, PATIENCE));
    client.send(POST);
    assert_eq!(client.receive().status, 200);
    assert_eq!(server.journal()[1].target, "/b?c");
}

#[test]
fn a_drip_sends_byte_by_byte() {
    let begun = Instant::now();
    let (text, _) = exchange(Reply::raw("drip").drip(Duration::from_millis(10)).close());
    assert_eq!(text, "drip");
    assert!(begun.elapsed() >= Duration::from_millis(30));
}

#[test]
fn waits_end_when_the_client_leaves() {
    let hour = Duration::from_secs(3600);
    for reply in [
        Reply::new().delay(hour),
        Reply::new().mute(),
        Reply::raw("drip").drip(hour),
        Reply::new().endless("HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let server = Server::start(reply.clone()).unwrap();
        let mut client = Client::connect(server.addr());
        client.send(GET);
        assert!(server.wait_for_requests(1, PATIENCE));
        assert_eq!(server.open_connections(), 1, "{reply:?}");
        drop(client);
        assert!(server.wait_until_closed(PATIENCE), "{reply:?}");
    }
}

#[test]
fn waits_end_when_the_server_is_dropped() {
    let hour = Duration::from_secs(3600);
    let reading = Script::from(Reply::status(200));
    for script in [
        Reply::new().delay(hour).into(),
        Reply::new().mute().into(),
        Reply::raw("drip").drip(hour).into(),
        // More than the socket's buffers hold, and nobody reads.
        Reply::new().endless(vec![b'x'; 1 << 20]).into(),
        Script::from(Reply::status(200)).on_connect(|_| Reply::new().mute()),
        reading,
    ] {
        let server = Server::start(script).unwrap();
        let mut client = Client::connect(server.addr());
        client.send(GET);
        assert!(server.wait_for_connections(1, PATIENCE));
        let begun = Instant::now();
        drop(server);
        assert!(begun.elapsed() < PATIENCE);
        let (_, _) = client.receive_to_end();
    }
}

#[test]
fn a_stopped_server_refuses() {
    let server = Server::start(Reply::status(200)).unwrap();
    let addr = server.addr();
    drop(server);
    assert_eq!(TcpStream::connect(addr).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_connection_can_be_greeted() {
    let greeted = |greeting: Reply| {
        let script = Script::from(Reply::status(200).close());
        let server = Server::start(script.on_connect(move |_| greeting.clone())).unwrap();
        let (bytes, end) = Client::connect(server.addr()).receive_to_end();
        (String::from_utf8(bytes).unwrap(), end.map_err(|error| error.kind()))
    };
    assert_eq!(greeted(Reply::new().close()), (String::new(), Ok(())));
    assert_eq!(greeted(Reply::new().reset()), (String::new(), Err(ErrorKind::ConnectionReset)));
    assert_eq!(greeted(Reply::raw("unasked").close()), ("unasked".to_owned(), Ok(())));
    let script = Script::from(Reply::status(200)).on_connect(|number| match number {
        0 => Reply::new().close(),
        _ => Reply::new(),
    });
    let server = Server::start(script).unwrap();
    assert_eq!(Client::connect(server.addr()).receive_to_end().0, b"");
    let mut second = Client::connect(server.addr());
    second.send(GET);
    assert_eq!(second.receive().status, 200);
    assert_eq!(server.journal()[0].connection, 1);
}

#[test]
fn the_journal_has_requests_as_they_were_sent() {
    let server = Server::start(Reply::status(200)).unwrap();
    let mut first = Client::connect(server.addr());
    first.send([GET, POST].concat());
    first.receive();
    first.receive();
    let mut second = Client::connect(server.addr());
    second.send(GET);
    second.receive();

    let journal = server.journal();
    let places: Vec<(usize, usize)> = journal.iter().map(|request| (request.connection, request.ordinal)).collect();
    assert_eq!(places, [(0, 0), (0, 1), (1, 0)]);
    let post = &journal[1];
    assert_eq!((post.method.as_str(), post.target.as_str(), post.version), ("POST", "/b?c", 1));
    let names: Vec<&str> = post.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["hOst", "X-A", "x-a", "Content-Length"]);
    assert_eq!((post.header("HOST"), post.header("absent")), (Some("h"), None));
    assert_eq!(post.headers_named("x-A").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!((post.body.as_slice(), post.body_bytes), (b"{}".as_slice(), 2));
}

#[test]
fn the_journal_forgets_the_oldest() {
    let server = Server::start(Reply::new()).unwrap();
    let mut client = Client::connect(server.addr());
    client.send(POST);
    let bytes = GET.repeat(JOURNAL_LIMIT);
    client.send(bytes);
    assert!(server.wait_for_requests(JOURNAL_LIMIT + 1, PATIENCE));
    let journal = server.journal();
    assert_eq!((journal.len(), journal[0].ordinal, server.requests()), (JOURNAL_LIMIT, 1, JOURNAL_LIMIT + 1));
    assert_eq!(server.journal_dropped(), 1);
}

/// 400 requests of 500 kB used to take 200 MB.
#[test]
fn the_journal_is_bounded_in_bytes() {
    const BODY: usize = 500_000;
    let server = Server::start(Script::handler(|request| Reply::json(200, request.body.len().to_string()))).unwrap();
    let mut client = Client::connect(server.addr());
    let head = format!("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: {BODY}\r\n\r\n");
    let request = [head.as_bytes(), &vec![b'x'; BODY]].concat();
    for _ in 0..400 {
        client.send(&request);
        assert_eq!(client.receive().body, BODY.to_string().as_bytes(), "the handler gets the whole body");
    }
    let journal = server.journal();
    let bytes: usize = journal.iter().map(|request| request.body.len()).sum();
    assert!(bytes <= JOURNAL_BYTES && bytes > JOURNAL_BYTES * 9 / 10, "{bytes}");
    assert_eq!(journal.len() + server.journal_dropped(), 400);
    for (place, request) in journal.iter().enumerate() {
        assert_eq!((request.body.len(), request.body_bytes), (JOURNAL_BODY_BYTES, BODY));
        assert_eq!(request.ordinal, server.journal_dropped() + place);
    }

    // Long heads count, too.
    let long = format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(60_000));
    for _ in 0..400 {
        client.send(&long);
        client.receive();
    }
    let bytes: usize = server.journal().iter().map(|request| request.target.len()).sum();
    assert!(bytes <= JOURNAL_BYTES, "{bytes}");
}

#[test]
fn a_request_may_come_in_pieces() {
    let chunked = "POST /b?c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    let server = Server::start(Reply::status(200)).unwrap();
    for request in [POST, chunked] {
        for cut in 1..request.len() {
            let mut client = Client::connect(server.addr());
            client.send(&request[..cut]);
            client.send(&request[cut..]);
            assert_eq!(client.receive().status, 200, "cut at {cut}");
        }
        let mut client = Client::connect(server.addr());
        request.bytes().for_each(|byte| client.send([byte]));
        assert_eq!(client.receive().status, 200);
    }
    assert!(server.journal().iter().all(|request| request.target == "/b?c" && request.body == b"{}"));
}

#[test]
fn a_connection_closes_when_the_client_asks_for_it() {
    let server = Server::start(Reply::status(200)).unwrap();
    let mut client = Client::connect(server.addr());
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let (bytes, end) = client.receive_to_end();
    assert_eq!(bytes, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(end.is_ok());
    assert!(server.wait_until_closed(PATIENCE));
}

#[test]
fn bytes_that_are_no_request_are_refused_and_not_in_the_journal() {
    let server = Server::start(Reply::status(200)).unwrap();
    let mut client = Client::connect(server.addr());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: two\r\n\r\n{}");
    let (bytes, _) = client.receive_to_end();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n") && text.ends_with("Content-Length is not a number\n"));
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_wait_in_vain_says_so() {
    let server = Server::start(Reply::status(200)).unwrap();
    let _client = Client::connect(server.addr());
    assert!(server.wait_for_connections(1, PATIENCE));
    let moment = Duration::from_millis(1);
    assert!(!server.wait_for_requests(1, moment));
    assert!(!server.wait_for_connections(2, moment));
    assert!(!server.wait_until_closed(moment));
}

#[test]
fn a_refused_address_refuses_and_belongs_to_nobody_else() {
    let refused = refused_addr().unwrap();
    for _ in 0..2 {
        assert_eq!(TcpStream::connect(refused.addr()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
    let taken = std::net::TcpListener::bind(refused.addr());
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn connecting_to_a_full_listener_hangs() {
    let full = SynDropped::start().unwrap();
    for _ in 0..3 {
        let connected = TcpStream::connect_timeout(&full.addr(), Duration::from_millis(100));
        assert_eq!(connected.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}

#[test]
#[should_panic(expected = "needs a reply made by")]
fn a_header_without_a_head_is_a_mistake() {
    let _ = Reply::raw("HTTP/1.1 200 OK\r\n").header("X-A", "v");
}

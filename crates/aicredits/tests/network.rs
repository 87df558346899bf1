//! Bad networks: connections that do not come about, break, or say nothing. The clients' deadlines end what would
//! otherwise last, with seconds to spare.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aicredits::{Balance, Call, ClientBuilder, Error, ErrorKind};
use aicredits_emulator::script::{End, Reply, Script, Server, SynDropped, refused_addr};

use common::{ACCOUNT, API_KEY, client};

mod common;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_millis(200);

const EXAMPLE: &str = r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200},"creditBalanceBreakdown":[{"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","usageRules":[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}]},{"usageRules":[{"period":"NO_PERIOD","balance":200,"cap":200}]}],"label":"Crédits · 信用"}"#;

fn call(set: ClientBuilder) -> Result<Balance, Error> {
    let begun = Instant::now();
    let outcome = set.build().unwrap().get_balance();
    assert!(begun.elapsed() < PATIENCE, "{:?} for {outcome:?}", begun.elapsed());
    outcome
}

/// The error of a call that never had a whole reply.
fn failure(set: ClientBuilder) -> Error {
    let error = call(set).expect_err("there is no server to answer this");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(API_KEY), "{shown}");
    assert!(error.message().contains(ACCOUNT) && error.scope().is_some(), "{shown}");
    error
}

fn serve(script: impl Into<Script>) -> Server {
    Server::start(script).unwrap()
}

/// The example, framed in each of the three ways.
fn framings() -> [(&'static str, String); 3] {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-wix-request-id: 1755591144.07\r\n";
    let (first, second) = EXAMPLE.split_at(100);
    [
        ("length", format!("{head}Content-Length: {}\r\n\r\n{EXAMPLE}", EXAMPLE.len())),
        (
            "chunks",
            format!(
                "{head}Transfer-Encoding: chunked\r\n\r\n64\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
                second.len()
            ),
        ),
        ("to the end", format!("{head}\r\n{EXAMPLE}")),
    ]
}

/// For each byte of `reply`: what a call makes of `broken(byte)`.
fn at_each_byte(
    reply: &str,
    broken: impl Fn(usize) -> Reply + Send + Sync + 'static,
    check: impl Fn(usize, Result<Balance, Error>),
) {
    let at = Arc::new(AtomicUsize::new(0));
    let server = serve(Script::handler({
        let at = Arc::clone(&at);
        move |_| broken(at.load(Ordering::SeqCst))
    }));
    let client = client(server.url()).timeout(PATIENCE).build().unwrap();
    for byte in 0..reply.len() {
        at.store(byte, Ordering::SeqCst);
        check(byte, client.get_balance());
    }
}

#[test]
fn a_reply_cut_at_any_byte_is_a_network_error_and_never_a_balance() {
    for (framing, reply) in framings() {
        // The last chunk's own line says that the body is whole; the empty line behind it adds nothing.
        let whole = if framing == "chunks" { reply.len() - 2 } else { reply.len() };
        for end in [End::Fin, End::Reset] {
            let sent = reply.clone();
            let cut = move |at| Reply::raw(sent.as_str()).cut(at as u64, end);
            at_each_byte(&reply, cut, |at, outcome| match outcome {
                Ok(balance) => assert!(at >= whole && balance.json() == EXAMPLE, "{framing}, {end:?} after {at}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Network, "{framing}, {end:?} after {at}: {error}"),
            });
        }
    }
}

#[test]
fn a_reply_split_at_any_byte_is_put_together() {
    for (framing, reply) in framings() {
        let sent = reply.clone();
        // Two packets, for the server sends each step by itself. It closes only where that ends the reply: a kept
        // connection that closes just then is another test's matter.
        let split = move |at| {
            let reply = Reply::raw(&sent.as_bytes()[..at]).send(&sent.as_bytes()[at..]);
            if framing == "to the end" { reply.close() } else { reply }
        };
        at_each_byte(&reply, split, |at, outcome| {
            assert_eq!(outcome.unwrap().json(), EXAMPLE, "{framing}, split at {at}");
        });
    }
}

#[test]
fn a_slow_reply_is_waited_for() {
    let reply = Reply::json(200, r#"{"topUpCredits":{"balance":7}}"#).drip(Duration::from_millis(2));
    assert_eq!(call(client(serve(reply).url())).unwrap().available(), Some(7));
}

#[test]
fn a_connection_that_ends_before_the_reply_is_a_network_error() {
    for end in [Reply::new().close(), Reply::new().reset()] {
        let error = failure(client(serve(end.clone()).url()));
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Network, None), "{error}");
        let at_once = Script::from(Reply::status(500)).on_connect(move |_| end.clone());
        let error = failure(client(serve(at_once).url()));
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    }
}

#[test]
fn bytes_after_a_reply_are_not_read_as_the_next_reply() {
    // In one piece: bytes that come after the next request look like its reply.
    let spoofed = "HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n{\"topUpCredits\":{\"balance\":99}}";
    let reply = spoofed.replace("99", "11");
    let script = Script::handler(move |request| match request.connection {
        0 => Reply::raw(format!("{reply}{spoofed}")),
        _ => Reply::json(200, r#"{"topUpCredits":{"balance":2}}"#),
    });
    let server = serve(script);
    let client = client(server.url()).build().unwrap();
    for expected in [11, 2, 2] {
        assert_eq!(client.get_balance().unwrap().available(), Some(expected));
    }
}

#[test]
fn a_refused_connection_says_what_to_check() {
    let refused = refused_addr().unwrap();
    let error = failure(client(refused.url()));
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    for part in [refused.addr().to_string().as_str(), "refused", "check base_url"] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
}

#[test]
fn a_host_without_an_address_says_what_to_check() {
    for url in ["https://wix.invalid", "https://no-such-host.invalid:8443/wix"] {
        let error = failure(client(url));
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
        assert!(error.message().contains(".invalid") && error.message().contains("DNS"), "{error}");
    }
}

/// A reply's head alone, so that each phase has a server that stops in it.
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{";

#[test]
fn a_deadline_ends_each_phase() {
    let dropped = SynDropped::start().unwrap();
    let mute = serve(Reply::new().mute());
    let silent = serve(Script::from(Reply::status(500)).on_connect(|_| Reply::new().mute()));
    let in_the_head = serve(Reply::raw(&HEAD[..20]).mute());
    let in_the_body = serve(Reply::raw(HEAD).mute());
    let dripping = serve(Reply::raw(HEAD).send([b' '; 1000]).drip(Duration::from_millis(100)));
    for (phase, url) in [
        ("connecting", dropped.url()),
        ("awaiting the head", mute.url()),
        ("in the handshake", silent.url().replace("http", "https")),
        ("in the head", in_the_head.url()),
        ("in the body", in_the_body.url()),
        ("in a dripping body", dripping.url()),
    ] {
        let host = url.split('/').next_back().unwrap();
        let error = failure(client(&url).timeout(SOON));
        assert_eq!(error.kind(), ErrorKind::Timeout, "{phase}: {error}");
        assert!(error.message().contains("200 ms") && error.message().contains(host), "{phase}: {error}");
    }
    for server in [mute, silent, in_the_head, in_the_body, dripping] {
        assert!(server.wait_until_closed(PATIENCE), "a connection outlived its call and its client");
    }
}

#[test]
fn endless_interim_replies_end_at_a_limit() {
    let server = serve(Reply::new().endless("HTTP/1.1 103 Early Hints\r\n\r\n"));
    let error = failure(client(server.url()).timeout(PATIENCE));
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(error.message().contains("more than 100 interim replies"), "{error}");
}

#[test]
fn a_calls_own_timeout_replaces_the_clients() {
    let server = serve([Reply::new().mute(), Reply::new().delay(SOON * 2).then(Reply::json(200, "{}"))]);
    let call = Call::new().timeout(SOON);
    let patient = client(server.url()).timeout(PATIENCE).build().unwrap();
    let begun = Instant::now();
    assert_eq!(patient.get_balance_with(&call).unwrap_err().kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() < PATIENCE);

    let hasty = client(server.url()).timeout(SOON).build().unwrap();
    assert_eq!(hasty.get_balance_with(&Call::new().timeout(PATIENCE)).unwrap().json(), "{}");
    assert_eq!(hasty.get_balance().unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
fn a_late_status_still_decides_where_its_body_never_comes() {
    let reply = Reply::raw("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\nx-wix-request-id: r7\r\n\r\n{").mute();
    let error = failure(client(serve(reply).url()).timeout(SOON));
    assert_eq!((error.kind(), error.http_status(), error.request_id()), (ErrorKind::Forbidden, Some(403), Some("r7")));
}

#[test]
fn https_to_a_server_that_speaks_http_is_a_tls_error() {
    let server = serve(Reply::json(200, "{}"));
    let error = failure(client(server.url().replace("http", "https")));
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Tls, 0), "{error}");
    assert!(error.message().contains("does not answer in TLS"), "{error}");

    let silent = serve(Script::from(Reply::status(500)).on_connect(|_| Reply::new().close()));
    let error = failure(client(silent.url().replace("http", "https")));
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
}

#[test]
fn http_to_a_server_that_speaks_tls_is_a_protocol_error() {
    let alert = b"\x15\x03\x03\x00\x02\x02\x46";
    let error = failure(client(serve(Reply::raw(alert).close()).url()));
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[test]
fn a_clients_calls_outlive_a_server_that_was_away() {
    // The first connection is the call that gives up.
    let script = Script::from(Reply::json(200, "{}"));
    let server = serve(script.on_connect(|number| if number == 0 { Reply::new().mute() } else { Reply::new() }));
    let client = client(server.url()).timeout(SOON).build().unwrap();
    assert_eq!(client.get_balance().unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(client.get_balance_with(&Call::new().timeout(PATIENCE)).unwrap().json(), "{}");
    assert_eq!(server.connections(), 2);
}

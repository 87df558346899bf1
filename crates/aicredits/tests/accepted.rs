//! HTTP that curl accepts, and mostly Go too: this client accepts it. A reply that could hide a second one stays refused.

use std::time::Duration;

use aicredits::{Balance, Error, ErrorKind};
use aicredits_emulator::script::{Reply, Server};

use common::client;

mod common;

const BODY: &str = r#"{"topUpCredits":{"balance":7}}"#;

fn call(reply: Reply) -> Result<Balance, Error> {
    let server = Server::start(reply).unwrap();
    client(server.url()).build().unwrap().get_balance()
}

fn head(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n")
}

fn whole(fields: &str) -> Vec<u8> {
    format!("{}{BODY}", head(&format!("Content-Length: {}\r\n{fields}", BODY.len()))).into()
}

fn accepted(name: &str, reply: Reply) {
    let balance = call(reply).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(balance.available(), Some(7), "{name}");
}

/// The bytes as they are, and one by one.
fn accepted_however_it_is_cut(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes).into_owned();
    accepted(&name, Reply::raw(bytes).close());
    accepted(&name, Reply::raw(bytes).drip(Duration::ZERO).close());
}

#[test]
fn interim_replies_may_have_header_fields() {
    for interim in [
        "HTTP/1.1 100 Continue\r\nDate: Wed, 24 Jun 2026 00:00:00 GMT\r\n\r\n",
        "HTTP/1.1 100\r\n\r\n",
        "HTTP/1.0 100 Continue\r\nX: y\r\n\r\n",
        "HTTP/1.1 102 Processing\r\nX: a,\r\n b\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 5\r\n\r\n",
        "\r\nHTTP/1.1 199 Other\nX: y\n\n",
    ] {
        accepted_however_it_is_cut(&[interim.repeat(3).as_bytes(), &whole("X: y")].concat());
    }
}

#[test]
fn interim_replies_are_bounded() {
    let interim = "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n";
    accepted("100", Reply::raw([interim.repeat(100).as_bytes(), &whole("X: y")].concat()));
    for reply in [Reply::raw(interim.repeat(101)).mute(), Reply::new().endless(interim)] {
        let error = call(reply).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(error.message().contains("interim"), "{error}");
    }
    let long = Reply::raw("HTTP/1.1 100 Continue\r\nX: ").endless(vec![b'x'; 4096]);
    assert_eq!(call(long).unwrap_err().kind(), ErrorKind::TooLarge);
    let cut = call(Reply::raw("HTTP/1.1 100 Continue\r\nX: y\r\n").close()).unwrap_err();
    assert_eq!(cut.kind(), ErrorKind::Network, "{cut}");
}

#[test]
fn folded_header_fields_are_one_line() {
    for fields in ["X: a\r\n b", "X: a\r\n\tb\r\n  c", "X:\r\n y\r\nDate: Wed, 24 Jun\r\n 2026 00:00:00 GMT"] {
        accepted_however_it_is_cut(&whole(fields));
    }
    let folded = Reply::raw("HTTP/1.1 404 Not Found\r\nx-wix-request-id:\r\n request-1\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(call(folded).unwrap_err().request_id(), Some("request-1"));
    // A length in two lines is no number, and a folded status line no reply.
    for broken in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n 0\r\n\r\n{BODY}"),
        format!("HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 30\r\n\r\n{BODY}"),
    ] {
        assert_eq!(call(Reply::raw(broken).close()).unwrap_err().kind(), ErrorKind::Protocol);
    }
}

#[test]
fn encodings_that_change_nothing() {
    for fields in [
        "Transfer-Encoding: identity",
        "Transfer-Encoding: Identity",
        "Transfer-Encoding: ",
        "Content-Encoding: none",
        "Content-Encoding: identity",
        "Content-Encoding: NONE, identity",
        "Content-Encoding: ",
        "Content-Encoding: identity\r\nContent-Encoding: none",
    ] {
        accepted_however_it_is_cut(&whole(fields));
        accepted(fields, Reply::raw(format!("{}{BODY}", head(fields))).close());
    }
    let http_1_0 = format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: identity\r\n\r\n{BODY}");
    accepted_however_it_is_cut(http_1_0.as_bytes());
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    for fields in ["Transfer-Encoding: Chunked", "Transfer-Encoding: identity, chunked", "Transfer-Encoding: chunked,"]
    {
        accepted_however_it_is_cut(format!("{}{chunked}", head(fields)).as_bytes());
    }
    for fields in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: none",
        "Transfer-Encoding: chunkedx",
        "Content-Encoding: gzip",
        "Content-Encoding: identity, gzip",
        "Content-Encoding: chunked",
    ] {
        let error = call(Reply::raw(format!("{}{chunked}", head(fields))).close()).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(200)), "{fields}: {error}");
    }
}

#[test]
fn any_number_of_trailers_within_the_limit() {
    let chunked = |trailers: &str| {
        let head = head("Transfer-Encoding: chunked");
        format!("{head}{:x};extension=\"x\"\r\n{BODY}\r\n0;last\r\n{trailers}\r\n", BODY.len())
    };
    for trailers in ["", "A: b\r\n", "A: b\n", "A: b\r\n c\r\n", "A:\r\n"] {
        accepted_however_it_is_cut(chunked(trailers).as_bytes());
    }
    for count in [64, 65, 129, 2000] {
        accepted(&count.to_string(), Reply::raw(chunked(&"A: b\r\n".repeat(count))));
    }
    let most = "A: bbbb\r\n".repeat((16 << 10) / 9);
    accepted("16 KiB", Reply::raw(chunked(&most)));
    let error = call(Reply::raw(chunked(&format!("{most}{most}")))).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::TooLarge, Some(200)), "{error}");
    let error = call(Reply::raw(chunked("no colon\r\n"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[test]
fn other_forms_of_the_same_reply() {
    let length = BODY.len();
    for reply in [
        format!("HTTP/1.1 200\r\nContent-Length: {length}\r\n\r\n{BODY}"),
        format!("HTTP/1.1 200 \r\nContent-Length:{length}\r\n\r\n{BODY}"),
        format!("HTTP/1.1 200 OK\nContent-Length: {length}\n\n{BODY}"),
        format!("\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{BODY}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nContent-Length: {length}\r\n\r\n{BODY}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}, 0{length}\r\n\r\n{BODY}"),
        format!("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: {length}\r\n\r\n{BODY}"),
        format!("HTTP/1.0 200 OK\r\n\r\n{BODY}"),
    ] {
        accepted_however_it_is_cut(reply.as_bytes());
    }
    let chunked = format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{BODY}\r\n0\r\n\r\n");
    assert_eq!(call(Reply::raw(chunked).close()).unwrap_err().kind(), ErrorKind::Protocol);
    // Two readers could see two different replies in these.
    for fields in [
        "Content-Length: 30\r\nContent-Length: 31",
        "Content-Length: 30, 31",
        "Content-Length: +30",
        "Content-Length : 30",
    ] {
        let error = call(Reply::raw(format!("{}{BODY}", head(fields))).close()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{fields}: {error}");
    }
}

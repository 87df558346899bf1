//! Where a server listens: addresses, names, ports, and its URL.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use aicredits_emulator::script::{Listen, Reply, Server, Tls};
use aicredits_emulator::{Emulator, Options, StartError};

fn listen(host: &str, port: u16) -> std::io::Result<Server> {
    Server::listen(Reply::json(200, "{}").close(), &Listen { host: host.into(), port, ..Listen::default() })
}

fn answers(addr: &str) {
    let mut client = TcpStream::connect(addr).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("\r\n\r\n{}"), "{addr}: {text}");
}

#[test]
fn each_host_is_listened_on_and_has_its_url() {
    for (host, in_the_url) in [
        ("", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.7", "127.0.0.7"),
        ("localhost", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("::", "[::1]"),
    ] {
        let server = listen(host, 0).unwrap();
        let port = server.addr().port();
        assert_ne!(port, 0);
        assert_eq!(server.url(), format!("http://{in_the_url}:{port}"), "{host}");
        answers(&format!("{in_the_url}:{port}"));
    }
    let tls = Tls::generate(None).unwrap();
    let server = Server::listen(Reply::status(200), &Listen { host: "::1".into(), ..Listen::over(tls) }).unwrap();
    assert_eq!(server.url(), format!("https://[::1]:{}", server.addr().port()));
}

#[test]
fn it_listens_on_loopback_unless_told_otherwise() {
    assert!(Server::start(Reply::status(200)).unwrap().addr().ip().is_loopback());
    assert!(Emulator::start().unwrap().server().addr().ip().is_loopback());
}

#[test]
fn a_port_can_be_chosen_and_used_again() {
    let port = listen("127.0.0.1", 0).unwrap().addr().port();
    for _ in 0..3 {
        let server = listen("127.0.0.1", port).unwrap();
        assert_eq!(server.addr().port(), port);
        // The server closes first, so the port waits for late packets.
        answers(&server.addr().to_string());
    }
}

#[test]
fn an_error_names_the_place_and_what_to_do() {
    let server = listen("127.0.0.1", 0).unwrap();
    let port = server.addr().port();
    let error = listen("127.0.0.1", port).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    assert!(error.to_string().contains("or 0 for a free one"), "{error}");

    let error = listen("192.0.2.1", 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    assert!(error.to_string().contains("this machine does not have that address"), "{error}");
    let error = listen("no such host", 0).unwrap_err();
    assert!(error.to_string().starts_with("no such host:0: "), "{error}");

    let start = |host: &str| Emulator::with(Options { host: Some(host.into()), port, ..Options::default() });
    let error = start("127.0.0.1").unwrap_err();
    assert!(matches!(error, StartError::Listen(_)));
    assert!(error.to_string().starts_with(&format!("cannot listen: 127.0.0.1:{port}: ")), "{error}");
    assert!(start("::1").unwrap().url().starts_with("http://[::1]:"));
}

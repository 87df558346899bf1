//! TLS of the script layer, and of the emulator: every step, every ending, the certificates.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use aicredits_emulator::script::{End, Listen, Reply, Script, Server, Tls};
use aicredits_emulator::{Emulator, Options, PATH};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use crate::client::PATIENCE;

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

type Stream = StreamOwned<ClientConnection, TcpStream>;

fn settings(ca_pem: &str, versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    Arc::new(config.with_webpki_verifier(verifier).with_no_client_auth())
}

fn connect(settings: &Arc<ClientConfig>, addr: SocketAddr, name: &str) -> Stream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::clone(settings), name).unwrap(), stream)
}

/// A server over TLS, and a client's settings that trust it.
fn serve(script: impl Into<Script>) -> (Server, Arc<ClientConfig>) {
    static TLS: LazyLock<Tls> = LazyLock::new(|| Tls::generate(None).unwrap());
    let tls = TLS.clone();
    let settings = settings(tls.ca_pem().unwrap(), rustls::ALL_VERSIONS);
    (Server::listen(script, &Listen::over(tls)).unwrap(), settings)
}

/// The bytes that come back for one request, up to the end of the connection, and how it ended.
fn exchange(reply: Reply) -> (String, Result<(), ErrorKind>) {
    let (server, settings) = serve(reply);
    let mut client = connect(&settings, server.addr(), "localhost");
    client.write_all(GET.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let end = client.read_to_end(&mut bytes).map(drop).map_err(|error| error.kind());
    (String::from_utf8(bytes).unwrap(), end)
}

#[test]
fn each_name_of_the_certificate_is_trusted_and_no_other() {
    let tls = Tls::generate(Some("wix.test")).unwrap();
    let settings = settings(tls.ca_pem().unwrap(), rustls::ALL_VERSIONS);
    let server = Server::listen(Reply::json(200, "{}").close(), &Listen::over(tls)).unwrap();
    assert_eq!(server.url(), format!("https://127.0.0.1:{}", server.addr().port()));
    for name in ["127.0.0.1", "::1", "localhost", "wix.test"] {
        let mut client = connect(&settings, server.addr(), name);
        client.write_all(GET.as_bytes()).unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        assert!(text.ends_with("\r\n\r\n{}"), "{name}: {text}");
    }
    let before = server.received_bytes();
    for name in ["127.0.0.2", "other.test"] {
        let error = connect(&settings, server.addr(), name).write_all(GET.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    }
    assert_eq!((server.received_bytes(), server.requests()), (before, 4));
}

#[test]
fn each_server_has_its_own_authority() {
    let (server, _) = serve(Reply::status(200));
    let settings = settings(Tls::generate(None).unwrap().ca_pem().unwrap(), rustls::ALL_VERSIONS);
    let error = connect(&settings, server.addr(), "localhost").write_all(GET.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
}

#[test]
fn both_versions_of_tls_are_spoken_and_sessions_resumed() {
    for version in rustls::ALL_VERSIONS {
        let tls = Tls::generate(None).unwrap();
        let settings = settings(tls.ca_pem().unwrap(), &[version]);
        let server = Server::listen(Reply::json(200, "{}").close(), &Listen::over(tls)).unwrap();
        for _ in 0..3 {
            let mut client = connect(&settings, server.addr(), "localhost");
            client.write_all(GET.as_bytes()).unwrap();
            client.read_to_end(&mut Vec::new()).unwrap();
        }
        let resumed: Vec<bool> = server.journal().iter().map(|request| request.tls_resumed).collect();
        assert_eq!(resumed, [false, true, true], "{version:?}");
    }
}

#[test]
fn a_cut_ends_the_data_after_exactly_that_byte() {
    let whole = exchange(Reply::json(200, "{}").close()).0;
    assert!(whole.ends_with("\r\n\r\n{}"));
    for cut in 0..=whole.len() + 1 {
        let shown = &whole[..cut.min(whole.len())];
        let reply = Reply::json(200, "{}").cut(cut as u64, End::Fin);
        assert_eq!(exchange(reply.clone()), (shown.to_owned(), Ok(())), "cut at {cut}");
        let lost = exchange(reply.without_close_notify());
        assert_eq!(lost, (shown.to_owned(), Err(ErrorKind::UnexpectedEof)), "cut at {cut}");
        let reset = exchange(Reply::json(200, "{}").cut(cut as u64, End::Reset));
        assert_eq!(reset, (shown.to_owned(), Err(ErrorKind::ConnectionReset)), "reset at {cut}");
    }
}

#[test]
fn delays_drips_and_bytes_without_end_go_over_tls() {
    let begun = Instant::now();
    let (text, end) = exchange(Reply::new().delay(Duration::from_millis(60)).send("late").close());
    assert_eq!((text.as_str(), end), ("late", Ok(())));
    assert!(begun.elapsed() >= Duration::from_millis(60));

    let begun = Instant::now();
    assert_eq!(exchange(Reply::raw("drip").drip(Duration::from_millis(10)).close()).0, "drip");
    assert!(begun.elapsed() >= Duration::from_millis(30));

    let reply = Reply::raw("abc").then(Reply::new().endless("de")).cut(100_000, End::Fin);
    assert_eq!(exchange(reply).0.len(), 100_000);
    let large = "x".repeat(3 << 20);
    assert!(exchange(Reply::json(200, large.as_str()).close()).0.ends_with(&large));
}

#[test]
fn waits_over_tls_end_when_the_client_leaves() {
    let hour = Duration::from_secs(3600);
    for reply in [
        Reply::new().delay(hour),
        Reply::new().mute(),
        Reply::raw("drip").drip(hour),
        Reply::new().endless("HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let (server, settings) = serve(reply.clone());
        let mut client = connect(&settings, server.addr(), "localhost");
        client.write_all(GET.as_bytes()).unwrap();
        assert!(server.wait_for_requests(1, PATIENCE));
        assert_eq!(server.open_connections(), 1, "{reply:?}");
        drop(client);
        assert!(server.wait_until_closed(PATIENCE), "{reply:?}");
    }
}

#[test]
fn waits_over_tls_end_when_the_server_is_dropped() {
    let hour = Duration::from_secs(3600);
    for reply in
        [Reply::new().delay(hour), Reply::new().mute(), Reply::new().endless(vec![b'x'; 1 << 20]), Reply::status(200)]
    {
        let (server, settings) = serve(reply);
        let mut client = connect(&settings, server.addr(), "localhost");
        client.write_all(GET.as_bytes()).unwrap();
        assert!(server.wait_for_requests(1, PATIENCE));
        let begun = Instant::now();
        drop(server);
        assert!(begun.elapsed() < PATIENCE);
    }
}

#[test]
fn a_greeting_is_played_before_the_handshake() {
    let tls = Tls::generate(None).unwrap();
    let settings = settings(tls.ca_pem().unwrap(), rustls::ALL_VERSIONS);
    let script = Script::from(Reply::status(200).close()).on_connect(|number| match number {
        0 => Reply::new().close(),
        1 => Reply::new().reset(),
        2 => Reply::raw("no TLS").close(),
        // The client's first message comes meanwhile.
        _ => Reply::new().delay(Duration::from_millis(20)),
    });
    let server = Server::listen(script, &Listen::over(tls)).unwrap();
    let errors: Vec<ErrorKind> = (0..3)
        .map(|_| connect(&settings, server.addr(), "localhost"))
        .map(|mut client| client.write_all(GET.as_bytes()).and_then(|()| client.read(&mut [0])).unwrap_err().kind())
        .collect();
    assert_eq!(errors[0], ErrorKind::UnexpectedEof);
    // Written to before the reset has come, the socket reports a broken pipe.
    assert!(matches!(errors[1], ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{errors:?}");
    assert_eq!(errors[2], ErrorKind::InvalidData);
    let mut client = connect(&settings, server.addr(), "localhost");
    client.write_all(GET.as_bytes()).unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
}

#[test]
fn bytes_can_be_sent_outside_of_tls_and_after_its_end() {
    let (_, end) = exchange(Reply::raw("before").send_unsealed("no record"));
    assert_eq!(end, Err(ErrorKind::InvalidData));
    let after_the_end = exchange(Reply::raw("before").close_notify().send_unsealed("junk"));
    assert_eq!(after_the_end, ("before".to_owned(), Ok(())));
}

#[test]
fn pipelined_requests_over_tls_are_answered_in_turn() {
    let script = Script::handler(|request| match request.ordinal {
        2 => Reply::status(200).body("third").close(),
        _ => Reply::status(200).body(request.target.clone()),
    });
    let (server, settings) = serve(script);
    let mut client = connect(&settings, server.addr(), "localhost");
    client.write_all(GET.repeat(3).as_bytes()).unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert_eq!((text.matches("/a").count(), text.ends_with("third")), (2, true), "{text}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn bytes_that_are_no_tls_end_their_connection_alone() {
    let (server, settings) = serve(Reply::status(200).close());
    for garbage in [&[0; 1000][..], b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\x16"] {
        let mut client = TcpStream::connect(server.addr()).unwrap();
        client.write_all(garbage).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        // An alert, or nothing, or a reset.
        let _ = client.read_to_end(&mut Vec::new());
    }
    assert!(server.wait_until_closed(PATIENCE));
    let mut client = connect(&settings, server.addr(), "localhost");
    client.write_all(GET.as_bytes()).unwrap();
    client.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!((server.requests(), server.connections()), (1, 5));
}

#[test]
fn a_test_may_bring_its_own_certificate() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    let tls = Tls::with_certificate([certificate.der().to_vec()], key.serialize_der()).unwrap();
    assert_eq!(tls.ca_pem(), None);
    let server = Server::listen(Reply::status(200), &Listen::over(tls)).unwrap();
    let settings = settings(&certificate.pem(), rustls::ALL_VERSIONS);
    let error = connect(&settings, server.addr(), "localhost").write_all(GET.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("expired"), "{error}");
    assert!(Tls::with_certificate([], b"no key".to_vec()).is_err());
}

#[test]
fn the_emulator_speaks_tls_with_its_own_authority() {
    let emulator = Emulator::with(Options { tls: true, ..Options::default() }).unwrap();
    assert_eq!(emulator.url(), format!("https://127.0.0.1:{}", emulator.server().addr().port()));
    let settings = settings(emulator.ca_pem().unwrap(), rustls::ALL_VERSIONS);
    let mut client = connect(&settings, emulator.server().addr(), "127.0.0.1");
    let (key, account) = (emulator.api_key(), emulator.account_id());
    let headers = format!("Host: h\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\nConnection: close\r\n");
    write!(client, "POST {PATH} HTTP/1.1\r\n{headers}Content-Length: 2\r\n\r\n{{}}").unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains(r#""balance":850"#), "{text}");
    assert_eq!(emulator.state(&aicredits_emulator::Nothing {}).unwrap().ca_pem.as_deref(), emulator.ca_pem());
    assert_eq!(Emulator::start().unwrap().ca_pem(), None);
}

/// Over TLS the emulator cannot know what a new connection is for.
#[test]
fn a_fault_that_would_end_every_control_connection_is_refused_over_https() {
    let emulator = Emulator::with(Options { tls: true, ..Options::default() }).unwrap();
    let settings = settings(emulator.ca_pem().unwrap(), rustls::ALL_VERSIONS);
    let control = |action: &str, body: &str| {
        let mut client = connect(&settings, emulator.server().addr(), "localhost");
        let head = format!("POST /_emulator/{action} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        let length = body.len();
        write!(client, "{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head["HTTP/1.1 ".len()..][..3].to_owned(), body.to_owned())
    };
    let endless = r#"{"times":null,"connect":"mute"}"#;
    let (status, body) = control("fault", endless);
    assert_eq!(status, "409");
    for part in [r#""code":"unreachable""#, r#""pointer":"/times""#, "give it `times`, or add it in the emulator's own"]
    {
        assert!(body.contains(part), "{body}");
    }
    let mut state: serde_json::Value = serde_json::from_str(&emulator.control("state", "{}").json).unwrap();
    state["faults"] = serde_json::json!([{"times": 1, "connect": "close"}, {"times": null, "connect": "close"}]);
    let (status, body) = control("reset", &serde_json::json!({"scenario": state}).to_string());
    assert_eq!(status, "409");
    assert!(body.contains(r#""pointer":"/scenario/faults/1/times""#), "{body}");
    // These end by themselves, or let some connections through.
    for fault in [r#"{"connect":"close","match":{"skip":9}}"#, r#"{"times":null,"connect":"close","probability":0}"#] {
        assert_eq!(control("fault", fault).0, "200", "{fault}");
    }
    // The process of the emulator needs no connection to clear it.
    assert_eq!(emulator.control("fault", endless).status, 200);
    let mut client = connect(&settings, emulator.server().addr(), "localhost");
    client.sock.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(client.write_all(GET.as_bytes()).is_err());
    assert_eq!(emulator.control("clear_faults", "{}").json, r#"{"cleared":3}"#);
    assert_eq!(control("state", "").0, "200");
}

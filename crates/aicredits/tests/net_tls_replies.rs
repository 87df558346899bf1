//! Replies over TLS, whole and broken: what holds of plain ones holds of them, however the server cuts its records.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, ClientBuilder, ErrorKind, Phase};

use common::client;
use tls::{Answer, Authority, HOST, TlsServer};

mod common;
#[path = "common/tls.rs"]
mod tls;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);

const EXAMPLE: &str = r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200}}"#;

fn serve(
    authority: &Authority,
    answer: impl Fn(usize, usize) -> Answer + Send + Sync + 'static,
) -> (TlsServer, ClientBuilder) {
    let server = TlsServer::answering(authority.identity(&[HOST], |_| ()), answer);
    let client = client(format!("https://{HOST}:{}", server.port()))
        .lookup(|_| Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
        .ca_pem(authority.pem())
        .timeout(PATIENCE);
    (server, client)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The example, framed in each of the three ways.
fn framings() -> [String; 3] {
    let (first, second) = EXAMPLE.split_at(40);
    [
        ok(EXAMPLE),
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            second.len()
        ),
        format!("HTTP/1.1 200 OK\r\n\r\n{EXAMPLE}"),
    ]
}

#[test]
fn a_reply_is_put_together_however_its_records_are_cut() {
    let authority = Authority::new("Acme Root");
    // As large as the largest documented one.
    let body = format!(r#"{{"topUpCredits":{{"balance":7}}{}}}"#, " ".repeat(900_000));
    for size in [61, 1369, 2800, 4100, 6000, 8193, 12_000, 16_384] {
        let reply = ok(&body);
        let (server, client) = serve(&authority, move |_, _| Answer {
            records: reply.as_bytes().chunks(size).map(<[u8]>::to_vec).collect(),
            ..Answer::default()
        });
        let client = client.max_retries(0).build().unwrap();
        for _ in 0..3 {
            let balance = client.get_balance().unwrap_or_else(|error| panic!("records of {size} bytes: {error}"));
            assert_eq!((balance.available(), balance.json().len()), (Some(7), body.len()));
        }
        assert_eq!(server.connections(), 1, "records of {size} bytes");
    }
}

#[test]
fn a_reply_cut_within_tls_is_a_network_error_and_never_a_balance() {
    let authority = Authority::new("Acme Root");
    for (framing, reply) in framings().into_iter().enumerate() {
        for says_goodbye in [true, false] {
            let whole = reply.len() - if framing == 1 { 2 } else { 0 };
            for at in (0..reply.len()).step_by(7).chain(reply.len() - 4..reply.len()) {
                let sent = reply[..at].to_owned();
                let (_server, client) =
                    serve(&authority, move |_, _| Answer { says_goodbye, ends: true, ..Answer::of(sent.as_str()) });
                match client.max_retries(0).build().unwrap().get_balance() {
                    Ok(balance) => assert!(at >= whole && balance.json() == EXAMPLE, "{framing} after {at}"),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Network, "{framing} after {at}: {error}"),
                }
            }
        }
    }
}

#[test]
fn bytes_after_a_reply_are_not_read_as_the_next_reply() {
    let authority = Authority::new("Acme Root");
    let balance = |count: u32| format!(r#"{{"topUpCredits":{{"balance":{count}}}}}"#);
    let spoofed = ok(&balance(99));
    // So long that a read ends with the reply, and the rest of the packet waits within the session.
    for length in [40, 16_384 - 43, 16_384, 40_000] {
        let first = ok(&format!("{}{}", balance(11), " ".repeat(length)));
        let (second, spoofed) = (ok(&balance(2)), spoofed.clone());
        let (server, client) = serve(&authority, move |connection, _| match connection {
            0 => Answer { records: vec![first.clone().into(), spoofed.clone().into()], ..Answer::default() },
            _ => Answer::of(second.as_str()),
        });
        let client = client.build().unwrap();
        for expected in [11, 2, 2] {
            assert_eq!(client.get_balance().unwrap().available(), Some(expected), "{length}");
        }
        assert_eq!(server.connections(), 2, "{length}");
    }
}

/// rustls's own words have a link to its documentation, and the names of its types.
#[test]
fn a_lost_connection_is_told_in_words_of_ours() {
    let authority = Authority::new("Acme Root");
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
    let sealed_wrong = [&[0x17, 3, 3, 0, 32][..], &[7; 32]].concat();
    for (sent, junk, ends, says) in [
        ("", vec![], true, "the end of TLS (close_notify)"),
        (head, vec![], true, "the end of TLS (close_notify)"),
        (head, sealed_wrong, false, "is no TLS, or was changed on its way"),
        ("", b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), false, "is no TLS, or was changed on its way"),
    ] {
        let (_server, client) = serve(&authority, move |_, _| Answer {
            records: if sent.is_empty() { vec![] } else { vec![sent.into()] },
            junk: junk.clone(),
            ends,
            ..Answer::default()
        });
        let error = client.max_retries(0).build().unwrap().get_balance().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
        assert!(error.message().contains(says), "{error}");
        assert!(!error.message().contains("://") && !error.message().contains("rustls"), "{error}");
    }
}

#[test]
fn bytes_after_the_tls_close_message_are_ignored() {
    let authority = Authority::new("Acme Root");
    for (sent, is_whole) in
        [("", false), ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", false), (&*ok("{}"), true)]
    {
        let text = sent.to_owned();
        let (_server, client) = serve(&authority, move |_, _| Answer {
            says_goodbye: true,
            junk: vec![b'x'; 8192],
            ..Answer::of(text.as_str())
        });
        let client = client.max_retries(0).build().unwrap();
        for _ in 0..2 {
            let begun = Instant::now();
            match client.get_balance() {
                Ok(_) => assert!(is_whole),
                Err(error) => assert!(!is_whole && error.kind() == ErrorKind::Network, "{error}"),
            }
            assert!(begun.elapsed() < PATIENCE / 2);
        }
    }
}

#[test]
fn a_connection_that_is_tampered_with_is_lost_and_another_is_tried() {
    let authority = Authority::new("Acme Root");
    // A record whose seal is broken.
    let broken = [&[0x17, 3, 3, 0, 32][..], &[7; 32]].concat();
    let (server, client) = serve(&authority, move |connection, _| match connection {
        0 => Answer { junk: broken.clone(), ..Answer::default() },
        _ => Answer::of(ok("{}")),
    });
    client.max_retries(1).build().unwrap().get_balance().unwrap();
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_call_is_cancelled_within_a_body() {
    let authority = Authority::new("Acme Root");
    let (server, client) = serve(&authority, |_, _| Answer::of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"));
    let client = client.max_retries(0).build().unwrap();
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    let error = thread::scope(|scope| {
        let call = scope.spawn(|| client.get_balance_with(&call));
        until("the request", || server.requests() == 1);
        cancel.cancel();
        call.join().unwrap().unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(matches!(error.attempts()[0].phase(), Phase::Head | Phase::Body), "{error:?}");
    until("the connection's end", || server.open_connections() == 0);
}

#[test]
fn calls_of_many_threads_end_with_their_client() {
    let authority = Authority::new("Acme Root");
    for _ in 0..10 {
        let (server, client) = serve(&authority, |_, _| Answer::of(ok("{}")));
        let client = client.build().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while client.get_balance().is_ok() {
                        calls.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            until("calls run", || calls.load(Ordering::SeqCst) > 4);
            client.close();
        });
        // While the client lives: what a call gives back after the end is closed as well.
        until("the connections' end", || server.open_connections() == 0);
        drop(client);
    }
}

/// Waits until `reached`.
fn until(what: &str, reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

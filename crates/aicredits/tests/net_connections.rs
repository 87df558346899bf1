//! How calls come by their connections: names, addresses, the pool. Rows H1 to H6, H11 and H17 of the hazards.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Client, ClientBuilder, ErrorKind, Phase};
use aicredits_emulator::script::{Listen, Reply, Script, Server, SynDropped, refused_addr};
use rustix::process::{Resource, Rlimit, setrlimit};

use common::{API_KEY, client};

mod common;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SECOND_HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

fn ok() -> Reply {
    Reply::json(200, "{}")
}

/// A client of `port` at a host that has a name.
fn named(port: u16) -> ClientBuilder {
    client(format!("http://wix.test:{port}")).allow_insecure_http(true).timeout(PATIENCE)
}

fn counting(count: &Arc<AtomicUsize>, addresses: Vec<IpAddr>) -> impl Fn(&str) -> io::Result<Vec<IpAddr>> + use<> {
    let count = Arc::clone(count);
    move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(addresses.clone())
    }
}

/// Answers the same on every connection, and sends on what each read of a request brought. The scripted server does not
/// report its reads.
fn bare_server(reads: mpsc::Sender<usize>) -> SocketAddr {
    let listener = TcpListener::bind((LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, reads) = (stream.unwrap(), reads.clone());
            thread::spawn(move || {
                let (mut buffer, mut held) = ([0; 8192], Vec::new());
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    let _ = reads.send(count);
                    held.extend_from_slice(&buffer[..count]);
                    if held.ends_with(b"{}") {
                        held.clear();
                        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
                    }
                }
            });
        }
    });
    address
}

#[test]
fn h1_a_name_is_looked_up_once_and_an_address_never() {
    let server = Server::start(ok().close()).unwrap();
    let lookups = Arc::new(AtomicUsize::new(0));
    let client = named(server.addr().port()).lookup(counting(&lookups, vec![LOCALHOST])).build().unwrap();
    for _ in 0..20 {
        client.get_balance().unwrap();
    }
    assert_eq!((lookups.load(Ordering::SeqCst), server.requests()), (1, 20));

    let never = |_: &str| -> io::Result<Vec<IpAddr>> { panic!("an address was looked up") };
    common::client(server.url()).lookup(never).build().unwrap().get_balance().unwrap();
}

#[test]
fn h1_calls_join_the_look_up_in_flight() {
    let server = Server::start(ok()).unwrap();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let lookups = Arc::new(AtomicUsize::new(0));
    let lookup = {
        let lookups = Arc::clone(&lookups);
        move |_: &str| {
            lookups.fetch_add(1, Ordering::SeqCst);
            released.lock().unwrap().recv().unwrap();
            Ok(vec![LOCALHOST])
        }
    };
    let client = named(server.addr().port()).lookup(lookup).build().unwrap();
    let barrier = Barrier::new(9);
    thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    client.get_balance()
                })
            })
            .collect();
        barrier.wait();
        release.send(()).unwrap();
        for call in calls {
            call.join().unwrap().unwrap();
        }
    });
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
}

#[test]
fn h1_dns_that_hangs_costs_two_threads_and_no_call_more_than_its_deadline() {
    let (release, released) = mpsc::channel::<()>();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let lookup = {
        let (running, most, released) = (Arc::clone(&running), Arc::clone(&most), Mutex::new(released));
        move |_: &str| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let _ = released.lock().unwrap_or_else(PoisonError::into_inner).recv();
            running.fetch_sub(1, Ordering::SeqCst);
            Err(io::Error::other("no such host"))
        }
    };
    let client = named(80).lookup(lookup).timeout(Duration::from_millis(200)).build().unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let error = client.get_balance().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
                assert_eq!(error.attempts()[0].phase(), Phase::Resolve);
                assert!(error.message().contains("looked up"), "{error}");
            });
        }
    });
    assert!(begun.elapsed() < PATIENCE);
    assert!(most.load(Ordering::SeqCst) <= 2);
    drop(release);
}

#[test]
fn h1_without_a_thread_the_error_says_so() {
    const CHILD: &str = "AICREDITS_TEST_WITHOUT_THREADS";
    if std::env::var_os(CHILD).is_some() {
        let client = named(80).build().unwrap();
        // Less room than a stack needs.
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let kilobytes = status.split_once("VmSize:").unwrap().1.split_whitespace().next().unwrap();
        let used = kilobytes.parse::<u64>().unwrap() << 10;
        let limit = Rlimit { current: Some(used + (1 << 20)), maximum: None };
        setrlimit(Resource::As, limit).unwrap();
        let error = client.get_balance().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
        assert!(error.message().contains("no thread could be had"), "{error}");
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "h1_without_a_thread_the_error_says_so", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn h2_a_request_leaves_in_one_piece() {
    let (reads, read) = mpsc::channel();
    let address = bare_server(reads);
    // The longest that a key can be: longer than the usual buffer.
    for key in [API_KEY.to_owned(), "k".repeat(4096)] {
        let client = client(format!("http://{address}")).api_key(key).build().unwrap();
        for _ in 0..3 {
            client.get_balance().unwrap();
            assert!(read.recv().unwrap() > 200);
        }
    }
    assert!(read.try_recv().is_err(), "a request came in two pieces");
}

#[test]
fn h4_a_connection_that_went_stale_is_replaced_within_the_call() {
    for last_words in [Reply::new().close(), Reply::new().reset()] {
        let script = Script::handler(move |request| match (request.connection, request.ordinal) {
            (0, 1) => last_words.clone(),
            _ => ok(),
        });
        let server = Server::start(script).unwrap();
        let client = client(server.url()).build().unwrap();
        client.get_balance().unwrap();
        client.get_balance().unwrap();
        assert_eq!((server.requests(), server.connections()), (3, 2));
    }
    // Without a request in between: the pool sees it first.
    for end in [ok().close(), ok().reset()] {
        let server = Server::start(end).unwrap();
        let client = client(server.url()).build().unwrap();
        for _ in 0..3 {
            client.get_balance().unwrap();
            assert!(server.wait_until_closed(PATIENCE));
        }
        assert_eq!((server.requests(), server.connections()), (3, 3));
    }
}

/// A server may say so as it closes an idle connection, and cross the request with that.
#[test]
fn h4_a_408_on_a_connection_that_was_kept_is_no_answer_to_the_request() {
    let late = || Reply::status(408).header("Connection", "close").close();
    let server = Server::start(Script::handler(move |request| match (request.connection, request.ordinal) {
        (0, 1) => late(),
        _ => ok(),
    }))
    .unwrap();
    let client = client(server.url()).max_retries(0).build().unwrap();
    client.get_balance().unwrap();
    client.get_balance().unwrap();
    assert_eq!((server.requests(), server.connections()), (3, 2));

    // On a new connection it is one attempt, and the free retry is one.
    let server = Server::start([ok(), late(), late(), late()]).unwrap();
    let client = common::client(server.url()).max_retries(2).build().unwrap();
    client.get_balance().unwrap();
    let error = client.get_balance().unwrap_err();
    assert_eq!((error.kind(), error.http_status(), server.requests()), (ErrorKind::BadRequest, Some(408), 3));
}

#[test]
fn h4_a_reply_that_had_begun_is_no_stale_connection() {
    let script = Script::handler(|request| match request.ordinal {
        0 => ok(),
        _ => Reply::raw("H").close(),
    });
    let server = Server::start(script).unwrap();
    let client = client(server.url()).build().unwrap();
    client.get_balance().unwrap();
    let error = client.get_balance().unwrap_err();
    assert_eq!((error.kind(), error.attempts().len(), server.requests()), (ErrorKind::Network, 1, 2));
}

#[test]
fn h5_bursts_need_no_more_connections_than_threads() {
    const THREADS: usize = 32;
    let server = Server::start(ok()).unwrap();
    let client = client(server.url()).build().unwrap();
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..50 {
                    barrier.wait();
                    client.get_balance().unwrap();
                }
            });
        }
    });
    assert_eq!(server.requests(), THREADS * 50);
    assert!(server.connections() <= THREADS, "{} connections", server.connections());
    drop(client);
    assert!(server.wait_until_closed(PATIENCE));
}

#[test]
fn a_connection_is_used_again_only_after_a_whole_reply_that_keeps_it() {
    for not_kept in [
        ok().header("Connection", "close"),
        Reply::raw("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        ok().send("x"),
        Reply::json(200, "[".repeat(200)),
        // A 204 has no body, so these bytes are invalid.
        Reply::raw("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n"),
        Reply::raw("HTTP/1.1 304 Not Modified\r\n\r\n"),
        // Its end is told twice.
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    ] {
        let server = Server::start(not_kept.clone()).unwrap();
        let client = client(server.url()).max_reply_bytes(100).build().unwrap();
        let _ = client.get_balance();
        // Bytes after a reply may arrive later than the reply.
        let _ = client.get_balance();
        let _ = client.get_balance();
        assert!(server.connections() >= 2, "{not_kept:?}");
    }
}

#[test]
fn h11_a_dead_first_address_does_not_block_the_second() {
    let dropped = SynDropped::start().unwrap();
    let refused = refused_addr().unwrap();
    for port in [dropped.addr().port(), refused.addr().port()] {
        let second = Listen { host: SECOND_HOST.to_string(), port, ..Listen::default() };
        let _server = Server::listen(ok(), &second).unwrap();
        for addresses in [
            vec![LOCALHOST, SECOND_HOST],
            // Nothing listens on the loopback of the other family.
            vec!["::1".parse().unwrap(), LOCALHOST, SECOND_HOST],
        ] {
            let client = named(port).lookup(move |_| Ok(addresses.clone())).build().unwrap();
            client.get_balance().unwrap();
        }
    }
}

#[test]
fn h11_many_addresses_that_all_refuse_are_one_clear_error() {
    let refused = refused_addr().unwrap();
    let lookups = Arc::new(AtomicUsize::new(0));
    let client = named(refused.addr().port()).lookup(counting(&lookups, vec![LOCALHOST; 40])).build().unwrap();
    for _ in 0..2 {
        let error = client.get_balance().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert!(error.message().contains("wix.test") && error.message().contains("refused"), "{error}");
        assert_eq!(error.attempts()[0].phase(), Phase::Connect);
    }
    assert_eq!(lookups.load(Ordering::SeqCst), 2, "addresses that lead nowhere are not kept");
}

#[test]
fn h17_a_panic_in_a_call_leaves_the_client_whole() {
    let server = Server::start([Reply::new().mute(), ok()]).unwrap();
    let client: Client = client(server.url()).build().unwrap();
    let call = Call::new().interrupted_by(|| panic!("as an interrupt might"));
    assert!(catch_unwind(AssertUnwindSafe(|| client.get_balance_with(&call))).is_err());
    client.get_balance().unwrap();
}

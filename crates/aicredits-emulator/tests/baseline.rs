//! Counts threads and descriptors in a separate process. It has a single test, so that no other test changes the counts.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use aicredits_emulator::script::{Reply, Script, Server, SynDropped, refused_addr};
use aicredits_emulator::{Emulator, Options};

const PATIENCE: Duration = Duration::from_secs(20);

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

fn counts() -> (usize, usize) {
    (entries("/proc/self/task"), entries("/proc/self/fd"))
}

#[test]
fn a_dropped_server_or_emulator_leaves_no_thread_and_no_descriptor() {
    let before = counts();
    for _ in 0..20 {
        let script = Script::handler(|request| match request.ordinal {
            0 => Reply::status(200),
            _ => Reply::new().mute(),
        });
        let server = Server::start(script.on_connect(|number| match number % 4 {
            0 => Reply::new().reset(),
            1 => Reply::new().delay(Duration::from_secs(3600)),
            _ => Reply::new(),
        }))
        .unwrap();
        let connect = |_| TcpStream::connect(server.addr()).unwrap();
        let mut clients: Vec<TcpStream> = (0..16).map(connect).collect();
        for client in clients.iter_mut().skip(2).step_by(4) {
            client.write_all("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2).as_bytes()).unwrap();
            let mut status = [0; 12];
            client.read_exact(&mut status).unwrap();
            assert_eq!(&status, b"HTTP/1.1 200");
        }
        assert!(server.wait_for_connections(16, PATIENCE));
        drop(server);
    }
    drop((refused_addr().unwrap(), SynDropped::start().unwrap()));
    for tls in [false, true] {
        for _ in 0..10 {
            let emulator = Emulator::with(Options { tls, ..Options::default() }).unwrap();
            let connect = |_| TcpStream::connect(emulator.server().addr()).unwrap();
            let mut clients: Vec<TcpStream> = (0..8).map(connect).collect();
            // Half a request, or half a handshake.
            clients.iter_mut().step_by(2).for_each(|client| client.write_all(b"\x16\x03").unwrap());
            assert!(emulator.server().wait_for_connections(8, PATIENCE));
        }
    }

    // A joined thread can be in /proc for a moment longer.
    let begun = Instant::now();
    while counts() != before && begun.elapsed() < PATIENCE {
        thread::yield_now();
    }
    assert_eq!(counts(), before);
}

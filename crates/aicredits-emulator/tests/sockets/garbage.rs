//! Bytes that no client should send: the next client is served all the same.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use aicredits_emulator::{Emulator, Options, PATH, example};

use crate::client::{Client, PATIENCE};
use crate::random::Random;

/// Of this run, or of the variable `SEED`.
fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(now);
    println!("SEED={seed}");
    seed
}

fn request() -> Vec<u8> {
    let (key, account) = (example::API_KEY, example::ACCOUNT_ID);
    let headers = format!("Host: h\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\nContent-Length: 2\r\n");
    format!("POST {PATH} HTTP/1.1\r\n{headers}\r\n{{}}").into_bytes()
}

/// Some kind of garbage.
fn garbage(random: &mut Random) -> Vec<u8> {
    let mut bytes = request();
    match random.below(7) {
        0 => bytes = (0..random.below(3000)).map(|_| random.next() as u8).collect(),
        1 => bytes.truncate(random.below(bytes.len())),
        2 => {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] = random.next() as u8;
            }
        }
        3 => {
            let (at, byte) = (random.below(bytes.len()), b"\r\n\0: %"[random.below(6)]);
            let run = vec![byte; random.below(100_000)];
            bytes.splice(at..at, run);
        }
        4 => {
            let part: Vec<u8> = bytes[..random.below(bytes.len())].to_vec();
            bytes = part.repeat(1 + random.below(50));
        }
        5 => {
            bytes = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for _ in 0..random.below(20) {
                write!(bytes, "{:x}\r\n", random.next() >> random.below(64)).unwrap();
                bytes.extend((0..random.below(40)).map(|_| random.next() as u8));
            }
        }
        _ => {
            bytes = b"POST /_emulator/spend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n".to_vec();
            let body: Vec<u8> = (0..random.below(200)).map(|_| b"{}[]\",:0-e1\\u"[random.below(13)]).collect();
            write!(bytes, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
            bytes.extend(body);
        }
    }
    bytes
}

/// Sends it in one or several pieces, and then leaves in one of several ways.
fn throw(addr: SocketAddr, random: &mut Random) {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let bytes = garbage(random);
    let (first, second) = bytes.split_at(random.below(bytes.len() + 1));
    // The server may have closed.
    let _ = stream.write_all(first).and_then(|()| stream.write_all(second));
    if random.below(2) == 0 {
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

#[test]
fn garbage_on_the_socket_never_takes_it_down() {
    let seed = seed();
    let emulator = Emulator::start().unwrap();
    let over_tls = Emulator::with(Options { tls: true, ..Options::default() }).unwrap();
    let (addr, tls_addr) = (emulator.server().addr(), over_tls.server().addr());
    let thrown = AtomicU64::new(0);
    thread::scope(|scope| {
        for number in 0..4 {
            let thrown = &thrown;
            scope.spawn(move || {
                let mut random = Random::new(seed.wrapping_add(number));
                for _ in 0..250 {
                    throw(addr, &mut random);
                    throw(tls_addr, &mut random);
                    thrown.fetch_add(2, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(thrown.into_inner(), 2000);
    let mut client = Client::connect(addr);
    client.send(request());
    let reply = client.receive();
    assert_eq!(reply.status, 200, "{}", reply.text());
    drop(client);
    assert!(emulator.server().wait_until_closed(PATIENCE), "a connection hangs");
    assert!(over_tls.server().wait_until_closed(PATIENCE), "a connection over TLS hangs");
}

//! The load generator: many connections that are kept, and a request at a time on each.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::reply::EXAMPLE;

/// Threads of the generator. Each writes a request on all its connections before it reads the replies, so that it needs
/// less of the processors than the server does.
const THREADS: usize = 2;
/// Connections of a thread.
const CONNECTIONS: usize = 16;
/// A server that is slower has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends `requests` in all, each with a body of so many bytes, and returns how long that took.
pub(crate) fn run(addr: SocketAddr, requests: usize, body_bytes: usize) -> Result<Duration, String> {
    let rounds = requests.div_ceil(THREADS * CONNECTIONS);
    let request = request(body_bytes);
    let begun = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| converse(addr, rounds, &request))).collect();
        let ended = threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?);
        ended.collect::<Result<Vec<()>, String>>()
    })?;
    Ok(begun.elapsed())
}

/// The requests that `run` really sends.
pub(crate) fn sent(requests: usize) -> usize {
    requests.next_multiple_of(THREADS * CONNECTIONS)
}

fn request(body_bytes: usize) -> Vec<u8> {
    let head = [
        "POST /appmarket/credittransactions/v1/credit-transactions/balance HTTP/1.1",
        "Host: 127.0.0.1",
        // The key and the account of the emulator's example.
        "Authorization: IST.emulator-example-api-key-not-a-secret",
        "wix-account-id: 0a1b2c3d-0000-4000-8000-00000000acc0",
        "Content-Type: application/json",
        &format!("Content-Length: {body_bytes}"),
    ];
    format!("{}\r\n\r\n{{{}}}", head.join("\r\n"), " ".repeat(body_bytes - 2)).into_bytes()
}

fn converse(addr: SocketAddr, rounds: usize, request: &[u8]) -> Result<(), String> {
    let connect = |_| {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    };
    let failed = |error: io::Error| format!("the load: {error}");
    let mut streams: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect::<io::Result<_>>().map_err(failed)?;
    let mut buffer = vec![0; 16 * 1024];
    for _ in 0..rounds {
        for stream in &mut streams {
            stream.write_all(request).map_err(failed)?;
        }
        for stream in &mut streams {
            receive(stream, &mut buffer)?;
        }
    }
    Ok(())
}

/// Reads one reply, and checks that it is the balance.
fn receive(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<(), String> {
    let mut length = 0;
    loop {
        let received = &buffer[..length];
        if let Some(at) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            && length == at + 4 + EXAMPLE.len()
        {
            return if received.starts_with(b"HTTP/1.1 200 ") && received.ends_with(EXAMPLE.as_bytes()) {
                Ok(())
            } else {
                Err(format!("the load: not the balance: {}", String::from_utf8_lossy(received)))
            };
        }
        match stream.read(&mut buffer[length..]) {
            Ok(0) => return Err(format!("the load: the end after {}", String::from_utf8_lossy(&buffer[..length]))),
            Ok(count) => length += count,
            Err(error) => return Err(format!("the load: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn it_sends_what_it_says_and_checks_each_reply() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let reply = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let serve = |body: &'static str| {
            let listener = listener.try_clone().unwrap();
            thread::spawn(move || {
                for stream in listener.incoming().take(THREADS * CONNECTIONS) {
                    thread::spawn(move || {
                        let (mut stream, length) = (stream.unwrap(), request(9).len());
                        let mut request = vec![0; length];
                        while stream.read_exact(&mut request).is_ok() {
                            assert!(request.ends_with(b"\r\n\r\n{       }"));
                            stream.write_all(reply(body).as_bytes()).unwrap();
                        }
                    });
                }
            })
        };
        let served = serve(EXAMPLE);
        assert!(run(addr, 100, 9).is_ok());
        served.join().unwrap();
        assert_eq!(sent(100), 128);
        let other: &'static str = Box::leak("x".repeat(EXAMPLE.len()).into_boxed_str());
        serve(other);
        assert!(run(addr, 100, 9).unwrap_err().contains("not the balance"));
    }
}

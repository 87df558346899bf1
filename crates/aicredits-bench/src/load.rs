//! The load generator: many connections that are kept, and a request at a time on each.

use std::borrow::Cow;
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

/// The requests of a load, by their numbers, and the end of each reply.
struct Load<'l> {
    request: &'l (dyn Fn(usize) -> Cow<'l, [u8]> + Sync),
    reply_ends_with: &'l str,
}

/// Asks for so many balances, each with a body of so many bytes, and returns how long that took.
pub(crate) fn balances(addr: SocketAddr, requests: usize, body_bytes: usize) -> Result<Duration, String> {
    let request = request(BALANCE, &format!("{{{}}}", " ".repeat(body_bytes - 2)));
    run(addr, requests, &Load { request: &|_| Cow::Borrowed(&request), reply_ends_with: EXAMPLE })
}

/// Runs so many paid actions. Each has a separate idempotency key, a number from `first` on.
pub(crate) fn paid_actions(addr: SocketAddr, requests: usize, first: usize) -> Result<Duration, String> {
    let body = |number| format!(r#"{{"cost":1,"idempotency_key":"{}"}}"#, first + number);
    let request = |number| Cow::Owned(request("/_emulator/paid-action", &body(number)));
    run(addr, requests, &Load { request: &request, reply_ends_with: r#","charged":1,"repeated":false}"# })
}

/// Buys credits for the paid actions.
pub(crate) fn top_up(addr: SocketAddr, amount: usize) -> Result<(), String> {
    let mut stream = TcpStream::connect(addr).map_err(failed)?;
    let request = request("/_emulator/top_up", &format!(r#"{{"amount":{amount}}}"#));
    stream.write_all(&request).map_err(failed)?;
    receive(&mut stream, &mut [0; 4096], "}")
}

fn run(addr: SocketAddr, requests: usize, load: &Load<'_>) -> Result<Duration, String> {
    let rounds = requests.div_ceil(THREADS * CONNECTIONS);
    let begun = Instant::now();
    thread::scope(|scope| {
        let one = |thread| scope.spawn(move || converse(addr, rounds, load, thread * rounds * CONNECTIONS));
        let threads: Vec<_> = (0..THREADS).map(one).collect();
        let ended = threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?);
        ended.collect::<Result<Vec<()>, String>>()
    })?;
    Ok(begun.elapsed())
}

/// The requests that are really sent.
pub(crate) fn sent(requests: usize) -> usize {
    requests.next_multiple_of(THREADS * CONNECTIONS)
}

const BALANCE: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";

fn request(path: &str, body: &str) -> Vec<u8> {
    let head = [
        &format!("POST {path} HTTP/1.1"),
        "Host: 127.0.0.1",
        // The key and the account of the emulator's example.
        "Authorization: IST.emulator-example-api-key-not-a-secret",
        "wix-account-id: 0a1b2c3d-0000-4000-8000-00000000acc0",
        "Content-Type: application/json",
        &format!("Content-Length: {}", body.len()),
    ];
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}

fn failed(error: io::Error) -> String {
    format!("the load: {error}")
}

/// `first`: the number of this thread's first request.
fn converse(addr: SocketAddr, rounds: usize, load: &Load<'_>, first: usize) -> Result<(), String> {
    let connect = |_| {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    };
    let mut streams: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect::<io::Result<_>>().map_err(failed)?;
    let mut buffer = vec![0; 16 * 1024];
    let mut numbers = first..;
    for _ in 0..rounds {
        for (stream, number) in streams.iter_mut().zip(&mut numbers) {
            stream.write_all(&(load.request)(number)).map_err(failed)?;
        }
        for stream in &mut streams {
            receive(stream, &mut buffer, load.reply_ends_with)?;
        }
    }
    Ok(())
}

/// Reads one reply, and checks its status and its end.
fn receive(stream: &mut TcpStream, buffer: &mut [u8], ends_with: &str) -> Result<(), String> {
    let mut length = 0;
    loop {
        let received = &buffer[..length];
        if let Some(at) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            && length == at + 4 + content_length(&received[..at])?
        {
            return if received.starts_with(b"HTTP/1.1 200 ") && received.ends_with(ends_with.as_bytes()) {
                Ok(())
            } else {
                Err(format!("the load: not the reply: {}", String::from_utf8_lossy(received)))
            };
        }
        match stream.read(&mut buffer[length..]) {
            Ok(0) => return Err(format!("the load: the end after {}", String::from_utf8_lossy(&buffer[..length]))),
            Ok(count) => length += count,
            Err(error) => return Err(failed(error)),
        }
    }
}

fn content_length(head: &[u8]) -> Result<usize, String> {
    const NAME: &[u8] = b"\r\ncontent-length:";
    let name = head.windows(NAME.len()).position(|name| name.eq_ignore_ascii_case(NAME));
    let value = name.and_then(|at| str::from_utf8(&head[at + NAME.len()..]).ok()?.lines().next()?.trim().parse().ok());
    value.ok_or_else(|| format!("the load: no length: {}", String::from_utf8_lossy(head)))
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
                        let (mut stream, length) = (stream.unwrap(), request(BALANCE, "{       }").len());
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
        assert!(balances(addr, 100, 9).is_ok());
        served.join().unwrap();
        assert_eq!(sent(100), 128);
        let other: &'static str = Box::leak("x".repeat(EXAMPLE.len()).into_boxed_str());
        serve(other);
        assert!(balances(addr, 100, 9).unwrap_err().contains("not the reply"));
    }
}

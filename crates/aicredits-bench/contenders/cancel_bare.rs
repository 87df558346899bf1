//! The bare socket: from shutting it down to the return of a read on another thread.

use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

mod protocol;

const UNDER_WAY: Duration = Duration::from_millis(5);

fn main() {
    let url = protocol::setting("AICREDITS_BASE_URL");
    let address = url.strip_prefix("http://").expect("no TLS");
    protocol::answer(|count| {
        protocol::times(count, || {
            let stream = TcpStream::connect(address).expect("connect");
            thread::scope(|scope| {
                let running = scope.spawn(|| ((&stream).read(&mut [0; 1]), Instant::now()));
                thread::sleep(UNDER_WAY);
                let ended = Instant::now();
                stream.shutdown(Shutdown::Both).expect("shutdown");
                let (_, returned) = running.join().expect("no panic");
                returned.saturating_duration_since(ended)
            })
        })
    });
}

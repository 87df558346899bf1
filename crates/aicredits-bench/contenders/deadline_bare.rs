//! The bare socket: how long a read takes that is never answered and has a timeout.

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

mod protocol;

fn main() {
    let url = protocol::setting("AICREDITS_BASE_URL");
    let stream = TcpStream::connect(url.strip_prefix("http://").expect("no TLS")).expect("connect");
    let timeout = Duration::from_millis(protocol::setting("BENCH_TIMEOUT_MS").parse().expect("milliseconds"));
    stream.set_read_timeout(Some(timeout)).expect("SO_RCVTIMEO");
    protocol::run(|| || assert!((&stream).read(&mut [0; 1]).is_err(), "nobody answers"));
}

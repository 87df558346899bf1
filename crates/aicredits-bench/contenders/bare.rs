//! The bare socket: one `send` and one `recv` of the same bytes, without parsing. It is the reference for all others.

use std::io::{Read, Write};
use std::net::TcpStream;

mod protocol;

const HEAD: &str = "POST /appmarket/credittransactions/v1/credit-transactions/balance HTTP/1.1\r\n\
    Content-Type: application/json\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n\
    User-Agent: bare/1\r\nContent-Length: 2\r\n";

fn main() {
    let url = protocol::setting("AICREDITS_BASE_URL");
    let address = url.strip_prefix("http://").expect("the bare socket speaks no TLS").to_owned();
    let key = protocol::setting("WIX_API_KEY");
    let account = protocol::setting("WIX_ACCOUNT_ID");
    let request = format!("{HEAD}Host: {address}\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\n\r\n{{}}");
    let closes = std::env::var_os("BENCH_CLOSES").is_some();
    protocol::run(|| {
        let (mut stream, mut reply) = (None, [0; 4096]);
        let (address, request) = (&address, &request);
        move || {
            let socket = stream.get_or_insert_with(|| connect(address));
            socket.write_all(request.as_bytes()).expect("send");
            let mut length = 0;
            while !reply[..length].ends_with(b"]}]}") {
                let count = socket.read(&mut reply[length..]).expect("recv");
                assert_ne!(count, 0, "the reply was cut");
                length += count;
            }
            if closes {
                stream = None;
            }
        }
    });
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connect");
    stream.set_nodelay(true).expect("TCP_NODELAY");
    stream
}

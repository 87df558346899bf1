//! A control request over HTTP.

use std::net::SocketAddr;

use crate::client::{Client, Received};

/// A request on a new connection, with these header lines and this body. `Host` is the address, unless the headers have one.
pub(crate) fn send(addr: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Received {
    send_on(&mut Client::connect(addr), addr, method, target, headers, body)
}

/// The same on a connection that is open.
pub(crate) fn send_on(
    client: &mut Client,
    addr: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Received {
    let mut head = format!("{method} {target} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    if headers.iter().all(|(name, _)| *name != "Host") {
        head += &format!("Host: {addr}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    client.send(format!("{head}\r\n{body}"));
    client.receive()
}

pub(crate) const JSON: (&str, &str) = ("Content-Type", "application/json");

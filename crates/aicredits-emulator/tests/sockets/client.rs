//! The least of an HTTP client, on a bare socket: it sends what it is told and shows what came back.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Far beyond what anything here takes, and short of a hanging test run.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A reply whose length its head told.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    /// Its bytes up to the body.
    pub(crate) head: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Reads one reply by its `Content-Length`.
    pub(crate) fn receive(&mut self) -> Received {
        let head_end = loop {
            if let Some(at) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more();
        };
        let head = String::from_utf8(self.received.drain(..head_end).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> =
            lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.into(), value.into())).collect();
        let mut reply = Received { status, headers, head: head.clone(), body: Vec::new() };
        let length: usize = reply.header("content-length").unwrap().parse().unwrap();
        while self.received.len() < length {
            self.read_more();
        }
        reply.body = self.received.drain(..length).collect();
        reply
    }

    /// Whether nothing comes for this long, and the connection stays open.
    pub(crate) fn receives_nothing_for(&mut self, time: Duration) -> bool {
        self.stream.set_read_timeout(Some(time)).unwrap();
        let error = self.stream.read(&mut [0]).err();
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        error.is_some_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    /// Reads exactly these bytes.
    pub(crate) fn expect(&mut self, text: &str) {
        while self.received.len() < text.len() {
            self.read_more();
        }
        let received: Vec<u8> = self.received.drain(..text.len()).collect();
        assert_eq!(String::from_utf8_lossy(&received), text);
    }

    /// Everything up to the end of the connection, and how it ended.
    pub(crate) fn receive_to_end(mut self) -> (Vec<u8>, std::io::Result<()>) {
        let end = self.stream.read_to_end(&mut self.received).map(drop);
        (self.received, end)
    }

    fn read_more(&mut self) {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).unwrap();
        assert!(count > 0, "the connection ended after {:?}", String::from_utf8_lossy(&self.received));
        self.received.extend_from_slice(&chunk[..count]);
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

//! The server for all contenders: one thread per connection, the same bytes for all. Each contender has its own port, so
//! that its connections can be counted.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;

use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

use crate::reply;

/// The end of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It is kept for the next request.
    KeepAlive,
    /// It ends with the reply, which says so.
    Close,
    /// It never brings a reply.
    Mute,
    /// Replies wait until so many requests are there: so many connections are in use at once.
    Gather(usize),
    /// Kept, and every reply has more credits than a benchmark spends.
    Rich,
}

/// A port that is listened to until the process ends.
pub(crate) struct Server {
    address: SocketAddr,
    has_tls: bool,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    resumed: AtomicUsize,
    requests: AtomicUsize,
}

impl Server {
    pub(crate) fn start(manner: Manner, tls: Option<Arc<ServerConfig>>) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = Server { address: listener.local_addr()?, has_tls: tls.is_some(), seen: Arc::default() };
        let seen = Arc::clone(&server.seen);
        let barrier = Arc::new(Barrier::new(if let Manner::Gather(count) = manner { count } else { 1 }));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, barrier, tls) = (Arc::clone(&seen), Arc::clone(&barrier), tls.clone());
                seen.connections.fetch_add(1, Relaxed);
                // The contender reports an error of its connection.
                thread::spawn(move || match tls {
                    None => answer(stream, manner, &seen, &barrier),
                    Some(config) => answer_tls(stream, config, manner, &seen, &barrier),
                });
            }
        });
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", if self.has_tls { "https" } else { "http" }, self.address)
    }

    pub(crate) fn has_tls(&self) -> bool {
        self.has_tls
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Relaxed)
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Relaxed)
    }

    /// How many connections resumed a TLS session.
    pub(crate) fn resumed(&self) -> usize {
        self.seen.resumed.load(Relaxed)
    }
}

fn answer(mut stream: TcpStream, manner: Manner, seen: &Seen, barrier: &Barrier) -> io::Result<()> {
    stream.set_nodelay(true)?;
    converse(&mut stream, manner, seen, barrier)
}

fn answer_tls(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    manner: Manner,
    seen: &Seen,
    barrier: &Barrier,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    if stream.conn.handshake_kind() == Some(HandshakeKind::Resumed) {
        seen.resumed.fetch_add(1, Relaxed);
    }
    converse(&mut stream, manner, seen, barrier)?;
    stream.conn.send_close_notify();
    stream.flush()?;
    stream.sock.shutdown(Shutdown::Write)?;
    // A socket that is closed with something unread in it resets the connection, and the reply may be lost with it.
    io::copy(&mut stream.sock, &mut io::sink())?;
    Ok(())
}

fn converse(stream: &mut (impl Read + Write), manner: Manner, seen: &Seen, barrier: &Barrier) -> io::Result<()> {
    let body = if manner == Manner::Rich { reply::RICH } else { reply::EXAMPLE };
    let reply = reply::with_head(if manner == Manner::Close { "close" } else { "keep-alive" }, body);
    let (mut piece, mut held) = ([0; 4096], Vec::with_capacity(4096));
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        held.extend_from_slice(&piece[..count]);
        if !held.ends_with(b"\r\n\r\n{}") {
            continue;
        }
        held.clear();
        seen.requests.fetch_add(1, Relaxed);
        match manner {
            Manner::Mute => continue,
            Manner::Gather(_) => _ = barrier.wait(),
            Manner::KeepAlive | Manner::Close | Manner::Rich => {}
        }
        stream.write_all(&reply)?;
        stream.flush()?;
        if manner == Manner::Close {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(stream: &mut TcpStream, pieces: &[&[u8]]) -> Vec<u8> {
        for piece in pieces {
            stream.write_all(piece).unwrap();
        }
        let mut reply = vec![0; reply::with_head("keep-alive", reply::EXAMPLE).len()];
        stream.read_exact(&mut reply).unwrap();
        reply
    }

    #[test]
    fn it_answers_each_whole_request_and_counts() {
        let server = Server::start(Manner::KeepAlive, None).unwrap();
        let mut stream = TcpStream::connect(server.address).unwrap();
        for pieces in [&[b"POST / HTTP/1.1\r\n\r\n{}".as_slice()] as &[&[u8]], &[b"POST / HTTP/1.1\r\n\r\n", b"{}"]] {
            assert_eq!(exchange(&mut stream, pieces), reply::with_head("keep-alive", reply::EXAMPLE));
        }
        assert_eq!(server.connections(), 1);
    }

    #[test]
    fn it_closes_where_it_said_so() {
        let server = Server::start(Manner::Close, None).unwrap();
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\n\r\n{}").unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        assert_eq!(reply, reply::with_head("close", reply::EXAMPLE));
    }
}

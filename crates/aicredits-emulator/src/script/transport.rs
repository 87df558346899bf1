//! The way of a connection's bytes: a TCP stream, with TLS or without.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use rustls::{HandshakeKind, ServerConfig, ServerConnection};

use super::buffer::Buffer;

/// Larger pieces are not sealed or copied at once.
const PIECE: usize = 64 * 1024;

pub(super) struct Transport {
    stream: Arc<TcpStream>,
    session: Option<Box<ServerConnection>>,
    /// Bytes for the next flush: pieces that are sent together leave in one packet, if they fit.
    outgoing: Buffer,
    flushed: Instant,
}

impl Transport {
    /// Without TLS.
    pub(super) fn new(stream: Arc<TcpStream>) -> Self {
        Self { stream, session: None, outgoing: Buffer::default(), flushed: Instant::now() }
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// From now on the connection is TLS's. `ahead` is what the client has already sent.
    ///
    /// The handshake takes place in the reads.
    pub(super) fn start_tls(&mut self, config: Arc<ServerConfig>, mut ahead: &[u8]) -> io::Result<()> {
        let mut session = Box::new(ServerConnection::new(config).map_err(io::Error::other)?);
        // A reply of any length is taken: `send` bounds the pieces.
        session.set_buffer_limit(None);
        self.session = Some(session);
        while !ahead.is_empty() {
            self.take_records(&mut ahead)?;
        }
        Ok(())
    }

    /// Whether the handshake is not over.
    pub(super) fn is_handshaking(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_handshaking())
    }

    /// Whether the session was resumed. `false` before the handshake is over, and without TLS.
    pub(super) fn is_resumed(&self) -> bool {
        let kind = self.session.as_ref().and_then(|session| session.handshake_kind());
        kind == Some(HandshakeKind::Resumed)
    }

    /// Waits for bytes from the client. 0: the client has ended the connection.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(session) = &mut self.session else {
                return (&*self.stream).read(buffer);
            };
            match session.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
            let stream = Arc::clone(&self.stream);
            if self.take_records(&mut &*stream)? == 0 {
                return Ok(0);
            }
        }
    }

    /// Reads records once, and answers those of the handshake.
    fn take_records(&mut self, source: &mut dyn Read) -> io::Result<usize> {
        let Some(session) = &mut self.session else { return Ok(0) };
        let count = session.read_tls(source)?;
        let processed = session.process_new_packets();
        // After an error this is the alert that says why.
        while session.wants_write() {
            session.write_tls(&mut self.outgoing)?;
        }
        self.flush()?;
        processed.map_err(io::Error::other)?;
        Ok(count)
    }

    /// Adds bytes to the next flush. Over TLS they are separate records.
    pub(super) fn queue(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE) {
            match &mut self.session {
                None => self.outgoing.extend(piece),
                Some(session) => {
                    session.writer().write_all(piece)?;
                    while session.wants_write() {
                        session.write_tls(&mut self.outgoing)?;
                    }
                }
            }
            if self.outgoing.len() >= PIECE {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Adds bytes to the next flush that TLS does not seal.
    pub(super) fn queue_unsealed(&mut self, bytes: &[u8]) {
        self.outgoing.extend(bytes);
    }

    /// Adds TLS's goodbye to the next flush, if there is TLS.
    pub(super) fn queue_close_notify(&mut self) -> io::Result<()> {
        let Some(session) = &mut self.session else { return Ok(()) };
        session.send_close_notify();
        while session.wants_write() {
            session.write_tls(&mut self.outgoing)?;
        }
        Ok(())
    }

    /// When the last bytes began to leave. The client has them no earlier.
    pub(super) fn flushed(&self) -> Instant {
        self.flushed
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        if !self.outgoing.is_empty() {
            self.flushed = Instant::now();
        }
        let written = (&*self.stream).write_all(&self.outgoing);
        self.outgoing.clear();
        written
    }
}

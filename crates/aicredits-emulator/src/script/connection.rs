//! One connection: requests are read, replies are played.

use std::borrow::Cow;
use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use socket2::SockRef;

use super::arrivals::Arrivals;
use super::budget::Budget;
use super::buffer::{Buffer, wipe};
use super::parse::{self, Refused};
use super::reply::{End, Manner, Payload, Reply, Step};
use super::request::Request;
use super::service::Delivery;
use super::stop::Stop;
use super::transport::Transport;

/// The most bytes that a client may send during a delay of the server. More end the connection.
const AHEAD_LIMIT: usize = 4 * 1024 * 1024;
/// A client that was refused may still be sending. It reads the refusal if its bytes are taken meanwhile.
const LINGER: Duration = Duration::from_secs(1);

/// How long the server waits for the first line of a connection, if its service wants that.
const FIRST_LINE_PATIENCE: Duration = Duration::from_secs(1);
/// More than any control request needs.
const FIRST_LINE_LIMIT: usize = 8 * 1024;

/// The server's answers to the requests of a connection.
pub(super) trait Answering {
    fn wants_first_line(&self) -> bool;
    /// The greeting of a new connection, before any request is answered.
    fn greeting(&self, connection: usize, first: &[u8]) -> Option<Reply>;
    fn answer(&self, request: Request) -> Cow<'_, Reply>;
    fn refused(&self, refused: &Refused) -> Reply;
    fn ended(&self, reply: &Reply, delivery: Delivery, at: Instant);
    /// Whether a reply announces that its connection closes or, in HTTP/1.0, that it does not.
    fn announces(&self) -> bool;
}

/// The server's side of one connection. The stream is shared with the server, which shuts it down to end every wait.
pub(super) struct Connection<'a> {
    transport: Transport,
    /// TLS begins after the greeting.
    tls: Option<Arc<ServerConfig>>,
    /// Read, but not yet part of a request.
    received: Buffer,
    arrivals: Arrivals,
    number: usize,
    requests: usize,
    /// The longest time from a request's first byte to its last.
    request_timeout: Duration,
    has_read_timeout: bool,
    /// How much came, within TLS if there is TLS.
    received_bytes: &'a AtomicU64,
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        stream: Arc<TcpStream>,
        tls: Option<Arc<ServerConfig>>,
        number: usize,
        request_timeout: Duration,
        received_bytes: &'a AtomicU64,
    ) -> Self {
        Self {
            transport: Transport::new(stream),
            tls,
            received: Buffer::default(),
            arrivals: Arrivals::default(),
            number,
            requests: 0,
            request_timeout,
            has_read_timeout: false,
            received_bytes,
        }
    }

    /// Serves until either side ends the connection.
    pub(super) fn serve(mut self, answering: &impl Answering) {
        match self.converse(answering) {
            Stop::Ended(end) => self.end(end),
            Stop::Refused => self.linger(),
            Stop::Gone => {}
        }
    }

    fn converse(&mut self, answering: &impl Answering) -> Stop {
        if self.tls.is_none()
            && answering.wants_first_line()
            && let Err(stop) = self.receive_first_line()
        {
            return stop;
        }
        let greeting = answering.greeting(self.number, &self.received);
        let mut played = greeting.map_or(Ok(()), |greeting| self.play(&greeting, Manner::default()));
        if let (Ok(()), Some(tls)) = (&played, self.tls.take()) {
            if self.transport.start_tls(tls, &self.received).is_err() {
                return Stop::Gone;
            }
            self.received.clear();
            self.arrivals = Arrivals::default();
        }
        loop {
            if let Err(stop) = played {
                return stop;
            }
            played = match self.next_request() {
                Ok(Ok(request)) => self.answer(request, answering),
                Ok(Err(refused)) => {
                    let played = self.play(&answering.refused(&refused), Manner::default());
                    played.and(self.say_goodbye()).and(Err(Stop::Refused))
                }
                Err(stop) => Err(stop),
            };
        }
    }

    fn answer(&mut self, request: Request, answering: &impl Answering) -> Result<(), Stop> {
        let wants_close = request.wants_close();
        let connection = match request.version {
            _ if !answering.announces() => None,
            _ if wants_close => Some("close"),
            0 => Some("keep-alive"),
            _ => None,
        };
        let manner = Manner { head_only: request.method == "HEAD", connection };
        let reply = answering.answer(request);
        let played = self.play(&reply, manner);
        let delivery = match played {
            Ok(()) => Delivery::Complete,
            Err(Stop::Ended(end)) if !reply.is_cut(manner) && !reply.loses_its_end(end) => Delivery::Complete,
            Err(Stop::Ended(_) | Stop::Refused) => Delivery::Cut,
            Err(Stop::Gone) => Delivery::Gone,
        };
        // A client cannot act on the reply before this instant.
        let at = if delivery == Delivery::Complete { self.transport.flushed() } else { Instant::now() };
        answering.ended(&reply, delivery, at);
        played?;
        if wants_close {
            self.say_goodbye()?;
            return Err(Stop::Ended(End::Fin));
        }
        Ok(())
    }

    fn say_goodbye(&mut self) -> Result<(), Stop> {
        self.transport.queue_close_notify()?;
        Ok(self.transport.flush()?)
    }

    /// A client that says nothing does not keep the server from greeting it.
    fn receive_first_line(&mut self) -> Result<(), Stop> {
        let deadline = Instant::now().checked_add(FIRST_LINE_PATIENCE);
        let is_short = |received: &[u8]| !received.contains(&b'\n') && received.len() < FIRST_LINE_LIMIT;
        while is_short(&self.received) && self.receive(deadline)? {}
        Ok(())
    }

    fn next_request(&mut self) -> Result<Result<Request, Refused>, Stop> {
        let mut deadline = None;
        let (mut pending, arrived) = loop {
            self.skip_empty_lines();
            // An empty buffer is common, and no request.
            if self.has_begun() {
                match parse::head(&self.received) {
                    Ok(Some((pending, length))) => {
                        let arrived = self.arrivals.first().unwrap_or_else(Instant::now);
                        self.take(length);
                        break (pending, arrived);
                    }
                    Ok(None) => self.arrivals.join(),
                    Err(refused) => return Ok(Err(refused)),
                }
            }
            let is_idle = !self.has_begun() && !self.transport.is_handshaking();
            if is_idle {
                deadline = None;
            } else if deadline.is_none() {
                deadline = Instant::now().checked_add(self.request_timeout);
            }
            // A deadline for the handshake is over when the client is idle after it.
            if !self.receive(deadline)? && (self.has_begun() || self.transport.is_handshaking()) {
                return if self.transport.is_handshaking() { Err(Stop::Gone) } else { Ok(Err(Refused::late())) };
            }
        };
        loop {
            match pending.take(&self.received) {
                Ok((taken, complete)) => {
                    self.take(taken);
                    if complete {
                        break;
                    }
                }
                Err(refused) => return Ok(Err(refused)),
            }
            self.arrivals.join();
            if std::mem::take(&mut pending.expects_continue) && self.received.is_empty() {
                self.transport.queue(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                self.transport.flush()?;
            }
            deadline = deadline.or_else(|| Instant::now().checked_add(self.request_timeout));
            if !self.receive(deadline)? {
                return Ok(Err(Refused::late()));
            }
        }
        let mut request = pending.request();
        request.arrived = arrived;
        request.connection = self.number;
        request.ordinal = self.requests;
        request.tls_resumed = self.transport.is_resumed();
        self.requests += 1;
        Ok(Ok(request))
    }

    /// Empty lines before a request are no part of it (RFC 9112, 2.2): some clients end a body with one.
    fn skip_empty_lines(&mut self) {
        loop {
            match self.received[..] {
                [b'\r', b'\n', ..] => self.take(2),
                [b'\n', ..] => self.take(1),
                _ => break,
            }
        }
    }

    /// Whether a byte of the next request has come. A lone CR may be half of an empty line.
    fn has_begun(&self) -> bool {
        !matches!(&self.received[..], b"" | b"\r")
    }

    fn take(&mut self, count: usize) {
        self.received.consume(count);
        self.arrivals.take(count);
    }

    /// Waits for more bytes from the client. `false`: the deadline came first.
    fn receive(&mut self, deadline: Option<Instant>) -> Result<bool, Stop> {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
            self.set_read_timeout(left)?;
            match self.read() {
                Ok(0) => return Err(Stop::Gone),
                Ok(_) => return Ok(true),
                Err(error) if is_timeout(&error) || error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Stop::Gone),
            }
        }
    }

    /// Most reads have no timeout, and need no system call for it.
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        if timeout.is_some() || self.has_read_timeout {
            self.transport.stream().set_read_timeout(timeout)?;
            self.has_read_timeout = timeout.is_some();
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<usize> {
        let count = self.received.read_with(|room| self.transport.read(room))?;
        if count > 0 {
            self.arrivals.received(count, Instant::now());
        }
        if self.tls.is_none() {
            self.received_bytes.fetch_add(count as u64, Ordering::Relaxed);
        }
        Ok(count)
    }

    fn play(&mut self, reply: &Reply, manner: Manner) -> Result<(), Stop> {
        let played = self.play_steps(reply, manner);
        if matches!(played, Err(Stop::Ended(End::Fin))) && !reply.lacks_close_notify {
            self.transport.queue_close_notify()?;
        }
        // Bytes that come before a cut are sent as well.
        self.transport.flush()?;
        played
    }

    fn play_steps(&mut self, reply: &Reply, manner: Manner) -> Result<(), Stop> {
        let end = reply.end;
        let mut budget = Budget::new(reply.cut_after, end.unwrap_or(End::Fin));
        for step in &reply.steps {
            match step {
                Step::Send { payload, pause } => {
                    let mut rendered = Buffer::default();
                    let bytes = match payload {
                        Payload::Bytes(bytes) => bytes,
                        Payload::Message(message) => {
                            message.render(manner, &mut rendered);
                            &*rendered
                        }
                    };
                    match pause {
                        Some(pause) => self.drip(bytes, *pause, &mut budget)?,
                        None => self.send(bytes, &mut budget)?,
                    }
                }
                Step::Unsealed(bytes) => {
                    let (bytes, last) = budget.spend(bytes);
                    self.transport.queue_unsealed(bytes);
                    last?;
                }
                Step::CloseNotify => self.transport.queue_close_notify()?,
                Step::Delay(time) => self.wait(*time)?,
                Step::Mute => return self.wait_for_the_end(),
                Step::Endless(chunk) => loop {
                    self.send(chunk, &mut budget)?;
                    self.transport.flush()?;
                },
            }
        }
        end.map_or(Ok(()), |end| Err(Stop::Ended(end)))
    }

    fn send(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), Stop> {
        let (bytes, last) = budget.spend(bytes);
        self.transport.queue(bytes)?;
        Ok(last?)
    }

    fn drip(&mut self, bytes: &[u8], pause: Duration, budget: &mut Budget) -> Result<(), Stop> {
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 {
                self.wait(pause)?;
            }
            self.send(std::slice::from_ref(byte), budget)?;
            self.transport.flush()?;
        }
        Ok(())
    }

    /// Lets time pass, in a read: so that it ends at once when the client leaves or the server shuts the stream down.
    fn wait(&mut self, time: Duration) -> Result<(), Stop> {
        self.transport.flush()?;
        // Without a sum the time is for ever.
        let until = Instant::now().checked_add(time);
        while self.receive(until)? {
            if self.received.len() > AHEAD_LIMIT {
                return Err(Stop::Gone);
            }
        }
        Ok(())
    }

    fn wait_for_the_end(&mut self) -> Result<(), Stop> {
        self.transport.flush()?;
        loop {
            self.take(self.received.len());
            self.receive(None)?;
        }
    }

    fn end(self, end: End) {
        let mut stream = self.transport.stream();
        match end {
            End::Fin => {
                // Closing a socket with unread bytes resets it, and the client could lose the reply's last bytes.
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.set_nonblocking(true);
                let mut chunk = [0; 4096];
                while matches!(stream.read(&mut chunk), Ok(count) if count > 0) {}
                wipe(&mut chunk);
            }
            End::Reset => {
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
            }
        }
    }

    fn linger(self) {
        let mut stream = self.transport.stream();
        let _ = stream.shutdown(Shutdown::Write);
        let (until, mut taken) = (Instant::now() + LINGER, 0);
        let mut chunk = [0; 4096];
        while taken < AHEAD_LIMIT {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
                break;
            }
            match stream.read(&mut chunk) {
                Ok(count) if count > 0 => taken += count,
                _ => break,
            }
        }
        wipe(&mut chunk);
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

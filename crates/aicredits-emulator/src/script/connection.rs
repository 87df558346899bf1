//! One connection: requests are read, replies are played.

use std::borrow::Cow;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use socket2::SockRef;

use super::buffer::Buffer;
use super::reply::{End, Payload, Reply, Step};
use super::request::{self, Refused, Request};
use super::service::Delivery;
use super::transport::{Transport, discard};

/// The most bytes that a client may send during a delay of the server. More end the connection.
const AHEAD_LIMIT: usize = 4 * 1024 * 1024;

/// The server's side of one connection. The stream is shared with the server, which shuts it down to end every wait.
pub(super) struct Connection<'a> {
    transport: Transport,
    /// TLS begins after the greeting.
    tls: Option<Arc<ServerConfig>>,
    /// Read, but not yet part of a request.
    received: Buffer,
    /// When the first of those bytes was read.
    arrived: Instant,
    number: usize,
    requests: usize,
    /// How much came, within TLS if there is TLS.
    received_bytes: &'a AtomicU64,
}

/// Why a reply went no further.
#[derive(Clone, Copy)]
enum Stop {
    /// The script ends the connection here.
    Ended(End),
    /// The client left, or the server stops.
    Gone,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Stop::Gone
    }
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        stream: Arc<TcpStream>,
        tls: Option<Arc<ServerConfig>>,
        number: usize,
        received_bytes: &'a AtomicU64,
    ) -> Self {
        let transport = Transport::new(stream);
        let (received, arrived) = (Buffer::default(), Instant::now());
        Self { transport, tls, received, arrived, number, requests: 0, received_bytes }
    }

    /// Serves until either side ends the connection. `answer` is asked for the reply to each request, and `ended` learns
    /// how it ended.
    pub(super) fn serve<'r>(
        mut self,
        greeting: Option<&Reply>,
        answer: impl Fn(Request) -> Cow<'r, Reply>,
        ended: impl Fn(&Reply, Delivery),
    ) {
        if let Stop::Ended(end) = self.converse(greeting, answer, ended) {
            self.end(end);
        }
    }

    fn converse<'r>(
        &mut self,
        greeting: Option<&Reply>,
        answer: impl Fn(Request) -> Cow<'r, Reply>,
        ended: impl Fn(&Reply, Delivery),
    ) -> Stop {
        let mut played = greeting.map_or(Ok(()), |greeting| self.play(greeting));
        if let (Ok(()), Some(tls)) = (&played, self.tls.take()) {
            if self.transport.start_tls(tls, &self.received).is_err() {
                return Stop::Gone;
            }
            self.received.clear();
        }
        loop {
            if let Err(stop) = played {
                return stop;
            }
            played = match self.next_request() {
                Ok(Ok(request)) => {
                    let wants_close = request.wants_close();
                    let reply = answer(request);
                    let played = self.play(&reply);
                    let delivery = match played {
                        Ok(()) => Delivery::Complete,
                        Err(Stop::Ended(_)) if reply.cut_after.is_none() => Delivery::Complete,
                        Err(Stop::Ended(_)) => Delivery::Cut,
                        Err(Stop::Gone) => Delivery::Gone,
                    };
                    ended(&reply, delivery);
                    if wants_close && played.is_ok() { self.say_goodbye() } else { played }
                }
                Ok(Err(refused)) => self.play(&refusal(refused)),
                Err(stop) => Err(stop),
            };
        }
    }

    /// The end that the client asked for.
    fn say_goodbye(&mut self) -> Result<(), Stop> {
        self.transport.queue_close_notify()?;
        self.transport.flush()?;
        Err(Stop::Ended(End::Fin))
    }

    fn next_request(&mut self) -> Result<Result<Request, Refused>, Stop> {
        loop {
            // An empty buffer is common, and no request.
            if !self.received.is_empty() {
                match request::parse(&self.received) {
                    Ok(Some((mut request, taken))) => {
                        self.received.consume(taken);
                        request.arrived = self.arrived;
                        self.arrived = Instant::now();
                        request.connection = self.number;
                        request.ordinal = self.requests;
                        request.tls_resumed = self.transport.is_resumed();
                        self.requests += 1;
                        return Ok(Ok(request));
                    }
                    Ok(None) => {}
                    Err(refused) => return Ok(Err(refused)),
                }
            }
            self.receive()?;
        }
    }

    /// Waits for more bytes from the client.
    fn receive(&mut self) -> Result<(), Stop> {
        let was_empty = self.received.is_empty();
        loop {
            match self.read() {
                Ok(0) => return Err(Stop::Gone),
                Ok(_) => {
                    if was_empty {
                        self.arrived = Instant::now();
                    }
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Stop::Gone),
            }
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        let count = self.received.read_with(|room| self.transport.read(room))?;
        if self.tls.is_none() {
            self.received_bytes.fetch_add(count as u64, Ordering::Relaxed);
        }
        Ok(count)
    }

    fn play(&mut self, reply: &Reply) -> Result<(), Stop> {
        let played = self.play_steps(reply);
        if matches!(played, Err(Stop::Ended(End::Fin)))
            && !reply.lacks_close_notify
            && self.transport.queue_close_notify().is_err()
        {
            return Err(Stop::Gone);
        }
        // Bytes that come before a cut are sent as well.
        self.transport.flush()?;
        played
    }

    fn play_steps(&mut self, reply: &Reply) -> Result<(), Stop> {
        let end = reply.end;
        let mut budget = Budget { left: reply.cut_after, end: end.unwrap_or(End::Fin) };
        for step in &reply.steps {
            match step {
                Step::Send { payload, pause } => {
                    let rendered;
                    let bytes = match payload {
                        Payload::Bytes(bytes) => bytes,
                        Payload::Message(message) => {
                            rendered = message.bytes();
                            &rendered
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
        last
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
        let until = Instant::now() + time;
        let mut waited = Ok(());
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.transport.stream().set_read_timeout(Some(left))?;
            match self.read() {
                Ok(0) => waited = Err(Stop::Gone),
                Ok(_) if self.received.len() <= AHEAD_LIMIT => {}
                Ok(_) => waited = Err(Stop::Gone),
                Err(error) if is_timeout(&error) || error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => waited = Err(Stop::Gone),
            }
            if waited.is_err() {
                break;
            }
        }
        self.transport.stream().set_read_timeout(None)?;
        waited
    }

    fn wait_for_the_end(&mut self) -> Result<(), Stop> {
        self.transport.flush()?;
        loop {
            self.received.clear();
            self.receive()?;
        }
    }

    fn end(self, end: End) {
        let stream = self.transport.stream();
        match end {
            End::Fin => {
                // Closing a socket with unread bytes resets it, and the client could lose the reply's last bytes.
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.set_nonblocking(true);
                discard(stream, usize::MAX);
            }
            End::Reset => {
                let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
            }
        }
    }
}

/// How many bytes of a reply may still leave.
struct Budget {
    left: Option<u64>,
    end: End,
}

impl Budget {
    /// The part of `bytes` that may leave, and whether the reply goes on after it.
    fn spend<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Result<(), Stop>) {
        let Some(left) = &mut self.left else {
            return (bytes, Ok(()));
        };
        let allowed = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
        *left -= allowed as u64;
        let goes_on = if *left == 0 { Err(Stop::Ended(self.end)) } else { Ok(()) };
        (&bytes[..allowed], goes_on)
    }
}

fn refusal(refused: Refused) -> Reply {
    Reply::status(refused.status)
        .header("Content-Type", "text/plain")
        .header("Connection", "close")
        .body(format!("{}\n", refused.why))
        .close()
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

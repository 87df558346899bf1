//! The server: it listens, gives each connection a thread, keeps the journal, and stops when it is dropped.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use socket2::SockRef;

use super::connection::Connection;
use super::journal::Journal;
use super::listen::Listen;
use super::reply::Reply;
use super::request::Request;
use super::service::Service;

/// The behaviour of the server: its answer to each request, and its greeting of a connection.
pub struct Script {
    answers: Answers,
    on_connect: Option<Box<dyn Fn(usize) -> Reply + Send + Sync>>,
}

enum Answers {
    InTurn(Vec<Reply>),
    Handler(Box<dyn Fn(&Request) -> Reply + Send + Sync>),
    Service(Arc<dyn Service>),
}

impl Script {
    /// The n-th request of the server gets the n-th reply, and every later one the last.
    ///
    /// # Panics
    /// If there are no replies.
    pub fn replies(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = replies.into();
        assert!(!replies.is_empty(), "a script needs at least one reply");
        Self { answers: Answers::InTurn(replies), on_connect: None }
    }

    /// Each request is answered by `handler`, in the thread of its connection. If it panics, that connection closes.
    pub fn handler(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self { answers: Answers::Handler(Box::new(handler)), on_connect: None }
    }

    /// Each request is answered by the service. The server keeps no journal, because the service may keep its own.
    pub fn service(service: Arc<dyn Service>) -> Self {
        Self { answers: Answers::Service(service), on_connect: None }
    }

    /// Plays what `greet` returns on each new connection, given its number (from 0), before any request is read, and
    /// before the TLS handshake.
    ///
    /// `Reply::new()` changes nothing, `Reply::new().close()` closes at once, `Reply::new().mute()` never answers.
    pub fn on_connect(mut self, greet: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        self.on_connect = Some(Box::new(greet));
        self
    }
}

impl From<Reply> for Script {
    fn from(reply: Reply) -> Self {
        Self::replies([reply])
    }
}

impl From<Vec<Reply>> for Script {
    fn from(replies: Vec<Reply>) -> Self {
        Self::replies(replies)
    }
}

impl<const N: usize> From<[Reply; N]> for Script {
    fn from(replies: [Reply; N]) -> Self {
        Self::replies(replies)
    }
}

/// A running server.
///
/// Dropping it stops listening, ends every connection whatever it is doing, and waits for their threads.
pub struct Server {
    addr: SocketAddr,
    url: String,
    listener: Arc<TcpListener>,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on a free port of 127.0.0.1. The script is one [`Reply`], an array or `Vec` of them, or a [`Script`].
    pub fn start(script: impl Into<Script>) -> io::Result<Self> {
        Self::listen(script, &Listen::default())
    }

    /// Starts where `listen` says. An error names the place, and what to do about it.
    pub fn listen(script: impl Into<Script>, listen: &Listen) -> io::Result<Self> {
        let listener = Arc::new(listen.bind()?);
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script: script.into(),
            tls: listen.tls.as_ref().map(|tls| Arc::clone(&tls.config)),
            received_bytes: AtomicU64::new(0),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let acceptor = thread::Builder::new().name("emulator".to_owned()).spawn({
            let (listener, shared) = (Arc::clone(&listener), Arc::clone(&shared));
            move || accept(&listener, &shared)
        })?;
        Ok(Self { addr, url: listen.url(addr), listener, shared, acceptor: Some(acceptor) })
    }

    /// The base URL for clients on this machine, `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The requests so far, oldest first: the last ones, at most [`JOURNAL_LIMIT`](super::JOURNAL_LIMIT) and
    /// [`JOURNAL_BYTES`](super::JOURNAL_BYTES), with bodies cut at [`JOURNAL_BODY_BYTES`](super::JOURNAL_BODY_BYTES). A
    /// request is here before its reply begins.
    pub fn journal(&self) -> Vec<Request> {
        self.shared.state().journal.requests().map(|request| Request::clone(request)).collect()
    }

    /// How many requests came that the journal no longer holds.
    pub fn journal_dropped(&self) -> usize {
        self.shared.state().journal.dropped()
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.shared.state().requests
    }

    /// How many bytes came so far, within TLS if there is TLS.
    pub fn received_bytes(&self) -> u64 {
        self.shared.received_bytes.load(Ordering::Relaxed)
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.state().accepted
    }

    /// How many connections are open now.
    pub fn open_connections(&self) -> usize {
        self.shared.state().open.len()
    }

    /// Waits until at least `count` requests have come; `false` if that took longer than `timeout`.
    #[must_use = "false means that the wait timed out"]
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, |state| state.requests >= count)
    }

    /// Waits until at least `count` connections were accepted; `false` if that took longer than `timeout`.
    #[must_use = "false means that the wait timed out"]
    pub fn wait_for_connections(&self, count: usize, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, |state| state.accepted >= count)
    }

    /// Waits until no accepted connection is open; `false` if that took longer than `timeout`.
    #[must_use = "false means that the wait timed out"]
    pub fn wait_until_closed(&self, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, |state| state.open.is_empty())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state();
            state.stopping = true;
            for stream in state.open.values().filter_map(Weak::upgrade) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        // On Linux this ends a blocked `accept`, and needs no descriptor as connecting to oneself would.
        let _ = SockRef::from(&*self.listener).shutdown(Shutdown::Both);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addr", &self.addr).finish_non_exhaustive()
    }
}

struct Shared {
    script: Script,
    tls: Option<Arc<ServerConfig>>,
    received_bytes: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    accepted: usize,
    /// Weak, so that a connection is closed by its own thread, before it is counted as closed.
    open: HashMap<usize, Weak<TcpStream>>,
    requests: usize,
    journal: Journal,
}

impl Shared {
    /// A panicking handler holds no lock, so what a poisoned one guards is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(&self, timeout: Duration, reached: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), timeout, |state| !reached(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        reached(&state)
    }

    /// Enters a connection, unless the server is stopping.
    fn opened(&self, stream: &Arc<TcpStream>) -> Option<usize> {
        let mut state = self.state();
        if state.stopping {
            return None;
        }
        let number = state.accepted;
        state.accepted += 1;
        state.open.insert(number, Arc::downgrade(stream));
        self.changed.notify_all();
        Some(number)
    }

    fn closed(&self, number: usize) {
        self.state().open.remove(&number);
        self.changed.notify_all();
    }

    /// Writes a request into the journal, and returns the number of earlier ones.
    fn note(&self, request: &Arc<Request>) -> usize {
        let mut state = self.state();
        let before = state.requests;
        state.requests += 1;
        state.journal.push(request);
        self.changed.notify_all();
        before
    }

    fn answer(&self, request: Request) -> Cow<'_, Reply> {
        if let Answers::Service(service) = &self.script.answers {
            self.state().requests += 1;
            self.changed.notify_all();
            return Cow::Owned(service.answer(&request));
        }
        let request = Arc::new(request);
        let before = self.note(&request);
        match &self.script.answers {
            Answers::InTurn(replies) => Cow::Borrowed(&replies[before.min(replies.len() - 1)]),
            Answers::Handler(handler) => Cow::Owned(handler(&request)),
            Answers::Service(service) => Cow::Owned(service.answer(&request)),
        }
    }

    fn serve(&self, stream: Arc<TcpStream>, number: usize) {
        let service = match &self.script.answers {
            Answers::Service(service) => Some(service),
            _ => None,
        };
        let greeting = match service {
            Some(service) => Some(service.connected(number)),
            None => self.script.on_connect.as_ref().map(|greet| greet(number)),
        };
        let connection = Connection::new(stream, self.tls.clone(), number, &self.received_bytes);
        connection.serve(
            greeting.as_ref(),
            |request| self.answer(request),
            |reply, delivery| {
                if let Some(service) = service {
                    service.ended(reply.tag, delivery, Instant::now());
                }
            },
        );
        if let Some(service) = service {
            service.disconnected(number);
        }
    }
}

/// Counts a connection as closed however its thread ends.
struct Closing<'a> {
    shared: &'a Shared,
    number: usize,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.shared.closed(self.number);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = listener.accept();
        if shared.state().stopping {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        match accepted {
            Ok((stream, _)) => threads.extend(start_connection(stream, shared)),
            // Out of descriptors, say. The pause keeps this from spinning, and ends when the server stops.
            Err(_) => _ = shared.wait_until(Duration::from_millis(10), |state| state.stopping),
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Without a thread for it the connection is closed.
fn start_connection(stream: TcpStream, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let number = shared.opened(&stream)?;
    let shared = Arc::clone(shared);
    let spawned = thread::Builder::new().name("connection".to_owned()).spawn({
        let shared = Arc::clone(&shared);
        move || {
            let _closing = Closing { shared: &shared, number };
            shared.serve(stream, number);
        }
    });
    if spawned.is_err() {
        shared.closed(number);
    }
    spawned.ok()
}

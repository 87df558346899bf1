//! The server: it listens, gives each connection a thread, keeps the journal, and stops when it is dropped.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow};
use rustls::ServerConfig;
use socket2::SockRef;

use super::answers::Script;
use super::buffer::wipe;
use super::connection::{Answering, Connection};
use super::journal::Journal;
use super::listen::Listen;
use super::parse::Refused;
use super::reply::{Manner, Reply};
use super::request::Request;
use super::service::{Delivery, Service};

/// Connections that are open at once. Each has a thread.
const MAX_CONNECTIONS: usize = 4096;
/// The time from a request's first byte to its last.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server.
///
/// Dropping it stops listening, ends every connection whatever it is doing, and waits for their threads. The threads
/// block all signals. After `fork` the child's copy is dead: the child may only drop it, which does nothing there.
pub struct Server {
    addr: SocketAddr,
    url: String,
    listener: Arc<TcpListener>,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
    /// The process that has the threads.
    process: u32,
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
            request_timeout: listen.request_timeout.unwrap_or(REQUEST_TIMEOUT),
            max_connections: listen.max_connections.unwrap_or(MAX_CONNECTIONS),
            received_bytes: AtomicU64::new(0),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let acceptor = start(Arc::clone(&listener), Arc::clone(&shared))?;
        let (url, process) = (listen.url(addr), process::id());
        Ok(Self { addr, url, listener, shared, acceptor: Some(acceptor), process })
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

impl Server {
    /// Whether this is a forked child's copy. Its threads are in the parent, and they may hold any lock.
    pub(crate) fn is_inherited(&self) -> bool {
        process::id() != self.process
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_inherited() {
            // A thread of the parent may have held the lock, the sockets are the parent's too, and no thread can be joined.
            mem::forget(self.acceptor.take());
            return;
        }
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

pub(super) struct Shared {
    script: Script,
    tls: Option<Arc<ServerConfig>>,
    request_timeout: Duration,
    pub(super) max_connections: usize,
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
    /// Threads that wait for a change.
    waiting: usize,
}

impl Shared {
    /// A panicking handler holds no lock, so what a poisoned one guards is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(&self, timeout: Duration, reached: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state();
        state.waiting += 1;
        let waited = self.changed.wait_timeout_while(state, timeout, |state| !reached(state));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        reached(&state)
    }

    /// Most changes have nobody who waits, and need no system call.
    fn notify(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    pub(super) fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    pub(super) fn open_connections(&self) -> usize {
        self.state().open.len()
    }

    /// Passes some time, unless the server stops.
    pub(super) fn pause(&self, time: Duration) {
        self.wait_until(time, |state| state.stopping);
    }

    /// Enters a connection, unless the server is stopping.
    pub(super) fn opened(&self, stream: &Arc<TcpStream>) -> Option<usize> {
        let mut state = self.state();
        if state.stopping {
            return None;
        }
        let number = state.accepted;
        state.accepted += 1;
        state.open.insert(number, Arc::downgrade(stream));
        self.notify(&state);
        Some(number)
    }

    pub(super) fn closed(&self, number: usize) {
        let mut state = self.state();
        state.open.remove(&number);
        self.notify(&state);
    }

    /// Writes a request into the journal, and returns the number of earlier ones.
    fn note(&self, request: &Arc<Request>) -> usize {
        let mut state = self.state();
        let before = state.requests;
        state.requests += 1;
        state.journal.push(request);
        self.notify(&state);
        before
    }

    fn service(&self) -> Option<&Arc<dyn Service>> {
        self.script.as_service()
    }

    pub(super) fn serve(&self, stream: Arc<TcpStream>, number: usize) {
        let _closing = Closing { shared: self, number };
        let (tls, timeout) = (self.tls.clone(), self.request_timeout);
        let connection = Connection::new(stream, tls, number, timeout, &self.received_bytes);
        connection.serve(self);
    }

    /// The reply to a connection that is one too many.
    pub(super) fn overloaded(&self) -> Reply {
        let why = format!("the server has {} connections open, and takes no more", self.max_connections);
        self.refused(&Refused { status: 503, why: why.into() })
    }
}

impl Answering for Shared {
    fn wants_first_line(&self) -> bool {
        self.service().is_some_and(|service| service.wants_first_line())
    }

    fn greeting(&self, connection: usize, first: &[u8]) -> Option<Reply> {
        match self.service() {
            Some(service) => Some(service.connected(connection, first)),
            None => self.script.greeting(connection),
        }
    }

    fn answer(&self, request: Request) -> Cow<'_, Reply> {
        if let Some(service) = self.service() {
            let mut state = self.state();
            state.requests += 1;
            self.notify(&state);
            drop(state);
            return Cow::Owned(service.answer(&request));
        }
        let request = Arc::new(request);
        let before = self.note(&request);
        self.script.answer(&request, before)
    }

    fn refused(&self, refused: &Refused) -> Reply {
        let Refused { status, why } = refused;
        match self.service() {
            Some(service) => service.refused(*status, why),
            None => super::service::refusal(*status, why),
        }
    }

    fn ended(&self, reply: &Reply, delivery: Delivery, at: Instant) {
        if let Some(service) = self.service() {
            service.ended(reply.tag, delivery, at);
        }
    }

    fn announces(&self) -> bool {
        self.service().is_some()
    }
}

/// Counts a connection as closed however its thread ends.
struct Closing<'a> {
    shared: &'a Shared,
    number: usize,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if let Some(service) = self.shared.service() {
            service.disconnected(self.number);
        }
        self.shared.closed(self.number);
    }
}

/// Starts to accept.
///
/// The threads block all signals, because a handler of the program would run in any of them. Each thread has the mask
/// of the one that starts it.
fn start(listener: Arc<TcpListener>, shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let started = thread::Builder::new().name("emulator".to_owned()).spawn(move || accept(&listener, &shared));
    before.thread_set_mask()?;
    started
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = listener.accept();
        if shared.is_stopping() {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        match accepted {
            Ok((stream, _)) if shared.open_connections() >= shared.max_connections => refuse(stream, shared),
            Ok((stream, _)) => threads.extend(start_connection(stream, shared)),
            // Out of descriptors, say. The pause keeps this from spinning, and ends when the server stops.
            Err(_) => shared.pause(Duration::from_millis(10)),
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Says why, without a thread and without waiting. A client over TLS sees the connection closed.
fn refuse(mut stream: TcpStream, shared: &Shared) {
    let _ = stream.set_nonblocking(true);
    if !shared.has_tls() {
        let _ = stream.write_all(&shared.overloaded().bytes(Manner::default()));
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut chunk = [0; 4096];
    let _ = stream.read(&mut chunk);
    wipe(&mut chunk);
}

/// Without a thread for it the connection is closed.
fn start_connection(stream: TcpStream, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let number = shared.opened(&stream)?;
    let shared = Arc::clone(shared);
    let spawned = thread::Builder::new().name("connection".to_owned()).spawn({
        let shared = Arc::clone(&shared);
        move || shared.serve(stream, number)
    });
    if spawned.is_err() {
        shared.closed(number);
    }
    spawned.ok()
}

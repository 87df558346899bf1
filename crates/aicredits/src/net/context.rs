//! What one call has while it runs: its deadline, the ways to end it, how far it has come. And its one wait.

use std::cell::Cell;
use std::fmt;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::Engine;
use super::cancel::{Cancel, Moment};
use super::fork::Made;
use super::slots::Slot;
use crate::advice::Side;
use crate::settings::{Setting, Surface, optional};
use crate::{Error, ErrorKind, Phase, text};

/// Asked now and then whether the call shall end.
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// How long a wait lasts at most before the interrupt is asked, or a flag is looked at that has no descriptor.
pub(super) const SLICE: Duration = Duration::from_millis(50);

/// An error names no wait that is shorter.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Whether a call may run yet, or waits until fewer calls do.
#[derive(Clone, Copy)]
enum Turn {
    Waiting,
    /// So long after the call's start.
    Came(Duration),
}

/// It stays on its call's thread.
pub(crate) struct Context {
    engine: Arc<Made<Engine>>,
    started: Instant,
    /// The earlier of the caller's deadline and the end of the timeout.
    deadline: Instant,
    timeout: Duration,
    process_limit: Option<u32>,
    cancel: Option<Cancel>,
    interrupt: Option<Interrupt>,
    /// When the interrupt is asked next.
    asks_at: Cell<Instant>,
    closed: Arc<Moment>,
    turn: Cell<Turn>,
    phase: Cell<Phase>,
    /// The attempt runs on a connection that served another before.
    reused: Cell<bool>,
    /// A byte of the reply has come.
    received: Cell<bool>,
    is_at_proxy: Cell<bool>,
}

/// What a [`Context`] is made of.
pub(crate) struct Call {
    pub(crate) engine: Arc<Made<Engine>>,
    pub(crate) started: Instant,
    /// Until then it waited for its turn.
    pub(crate) entered: Instant,
    pub(crate) timeout: Duration,
    /// The caller's own deadline.
    pub(crate) deadline: Option<Instant>,
    /// The queue before `entered` was for one of so many calls per process.
    pub(crate) process_limit: Option<u32>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) interrupt: Option<Interrupt>,
    pub(crate) closed: Arc<Moment>,
}

impl Context {
    pub(crate) fn new(call: Call) -> Self {
        let Call { engine, started, entered, timeout, deadline, process_limit, cancel, interrupt, closed } = call;
        let ends = started + timeout;
        Self {
            engine,
            started,
            deadline: deadline.map_or(ends, |deadline| deadline.min(ends)),
            timeout,
            process_limit,
            cancel,
            interrupt,
            asks_at: Cell::new(started + SLICE),
            closed,
            turn: Cell::new(Turn::Came(entered.saturating_duration_since(started))),
            phase: Cell::new(Phase::Queue),
            reused: Cell::new(false),
            received: Cell::new(false),
            is_at_proxy: Cell::new(false),
        }
    }

    pub(crate) fn begin_attempt(&self) {
        self.is_at_proxy.set(false);
        self.reused.set(false);
        self.received.set(false);
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(crate) fn enter_phase(&self, phase: Phase) {
        self.phase.set(phase);
    }

    pub(super) fn note_reuse(&self) {
        self.reused.set(true);
    }

    pub(super) fn note_received(&self) {
        self.received.set(true);
    }

    /// Whether a failed attempt tells of its connection alone: it had waited in the pool, and the server had closed it.
    pub(crate) fn was_stale(&self, error: &Error) -> bool {
        self.reused.get() && (!self.received.get() || error.is_request_timeout())
    }

    /// Whether the connection is still to the proxy.
    pub(super) fn is_at_proxy(&self) -> bool {
        self.is_at_proxy.get()
    }

    /// Whom a connection is made to, for messages.
    pub(crate) fn peer(&self) -> &str {
        match &self.engine.route.link.proxy {
            Some(proxy) if self.is_at_proxy.get() => &proxy.name,
            _ => &self.engine.route.authority,
        }
    }

    /// The setting or the variable that names the peer of a connection, for advice.
    pub(super) fn peer_setting(&self) -> String {
        match &self.engine.route.link.proxy {
            Some(proxy) if self.is_at_proxy.get() => proxy.named_by.clone(),
            _ => Setting::BaseUrl.to_string(),
        }
    }

    pub(super) fn side(&self) -> Side {
        if self.is_at_proxy.get() { Side::Proxy } else { Side::Server }
    }

    /// Whose vocabulary messages use.
    pub(crate) fn surface(&self) -> Surface {
        self.engine.route.link.surface
    }

    pub(super) fn aim_at_proxy(&self, is_at_proxy: bool) {
        self.is_at_proxy.set(is_at_proxy);
    }

    /// Writes a log record, which names the client.
    pub(crate) fn record(&self, level: log::Level, what: fmt::Arguments<'_>) {
        let name = &self.engine.route.link.name;
        let colon = if name.is_empty() { "" } else { ": " };
        log::log!(target: "aicredits", level, "{name}{colon}{what}");
    }

    pub(crate) fn engine(&self) -> &Arc<Made<Engine>> {
        &self.engine
    }

    /// The time left, unless the call is over.
    ///
    /// Whatever came first ended the call, although it may be noticed late: the credential provider cannot be
    /// interrupted.
    pub(crate) fn check(&self) -> Result<Duration, Error> {
        let cancelled = self.cancel.as_ref().and_then(Cancel::cancelled_at);
        let expired = self.cancel.as_ref().and_then(Cancel::expired_at);
        let deadline = expired.map_or(self.deadline, |expired| expired.min(self.deadline));
        let closed = self.closed.get();
        match (cancelled, closed) {
            (None, None) => {}
            (Some(at), _) if at < deadline && closed.is_none_or(|closed| at <= closed) => {
                return Err(Error::new(
                    ErrorKind::Cancelled,
                    format!("the call was cancelled {}", self.phase().while_at()),
                ));
            }
            (_, Some(at)) if at < deadline => return Err(Error::closed()),
            // The deadline had passed before.
            _ => return Err(self.timed_out(deadline)),
        }
        let now = Instant::now();
        if now >= self.asks_at.get() {
            self.asks_at.set(now + SLICE);
            self.ask_interrupt()?;
        }
        let left = deadline.saturating_duration_since(now);
        if left.is_zero() { Err(self.timed_out(deadline)) } else { Ok(left) }
    }

    fn timed_out(&self, deadline: Instant) -> Error {
        let total = self.time_until(deadline);
        let (peer, timeout, phase) = (self.peer(), text::duration(total), self.phase().while_at());
        let waited = match self.turn.get() {
            Turn::Waiting => total,
            Turn::Came(waited) => waited.min(total),
        };
        let message = if total.is_zero() {
            "the deadline had passed before the call started".to_owned()
        } else if waited < SHORTEST_WAIT {
            format!("no whole reply from {peer} within {timeout}; time ran out {phase}")
        } else if waited == total {
            format!("timed out after {timeout}, all of it {}", self.queue())
        } else {
            let (waited, queue) = (text::duration(whole_milliseconds(waited)), self.queue());
            format!(
                "timed out after {timeout}, {waited} of it {queue}; no whole reply from {peer}; time ran out {phase}"
            )
        };
        Error::new(ErrorKind::Timeout, message)
    }

    /// The timeout as the user set it, or the time between the start and the caller's deadline.
    fn time_until(&self, deadline: Instant) -> Duration {
        let total = deadline.saturating_duration_since(self.started);
        // Nobody chose the nanoseconds of a deadline.
        if total == self.timeout || total < SHORTEST_WAIT {
            total
        } else {
            whole_milliseconds(total + SHORTEST_WAIT / 2)
        }
    }

    /// The place where the call waited before it ran, for messages.
    fn queue(&self) -> String {
        match self.process_limit {
            Some(limit) => format!("waiting for one of the {limit} calls that a process makes at once"),
            None => {
                let places = self.engine.route.link.max_concurrency;
                let setting = optional(format!(" ({})", Setting::MaxConcurrency));
                format!("waiting for one of {places} places{setting}")
            }
        }
    }

    /// The call begins to wait for its turn.
    pub(super) fn wait_for_turn(&self) {
        self.turn.set(Turn::Waiting);
    }

    /// The call need not wait any longer for its turn.
    pub(super) fn take_turn(&self) {
        self.turn.set(Turn::Came(self.started.elapsed()));
    }

    /// Has the next check ask the interrupt, however long ago it was asked.
    pub(crate) fn ask_again(&self) {
        self.asks_at.set(Instant::now());
    }

    fn ask_interrupt(&self) -> Result<(), Error> {
        match &self.interrupt {
            Some(interrupt) if interrupt() => {
                Err(Error::new(ErrorKind::Cancelled, format!("the call was interrupted {}", self.phase().while_at())))
            }
            _ => Ok(()),
        }
    }

    /// Waits until one of `watched` is ready (the answer's bits tell which) or until `until` (no bit is set).
    pub(super) fn wait(&self, watched: &[(BorrowedFd<'_>, PollFlags)], until: Option<Instant>) -> Result<u32, Error> {
        let mut set: Vec<PollFd<'_>> = Vec::with_capacity(watched.len() + 2);
        loop {
            let mut left = self.check()?;
            let until_left = until.map(|until| until.saturating_duration_since(Instant::now()));
            left = until_left.map_or(left, |until| until.min(left));

            set.clear();
            set.extend(watched.iter().map(|(fd, events)| PollFd::from_borrowed_fd(*fd, *events)));
            let wakes = [self.cancel.as_ref().map(Cancel::wake), Some(&self.engine.wake)];
            let mut must_look = false;
            for wake in wakes.into_iter().flatten() {
                match wake.fd() {
                    Some(fd) => set.push(PollFd::from_borrowed_fd(fd, PollFlags::IN)),
                    None => must_look = true,
                }
            }
            if must_look {
                left = left.min(SLICE);
            }
            if self.interrupt.is_some() {
                left = left.min(self.asks_at.get().saturating_duration_since(Instant::now()));
            }

            let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            match poll(&mut set, Some(&timeout)) {
                Ok(0) => {
                    if until_left == Some(Duration::ZERO) {
                        return Ok(0);
                    }
                }
                Ok(_) => {
                    let is_ready = |(index, fd): (usize, &PollFd<'_>)| u32::from(!fd.revents().is_empty()) << index;
                    let ready = set[..watched.len()].iter().enumerate().map(is_ready).sum();
                    if ready != 0 {
                        return Ok(ready);
                    }
                }
                Err(Errno::INTR) => self.ask_interrupt()?,
                Err(error) => return Err(Error::unexpected(&format!("poll failed: {error}"))),
            }
        }
    }

    /// The right to run, which the client gives to so many calls at once.
    pub(crate) fn take_slot(&self) -> Result<Slot<'_>, Error> {
        self.check()?;
        self.engine.slots.take(self)
    }

    /// Waits for nothing but the time to pass.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), Error> {
        self.wait(&[], Some(Instant::now() + time)).map(drop)
    }
}

fn whole_milliseconds(time: Duration) -> Duration {
    Duration::from_millis(time.as_millis() as u64)
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("phase", &self.phase()).finish_non_exhaustive()
    }
}

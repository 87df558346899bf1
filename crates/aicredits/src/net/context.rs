//! The state of a running call: its deadline, the ways to end it, its phase, and its one function that waits.

use std::cell::Cell;
use std::fmt;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::peer::{Names, Peer};
use crate::advice::Side;
use crate::call::{Call, Interrupt};
use crate::cancel::{Cancel, Moment, Wake};
use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::phase::Phase;
use crate::text;

/// How long a wait lasts at most before the interrupt is asked, or a flag is looked at that has no descriptor.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// An error names no wait that is shorter.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The most time that is too little for a call that leaves a binding's queue.
const LAST_MOMENT: Duration = Duration::from_millis(50);

/// Whether the call waits for a permit.
#[derive(Clone, Copy)]
enum Queueing {
    Waiting,
    /// It waited this long after its start.
    Ended(Duration),
}

/// The state of one call. It stays on the thread of the call.
pub(crate) struct Context {
    names: Arc<Names>,
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
    /// Ends the call's waits when the client is closed.
    closing: Arc<Wake>,
    queueing: Cell<Queueing>,
    phase: Cell<Phase>,
    /// The attempt runs on a connection that served another before.
    reused: Cell<bool>,
    /// A byte of the reply has come.
    received: Cell<bool>,
    peer_is_proxy: Cell<bool>,
}

impl Context {
    /// A call that entered the core at `entered`. `closed` is when its client was closed, and `closing` wakes its waits
    /// then.
    pub(crate) fn new(
        call: &Call,
        timeout: Duration,
        entered: Instant,
        names: &Arc<Names>,
        closed: &Arc<Moment>,
        closing: &Arc<Wake>,
    ) -> Self {
        let started = call.started.map_or(entered, |started| started.min(entered));
        let end = started + timeout;
        Self {
            names: Arc::clone(names),
            started,
            deadline: call.deadline.map_or(end, |deadline| deadline.min(end)),
            timeout,
            process_limit: call.process_limit,
            cancel: call.cancel.clone(),
            interrupt: call.interrupt.clone(),
            asks_at: Cell::new(started + SLICE),
            closed: Arc::clone(closed),
            closing: Arc::clone(closing),
            queueing: Cell::new(Queueing::Ended(entered.saturating_duration_since(started))),
            phase: Cell::new(Phase::Queue),
            reused: Cell::new(false),
            received: Cell::new(false),
            peer_is_proxy: Cell::new(false),
        }
    }

    pub(crate) fn begin_attempt(&self) {
        self.peer_is_proxy.set(false);
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

    /// Whether an attempt failed only because of its idle connection, which the server had closed.
    pub(crate) fn was_stale(&self, error: &Error) -> bool {
        self.reused.get() && (!self.received.get() || error.is_request_timeout())
    }

    /// Whether the connection is still to the proxy.
    pub(super) fn peer_is_proxy(&self) -> bool {
        self.peer_is_proxy.get()
    }

    pub(super) fn set_peer_is_proxy(&self, is_proxy: bool) {
        self.peer_is_proxy.set(is_proxy);
    }

    fn current_peer(&self) -> &Peer {
        match &self.names.proxy {
            Some(proxy) if self.peer_is_proxy() => proxy,
            _ => &self.names.server,
        }
    }

    /// The name of the peer that the connection is to, for messages.
    pub(crate) fn peer(&self) -> &str {
        &self.current_peer().name
    }

    /// The setting or the variable that names the peer, for advice.
    pub(crate) fn peer_setting(&self) -> &str {
        &self.current_peer().named_by
    }

    pub(super) fn side(&self) -> Side {
        if self.peer_is_proxy() { Side::Proxy } else { Side::Server }
    }

    /// Writes a log record, which names the client.
    pub(crate) fn record(&self, level: log::Level, what: fmt::Arguments<'_>) {
        self.names.record(level, what);
    }

    /// The time left, unless the call is over.
    ///
    /// The first event ended the call, even if the call notices it late: the credential provider cannot be interrupted.
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

    /// As [`check`](Self::check), for a call that a binding's queue has delayed: one that has almost no time left fails
    /// as if it still waited.
    ///
    /// Calls that start together end together. Each one that ends lets another leave the queue at that moment, and
    /// would have it send a request that cannot be answered in time.
    pub(super) fn check_queue(&self) -> Result<(), Error> {
        let left = self.check()?;
        match self.queueing.get() {
            Queueing::Ended(waited)
                if waited >= SHORTEST_WAIT && left <= LAST_MOMENT.min(self.time_until(self.deadline) / 20) =>
            {
                self.start_queueing();
                Err(self.timed_out(self.deadline))
            }
            _ => Ok(()),
        }
    }

    /// The error of a call whose time is over, in the current phase.
    pub(crate) fn timeout_error(&self) -> Error {
        self.timed_out(self.deadline)
    }

    fn timed_out(&self, deadline: Instant) -> Error {
        let total = self.time_until(deadline);
        let (peer, timeout, phase) = (self.peer(), text::duration(total), self.phase().while_at());
        let waited = match self.queueing.get() {
            Queueing::Waiting => total,
            Queueing::Ended(waited) => waited.min(total),
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
            None => format!("waiting for {}", self.names.permit),
        }
    }

    /// The call begins to wait for a permit.
    pub(super) fn start_queueing(&self) {
        self.queueing.set(Queueing::Waiting);
    }

    /// The call has its permit.
    pub(super) fn stop_queueing(&self) {
        self.queueing.set(Queueing::Ended(self.started.elapsed()));
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
    pub(crate) fn wait(&self, watched: &[(BorrowedFd<'_>, PollFlags)], until: Option<Instant>) -> Result<u32, Error> {
        let mut set: Vec<PollFd<'_>> = Vec::with_capacity(watched.len() + 2);
        loop {
            let mut left = self.check()?;
            let until_left = until.map(|until| until.saturating_duration_since(Instant::now()));
            left = until_left.map_or(left, |until| until.min(left));

            set.clear();
            set.extend(watched.iter().map(|(fd, events)| PollFd::from_borrowed_fd(*fd, *events)));
            let wakes = [self.cancel.as_ref().map(Cancel::wake), Some(&*self.closing)];
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

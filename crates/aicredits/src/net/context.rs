//! What one call has while it runs: its deadline, the ways to end it, how far it has come. And its one wait.

use std::cell::RefCell;
use std::fmt;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::Engine;
use super::cancel::Cancel;
use super::fork::Made;
use super::slots::Slot;
use crate::credential::Credential;
use crate::{Error, ErrorKind, Phase};

/// Asked now and then whether the call shall end.
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// How long a wait lasts at most before the interrupt is asked, or a flag is looked at that has no descriptor.
pub(super) const SLICE: Duration = Duration::from_millis(50);

thread_local! {
    /// The call that this thread makes: the engine opens connections on its caller's thread.
    static CURRENT: RefCell<Option<Arc<Context>>> = const { RefCell::new(None) };
}

pub(crate) struct Context {
    engine: Arc<Made<Engine>>,
    /// The attempt's.
    credential: Mutex<Option<Arc<Credential>>>,
    /// The bytes of a request's head, at most, beside the credential's.
    pub(super) head_room: usize,
    deadline: Instant,
    timeout: Duration,
    cancel: Option<Cancel>,
    interrupt: Option<Interrupt>,
    closed: Arc<AtomicBool>,
    phase: AtomicU8,
    /// The attempt runs on a connection that served another before.
    reused: AtomicBool,
    /// A byte of the reply has come.
    received: AtomicBool,
    /// The next attempt opens a connection of its own.
    wants_fresh: AtomicBool,
    /// The connection is still to the proxy.
    is_at_proxy: AtomicBool,
    /// What ended the attempt, where it was not the engine that found out.
    failure: Mutex<Option<Error>>,
}

/// What a [`Context`] is made of.
pub(crate) struct Call {
    pub(crate) engine: Arc<Made<Engine>>,
    pub(crate) head_room: usize,
    pub(crate) started: Instant,
    pub(crate) timeout: Duration,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) interrupt: Option<Interrupt>,
    pub(crate) closed: Arc<AtomicBool>,
}

impl Context {
    pub(crate) fn new(call: Call) -> Arc<Self> {
        let Call { engine, head_room, started, timeout, cancel, interrupt, closed } = call;
        Arc::new(Self {
            engine,
            credential: Mutex::new(None),
            head_room,
            deadline: started + timeout,
            timeout,
            cancel,
            interrupt,
            closed,
            phase: AtomicU8::new(Phase::Queue as u8),
            reused: AtomicBool::new(false),
            received: AtomicBool::new(false),
            wants_fresh: AtomicBool::new(false),
            is_at_proxy: AtomicBool::new(false),
            failure: Mutex::new(None),
        })
    }

    /// The call that this thread makes, for whom the engine calls back.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the thread's call until the guard is dropped. A call made within a call comes back to the outer one.
    #[must_use]
    pub(crate) fn enter(self: &Arc<Self>) -> impl Drop + use<> {
        struct Guard(Option<Arc<Context>>);

        impl Drop for Guard {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }

        Guard(CURRENT.replace(Some(Arc::clone(self))))
    }

    pub(crate) fn begin_attempt(&self, credential: &Arc<Credential>, wants_fresh: bool) {
        *self.credential.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(credential));
        self.reused.store(false, Ordering::Relaxed);
        self.received.store(false, Ordering::Relaxed);
        self.wants_fresh.store(wants_fresh, Ordering::Relaxed);
        self.take_failure();
    }

    pub(crate) fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Ordering::Relaxed))]
    }

    pub(crate) fn enter_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(super) fn wants_fresh(&self) -> bool {
        self.wants_fresh.load(Ordering::Relaxed)
    }

    pub(super) fn note_reuse(&self) {
        self.reused.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_received(&self) {
        self.received.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_failure(&self, error: Error) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether a failed attempt tells of its connection alone: it had waited in the pool, and the server had closed it.
    pub(crate) fn was_stale(&self) -> bool {
        self.reused.load(Ordering::Relaxed) && !self.received.load(Ordering::Relaxed)
    }

    /// Whom a connection is made to, for messages.
    pub(super) fn peer(&self) -> &str {
        match &self.engine.route.link.proxy {
            Some(proxy) if self.is_at_proxy.load(Ordering::Relaxed) => &proxy.name,
            _ => &self.engine.route.authority,
        }
    }

    /// The setting that says whom a connection is made to, for advice.
    pub(super) fn peer_setting(&self) -> &'static str {
        match &self.engine.route.link.proxy {
            Some(_) if self.is_at_proxy.load(Ordering::Relaxed) => "proxy",
            _ => "base URL",
        }
    }

    pub(super) fn aim_at_proxy(&self, is_at_proxy: bool) {
        self.is_at_proxy.store(is_at_proxy, Ordering::Relaxed);
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

    pub(super) fn credential(&self) -> Result<Arc<Credential>, Error> {
        let credential = self.credential.lock().unwrap_or_else(PoisonError::into_inner).clone();
        credential.ok_or_else(|| Error::unexpected("a connection is lent to no attempt"))
    }

    /// The time left, unless the call is over.
    pub(crate) fn check(&self) -> Result<Duration, Error> {
        if self.cancel.as_ref().is_some_and(Cancel::is_cancelled) {
            return Err(Error::new(
                ErrorKind::Cancelled,
                format!("the call was cancelled {}", self.phase().while_at()),
            ));
        }
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::closed());
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "no whole reply from {} within {:?}; time ran out {}",
                    self.engine.route.authority,
                    self.timeout,
                    self.phase().while_at()
                ),
            ));
        }
        Ok(left)
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
            let mut must_look = self.interrupt.is_some();
            for wake in wakes.into_iter().flatten() {
                match wake.fd() {
                    Some(fd) => set.push(PollFd::from_borrowed_fd(fd, PollFlags::IN)),
                    None => must_look = true,
                }
            }
            if must_look {
                left = left.min(SLICE);
            }

            let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            match poll(&mut set, Some(&timeout)) {
                Ok(0) => {
                    if until_left == Some(Duration::ZERO) {
                        return Ok(0);
                    }
                    self.ask_interrupt()?;
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

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("phase", &self.phase()).finish_non_exhaustive()
    }
}

use std::fmt;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, eventfd};

use crate::fork::Fd;

/// Cancels calls from another thread or from a signal handler.
///
/// A clone is another handle to the same token. Both ways to end a call are final, and the first one counts:
///
/// - after [`cancel`](Self::cancel), calls with this token fail with [`Cancelled`](crate::ErrorKind::Cancelled);
/// - after [`expire`](Self::expire), they fail with [`Timeout`](crate::ErrorKind::Timeout).
///
/// Both apply to calls in flight and to calls that start later.
///
/// ```
/// # let server = aicredits_emulator::script::Server::start(aicredits_emulator::script::Reply::new().mute())?;
/// # let client = aicredits::Client::builder().api_key("IST.x").account("a").base_url(server.url()).build()?;
/// let cancel = aicredits::Cancel::new();
/// let elsewhere = cancel.clone();
/// std::thread::spawn(move || elsewhere.cancel());
/// let error = client.get_balance_with(&aicredits::Call::new().cancelled_by(&cancel)).unwrap_err();
/// assert_eq!(error.kind(), aicredits::ErrorKind::Cancelled);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Cancel(Arc<Inner>);

struct Inner {
    cancelled: Moment,
    expired: Moment,
    wake: Wake,
}

impl Cancel {
    /// A token that is not cancelled. It holds one file descriptor, if one is available.
    pub fn new() -> Self {
        Self(Arc::new(Inner { cancelled: Moment::new(), expired: Moment::new(), wake: Wake::new() }))
    }

    /// Ends the calls that have this token. It neither blocks nor allocates, and leaves `errno` alone, so it may be
    /// called from a signal handler.
    ///
    /// In a process forked after the token was made it ends the calls of that process alone.
    pub fn cancel(&self) {
        self.0.cancelled.set();
        self.0.wake.wake();
    }

    /// Ends the calls that have this token because the caller's deadline has passed: they time out. As
    /// [`cancel`](Self::cancel), it is async-signal-safe.
    ///
    /// For callers that learn of a deadline only when it has passed. Otherwise use [`Call::deadline`](crate::Call::deadline).
    pub fn expire(&self) {
        self.0.expired.set();
        self.0.wake.wake();
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.get().is_some()
    }

    pub(crate) fn cancelled_at(&self) -> Option<Instant> {
        self.0.cancelled.get()
    }

    pub(crate) fn expired_at(&self) -> Option<Instant> {
        self.0.expired.get()
    }

    pub(crate) fn wake(&self) -> &Wake {
        &self.0.wake
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("is_cancelled", &self.is_cancelled()).finish()
    }
}

/// The instant of an event that happens once. Setting it is async-signal-safe.
#[derive(Debug)]
pub(crate) struct Moment {
    made: Instant,
    /// Nanoseconds since `made`, plus one. Zero until it happens.
    after: AtomicU64,
}

impl Moment {
    pub(crate) fn new() -> Self {
        Self { made: Instant::now(), after: AtomicU64::new(0) }
    }

    /// The first call counts.
    pub(crate) fn set(&self) {
        let after = u64::try_from(self.made.elapsed().as_nanos()).unwrap_or(u64::MAX).saturating_add(1);
        let _ = self.after.compare_exchange(0, after, Ordering::SeqCst, Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        let after = self.after.load(Ordering::SeqCst).checked_sub(1)?;
        Some(self.made + Duration::from_nanos(after))
    }
}

/// A descriptor that becomes readable, and stays readable.
#[derive(Debug)]
pub(crate) struct Wake(Option<Fd>);

impl Wake {
    pub(crate) fn new() -> Self {
        Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok().map(Fd::new))
    }

    pub(crate) fn wake(&self) {
        if let Some(fd) = self.fd() {
            // rustix makes the system call itself: `errno` stays as it was.
            let _ = rustix::io::write(fd, &1_u64.to_ne_bytes());
        }
    }

    /// `None` if no descriptor was available, and in a process forked since then. A waiting thread must then poll.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().and_then(Fd::get)
    }
}

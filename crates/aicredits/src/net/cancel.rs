use std::fmt;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, eventfd};

use super::fork::Fd;

/// Ends a call from elsewhere: from another thread, or from a signal handler.
///
/// A clone is another handle on the same token. It is final: calls that have the token end with
/// [`Cancelled`](crate::ErrorKind::Cancelled), whether they run already or are yet to begin.
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
    cancelled: AtomicBool,
    wake: Wake,
}

impl Cancel {
    /// A token that nobody has cancelled. It holds one descriptor, or none where there is none to be had.
    pub fn new() -> Self {
        Self(Arc::new(Inner { cancelled: AtomicBool::new(false), wake: Wake::new() }))
    }

    /// Ends the calls that have this token. It neither blocks nor allocates, and leaves `errno` alone, so it may be
    /// called from a signal handler.
    ///
    /// In a process forked after the token was made it ends the calls of that process alone.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.0.wake.wake();
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    pub(super) fn wake(&self) -> &Wake {
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

/// A descriptor that becomes readable once, and stays so.
#[derive(Debug)]
pub(super) struct Wake(Option<Fd>);

impl Wake {
    pub(super) fn new() -> Self {
        Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok().map(Fd::new))
    }

    pub(super) fn wake(&self) {
        if let Some(fd) = self.fd() {
            // rustix makes the system call itself: `errno` stays as it was.
            let _ = rustix::io::write(fd, &1_u64.to_ne_bytes());
        }
    }

    /// `None` where no descriptor was to be had, and in a process forked since: whoever waits must look now and then.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().and_then(Fd::get)
    }
}

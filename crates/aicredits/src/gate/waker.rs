//! Waiting for another caller's reading, in a thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::wake::Wake;
use crate::cancel;
use crate::net::{Context, SLICE};
use crate::{Error, ErrorKind};

/// Wakes one thread. It makes a descriptor only if the thread waits.
#[derive(Default)]
pub(super) struct ThreadWaker {
    is_due: AtomicBool,
    wake: OnceLock<cancel::Wake>,
}

impl ThreadWaker {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Blocks until it is woken, at most for `time`. False if the call's time is over; the error is another end of the
    /// call.
    pub(super) fn wait(&self, context: &Context, time: Duration) -> Result<bool, Error> {
        let until = Instant::now() + time;
        let wake = self.wake.get_or_init(cancel::Wake::new);
        // After the descriptor is there: the thread that wakes has set this before, or it sees the descriptor.
        while !self.is_due.load(Ordering::SeqCst) && Instant::now() < until {
            let waited = match wake.fd() {
                Some(fd) => context.wait(&[(fd, PollFlags::IN)], Some(until)),
                None => context.wait(&[], Some(until.min(Instant::now() + SLICE))),
            };
            match waited {
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(false),
                waited => waited?,
            };
        }
        Ok(true)
    }
}

impl Wake for ThreadWaker {
    fn wake(&self) {
        self.is_due.store(true, Ordering::SeqCst);
        if let Some(wake) = self.wake.get() {
            wake.wake();
        }
    }
}

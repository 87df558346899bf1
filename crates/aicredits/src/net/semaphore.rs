//! The limit of a client's calls in flight: a semaphore, first in first out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::PollFlags;

use super::context::{Context, SLICE};
use crate::Error;
use crate::cancel::Wake;

/// A permit that is released goes to the call that has waited longest.
#[derive(Debug)]
pub(super) struct Semaphore {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Empty while a permit is free.
    queue: VecDeque<Arc<Waiter>>,
}

/// A call in the queue. It has a descriptor, so a call that need not wait makes none.
#[derive(Debug)]
struct Waiter {
    has_permit: AtomicBool,
    wake: Wake,
}

impl Semaphore {
    pub(super) fn new(count: usize) -> Self {
        Self { state: Mutex::new(State { free: count, queue: VecDeque::new() }) }
    }

    /// Blocks until a permit is free, within the call's deadline.
    pub(super) fn acquire(&self, context: &Context) -> Result<Permit<'_>, Error> {
        match self.try_acquire() {
            Some(permit) => Ok(permit),
            None => self.wait_for_permit(context),
        }
    }

    fn try_acquire(&self) -> Option<Permit<'_>> {
        let mut state = self.state();
        state.free = state.free.checked_sub(1)?;
        Some(Permit(self))
    }

    fn wait_for_permit(&self, context: &Context) -> Result<Permit<'_>, Error> {
        context.start_queueing();
        let waiter = Arc::new(Waiter { has_permit: AtomicBool::new(false), wake: Wake::new() });
        {
            let mut state = self.state();
            // A permit may have been released since the first look.
            if let Some(free) = state.free.checked_sub(1) {
                state.free = free;
                context.stop_queueing();
                return Ok(Permit(self));
            }
            state.queue.push_back(Arc::clone(&waiter));
        }
        let place = Place { semaphore: self, waiter: &waiter };
        while !waiter.has_permit.load(Ordering::Acquire) {
            match waiter.wake.fd() {
                Some(fd) => context.wait(&[(fd, PollFlags::IN)], None)?,
                None => context.wait(&[], Some(Instant::now() + SLICE))?,
            };
        }
        std::mem::forget(place);
        context.stop_queueing();
        Ok(Permit(self))
    }

    fn release(&self) {
        let mut state = self.state();
        match state.queue.pop_front() {
            None => state.free += 1,
            Some(next) => {
                next.has_permit.store(true, Ordering::Release);
                drop(state);
                next.wake.wake();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permit of one call in flight. Dropping it releases it.
pub(crate) struct Permit<'a>(&'a Semaphore);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// A place in the queue. It is dropped if the call ends before it gets a permit.
struct Place<'a> {
    semaphore: &'a Semaphore,
    waiter: &'a Arc<Waiter>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.semaphore.state().queue.retain(|other| !Arc::ptr_eq(other, self.waiter));
        // The permit may have been handed over in the last moment; then the next call gets it. Permits are handed over
        // under the lock that was held just now, so it cannot come any later.
        if self.waiter.has_permit.load(Ordering::Acquire) {
            self.semaphore.release();
        }
    }
}

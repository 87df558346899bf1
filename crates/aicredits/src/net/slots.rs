//! How many of a client's calls run at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::PollFlags;

use super::cancel::Wake;
use super::context::{Context, SLICE};
use crate::Error;

/// First come, first served: a slot that comes free is handed to whoever has waited longest.
#[derive(Debug)]
pub(super) struct Slots {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Empty while a slot is free.
    queue: VecDeque<Arc<Waiter>>,
}

/// Only a call that has to wait makes one, and with it a descriptor.
#[derive(Debug)]
struct Waiter {
    has_slot: AtomicBool,
    wake: Wake,
}

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self { state: Mutex::new(State { free: count, queue: VecDeque::new() }) }
    }

    /// A slot, waited for as long as the call may last.
    pub(super) fn take(&self, context: &Context) -> Result<Slot<'_>, Error> {
        match self.take_free() {
            Some(slot) => Ok(slot),
            None => self.queue_up(context),
        }
    }

    fn take_free(&self) -> Option<Slot<'_>> {
        let mut state = self.state();
        state.free = state.free.checked_sub(1)?;
        Some(Slot(self))
    }

    fn queue_up(&self, context: &Context) -> Result<Slot<'_>, Error> {
        context.wait_for_turn();
        let waiter = Arc::new(Waiter { has_slot: AtomicBool::new(false), wake: Wake::new() });
        {
            let mut state = self.state();
            // One may have come free meanwhile.
            if let Some(free) = state.free.checked_sub(1) {
                state.free = free;
                context.take_turn();
                return Ok(Slot(self));
            }
            state.queue.push_back(Arc::clone(&waiter));
        }
        let place = Place { slots: self, waiter: &waiter };
        while !waiter.has_slot.load(Ordering::Acquire) {
            match waiter.wake.fd() {
                Some(fd) => context.wait(&[(fd, PollFlags::IN)], None)?,
                None => context.wait(&[], Some(Instant::now() + SLICE))?,
            };
        }
        std::mem::forget(place);
        context.take_turn();
        Ok(Slot(self))
    }

    fn give_back(&self) {
        let mut state = self.state();
        match state.queue.pop_front() {
            None => state.free += 1,
            Some(next) => {
                next.has_slot.store(true, Ordering::Release);
                drop(state);
                next.wake.wake();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to run, for one call from its start to its end.
pub(crate) struct Slot<'a>(&'a Slots);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// A place in the queue of one who goes away without a slot.
struct Place<'a> {
    slots: &'a Slots,
    waiter: &'a Arc<Waiter>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.slots.state().queue.retain(|other| !Arc::ptr_eq(other, self.waiter));
        // It may have been handed over in the last moment: then it is the next one's. Slots are handed over under the
        // lock that was held just now, so it cannot come any later.
        if self.waiter.has_slot.load(Ordering::Acquire) {
            self.slots.give_back();
        }
    }
}

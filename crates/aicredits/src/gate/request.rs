//! A reserve as a state machine that never blocks, for bindings and event loops.

use std::sync::Arc;
use std::time::Duration;

use super::reservation::Reservation;
use crate::{Balance, Call, Error};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Credits for one action.
    Cost(u64),
    /// Credits for as many of `wanted` equal actions as fit.
    #[allow(missing_docs, reason = "the names say it")]
    UpTo { unit_cost: u64, wanted: u64 },
    /// A reading, and no reservation.
    Refresh,
}

/// What to do next for a request.
#[derive(Debug)]
pub enum Step {
    /// It is over.
    Done(Result<Outcome, Error>),
    /// The caller makes the reading: [`GateRequest::read`], in a thread that may block. Then another step.
    Read,
    /// Another caller makes the reading. The waker is called when another step is due.
    Wait,
}

/// What a request brought.
#[derive(Debug)]
pub enum Outcome {
    /// A reservation.
    Reserved(Reservation),
    /// A reading.
    Read(Balance),
}

/// Wakes the caller of a request. It is called outside of every lock, from any thread, and must not block.
pub trait Wake: Send + Sync {
    /// Another step of the request is due.
    fn wake(&self);
}

/// One reserve or refresh. Dropping it gives the request up: if it was to make a reading, another caller makes it.
pub struct GateRequest(());

impl GateRequest {
    /// Takes the next step. It never blocks.
    pub fn step(&mut self, wake: &Arc<dyn Wake>) -> Step {
        let _ = (wake, self.0);
        Step::Done(Err(Error::unexpected("not built yet")))
    }

    /// Makes the reading in this thread, after [`Step::Read`]. Blocks. The next step has its result.
    pub fn read(&mut self, call: &Call) {
        let _ = call;
    }

    /// The time that the request may still take, for a timer: then [`expire`](Self::expire).
    pub fn remaining(&self) -> Duration {
        Duration::ZERO
    }

    /// The time is over. The next step is the last one.
    pub fn expire(&mut self) {}

    /// The caller cancels the request. The next step is the last one.
    pub fn cancel(&mut self) {}
}

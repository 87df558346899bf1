//! The steps of a request to a gate.

use super::reservation::Reservation;
use crate::{Balance, Error};

/// The subject of a request.
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

/// The next action for a request.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a step is moved to its caller, and not kept")]
pub enum Step {
    /// It is over.
    Done(Result<Outcome, Error>),
    /// The caller makes the reading: [`GateRequest::read`](crate::GateRequest::read), in a thread that may block. Then another step.
    Read,
    /// Another caller makes the reading. The waker is called when another step is due.
    Wait,
}

/// The result of a request.
#[derive(Debug)]
pub enum Outcome {
    /// A reservation.
    Reserved(Reservation),
    /// A reading.
    Read(Balance),
}

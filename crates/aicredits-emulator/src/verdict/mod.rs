//! The verdict on a client: rules over what the server saw, evaluated as requests arrive. It does not read the journal.

use std::time::Duration;

use crate::facts::Facts;
use crate::protocol::{Ended, Verdict, VerdictQuery};
use crate::times::Moment;

#[derive(Debug, Default)]
pub(crate) struct Judge {}

/// A request, as it arrived.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) n: u64,
    pub(crate) facts: &'a Facts,
    /// Of its first byte.
    pub(crate) moment: &'a Moment,
    pub(crate) connection: u64,
    pub(crate) on_connection: u64,
    /// Whether a part of a secret is in its target, its body or another header.
    pub(crate) leaks_key: bool,
    /// Its cost, if it is a paid action with a valid body.
    pub(crate) cost: Option<i64>,
}

/// How it was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) n: u64,
    /// `None`: no status was sent.
    pub(crate) status: Option<u16>,
    /// The application code of the body.
    pub(crate) code: Option<String>,
    /// `Retry-After` in seconds, if the reply had it in this form.
    pub(crate) retry_after: Option<u64>,
    pub(crate) ended: Ended,
    /// Of its last byte, in real time since the start.
    pub(crate) at: Duration,
    pub(crate) speed: u32,
}

impl Judge {
    pub(crate) fn arrived(&mut self, _arrival: &Arrival<'_>) {}

    pub(crate) fn answered(&mut self, _answered: &Answered) {}

    pub(crate) fn connected(&mut self, _connection: u64) {}

    pub(crate) fn disconnected(&mut self, _connection: u64) {}

    /// An action changed something: no rule looks across it.
    pub(crate) fn boundary(&mut self) {}

    pub(crate) fn rules_were_reset(&mut self) {}

    pub(crate) fn judge(&self, _query: &VerdictQuery) -> Verdict {
        Verdict { good: true, complete: true, findings: Vec::new() }
    }
}

//! Requests in the order of their arrival, and when each was answered.

use std::collections::VecDeque;
use std::time::Duration;

use super::flight::Flight;
use crate::protocol::Ended;
use crate::script::RetryAfter;
use crate::times::Moment;

/// How many lineages, keys and scopes are remembered.
pub(super) const REMEMBERED: usize = 65_536;
/// How many requests are remembered.
const LAST: usize = 8;

/// The last requests of a lineage, or of all.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// In the order of their arrival.
    pub(super) seen: VecDeque<Seen>,
    /// How many are unanswered and no longer in `seen`.
    forgotten: u32,
    /// When the last of those was answered.
    forgotten_until: Duration,
}

/// A request.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) n: u64,
    pub(super) epoch: u64,
    pub(super) arrived: Duration,
    pub(super) service: Duration,
    pub(super) connection: u64,
    /// When its connection was accepted.
    pub(super) accepted: Duration,
    /// `None`: it is in flight.
    pub(super) reply: Option<Reply>,
    /// Whether the pair of the request before it and it was judged.
    pub(super) is_judged: bool,
    /// Whether `single_flight` has counted it.
    pub(super) overlaps: bool,
    /// Whether `asked_once` has counted it.
    pub(super) is_asked_again: bool,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    /// `None`: no complete reply left.
    pub(super) status: Option<u16>,
    pub(super) retry_after: RetryAfter,
    pub(super) at: Duration,
    pub(super) service: Duration,
    /// Of the service time.
    pub(super) speed: u32,
    /// The era of the refusal, if it says that the credits do not suffice.
    pub(super) refused_in: Option<u64>,
}

impl Seen {
    pub(super) fn new(n: u64, epoch: u64, moment: &Moment, connection: u64, accepted: Duration) -> Self {
        Self {
            n,
            epoch,
            arrived: moment.real,
            service: moment.service,
            connection,
            accepted,
            reply: None,
            is_judged: false,
            overlaps: false,
            is_asked_again: false,
        }
    }

    /// Whether it was answered before an instant.
    pub(super) fn was_answered_by(&self, at: Duration) -> bool {
        self.reply.is_some_and(|reply| reply.at <= at)
    }
}

impl Reply {
    pub(super) fn new(flight: &Flight, ended: Ended, moment: &Moment, speed: u32) -> Self {
        let outline = &flight.reply;
        let is_complete = ended == Ended::Complete && outline.is_whole && !outline.is_reset;
        Self {
            status: outline.status.filter(|_| is_complete),
            retry_after: outline.retry_after,
            at: moment.real,
            service: moment.service,
            speed: speed.max(1),
            refused_in: flight.not_eligible.then_some(flight.era),
        }
    }

    /// A repeat of the request cannot change it.
    pub(super) fn is_final(&self) -> bool {
        self.status.is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 425 | 429))
    }
}

impl Row {
    /// Adds a request, and returns the one that has no place any more.
    pub(super) fn arrived(&mut self, seen: Seen) -> Option<Seen> {
        let oldest = if self.seen.len() == LAST { self.seen.pop_front() } else { None };
        self.forgotten += u32::from(oldest.as_ref().is_some_and(|oldest| oldest.reply.is_none()));
        self.seen.push_back(seen);
        oldest
    }

    /// Adds how a request was answered, and returns it.
    pub(super) fn answered(&mut self, n: u64, reply: Reply) -> Option<&Seen> {
        let Some(seen) = self.seen.iter_mut().find(|seen| seen.n == n) else {
            self.forgotten = self.forgotten.saturating_sub(1);
            self.forgotten_until = self.forgotten_until.max(reply.at);
            return None;
        };
        seen.reply = Some(reply);
        Some(seen)
    }

    /// The next pair that is serial and was not judged before: from the arrival of the first to that of the second they were
    /// the only requests of the row, the first was answered before, and no boundary lies between.
    pub(super) fn next_serial(&mut self) -> Option<(&Seen, &Reply, &Seen)> {
        let index = (1..self.seen.len()).find(|index| !self.seen[*index].is_judged && self.is_serial(index - 1))?;
        self.seen[index].is_judged = true;
        let (first, second) = (&self.seen[index - 1], &self.seen[index]);
        first.reply.as_ref().map(|reply| (first, reply, second))
    }

    fn is_serial(&self, index: usize) -> bool {
        let (first, second) = (&self.seen[index], &self.seen[index + 1]);
        let were_alone = self.forgotten == 0
            && self.forgotten_until <= first.arrived
            && self.seen.iter().take(index).all(|earlier| earlier.was_answered_by(first.arrived));
        first.epoch == second.epoch && first.was_answered_by(second.arrived) && were_alone
    }
}

//! A lineage: a request and its repeats.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::attempts::Run;
use super::reached::Reached;
use crate::protocol::Ended;
use crate::script::{Outline, RetryAfter};
use crate::times::Moment;

/// How many requests of a lineage are remembered.
const LAST: usize = 8;

/// The last requests of a lineage.
#[derive(Debug)]
pub(super) struct Lineage {
    /// For the evidence.
    pub(super) label: Arc<str>,
    /// In the order of their arrival.
    pub(super) seen: VecDeque<Seen>,
    /// The last request that was answered 200.
    pub(super) got: Option<Got>,
    /// How many are unanswered and no longer in `seen`.
    forgotten: u32,
    /// When the last of those was answered.
    forgotten_until: Duration,
    run: Run,
    /// How many of `seen` the run has counted.
    counted: usize,
}

/// A request of a lineage.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) n: u64,
    pub(super) epoch: u64,
    pub(super) arrived: Duration,
    pub(super) service: Duration,
    /// `None`: it is in flight.
    pub(super) reply: Option<Reply>,
    /// Whether `single_flight` has counted it.
    pub(super) overlaps: bool,
    /// Whether `asked_once` has counted it.
    pub(super) is_asked_again: bool,
}

/// A request that was answered 200.
#[derive(Clone, Copy, Debug)]
pub(super) struct Got {
    pub(super) n: u64,
    pub(super) epoch: u64,
    pub(super) at: Duration,
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
}

impl Seen {
    pub(super) fn new(n: u64, epoch: u64, moment: &Moment) -> Self {
        let (arrived, service) = (moment.real, moment.service);
        Self { n, epoch, arrived, service, reply: None, overlaps: false, is_asked_again: false }
    }

    /// Whether it was answered before an instant.
    pub(super) fn was_answered_by(&self, at: Duration) -> bool {
        self.reply.is_some_and(|reply| reply.at <= at)
    }
}

impl Reply {
    pub(super) fn new(outline: &Outline, ended: Ended, moment: &Moment, speed: u32) -> Self {
        let is_complete = ended == Ended::Complete && outline.is_whole;
        Self {
            status: outline.status.filter(|_| is_complete),
            retry_after: outline.retry_after,
            at: moment.real,
            service: moment.service,
            speed: speed.max(1),
        }
    }

    /// A repeat of the request cannot change it.
    pub(super) fn is_final(&self) -> bool {
        self.status.is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 425 | 429))
    }
}

impl Lineage {
    pub(super) fn new(label: Arc<str>) -> Self {
        Self {
            label,
            seen: VecDeque::new(),
            got: None,
            forgotten: 0,
            forgotten_until: Duration::ZERO,
            run: Run::default(),
            counted: 0,
        }
    }

    pub(super) fn arrived(&mut self, seen: Seen, attempts: &mut Reached) {
        if self.seen.len() == LAST {
            if self.counted == 0 {
                self.run.count(&self.seen[0], &self.label, attempts);
            }
            self.counted = self.counted.saturating_sub(1);
            let oldest = self.seen.pop_front();
            self.forgotten += u32::from(oldest.is_some_and(|oldest| oldest.reply.is_none()));
        }
        self.seen.push_back(seen);
    }

    pub(super) fn answered(&mut self, n: u64, reply: Reply, attempts: &mut Reached) {
        match self.seen.iter_mut().find(|seen| seen.n == n) {
            Some(seen) => {
                seen.reply = Some(reply);
                if reply.status == Some(200) {
                    self.got = Some(Got { n, epoch: seen.epoch, at: reply.at });
                }
            }
            None => {
                self.forgotten = self.forgotten.saturating_sub(1);
                self.forgotten_until = self.forgotten_until.max(reply.at);
            }
        }
        // In the order of arrival, whatever the order of the replies.
        while let Some(next) = self.seen.get(self.counted).filter(|seen| seen.reply.is_some()) {
            self.run.count(next, &self.label, attempts);
            self.counted += 1;
        }
    }

    /// The request at `index` and the next one, if from the arrival of the first to that of the second they were the only
    /// ones of their lineage, the first was answered before, and no boundary lies between.
    pub(super) fn serial(&self, index: usize) -> Option<(&Seen, &Reply, &Seen)> {
        let (first, second) = (self.seen.get(index)?, self.seen.get(index + 1)?);
        let reply = first.reply.as_ref()?;
        let were_alone = self.forgotten == 0
            && self.forgotten_until <= first.arrived
            && self.seen.iter().take(index).all(|earlier| earlier.was_answered_by(first.arrived));
        let is_serial = first.epoch == second.epoch && reply.at <= second.arrived && were_alone;
        is_serial.then_some((first, reply, second))
    }
}

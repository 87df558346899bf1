//! Readings, one at a time: the request that makes one, those that wait for it, and the start of the next one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{Nanos, nanos};
use crate::{Error, ErrorKind};

/// The longest time between the starts of two readings after failures, if `min_interval` is less.
const LONGEST_INTERVAL: Nanos = 30_000_000_000;

/// The interval that failures double, if `min_interval` is less: 0 doubled would be no pause.
const SHORTEST_INTERVAL: Nanos = 100_000_000;

/// The pause after HTTP 429 without `Retry-After`.
const THROTTLED: Duration = Duration::from_secs(60);

/// A request that takes part. Tickets are numbered in the order in which they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// One reading at a time. `W` wakes a request that waits.
#[derive(Debug)]
pub(super) struct Flight<W> {
    min_interval: Nanos,
    current: Option<Current>,
    /// In the order in which they came.
    waiting: BTreeMap<Ticket, Waiting<W>>,
    tickets: u64,
    /// How many readings started.
    starts: u64,
    last_start: Option<Nanos>,
    failure: Option<Failure>,
    /// After HTTP 429 no reading starts before this instant.
    throttled: Option<(Arc<Error>, Nanos)>,
    too_slow: Option<TooSlow>,
    /// Of the readings that have ended, the start that was the latest. Its result counts.
    latest: u64,
    /// The number of the current reading, or of the last one.
    number: u64,
}

#[derive(Debug)]
struct Current {
    reader: Ticket,
    deadline: Nanos,
}

#[derive(Debug)]
struct Waiting<W> {
    wake: W,
    deadline: Nanos,
}

/// The last reading failed.
#[derive(Debug)]
struct Failure {
    error: Arc<Error>,
    flight: u64,
    /// How many failed in a row before it.
    count: u32,
    until: Nanos,
}

/// Readers that had too little time got no answer. That says nothing of those who have more.
#[derive(Debug)]
struct TooSlow {
    error: Arc<Error>,
    /// The most time that one of them had.
    budget: Nanos,
    /// How many before the last one, in a row.
    count: u32,
    until: Nanos,
}

/// The next action of a request that needs a reading.
#[derive(Debug)]
pub(super) enum Turn {
    /// It makes the reading, not before this instant.
    Read(Nanos),
    Wait,
    /// No reading starts now, because the last one failed.
    Failing(Arc<Error>),
}

impl<W> Flight<W> {
    pub(super) fn new(min_interval: Nanos) -> Self {
        Self {
            min_interval,
            current: None,
            waiting: BTreeMap::new(),
            tickets: 0,
            starts: 0,
            last_start: None,
            failure: None,
            throttled: None,
            too_slow: None,
            latest: 0,
            number: 0,
        }
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub(super) fn starts(&self) -> u64 {
        self.starts
    }

    pub(super) fn last_start(&self) -> Option<Nanos> {
        self.last_start
    }

    /// Whether the reading of this number has ended.
    pub(super) fn is_over(&self, number: u64) -> bool {
        self.number != number || self.current.is_none()
    }

    /// The number of the reading that a request waits for.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The error of the last reading, if it failed. Readers that had too little time count from the second one on.
    pub(super) fn failure(&self) -> Option<&Arc<Error>> {
        let too_slow = || self.too_slow.as_ref().filter(|slow| slow.count > 0).map(|slow| &slow.error);
        self.failure.as_ref().map(|failure| &failure.error).or_else(too_slow)
    }

    /// The error of this reading or of a later one, unless one succeeded since.
    pub(super) fn failure_of(&self, number: u64) -> Option<&Arc<Error>> {
        self.failure.as_ref().filter(|failure| failure.flight >= number).map(|failure| &failure.error)
    }

    /// The error that the next request gets at once.
    pub(super) fn failing(&self, now: Nanos) -> Option<&Arc<Error>> {
        let throttled = || self.throttled.as_ref().filter(|(_, until)| now < *until).map(|(error, _)| error);
        let failure = self.failure.as_ref().filter(|failure| now < failure.until).map(|failure| &failure.error);
        failure.or_else(throttled)
    }

    /// The error that a request with this deadline gets at once.
    fn hopeless(&self, deadline: Nanos, now: Nanos) -> Option<&Arc<Error>> {
        let is_as_short = |slow: &&TooSlow| now < slow.until && deadline.saturating_sub(now) <= slow.budget;
        self.failing(now).or_else(|| self.too_slow.as_ref().filter(is_as_short).map(|slow| &slow.error))
    }

    /// Whether a reading could start at this moment.
    pub(super) fn is_free(&self, now: Nanos) -> bool {
        self.current.as_ref().is_none_or(|current| current.deadline <= now)
            && self.failing(now).is_none()
            && self.not_before() <= now
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Until when the reader may take, for those who wait.
    pub(super) fn reader_deadline(&self) -> Option<Nanos> {
        self.current.as_ref().map(|current| current.deadline)
    }

    fn not_before(&self) -> Nanos {
        self.last_start.map_or(0, |start| start.saturating_add(self.min_interval))
    }

    /// A request needs a reading. It makes that itself if nobody does, or if the reader is past its deadline.
    pub(super) fn join(&mut self, ticket: Ticket, deadline: Nanos, now: Nanos, wake: impl FnOnce() -> W) -> Turn {
        match &self.current {
            Some(current) if current.reader == ticket => return Turn::Read(self.not_before()),
            Some(current) if current.deadline > now => {
                self.waiting.insert(ticket, Waiting { wake: wake(), deadline });
                return Turn::Wait;
            }
            _ => {}
        }
        if let Some(error) = self.hopeless(deadline, now) {
            return Turn::Failing(Arc::clone(error));
        }
        if self.current.is_none() {
            self.number += 1;
        }
        self.waiting.remove(&ticket);
        self.current = Some(Current { reader: ticket, deadline });
        Turn::Read(self.not_before())
    }

    fn is_reader(&self, ticket: Ticket) -> bool {
        self.current.as_ref().is_some_and(|current| current.reader == ticket)
    }

    /// The reader requests the reading now, once. The number of the start, or `None` if another reads meanwhile.
    pub(super) fn start(&mut self, ticket: Ticket, now: Nanos) -> Option<u64> {
        if !self.is_reader(ticket) {
            return None;
        }
        self.starts += 1;
        self.last_start = Some(now);
        Some(self.starts)
    }

    /// A request gives up. If it was the reader, the one that has waited longest reads instead: wake it.
    pub(super) fn leave(&mut self, ticket: Ticket) -> Option<W> {
        self.waiting.remove(&ticket);
        if !self.is_reader(ticket) {
            return None;
        }
        self.current = None;
        let (reader, Waiting { wake, deadline }) = self.waiting.pop_first()?;
        self.current = Some(Current { reader, deadline });
        Some(wake)
    }

    /// The reader had only this time, and got no answer. One that has waited and has more time left reads instead: wake
    /// it. If there is none, wake all: they have no hope. `start` is none if the reading was not requested.
    pub(super) fn give_up(
        &mut self,
        ticket: Ticket,
        start: Option<u64>,
        error: Arc<Error>,
        budget: Nanos,
        now: Nanos,
    ) -> Vec<W> {
        if !self.is_latest(start) {
            return self.finish(ticket);
        }
        let before = self.too_slow.take();
        let count = before.as_ref().map_or(0, |slow| slow.count.saturating_add(1));
        let budget = before.map_or(budget, |slow| slow.budget.max(budget));
        self.too_slow = Some(TooSlow { error, budget, count, until: now.saturating_add(self.interval(count)) });
        if !self.is_reader(ticket) {
            return Vec::new();
        }
        let has_more = |waiting: &Waiting<W>| waiting.deadline.saturating_sub(now) > budget;
        let next = self.waiting.iter().find(|(_, waiting)| has_more(waiting)).map(|(reader, _)| *reader);
        let Some((reader, waiting)) = next.and_then(|next| self.waiting.remove_entry(&next)) else {
            return self.finish(ticket);
        };
        self.current = Some(Current { reader, deadline: waiting.deadline });
        vec![waiting.wake]
    }

    /// The interval after so many failures in a row, and one more.
    fn interval(&self, count: u32) -> Nanos {
        let doubled = self.min_interval.max(SHORTEST_INTERVAL).saturating_mul(1_u64 << (count.min(31) + 1));
        doubled.min(LONGEST_INTERVAL.max(self.min_interval))
    }

    /// Whether the result of this start counts: of two readings it is that of the one that was requested later. A reading
    /// that was not requested comes after all.
    fn is_latest(&self, start: Option<u64>) -> bool {
        start.unwrap_or(self.starts) >= self.latest
    }

    /// The reading of this start has succeeded. Wakes those who waited, if it was the current one.
    pub(super) fn succeed(&mut self, ticket: Ticket, start: u64) -> Vec<W> {
        if self.is_latest(Some(start)) {
            self.latest = start;
            self.failure = None;
            self.too_slow = None;
        }
        self.finish(ticket)
    }

    /// A reading has failed, for all who waited for it. `start` is none if it was not requested.
    pub(super) fn fail(&mut self, ticket: Ticket, start: Option<u64>, error: Arc<Error>, now: Nanos) -> Vec<W> {
        if error.kind() == ErrorKind::RateLimited {
            let until = now.saturating_add(nanos(error.retry_after().unwrap_or(THROTTLED)));
            if self.throttled.as_ref().is_none_or(|(_, before)| *before < until) {
                self.throttled = Some((Arc::clone(&error), until));
            }
        }
        if self.is_latest(start) {
            self.latest = start.unwrap_or(self.starts);
            let count = self.failure.as_ref().map_or(0, |failure| failure.count.saturating_add(1));
            let until = now.saturating_add(self.interval(count));
            self.failure = Some(Failure { error, flight: self.number, count, until });
        }
        self.finish(ticket)
    }

    fn finish(&mut self, ticket: Ticket) -> Vec<W> {
        if !self.is_reader(ticket) {
            return Vec::new();
        }
        self.current = None;
        std::mem::take(&mut self.waiting).into_values().map(|waiting| waiting.wake).collect()
    }
}

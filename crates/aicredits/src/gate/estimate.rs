//! The estimate of what is left: the last reading, less the commits that it may lack.

use std::sync::Arc;

use super::clock::{Nanos, shifted};
use super::commits::{Bucket, Commits, Mark};
use crate::decide::Figures;
use crate::{Balance, Timestamp};

/// A reading of the balance.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) balance: Balance,
    pub(super) figures: Figures,
    /// When it was requested, before any attempt.
    pub(super) requested: Nanos,
    /// The number of its start: readings are numbered in the order in which they are requested.
    pub(super) number: u64,
    /// When the attempt that brought it began. Its age counts from then.
    pub(super) began: Nanos,
    pub(super) arrived: Nanos,
    /// The server's date when it arrived, or else the machine's.
    pub(super) date: Timestamp,
}

impl Reading {
    pub(super) fn age(&self, now: Nanos) -> Nanos {
        now.saturating_sub(self.began)
    }

    /// The server's date at an instant of the gate's clock.
    pub(super) fn date_at(&self, at: Nanos) -> Option<Timestamp> {
        shifted(self.date, i128::from(at) - i128::from(self.arrived))
    }
}

/// How the estimate is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formula {
    pub(super) delay: Nanos,
    pub(super) is_strict: bool,
    pub(super) processes: u32,
}

/// The estimate, in its two forms: at least, and at most. Sums of 128 bits cannot overflow.
#[derive(Debug)]
pub(super) struct Estimate {
    formula: Formula,
    commits: Commits,
    current: Option<Current>,
    /// The buckets, shared with denials until the next commit.
    snapshot: Option<Arc<[Bucket]>>,
}

#[derive(Debug)]
struct Current {
    reading: Arc<Reading>,
    mark: Mark,
    low: i128,
    /// `None` is unbounded.
    high: Option<i128>,
}

impl Estimate {
    /// `window` is how long commits are kept: the formula's delay, and the longest reading.
    pub(super) fn new(formula: Formula, window: Nanos) -> Self {
        Self { formula, commits: Commits::new(window), current: None, snapshot: None }
    }

    pub(super) fn reading(&self) -> Option<&Arc<Reading>> {
        self.current.as_ref().map(|current| &current.reading)
    }

    pub(super) fn low(&self) -> Option<i128> {
        self.current.as_ref().map(|current| current.low)
    }

    /// `None` without a reading, `Some(None)` if it is unbounded.
    pub(super) fn high(&self) -> Option<Option<i128>> {
        self.current.as_ref().map(|current| current.high)
    }

    /// A reading starts.
    pub(super) fn mark(&mut self) -> Mark {
        self.commits.mark()
    }

    /// Counts a commit, or credits that nobody can account for.
    pub(super) fn commit(&mut self, now: Nanos, amount: u64) {
        self.commit_late(now, amount, i128::from(amount));
    }

    /// Counts a commit of which the estimate lacks only `missing`.
    pub(super) fn commit_late(&mut self, now: Nanos, amount: u64, missing: i128) {
        self.snapshot = None;
        self.commits.add(now, amount);
        if let Some(current) = &mut self.current {
            current.low -= missing;
            current.high = current.high.map(|high| high - missing);
        }
    }

    /// Takes a reading that has arrived; `mark` is its start. False if a reading that was requested later is there, or if
    /// it is so old that the commits it may lack are no longer known.
    pub(super) fn apply(&mut self, reading: Arc<Reading>, mark: Mark) -> bool {
        if self.current.as_ref().is_some_and(|current| current.reading.number > reading.number) {
            return false;
        }
        let Some(unseen) = self.commits.since(reading.requested.checked_sub(self.formula.delay)) else { return false };
        let after = self.commits.after(mark);
        let before = self.current.take().filter(|_| !self.formula.is_strict);
        // The first reading has no estimate before it, so that nothing is known of the commits that it may lack.
        let estimate = |figure: i128, before: Option<i128>| match before {
            Some(before) => (figure - unseen).max((figure - after).min(before)),
            None => figure - unseen,
        };
        let share = |figure: i64| i128::from(figure).div_euclid(i128::from(self.formula.processes));
        let Figures { low, high, .. } = reading.figures;
        let is_exact = high == Some(low);
        let low = estimate(share(low), before.as_ref().map(|before| before.low));
        let high = match high.map(share) {
            _ if is_exact => Some(low),
            None => None,
            Some(high) => Some(match &before {
                // An estimate that was unbounded says nothing.
                Some(Current { high: None, .. }) => high - after,
                before => estimate(high, before.as_ref().and_then(|before| before.high)),
            }),
        };
        self.current = Some(Current { reading, mark, low, high });
        true
    }

    /// The commits of now, for a denial to look at later.
    pub(super) fn snapshot(&mut self) -> Arc<[Bucket]> {
        Arc::clone(self.snapshot.get_or_insert_with(|| self.commits.buckets().into()))
    }

    /// The start of the reading in force.
    pub(super) fn mark_in_force(&self) -> Option<Mark> {
        self.current.as_ref().map(|current| current.mark)
    }

    pub(super) fn delay(&self) -> Nanos {
        self.formula.delay
    }

    pub(super) fn processes(&self) -> u32 {
        self.formula.processes
    }
}

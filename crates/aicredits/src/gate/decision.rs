//! Whether a request is granted, denied, or needs a reading.

use std::sync::Arc;

use super::account::AccountId;
use super::clock::{Nanos, nanos};
use super::exhaustion::Standing;
use super::flight::Flight;
use super::ledger::{Ask, Grant, Grounds, Judgement, Ledger};
use super::outlook::{Prospect, Story};
use super::settings::GateSettings;
use super::wake::Wake;
use super::when_unavailable::WhenUnavailable;
use crate::denial::DenialReason;
use crate::{Error, ErrorKind};

/// The state of a gate, under its lock.
pub(super) struct Books {
    pub(super) ledger: Ledger,
    pub(super) flight: Flight<Arc<dyn Wake>>,
    unchecked: Unlogged,
    min_interval: Nanos,
    when_unavailable: WhenUnavailable,
    is_dry_run: bool,
}

/// Unchecked grants that no log record has counted.
#[derive(Debug, Default)]
struct Unlogged {
    count: u64,
    last: Option<Nanos>,
}

/// A checked request.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) account: Option<AccountId>,
    pub(super) ask: Ask,
    pub(super) ttl: Nanos,
    pub(super) label: Option<Arc<str>>,
    /// Whether a reading may be made for it.
    pub(super) may_read: bool,
}

/// How far a request has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// How many readings had started when it began.
    pub(super) entered: u64,
    /// How many readings it has waited for or made.
    pub(super) readings: u32,
    /// The error of such a reading, or of the wait for one.
    pub(super) failure: Option<Arc<Error>>,
}

/// A reservation takes part in at most so many readings: the one in flight, and then its own.
const MOST_READINGS: u32 = 2;

pub(super) enum Decision {
    /// With the number of unchecked grants to log, if it is time.
    Granted(Grant, Option<u64>),
    Denied(Refusal),
    Reading,
}

/// The data of a denial. The rest is made when the lock is free.
pub(super) struct Refusal {
    pub(super) reason: DenialReason,
    pub(super) grantable: Option<i128>,
    pub(super) age: Option<Nanos>,
    pub(super) story: Story,
    pub(super) cause: Option<Arc<Error>>,
}

impl Books {
    pub(super) fn new(settings: &GateSettings, limit: Option<u64>) -> Self {
        Self {
            ledger: Ledger::new(settings, limit),
            flight: Flight::new(nanos(settings.min_interval)),
            unchecked: Unlogged::default(),
            min_interval: nanos(settings.min_interval),
            when_unavailable: settings.when_unavailable,
            is_dry_run: settings.is_dry_run,
        }
    }

    /// Decides at `now`, which [`Ledger::advance`] has returned.
    pub(super) fn decide(&mut self, query: &Query, progress: &Progress, now: Nanos) -> Decision {
        let judgement = self.ledger.judge(query.account, query.ask, progress.entered);
        if self.is_dry_run {
            return self.grant_anyway(query, judgement, now);
        }
        let may_read = query.may_read && progress.failure.is_none() && progress.readings < MOST_READINGS;
        match judgement {
            Judgement::Grant { count } => {
                let is_due = may_read && progress.readings == 0 && !query.ask.is_free() && self.ledger.is_half_old();
                if is_due && self.flight.is_free(now) {
                    return Decision::Reading;
                }
                Decision::Granted(self.grant(query, count, Grounds::Checked), None)
            }
            Judgement::Limit { room } => {
                let account = self.ledger.accounts.tightest(query.account);
                let (limit, used) = account.map_or((0, 0), |account| (account.limit.unwrap_or(0), account.used()));
                self.deny(query, DenialReason::Limit, Some(room), Story::Limit { limit, used }, None)
            }
            Judgement::Exhausted => {
                let is_due = self.ledger.exhaustion.wants_reading(now, self.flight.last_start());
                if may_read && progress.readings == 0 && is_due && self.flight.is_free(now) {
                    return Decision::Reading;
                }
                let since = self.ledger.exhaustion.since().map_or(0, |since| now.saturating_sub(since));
                let story = Story::Exhausted { since, prospect: self.prospect() };
                self.deny(query, DenialReason::Exhausted, self.ledger.grantable(), story, None)
            }
            Judgement::NoReading if may_read && self.flight.failing(now).is_none() => Decision::Reading,
            Judgement::NoReading => {
                let cause = progress.failure.as_ref().or(self.flight.failure()).map(Arc::clone);
                self.unavailable(query, judgement, cause, now)
            }
            Judgement::Undecided => {
                let refused = self.flight.failure().filter(|failure| !may_pass(failure));
                let cause = progress.failure.as_ref().or(refused).map(Arc::clone);
                self.unavailable(query, judgement, cause, now)
            }
            Judgement::Short { grantable } => {
                let is_recent = self.is_recent(now);
                let is_new = self.ledger.estimate.reading().is_some_and(|reading| reading.number > progress.entered);
                if may_read && !is_recent && !is_new && self.flight.failing(now).is_none() {
                    return Decision::Reading;
                }
                if !query.may_read && !is_recent {
                    let cause = self.flight.failure().map(Arc::clone);
                    let story = Story::Unavailable { cause: cause.clone(), undecided: None };
                    return self.deny(query, DenialReason::Unavailable, None, story, cause);
                }
                match self.prospect() {
                    Some(prospect) => {
                        let story = Story::Insufficient(prospect);
                        self.deny(query, DenialReason::Insufficient, Some(grantable), story, None)
                    }
                    None => self.unavailable(query, Judgement::NoReading, None, now),
                }
            }
        }
    }

    /// Whether the reading in force was requested less than `min_interval` ago.
    pub(super) fn is_recent(&self, now: Nanos) -> bool {
        let reading = self.ledger.estimate.reading();
        reading.is_some_and(|reading| now.saturating_sub(reading.requested) < self.min_interval)
    }

    fn grant(&mut self, query: &Query, count: u64, grounds: Grounds) -> Grant {
        self.ledger.grant(query.account, query.ask, count, grounds, query.ttl, query.label.clone())
    }

    /// Without a usable reading nobody knows what the gate would do, unless readings fail.
    fn grant_anyway(&mut self, query: &Query, judgement: Judgement, now: Nanos) -> Decision {
        let grant = match judgement {
            Judgement::Grant { count } => self.grant(query, count, Grounds::Checked),
            Judgement::NoReading if self.flight.failing(now).is_none() => {
                self.grant(query, query.ask.most(), Grounds::Checked)
            }
            _ => self.grant(query, query.ask.most(), Grounds::WouldBeDenied),
        };
        Decision::Granted(grant, None)
    }

    /// No reading can decide.
    fn unavailable(&mut self, query: &Query, judgement: Judgement, cause: Option<Arc<Error>>, now: Nanos) -> Decision {
        // The cause may be that this caller has no time left. Only a reading shows whether the service is there.
        let applies = self.ledger.exhaustion.standing(now) == Standing::Clear
            && cause.as_deref().is_none_or(may_pass)
            && match self.flight.failure() {
                Some(failure) => may_pass(failure),
                None => judgement == Judgement::Undecided,
            };
        let count = match self.when_unavailable {
            _ if !applies => 0,
            WhenUnavailable::Deny => 0,
            WhenUnavailable::Allow => self.ledger.count_within_limits(query.account, query.ask),
            WhenUnavailable::Stale(most) => {
                let is_young = self.ledger.age().is_some_and(|age| age < nanos(most));
                if is_young { self.ledger.count_within_estimate(query.account, query.ask) } else { 0 }
            }
        };
        if count == 0 {
            let reading = self.ledger.estimate.reading().map(Arc::clone);
            let undecided = reading.filter(|_| judgement == Judgement::Undecided);
            let story = Story::Unavailable { cause: cause.clone(), undecided };
            return self.deny(query, DenialReason::Unavailable, None, story, cause);
        }
        let grant = self.grant(query, count, Grounds::Unchecked);
        Decision::Granted(grant, self.unchecked.add(now, self.min_interval))
    }

    fn deny(
        &mut self,
        query: &Query,
        reason: DenialReason,
        grantable: Option<i128>,
        story: Story,
        cause: Option<Arc<Error>>,
    ) -> Decision {
        self.ledger.deny(query.account);
        Decision::Denied(Refusal { reason, grantable, age: self.ledger.age(), story, cause })
    }

    fn prospect(&mut self) -> Option<Prospect> {
        let held_back = self.ledger.held_back();
        let estimate = &mut self.ledger.estimate;
        Some(Prospect {
            reading: Arc::clone(estimate.reading()?),
            mark: estimate.mark_in_force()?,
            delay: estimate.delay(),
            processes: estimate.processes(),
            buckets: estimate.snapshot(),
            held_back,
        })
    }
}

impl Unlogged {
    /// The count to log, at most once in an interval.
    fn add(&mut self, now: Nanos, interval: Nanos) -> Option<u64> {
        self.count += 1;
        if self.last.is_some_and(|last| now.saturating_sub(last) < interval) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

/// Whether `when_unavailable` applies after a reading failed so. A revoked key is no reason to grant.
fn may_pass(error: &Error) -> bool {
    use ErrorKind::{Decode, Network, Protocol, RateLimited, Server, Timeout, Tls, TooLarge};
    matches!(error.kind(), Network | Tls | Timeout | RateLimited | Server | TooLarge | Decode | Protocol)
}

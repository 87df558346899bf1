use std::sync::Arc;
use std::time::Duration;

use super::account::AccountId;
use super::clock::{Nanos, shifted};
use super::ledger::Ledger;
use crate::Timestamp;

/// The figures of a gate at one moment.
#[derive(Clone, Debug, Default)]
pub struct GateState {
    pub(crate) grantable: Option<i64>,
    pub(crate) estimate: Option<i64>,
    pub(crate) spendable: Option<i64>,
    pub(crate) reserved: u64,
    pub(crate) age: Option<Duration>,
    pub(crate) granted: u64,
    pub(crate) denied: u64,
    pub(crate) unchecked: u64,
    pub(crate) would_be_denied: u64,
    pub(crate) exhausted_since: Option<Timestamp>,
    pub(crate) limit: Option<u64>,
    pub(crate) used: u64,
    pub(crate) reservations: Vec<OpenReservation>,
}

/// An open reservation of a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReservation {
    pub(crate) label: Option<Arc<str>>,
    pub(crate) cost: u64,
    pub(crate) age: Duration,
}

/// As a figure that every language has.
pub(super) fn clamped(figure: i128) -> i64 {
    figure.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

fn unsigned(figure: i128) -> u64 {
    u64::try_from(figure.max(0)).unwrap_or(u64::MAX)
}

impl GateState {
    /// Of a gate or a sub-gate at `now`, when the machine's date is `date`.
    pub(super) fn new(ledger: &Ledger, id: Option<AccountId>, now: Nanos, date: Timestamp) -> Self {
        let account = ledger.accounts.get(id);
        let room = ledger.accounts.tightest(id).and_then(|account| account.room());
        let reading = ledger.estimate.reading();
        let date = reading.and_then(|reading| reading.date_at(now)).unwrap_or(date);
        let age = |since: Nanos| now.saturating_sub(since);
        let mut open: Vec<_> = ledger.reservations().filter(|open| id.is_none() || open.account == id).collect();
        open.sort_by_key(|open| open.granted);
        let reservations = open.into_iter().map(|open| OpenReservation {
            label: open.label.clone(),
            cost: open.cost,
            age: Duration::from_nanos(age(open.granted)),
        });
        Self {
            grantable: ledger.grantable().map(|left| clamped(room.map_or(left, |room| left.min(room)))),
            estimate: ledger.estimate.low().map(clamped),
            spendable: reading.and_then(|reading| reading.figures.spendable()),
            reserved: unsigned(account.reserved),
            age: ledger.age().map(Duration::from_nanos),
            granted: account.counts.granted,
            denied: account.counts.denied,
            unchecked: account.counts.unchecked,
            would_be_denied: account.counts.would_be_denied,
            exhausted_since: ledger.exhaustion.since().and_then(|since| shifted(date, -i128::from(age(since)))),
            limit: account.limit,
            used: unsigned(account.used()),
            reservations: reservations.collect(),
        }
    }

    /// The credits that the gate would grant: estimate less reserved less headroom. At most what its limit
    /// and its parent's limit still allow. `None` without a reading.
    pub fn grantable(&self) -> Option<i64> {
        self.grantable
    }

    /// The estimate of what is left, before reservations. `None` without a reading.
    pub fn estimate(&self) -> Option<i64> {
        self.estimate
    }

    /// [`Balance::spendable`](crate::Balance::spendable) of the reading in force. `None` if it is unknown.
    pub fn spendable(&self) -> Option<i64> {
        self.spendable
    }

    /// The credits of open reservations.
    pub fn reserved(&self) -> u64 {
        self.reserved
    }

    /// The age of the reading in force.
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// How many reservations were granted.
    pub fn granted(&self) -> u64 {
        self.granted
    }

    /// How many were denied.
    pub fn denied(&self) -> u64 {
        self.denied
    }

    /// How many were granted although no reading could decide.
    pub fn unchecked(&self) -> u64 {
        self.unchecked
    }

    /// How many a `dry_run` gate granted that it would have denied.
    pub fn would_be_denied(&self) -> u64 {
        self.would_be_denied
    }

    /// Since when the gate denies because the vendor refused an action.
    pub fn exhausted_since(&self) -> Option<Timestamp> {
        self.exhausted_since
    }

    /// The limit. `None` if there is none.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// The credits that count against the limit: commits and open reservations.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// The open reservations, oldest first.
    pub fn reservations(&self) -> &[OpenReservation] {
        &self.reservations
    }
}

impl OpenReservation {
    /// Its label.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The credits that are still reserved.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// The time since it was granted.
    pub fn age(&self) -> Duration {
        self.age
    }
}

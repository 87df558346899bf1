//! The ledger of reservations and commits. It does no I/O, reads no clock, and logs nothing: every event has its time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::{AccountId, Accounts};
use super::clock::{Nanos, nanos};
use super::commits::Mark;
use super::estimate::{Estimate, Formula, Reading};
use super::exhaustion::{Exhaustion, Standing};
use super::settings::GateSettings;

/// Credits that a caller asks for, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) unit_cost: u64,
    pub(super) wanted: u64,
}

/// The name of an open reservation: its expiry and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) deadline: Nanos,
    pub(super) number: u64,
}

/// An open reservation.
#[derive(Debug)]
pub(super) struct Open {
    /// The credits that are still reserved.
    pub(super) cost: u64,
    pub(super) granted: Nanos,
    pub(super) label: Option<Arc<str>>,
    pub(super) account: Option<AccountId>,
}

/// Whether credits can be granted, by the ledger alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// So many actions.
    Grant {
        count: u64,
    },
    /// The limit allows only so much.
    Limit {
        room: i128,
    },
    Exhausted,
    /// There is no reading, or it is too old.
    NoReading,
    /// The reading cannot tell.
    Undecided,
    /// At most so much can be granted, by the reading.
    Short {
        grantable: i128,
    },
}

/// How a reservation was granted, for the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grounds {
    Checked,
    /// By `when_unavailable`.
    Unchecked,
    /// By `dry_run`.
    WouldBeDenied,
}

/// A reservation that was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) key: Key,
    pub(super) count: u64,
    pub(super) cost: u64,
    /// See [`Exhaustion::era`].
    pub(super) era: u64,
}

#[derive(Debug)]
pub(super) struct Ledger {
    headroom: i128,
    max_age: Nanos,
    read_timeout: Nanos,
    pub(super) estimate: Estimate,
    pub(super) exhaustion: Exhaustion,
    pub(super) accounts: Accounts,
    open: BTreeMap<Key, Open>,
    granted: u64,
    /// The time of the last event. Threads read the clock before they come in, so it may seem to go back.
    now: Nanos,
}

impl Ask {
    /// The cost of `count` actions, which is at most the cost of those wanted.
    fn cost(self, count: u64) -> u64 {
        self.unit_cost.saturating_mul(count)
    }

    pub(super) fn is_free(self) -> bool {
        self.unit_cost == 0 || self.wanted == 0
    }

    /// How many of them have a cost that can be counted.
    pub(super) fn most(self) -> u64 {
        let most = i64::MAX.unsigned_abs().checked_div(self.unit_cost);
        most.map_or(self.wanted, |most| most.min(self.wanted))
    }

    /// How many actions fit into an amount.
    fn fit(self, amount: i128) -> u64 {
        let fit = amount.max(0) / i128::from(self.unit_cost.max(1));
        u64::try_from(fit).unwrap_or(u64::MAX).min(self.wanted)
    }
}

impl Ledger {
    pub(super) fn new(settings: &GateSettings, limit: Option<u64>) -> Self {
        let delay = nanos(settings.visibility_delay);
        let formula = Formula { delay, is_strict: settings.is_strict, processes: settings.processes };
        Self {
            headroom: settings.headroom.into(),
            max_age: nanos(settings.max_age),
            read_timeout: nanos(settings.read_timeout),
            estimate: Estimate::new(formula, delay.saturating_add(nanos(settings.read_timeout))),
            exhaustion: Exhaustion::new(nanos(settings.exhausted_cooldown)),
            accounts: Accounts::new(limit),
            open: BTreeMap::new(),
            granted: 0,
            now: 0,
        }
    }

    /// An event happens: reservations that are due expire first. The time of the event.
    pub(super) fn advance(&mut self, now: Nanos) -> Nanos {
        self.now = self.now.max(now);
        while let Some(entry) = self.open.first_entry()
            && entry.key().deadline <= self.now
        {
            let (key, open) = entry.remove_entry();
            self.close(key, &open, false);
            self.estimate.commit(key.deadline, open.cost);
        }
        self.now
    }

    /// Takes an open reservation out of the sums.
    fn close(&mut self, key: Key, open: &Open, is_commit: bool) {
        self.exhaustion.ended(key.number, is_commit);
        self.accounts.change(open.account, |account| account.reserved -= i128::from(open.cost));
    }

    /// The estimate less what is reserved and the headroom.
    pub(super) fn grantable(&self) -> Option<i128> {
        Some(self.less_reserved(self.estimate.low()?))
    }

    fn less_reserved(&self, estimate: i128) -> i128 {
        estimate - self.accounts.get(None).reserved - self.headroom
    }

    /// The credits that are there and not granted: those reserved, and the headroom.
    pub(super) fn held_back(&self) -> i128 {
        self.accounts.get(None).reserved + self.headroom
    }

    pub(super) fn age(&self) -> Option<Nanos> {
        self.estimate.reading().map(|reading| reading.age(self.now))
    }

    /// Whether there is a reading that may decide: it is young enough, or was requested after the first `entered` ones. Such
    /// a reading may be slower than `max_age`, but a request that slept for a day must not grant from it.
    fn is_usable(&self, entered: u64) -> bool {
        let is_usable = |reading: &Arc<Reading>| {
            let is_own = reading.number > entered;
            reading.age(self.now) < if is_own { self.max_age.max(self.read_timeout) } else { self.max_age }
        };
        self.estimate.reading().is_some_and(is_usable)
    }

    /// Whether one caller makes a new reading while the others are granted.
    pub(super) fn is_half_old(&self) -> bool {
        self.age().is_some_and(|age| age >= self.max_age / 2)
    }

    /// Judges a request that came when `entered` readings had started, in the order of the denials.
    pub(super) fn judge(&self, account: Option<AccountId>, ask: Ask, entered: u64) -> Judgement {
        if ask.is_free() {
            return Judgement::Grant { count: ask.wanted };
        }
        let room = self.accounts.tightest(account).and_then(|account| account.room());
        let fit = room.map_or(ask.wanted, |room| ask.fit(room));
        if let Some(room) = room
            && fit == 0
        {
            return Judgement::Limit { room };
        }
        if self.exhaustion.standing(self.now) == Standing::Exhausted {
            return Judgement::Exhausted;
        }
        if !self.is_usable(entered) {
            return Judgement::NoReading;
        }
        let (Some(low), Some(high)) = (self.estimate.low(), self.estimate.high()) else {
            return Judgement::NoReading;
        };
        let count = fit.min(ask.fit(self.less_reserved(low)));
        if count > 0 {
            return Judgement::Grant { count };
        }
        match high.map(|high| self.less_reserved(high)) {
            Some(grantable) if grantable < i128::from(ask.unit_cost) => Judgement::Short { grantable },
            _ => Judgement::Undecided,
        }
    }

    /// How many actions the limits allow, whatever the reading shows.
    pub(super) fn count_within_limits(&self, account: Option<AccountId>, ask: Ask) -> u64 {
        let room = self.accounts.tightest(account).and_then(|account| account.room());
        room.map_or(u64::MAX, |room| ask.fit(room)).min(ask.most())
    }

    /// How many actions fit into the estimate, however old the reading is.
    pub(super) fn count_within_estimate(&self, account: Option<AccountId>, ask: Ask) -> u64 {
        self.grantable().map_or(0, |grantable| ask.fit(grantable)).min(self.count_within_limits(account, ask))
    }

    pub(super) fn grant(
        &mut self,
        account: Option<AccountId>,
        ask: Ask,
        count: u64,
        grounds: Grounds,
        ttl: Nanos,
        label: Option<Arc<str>>,
    ) -> Grant {
        self.granted += 1;
        let key = Key { deadline: self.now.saturating_add(ttl), number: self.granted };
        let cost = ask.cost(count);
        if !ask.is_free() && self.exhaustion.standing(self.now) == Standing::Trial {
            self.exhaustion.try_with(key.number);
        }
        self.accounts.change(account, |account| {
            account.reserved += i128::from(cost);
            account.counts.granted += 1;
            account.counts.unchecked += u64::from(grounds == Grounds::Unchecked);
            account.counts.would_be_denied += u64::from(grounds == Grounds::WouldBeDenied);
        });
        self.open.insert(key, Open { cost, granted: self.now, label, account });
        Grant { key, count, cost, era: self.exhaustion.era() }
    }

    pub(super) fn deny(&mut self, account: Option<AccountId>) {
        self.accounts.change(account, |account| account.counts.denied += 1);
    }

    pub(super) fn get(&self, key: Key) -> Option<&Open> {
        self.open.get(&key)
    }

    /// The action of an open reservation ran. `None` is at its reserved cost.
    pub(super) fn commit(&mut self, key: Key, actual: Option<u64>) -> bool {
        let Some(open) = self.open.remove(&key) else { return false };
        self.close(key, &open, true);
        self.spend(open.account, actual.unwrap_or(open.cost));
        true
    }

    /// A part of the action ran. The credits that are left, if the reservation is open.
    pub(super) fn commit_part(&mut self, key: Key, actual: u64) -> Option<u64> {
        let open = self.open.get_mut(&key)?;
        let freed = open.cost.min(actual);
        open.cost -= freed;
        let (left, account) = (open.cost, open.account);
        self.accounts.change(account, |account| account.reserved -= i128::from(freed));
        self.exhaustion.ended(key.number, true);
        self.spend(account, actual);
        Some(left)
    }

    /// Counts an action without an open reservation: of one that was released, or of the process that forked this one.
    pub(super) fn spend(&mut self, account: Option<AccountId>, actual: u64) {
        self.estimate.commit(self.now, actual);
        self.accounts.change(account, |account| account.committed += i128::from(actual));
    }

    /// Counts an action of a reservation that became unresolved at `ended`, when `left` was counted as spent.
    pub(super) fn spend_unresolved(
        &mut self,
        key: Key,
        ended: Nanos,
        account: Option<AccountId>,
        left: u64,
        actual: u64,
        is_last: bool,
    ) {
        let is_counted = self.estimate.reading().is_none_or(|reading| reading.arrived <= ended);
        let counted = if is_last { left } else { left.min(actual) };
        // A reading since may have shown that the action had not been charged then.
        let counted = if is_counted { i128::from(counted) } else { 0 };
        self.estimate.commit_late(self.now, actual, i128::from(actual) - counted);
        self.exhaustion.ended(key.number, true);
        self.accounts.change(account, |account| account.committed += i128::from(actual));
    }

    /// The action certainly did not run.
    pub(super) fn release(&mut self, key: Key) -> bool {
        let Some(open) = self.open.remove(&key) else { return false };
        self.close(key, &open, false);
        true
    }

    /// Nobody knows whether the action ran. The time, if the reservation was open.
    pub(super) fn abandon(&mut self, key: Key) -> Option<Nanos> {
        let open = self.open.remove(&key)?;
        self.close(key, &open, false);
        self.estimate.commit(self.now, open.cost);
        Some(self.now)
    }

    pub(super) fn report_exhausted(&mut self, starts: u64) {
        let reading = self.estimate.reading().map(Arc::clone);
        self.exhaustion.report(self.now, starts, reading.as_deref());
    }

    /// A reading starts.
    pub(super) fn begin_reading(&mut self) -> Mark {
        self.estimate.mark()
    }

    /// A reading has come.
    pub(super) fn read(&mut self, reading: Arc<Reading>, mark: Mark) {
        if self.estimate.apply(Arc::clone(&reading), mark) {
            self.exhaustion.read(&reading);
        }
    }

    pub(super) fn reservations(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }
}

//! Charges that balances do not show yet.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::account::{AllocationId, RuleId};

/// The most charges in flight.
const MOST: usize = 65_536;

/// Charges in flight. Each lowers what its allocation's rules show, at its time, unless a rule was set after the charge.
#[derive(Debug, Default)]
pub(super) struct Charges {
    by_time: BTreeMap<(Duration, u64), Charge>,
    /// How many charges have been made.
    made: u64,
    /// How many had been made when a rule was last set.
    set: HashMap<RuleId, u64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Charge {
    pub(super) allocation: AllocationId,
    pub(super) amount: i64,
    number: u64,
}

impl Charges {
    /// Adds a charge that shows at an instant of service time.
    pub(super) fn add(&mut self, allocation: AllocationId, amount: i64, shows: Duration) {
        self.made += 1;
        self.by_time.insert((shows, self.made), Charge { allocation, amount, number: self.made });
    }

    /// A rule was reset or adjusted: the charges so far no longer lower it.
    pub(super) fn rule_was_set(&mut self, id: RuleId) {
        // Without charges in flight there is nothing to remember.
        if !self.by_time.is_empty() {
            self.set.insert(id, self.made);
        }
    }

    /// Takes out a charge that shows by now.
    ///
    /// Of too many charges in flight, the one that would show first does so at once: a delay may be for ever.
    pub(super) fn take_due(&mut self, service: Duration) -> Option<Charge> {
        let are_too_many = self.by_time.len() > MOST;
        let first = self.by_time.first_entry().filter(|first| are_too_many || first.key().0 <= service)?;
        Some(first.remove())
    }

    /// Whether a charge lowers a rule of its allocation.
    pub(super) fn lowers(&self, charge: Charge, id: RuleId) -> bool {
        self.set.get(&id).is_none_or(|made| charge.number > *made)
    }

    /// The charges that were due have been shown.
    pub(super) fn tidy(&mut self) {
        if self.by_time.is_empty() && !self.set.is_empty() {
            self.set.clear();
        }
    }
}

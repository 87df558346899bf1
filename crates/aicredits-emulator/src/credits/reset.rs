//! Resets of rules, on time.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::account::RuleId;
use super::period;
use crate::protocol::Rule;

/// The rules that reset, by date. A request at which nothing is due costs one look at the earliest.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    by_date: BTreeSet<(Timestamp, RuleId)>,
}

impl Schedule {
    /// A rule is new, or its date has changed. Call [`remove`](Self::remove) before the change.
    pub(super) fn add(&mut self, id: RuleId, rule: &Rule) {
        if let Some(date) = rule.reset_date.filter(|_| period::resets(&rule.period)) {
            self.by_date.insert((date, id));
        }
    }

    /// The date of a rule will change.
    pub(super) fn remove(&mut self, id: RuleId, rule: &Rule) {
        if let Some(date) = rule.reset_date {
            self.by_date.remove(&(date, id));
        }
    }

    /// Takes out a rule whose date has come.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<RuleId> {
        let first = self.by_date.first().filter(|(date, _)| *date <= now)?.1;
        self.by_date.pop_first();
        Some(first)
    }
}

/// Resets a rule that is due: once to its cap, however long ago it was due. The new date is the next one after `now`. At
/// the end of the calendar there is none, and the rule has reset for the last time.
pub(super) fn reset(rule: &mut Rule, now: Timestamp) {
    (rule.balance, rule.shown) = (rule.cap, Some(rule.cap));
    let Some(date) = rule.reset_date else { return };
    let anchor = rule.anchor_day.unwrap_or_else(|| period::day(date));
    rule.reset_date = period::next_reset(&rule.period, date, anchor, now);
    rule.anchor_day =
        rule.reset_date.filter(|date| period::has_anchor(&rule.period) && period::day(*date) != anchor).map(|_| anchor);
}

//! The credits that the known resets bring.

use std::cmp::min;

use super::figures::SourceFigures;
use crate::Timestamp;
use crate::balance::{Balance, Rule};

/// From `at` on, `by` more credits can be spent than now; less, if `by` is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Growth {
    pub(crate) at: Timestamp,
    pub(crate) by: i128,
}

/// A source's figure changes at a reset; `None` if the change is unknown.
struct Change {
    at: Timestamp,
    by: Option<i128>,
}

/// A rule whose balance resets to its cap, after the reading.
struct Reset {
    at: Timestamp,
    cap: Option<i64>,
    balance: i64,
}

impl Balance {
    /// The instant of the reading: the server's date, or else the time at which it was fetched.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        self.server_date().or(self.fetched_at())
    }

    /// When the rule resets, if that lies after the reading. A reading without an instant counts as made before every
    /// reset date.
    pub(super) fn reset_ahead(&self, rule: &Rule) -> Option<Timestamp> {
        let is_ahead = rule.is_periodic() && !self.instant().is_some_and(|instant| rule.resets_by(instant));
        is_ahead.then(|| rule.reset_date())?
    }

    /// The sum over the sources of what each allows at `at`, less what it allows now. `None` if that is unknown.
    pub(super) fn growth_at(&self, at: Timestamp) -> Option<i128> {
        self.sources.iter().try_fold(0_i128, |sum, source| {
            let rules = self.rules_of(source);
            let resets = |rule: &Rule| rule.resets_by(at) && self.reset_ahead(rule).is_some();
            if !rules.iter().any(resets) {
                return Some(sum);
            }
            let (mut now, mut then) = (i64::MAX, i64::MAX);
            for rule in rules {
                let balance = rule.balance()?;
                now = min(now, balance);
                then = min(then, if resets(rule) { rule.cap()? } else { balance });
            }
            Some(sum + i128::from(then.max(0)) - i128::from(now.max(0)))
        })
    }

    /// How much more can be spent from each known reset on, in order of time. The list ends before the first reset at
    /// which that is unknown.
    ///
    /// It sorts the resets and passes over them once.
    pub(crate) fn growths(&self) -> Vec<Growth> {
        let mut changes = Vec::new();
        let mut resets = Vec::new();
        for source in &self.sources {
            self.changes_of(self.rules_of(source), &mut resets, &mut changes);
        }
        changes.sort_unstable_by_key(|change| change.at);

        let mut growths: Vec<Growth> = Vec::new();
        let mut sum = 0;
        for of_one_date in changes.chunk_by(|one, other| one.at == other.at) {
            let by = of_one_date.iter().try_fold(sum, |sum, change| Some(sum + change.by?));
            let Some(by) = by else { break };
            sum = by;
            growths.push(Growth { at: of_one_date[0].at, by });
        }
        growths
    }

    /// Adds the changes of one source. `resets` is room that the sources share.
    fn changes_of(&self, rules: &[Rule], resets: &mut Vec<Reset>, changes: &mut Vec<Change>) {
        resets.clear();
        // The least balance of the rules that do not reset.
        let mut least = i64::MAX;
        for rule in rules {
            let balance = rule.balance().unwrap_or(0);
            match self.reset_ahead(rule) {
                Some(at) => resets.push(Reset { at, cap: rule.cap(), balance }),
                None => least = min(least, balance),
            }
        }
        resets.sort_unstable_by_key(|reset| reset.at);
        if rules.iter().any(|rule| rule.balance().is_none()) {
            // The source's figure of now is unknown, and so is every change of it.
            changes.extend(resets.first().map(|first| Change { at: first.at, by: None }));
            return;
        }

        // Each reset gets the least balance of those after it.
        let mut later = i64::MAX;
        for reset in resets.iter_mut().rev() {
            later = min(later, std::mem::replace(&mut reset.balance, later));
        }
        let mut figure = SourceFigures::new(rules, None).low;
        for reset in resets.iter() {
            let by = reset.cap.map(|cap| {
                least = min(least, cap);
                let next = min(least, reset.balance).max(0);
                i128::from(next) - i128::from(std::mem::replace(&mut figure, next))
            });
            changes.push(Change { at: reset.at, by });
        }
    }
}

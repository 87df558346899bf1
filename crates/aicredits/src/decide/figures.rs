//! The two sums: how much can be spent at least, and at most.

use std::cmp::min;

use crate::Timestamp;
use crate::balance::{Balance, Credits, Rule, Source};

/// A breakdown with so many entries may be cut: the API's page allows no more.
pub(crate) const MAX_ENTRIES: usize = 1000;

/// How much can be spent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// At least this much.
    pub(crate) low: i64,
    /// At most this much; `None` is unbounded.
    pub(crate) high: Option<i64>,
    /// The origin of `high`.
    pub(crate) limit: LimitKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitKind {
    Nothing,
    Pools,
    Rules,
}

impl Figures {
    /// The exact figure, where it is known.
    pub(crate) fn spendable(&self) -> Option<i64> {
        self.high.filter(|high| *high == self.low)
    }
}

/// The credits that one source allows: the least of its rule balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SourceFigures {
    /// 0 where the source has no rules, or one without a balance.
    pub(super) low: i64,
    /// By the rules that are known; `None` is unbounded.
    pub(super) high: Option<i64>,
}

impl SourceFigures {
    pub(super) fn new(rules: &[Rule], server_date: Option<Timestamp>) -> Self {
        // Most sources have no unusual rule: then one figure is both. This loop has no branch.
        let mut low = i64::MAX;
        let mut is_unusual = rules.is_empty();
        for rule in rules {
            low = min(low, rule.balance_or_0());
            is_unusual |= rule.lacks_balance() | server_date.is_some_and(|date| rule.resets_in_second_or_before(date));
        }
        if is_unusual {
            return Self::of_unusual(rules, server_date);
        }
        Self { low: low.max(0), high: Some(low.max(0)) }
    }

    /// Of rules of which one may lack its balance or be overdue, or of none.
    #[cold]
    fn of_unusual(rules: &[Rule], server_date: Option<Timestamp>) -> Self {
        let low = rules.iter().map(Rule::balance_or_0).min().unwrap_or(0);
        let high = rules.iter().filter_map(|rule| bound(rule, server_date)).min();
        Self { low: low.max(0), high: high.map(|high| high.max(0)) }
    }
}

/// The most that a rule allows. An overdue rule may have reset since: it counts at its cap.
pub(super) fn bound(rule: &Rule, server_date: Option<Timestamp>) -> Option<i64> {
    if is_overdue(rule, server_date) { rule.cap() } else { rule.balance() }
}

/// Whether the rule should have been reset before the reading was made, by the server's own clock.
pub(super) fn is_overdue(rule: &Rule, server_date: Option<Timestamp>) -> bool {
    server_date.is_some_and(|date| rule.resets_by(date))
}

/// Whether a source of these rules can have recurring credits. One without rules can have any.
fn can_be_recurring(rules: &[Rule]) -> bool {
    rules.is_empty() || rules.iter().any(Rule::is_periodic)
}

/// Whether a source of these rules can have top-up credits. A rule of an absent or unknown period can be any.
fn can_be_top_up(rules: &[Rule]) -> bool {
    rules.is_empty() || rules.iter().any(|rule| !rule.is_periodic() || rule.is_of_unknown_period())
}

impl Balance {
    /// The two sums. One pass over the rules, without an allocation.
    pub(crate) fn figures(&self) -> Figures {
        let available = self.available();
        if self.sources.is_empty() {
            let limit = if available.is_some() { LimitKind::Pools } else { LimitKind::Nothing };
            return Figures { low: available.unwrap_or(0), high: available, limit };
        }

        let server_date = self.server_date();
        let mut low = 0_i64;
        let mut high = (self.sources.len() < MAX_ENTRIES).then_some(0_i64);
        for source in &self.sources {
            let figures = SourceFigures::new(self.rules_of(source), server_date);
            low = low.saturating_add(figures.low);
            high = high.zip(figures.high).map(|(sum, figure)| sum.saturating_add(figure));
        }
        for unlisted in [
            self.unlisted(self.periodic_credits(), can_be_recurring),
            self.unlisted(self.top_up_credits(), can_be_top_up),
        ] {
            let Some(pool) = unlisted else { continue };
            // A pool without a balance may hold any number.
            let figure = pool.balance();
            low = low.saturating_add(figure.unwrap_or(0));
            high = high.zip(figure).map(|(sum, figure)| sum.saturating_add(figure));
        }

        match (available, high) {
            // Rules explain a figure better than pools: they have a period and a reset date.
            (Some(available), Some(sum)) if sum <= available => {
                Figures { low: low.min(available), high, limit: LimitKind::Rules }
            }
            (Some(available), _) => Figures { low: low.min(available), high: Some(available), limit: LimitKind::Pools },
            (None, Some(_)) => Figures { low, high, limit: LimitKind::Rules },
            (None, None) => Figures { low, high, limit: LimitKind::Nothing },
        }
    }

    /// The pool, if it may hold credits and no source of the breakdown can belong to it. Then it is one more source.
    fn unlisted(&self, pool: Option<Credits>, can_belong: fn(&[Rule]) -> bool) -> Option<Credits> {
        let is_listed = || self.sources.iter().any(|source| can_belong(self.rules_of(source)));
        pool.filter(|pool| pool.balance().is_none_or(|balance| balance > 0) && !is_listed())
    }

    pub(super) fn rules_of(&self, source: &Source) -> &[Rule] {
        &self.rules[source.rules.start as usize..source.rules.end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is no source with 0 credits: the unknown count would become a false no.
    #[test]
    fn a_pool_without_a_balance_that_no_source_belongs_to_leaves_the_sum_open() {
        let listed = r#""creditBalanceBreakdown": [{"usageRules": [{"period": "MONTH", "balance": 5, "cap": 9}]}]"#;
        let recurring = r#""periodicCredits": {"balance": 5, "cap": 9}"#;
        for (top_up, high) in [("{}", None), (r#"{"balance": 2}"#, Some(7)), ("null", Some(5))] {
            let json = format!(r#"{{{recurring}, "topUpCredits": {top_up}, {listed}}}"#);
            let balance = Balance::from_json(json).unwrap();
            assert_eq!(balance.figures().high, high, "{top_up}");
        }
        let json = format!(r#"{{{recurring}, "topUpCredits": {{}}, {listed}}}"#);
        let balance = Balance::from_json(json).unwrap();
        let answer = balance.can_afford(6).unwrap();
        assert_eq!(
            answer.to_string(),
            "unknown whether 6 can be spent: at least 5, since the top-up pool has no balance"
        );
    }
}

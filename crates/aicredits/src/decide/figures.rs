//! The two sums: how much can be spent at least, and at most.

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
    /// What `high` comes from.
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

/// What one source allows: the least of its rule balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SourceFigures {
    /// 0 where the source has no rules, or one without a balance.
    pub(super) low: i64,
    /// By the rules that are known; `None` is unbounded.
    pub(super) high: Option<i64>,
}

impl SourceFigures {
    pub(super) fn new(rules: &[Rule], server_date: Option<Timestamp>) -> Self {
        let mut low = if rules.is_empty() { 0 } else { i64::MAX };
        let mut high = i64::MAX;
        let mut is_bounded = false;
        for rule in rules {
            low = low.min(rule.balance().unwrap_or(0));
            let bound = bound(rule, server_date);
            high = high.min(bound.unwrap_or(i64::MAX));
            is_bounded |= bound.is_some();
        }
        Self { low: low.max(0), high: is_bounded.then_some(high.max(0)) }
    }
}

/// What a rule allows at most. An overdue rule may have reset since: it counts at its cap.
pub(super) fn bound(rule: &Rule, server_date: Option<Timestamp>) -> Option<i64> {
    if is_overdue(rule, server_date) { rule.cap() } else { rule.balance() }
}

/// Whether the rule should have been reset before the reading was made, by the server's own clock.
pub(super) fn is_overdue(rule: &Rule, server_date: Option<Timestamp>) -> bool {
    server_date.is_some_and(|date| rule.resets_by(date))
}

/// Which pools a source can belong to.
#[derive(Clone, Copy, Default)]
struct Membership {
    recurring: bool,
    top_up: bool,
}

impl Membership {
    /// Extends it by a source of these rules. A source without rules, or a rule of an absent or unknown period, can
    /// belong to either pool.
    fn extend(&mut self, rules: &[Rule]) {
        self.recurring |= rules.is_empty();
        self.top_up |= rules.is_empty();
        for rule in rules {
            self.recurring |= rule.is_periodic();
            self.top_up |= !rule.is_periodic() | rule.is_of_unknown_period();
        }
    }
}

impl Balance {
    /// The two sums. One pass over the rules, without an allocation.
    pub(crate) fn figures(&self) -> Figures {
        let available = self.available();
        if self.sources.is_empty() {
            let limit = if available.is_some() { LimitKind::Pools } else { LimitKind::Nothing };
            return Figures { low: available.unwrap_or(0), high: available, limit };
        }

        let mut low = 0_i64;
        let mut high = (self.sources.len() < MAX_ENTRIES).then_some(0_i64);
        let mut membership = Membership::default();
        for source in &self.sources {
            let rules = self.rules_of(source);
            let figures = SourceFigures::new(rules, self.server_date());
            low = low.saturating_add(figures.low);
            high = high.zip(figures.high).map(|(sum, figure)| sum.saturating_add(figure));
            membership.extend(rules);
        }
        for (pool, is_listed) in self.pools().into_iter().zip([membership.recurring, membership.top_up]) {
            let Some(unlisted) = pool.filter(|_| !is_listed) else { continue };
            // A pool without a balance may hold any number.
            let figure = unlisted.balance().map(|balance| balance.max(0));
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

    fn pools(&self) -> [Option<Credits>; 2] {
        [self.periodic_credits(), self.top_up_credits()]
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

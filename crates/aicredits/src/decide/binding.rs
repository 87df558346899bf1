use std::iter::FusedIterator;

use super::figures::{LimitKind, SourceFigures, bound};
use crate::balance::{Balance, Rule};

/// The limit on the spendable credits, from [`Affordability::binding`](crate::Affordability::binding).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Binding<'a> {
    /// Nothing in the reply sets a limit: the figure is unbounded.
    Nothing,
    /// The pools hold no more.
    Pools,
    /// The rules of the breakdown allow no more: of each source the rules with the least balance.
    Rules(BindingRules<'a>),
}

/// The binding rules in the reply's order: the index of the source in
/// [`credit_balance_breakdown`](Balance::credit_balance_breakdown), and of the rule in its
/// [`usage_rules`](crate::CreditBalance::usage_rules).
#[derive(Clone)]
pub struct BindingRules<'a> {
    balance: &'a Balance,
    source: usize,
    rule: usize,
    /// The most that the source allows: the balance of its binding rules.
    figure: Option<i64>,
}

impl<'a> Binding<'a> {
    pub(super) fn new(balance: &'a Balance, limit: LimitKind) -> Self {
        match limit {
            LimitKind::Nothing => Self::Nothing,
            LimitKind::Pools => Self::Pools,
            LimitKind::Rules => Self::Rules(BindingRules { balance, source: 0, rule: 0, figure: None }),
        }
    }
}

impl Iterator for BindingRules<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let server_date = self.balance.server_date();
        loop {
            let rules: &[Rule] = self.balance.rules_of(self.balance.sources.get(self.source)?);
            if self.rule == 0 {
                self.figure = SourceFigures::new(rules, server_date).high;
            }
            let binds = |rule: &Rule| bound(rule, server_date).map(|bound| bound.max(0)) == self.figure;
            let found = rules[self.rule..].iter().position(binds).filter(|_| self.figure.is_some());
            let Some(found) = found else {
                (self.source, self.rule) = (self.source + 1, 0);
                continue;
            };
            let rule = self.rule + found;
            self.rule = rule + 1;
            return Some((self.source, rule));
        }
    }
}

impl FusedIterator for BindingRules<'_> {}

impl std::fmt::Debug for BindingRules<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

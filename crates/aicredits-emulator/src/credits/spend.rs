//! A spend: which allocations give how much, all or nothing.

use jiff::Timestamp;

use super::account::{Accounts, AllocationId};
use super::period::{self, NO_PERIOD};
use crate::protocol::{Allocation, Binding, ControlError};

/// The allocations that a spend draws on, each with what it can give, in the order of the drawing.
pub(super) struct Sources {
    sources: Vec<(AllocationId, i64)>,
    spendable: i64,
}

impl Sources {
    /// `ids` are in the ledger's order.
    pub(super) fn new(accounts: &Accounts, ids: impl Iterator<Item = AllocationId>) -> Self {
        let sources: Vec<_> = ids.map(|id| (id, most(accounts.allocation(id)))).collect();
        // A cost is an i64, so a sum that saturates decides as the exact one does.
        let spendable = sources.iter().fold(0_i64, |sum, (_, most)| sum.saturating_add(*most));
        Self { sources, spendable }
    }

    /// The amount that each allocation gives, without those that give nothing; or why the cost is too high.
    pub(super) fn draw(mut self, accounts: &Accounts, cost: i64) -> Result<Vec<(AllocationId, i64)>, ControlError> {
        if cost > self.spendable {
            return Err(self.insufficient(accounts, cost));
        }
        self.sources.retain(|(_, most)| *most > 0);
        // The sort is stable, so equal ones keep the ledger's order.
        self.sources.sort_by_cached_key(|(id, _)| precedence(accounts.allocation(*id)));
        let mut left = cost;
        let draw = |(id, most): (AllocationId, i64)| {
            let amount = most.min(left);
            left -= amount;
            (amount > 0).then_some((id, amount))
        };
        Ok(self.sources.into_iter().map_while(draw).collect())
    }

    fn insufficient(&self, accounts: &Accounts, cost: i64) -> ControlError {
        let spendable = self.spendable;
        let binding: Vec<Binding> =
            self.sources.iter().flat_map(|(id, most)| binding(accounts.allocation(*id), *most)).collect();
        let message = format!("the cost is {cost}, and {spendable} can be spent");
        ControlError::new(409, "insufficient", message)
            .with("cost", cost)
            .with("spendable", spendable)
            .with("binding", binding)
    }
}

/// The least balance of the rules, and never below 0. An allocation without rules gives nothing.
fn most(allocation: &Allocation) -> i64 {
    allocation.rules.iter().map(|rule| rule.balance).min().unwrap_or(0).max(0)
}

/// The rules that let no more through than `most`.
fn binding(allocation: &Allocation, most: i64) -> impl Iterator<Item = Binding> {
    let rules = allocation.rules.iter().enumerate().filter(move |(_, rule)| rule.balance <= most);
    rules.map(|(rule, _)| Binding { allocation: allocation.allocation.clone(), rule })
}

/// Credits that reset come before those that do not, and those that reset soonest come first.
fn precedence(allocation: &Allocation) -> (bool, bool, Option<Timestamp>) {
    let longest = period::longest_rule(allocation).map(|index| &allocation.rules[index]);
    let reset_date = longest.and_then(|rule| rule.reset_date);
    (longest.is_none_or(|rule| rule.period == NO_PERIOD), reset_date.is_none(), reset_date)
}

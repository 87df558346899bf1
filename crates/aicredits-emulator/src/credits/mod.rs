//! The ledger: accounts with their credits, and the keys that have access to them.
//!
//! It reads no clock: each call that needs the time has it as a [`Moment`].

mod account;
mod allocation;
mod charge;
mod key;
mod period;
mod repeat;
mod reset;
mod spend;
mod text;

use std::time::Duration;

use crate::protocol::{
    Account, Adjust, Allocation, ControlError, Drawn, Grant, Granted, Key, KeyAdded, KeyChange, Spend, Spent, State,
    TopUp,
};
use crate::times::Moment;

use account::{Accounts, Added, AllocationId, RuleId};
use charge::Charges;
use key::Keys;
use repeat::{Remembered, Repeats};
use reset::Schedule;
use spend::Sources;

pub(crate) use period::{NO_PERIOD, longest_rule};
pub(crate) use text::is_name;

/// Accounts, credits and keys. A rule's `balance` is the real one, its `shown` the one of replies.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    accounts: Accounts,
    keys: Keys,
    schedule: Schedule,
    charges: Charges,
    repeats: Repeats,
    transactions: u64,
    grants: u64,
    top_ups: u64,
}

impl Ledger {
    /// The ledger of a scenario. A pointer in the error is relative to the scenario.
    pub(crate) fn new(scenario: &State) -> Result<Self, ControlError> {
        let mut ledger = Self::default();
        for (index, account) in scenario.accounts.iter().enumerate() {
            let pointer = format!("/accounts/{index}");
            let added = if ledger.accounts.find(Some(&account.account)).is_some() {
                let message = format!("the account {} is there twice", account.account);
                Err(ControlError::invalid("/account", message))
            } else {
                ledger.accounts.add(account.clone(), scenario.clock.now).map_err(ControlError::in_a_scenario)
            };
            ledger.schedule(added.map_err(|error| error.within(&pointer))?.allocations);
        }
        for (index, key) in scenario.keys.iter().enumerate() {
            let added = ledger.keys.add(key.clone(), &ledger.accounts);
            added.map_err(|error| error.in_a_scenario().within(&format!("/keys/{index}")))?;
        }
        Ok(ledger)
    }

    /// The accounts, in their order.
    pub(crate) fn accounts(&self) -> &[Account] {
        self.accounts.list()
    }

    /// The keys, in their order.
    pub(crate) fn keys(&self) -> &[Key] {
        self.keys.list()
    }

    /// The key with this secret, revoked ones too.
    pub(crate) fn key(&self, secret: &str) -> Option<&Key> {
        self.keys.find(secret)
    }

    /// The account of this id; `None` means the first.
    pub(crate) fn account(&self, id: Option<&str>) -> Option<&Account> {
        self.accounts.find(id).map(|index| &self.accounts.list()[index])
    }

    /// The account that has this site.
    pub(crate) fn account_of_site(&self, site: &str) -> Option<&Account> {
        self.accounts.of_site(site).map(|index| &self.accounts.list()[index])
    }

    /// The first account whose id differs from this one by case alone, if at all.
    pub(crate) fn folded_account(&self, id: &str) -> Option<&Account> {
        self.accounts.find_folded(id).map(|index| &self.accounts.list()[index])
    }

    /// The first site whose id differs from this one by case alone, if at all, with its account.
    pub(crate) fn folded_site(&self, id: &str) -> Option<(&Account, &str)> {
        let site = self.accounts.folded_site(id)?;
        Some((self.account_of_site(site)?, site))
    }

    /// The allocations that belong to this site, in their order.
    pub(crate) fn allocations_of_site(&self, site: &str) -> impl Iterator<Item = &Allocation> {
        self.accounts.allocations_of_site(site).map(|id| self.accounts.allocation(id))
    }

    /// Shows the charges that are due, resets the rules that are due, and returns how many were reset.
    pub(crate) fn advance(&mut self, moment: &Moment) -> u64 {
        self.show_charges(moment);
        let mut resets = 0;
        while let Some(id) = self.schedule.take_due(moment.date) {
            let rule = self.accounts.rule_mut(id);
            reset::reset(rule, moment.date);
            self.schedule.add(id, rule);
            self.charges.rule_was_set(id);
            resets += 1;
        }
        resets
    }

    /// Shows the charges that are due.
    fn show_charges(&mut self, moment: &Moment) {
        while let Some(charge) = self.charges.take_due(moment.service) {
            let allocation = self.accounts.allocation_mut(charge.allocation);
            for (rule, of_allocation) in allocation.rules.iter_mut().enumerate() {
                if self.charges.lowers(charge, RuleId { allocation: charge.allocation, rule }) {
                    of_allocation.shown = of_allocation.shown.map(|shown| shown - charge.amount);
                }
            }
        }
        self.charges.tidy();
    }

    /// Adds an account, or extends the one of this id. Returns whether that changed something.
    pub(crate) fn add_account(&mut self, account: Account, moment: &Moment) -> Result<bool, ControlError> {
        let Added { allocations, is_change } = self.accounts.add(account, moment.date)?;
        self.schedule(allocations);
        Ok(is_change)
    }

    /// Adds a key, or changes the key of this name. Returns whether that changed something, too.
    pub(crate) fn set_key(&mut self, change: KeyChange) -> Result<(KeyAdded, bool), ControlError> {
        self.keys.change(change, &self.accounts)
    }

    /// Adds an allocation to an account.
    pub(crate) fn grant(&mut self, grant: Grant, moment: &Moment) -> Result<Granted, ControlError> {
        let account = self.accounts.resolve(grant.account.as_deref(), grant.site.as_deref())?;
        if let Some(name) = &grant.allocation {
            text::check_name(name, "/allocation")?;
            self.accounts.check_unused(name)?;
        }
        let name = grant.allocation.clone();
        let mut granted = allocation::granted(grant, name.unwrap_or_default(), moment.date)?;
        if granted.allocation.is_empty() {
            granted.allocation = unused_name(&self.accounts, "grant", &mut self.grants);
        }
        Ok(self.push(account, granted))
    }

    /// Adds an allocation of credits that were bought once.
    pub(crate) fn top_up(&mut self, top_up: TopUp) -> Result<Granted, ControlError> {
        let account = self.accounts.resolve(top_up.account.as_deref(), top_up.site.as_deref())?;
        let mut topped_up = allocation::topped_up(top_up, String::new())?;
        topped_up.allocation = unused_name(&self.accounts, "top-up", &mut self.top_ups);
        Ok(self.push(account, topped_up))
    }

    fn push(&mut self, account: usize, allocation: Allocation) -> Granted {
        let name = allocation.allocation.clone();
        let id = self.accounts.push(account, allocation);
        self.schedule([id]);
        Granted { allocation: name }
    }

    /// The rules of new allocations reset when they are due.
    fn schedule(&mut self, added: impl IntoIterator<Item = AllocationId>) {
        for allocation in added {
            for (rule, of_allocation) in self.accounts.allocation(allocation).rules.iter().enumerate() {
                self.schedule.add(RuleId { allocation, rule }, of_allocation);
            }
        }
    }

    /// Changes a rule, or the counted rule of an allocation. Returns whether that changed something.
    pub(crate) fn adjust(&mut self, adjust: Adjust) -> Result<bool, ControlError> {
        let Some(allocation) = self.accounts.named(&adjust.allocation) else {
            let message = format!("there is no allocation {:?}", adjust.allocation);
            return Err(ControlError::new(404, "unknown_allocation", message).at("/allocation"));
        };
        let rules = self.accounts.allocation(allocation).rules.len();
        if adjust.rule >= rules {
            let message = format!("there is no rule {}: the allocation has {rules} rules, from 0 on", adjust.rule);
            return Err(ControlError::new(404, "unknown_rule", message).at("/rule"));
        }
        allocation::check_counted_rule(adjust.counted_rule, rules)?;
        allocation::check_cap(adjust.cap.unwrap_or(0), "/cap")?;

        let of_allocation = self.accounts.allocation_mut(allocation);
        let counted_rule = adjust.counted_rule.or(of_allocation.counted_rule);
        let is_counted_anew = counted_rule != of_allocation.counted_rule;
        of_allocation.counted_rule = counted_rule;
        let id = RuleId { allocation, rule: adjust.rule };
        let rule = self.accounts.rule_mut(id);
        let before = rule.clone();
        if let Some(balance) = adjust.balance {
            (rule.balance, rule.shown) = (balance, Some(balance));
            self.charges.rule_was_set(id);
        }
        rule.cap = adjust.cap.unwrap_or(rule.cap);
        if let Some(omit) = adjust.omit {
            rule.omit = omit;
        }
        if adjust.reset_date.is_some() {
            self.schedule.remove(id, rule);
            (rule.reset_date, rule.anchor_day) = (adjust.reset_date, None);
            self.schedule.add(id, rule);
        }
        Ok(is_counted_anew || *rule != before)
    }

    /// Spends all or nothing. If the credits do not suffice, the error is a 409 `insufficient` with `cost`, `spendable` and
    /// `binding`; if the idempotency key was used with another cost or site, a 409 `idempotency_conflict`.
    ///
    /// `site_spends_account` and `shown_after` are the scenario's; the request may have its own `shown_after_ms`.
    pub(crate) fn spend(
        &mut self,
        spend: Spend,
        site_spends_account: bool,
        shown_after: Duration,
        moment: &Moment,
    ) -> Result<Spent, ControlError> {
        if spend.cost < 0 {
            return Err(ControlError::invalid("/cost", "a cost is 0 or more"));
        }
        let account = self.accounts.resolve(spend.account.as_deref(), spend.site.as_deref())?;
        if let Some(key) = &spend.idempotency_key {
            text::check_name(key, "/idempotency_key")?;
            if let Some(earlier) = self.repeats.find(account, key) {
                return self.repeated(earlier, &spend);
            }
        }
        let drawn =
            self.sources(account, spend.site.as_deref(), site_spends_account).draw(&self.accounts, spend.cost)?;
        let shows_at = match spend.shown_after_ms.map_or(shown_after, Duration::from_millis) {
            Duration::ZERO => None,
            after => Some(moment.service.saturating_add(after)),
        };
        for (id, amount) in &drawn {
            for rule in &mut self.accounts.allocation_mut(*id).rules {
                rule.balance -= amount;
                if shows_at.is_none() {
                    rule.shown = rule.shown.map(|shown| shown - amount);
                }
            }
            if let Some(shows_at) = shows_at {
                self.charges.add(*id, *amount, shows_at);
            }
        }
        self.show_charges(moment);
        self.transactions += 1;
        let made = Remembered { site: spend.site, cost: spend.cost, transaction: self.transactions, drawn };
        let spent = self.spent(&made, false);
        if let Some(key) = spend.idempotency_key {
            self.repeats.remember(account, key, made);
        }
        Ok(spent)
    }

    fn sources(&self, account: usize, site: Option<&str>, site_spends_account: bool) -> Sources {
        let Some(site) = site else { return Sources::new(&self.accounts, self.accounts.allocations_of(account)) };
        if !site_spends_account {
            return Sources::new(&self.accounts, self.accounts.allocations_of_site(site));
        }
        let may_be_spent = |id: &AllocationId| {
            let of = &self.accounts.allocation(*id).site;
            of.as_deref().is_none_or(|of| of == site)
        };
        Sources::new(&self.accounts, self.accounts.allocations_of(account).filter(may_be_spent))
    }

    fn repeated(&self, earlier: &Remembered, spend: &Spend) -> Result<Spent, ControlError> {
        if earlier.cost == spend.cost && earlier.site == spend.site {
            return Ok(self.spent(earlier, true));
        }
        let site =
            |site: &Option<String>| site.as_ref().map_or("the account".to_owned(), |site| format!("the site {site}"));
        let differs = match earlier.cost == spend.cost {
            true => format!("was a spend of {}, and this is one of {}", site(&earlier.site), site(&spend.site)),
            false => format!("cost {}", earlier.cost),
        };
        let message = format!("the key belongs to t{}, which {differs}", earlier.transaction);
        Err(ControlError::new(409, "idempotency_conflict", message).at("/idempotency_key"))
    }

    fn spent(&self, spend: &Remembered, repeated: bool) -> Spent {
        let name = |id: AllocationId| self.accounts.allocation(id).allocation.clone();
        let drawn = spend.drawn.iter().map(|(id, amount)| Drawn { allocation: name(*id), amount: *amount });
        Spent { transaction: format!("t{}", spend.transaction), cost: spend.cost, drawn: drawn.collect(), repeated }
    }
}

/// A name that no allocation has: the word and a number.
fn unused_name(accounts: &Accounts, word: &str, made: &mut u64) -> String {
    loop {
        *made += 1;
        let name = format!("{word}-{made}");
        if accounts.named(&name).is_none() {
            return name;
        }
    }
}

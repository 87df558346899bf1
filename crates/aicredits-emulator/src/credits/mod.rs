//! The ledger: accounts with their credits, and the keys that have access to them.

mod reset;

use std::time::Duration;

use crate::protocol::{
    Account, Adjust, Allocation, ControlError, Grant, Granted, Key, KeyAdded, KeyChange, Rule, Spend, Spent, State,
    TopUp,
};
use crate::secret::Secret;
use crate::times::Moment;

/// Accounts, credits and keys. A rule's `balance` is the real one, its `shown` the one of replies.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    accounts: Vec<Account>,
    keys: Vec<Key>,
}

impl Ledger {
    pub(crate) fn new(scenario: &State) -> Result<Self, ControlError> {
        let mut ledger = Self { accounts: scenario.accounts.clone(), keys: Vec::new() };
        for rule in ledger.rules() {
            rule.shown = Some(rule.balance);
        }
        for key in &scenario.keys {
            let mut key = key.clone();
            if key.secret.is_empty() {
                key.secret = Secret::from(format!("IST.emulator-{}-not-a-secret", key.name));
            }
            ledger.keys.push(key);
        }
        Ok(ledger)
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key with this secret, revoked ones too.
    pub(crate) fn key(&self, secret: &str) -> Option<&Key> {
        self.keys.iter().find(|key| *key.secret == *secret)
    }

    /// The account of this id; `None` means the first.
    pub(crate) fn account(&self, id: Option<&str>) -> Option<&Account> {
        self.accounts.iter().find(|account| id.is_none_or(|id| account.account == id))
    }

    /// The account that has this site.
    pub(crate) fn account_of_site(&self, site: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.sites.iter().any(|of_account| of_account.site == site))
    }

    fn rules(&mut self) -> impl Iterator<Item = &mut Rule> {
        self.accounts.iter_mut().flat_map(|account| &mut account.allocations).flat_map(|one| &mut one.rules)
    }

    /// Shows the charges that are due, resets the rules that are due, and returns how many were reset.
    pub(crate) fn advance(&mut self, moment: &Moment) -> u64 {
        self.rules().map(|rule| u64::from(reset::reset_if_due(rule, moment.date))).sum()
    }

    /// Adds an account, or extends the one of this id.
    pub(crate) fn add_account(&mut self, account: Account) -> Result<(), ControlError> {
        self.accounts.push(account);
        Ok(())
    }

    /// Adds a key, or changes the key of this name.
    pub(crate) fn set_key(&mut self, change: KeyChange) -> Result<KeyAdded, ControlError> {
        Ok(KeyAdded { name: change.name, secret: Secret::default() })
    }

    pub(crate) fn grant(&mut self, _grant: Grant, _moment: &Moment) -> Result<Granted, ControlError> {
        Err(ControlError::new(501, "not_implemented", "grant"))
    }

    pub(crate) fn top_up(&mut self, _top_up: TopUp) -> Result<Granted, ControlError> {
        Err(ControlError::new(501, "not_implemented", "top_up"))
    }

    pub(crate) fn adjust(&mut self, adjust: Adjust) -> Result<(), ControlError> {
        let mut allocations = self.accounts.iter_mut().flat_map(|account| &mut account.allocations);
        let found = allocations.find(|one: &&mut Allocation| one.allocation == adjust.allocation);
        let Some(rule) = found.and_then(|one| one.rules.get_mut(adjust.rule)) else {
            return Err(ControlError::new(404, "unknown_allocation", "there is no such rule").at("/allocation"));
        };
        if let Some(balance) = adjust.balance {
            (rule.balance, rule.shown) = (balance, Some(balance));
        }
        rule.cap = adjust.cap.unwrap_or(rule.cap);
        rule.reset_date = adjust.reset_date.or(rule.reset_date);
        rule.omit = adjust.omit.unwrap_or_else(|| rule.omit.clone());
        Ok(())
    }

    /// Spends all or nothing. If the credits do not suffice, the error is a 409 `insufficient` with `cost`, `spendable` and
    /// `binding`; if the idempotency key was used with another cost, a 409 `idempotency_conflict`.
    ///
    /// `site_spends_account` and `shown_after` are the scenario's; the request may have its own `shown_after_ms`.
    pub(crate) fn spend(
        &mut self,
        _spend: Spend,
        _site_spends_account: bool,
        _shown_after: Duration,
        _moment: &Moment,
    ) -> Result<Spent, ControlError> {
        Err(ControlError::new(501, "not_implemented", "spend"))
    }
}

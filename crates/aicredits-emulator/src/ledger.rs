//! The values behind every reply: accounts, their credits, and the keys that have access to them.

use std::fmt;

use jiff::Timestamp;

/// All values of the emulator. A test reads and changes them while the server runs, through
/// [`Emulator::ledger`](crate::Emulator::ledger).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ledger {
    /// The accounts, in no particular order.
    pub accounts: Vec<Account>,
    /// Every credential that is accepted.
    pub keys: Vec<Key>,
    /// Choices where the API is not documented.
    pub assumptions: Assumptions,
    now: Timestamp,
}

impl Ledger {
    /// An empty ledger. Its clock starts at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { accounts: Vec::new(), keys: Vec::new(), assumptions: Assumptions::default(), now }
    }

    /// Adds an account.
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.push(account);
        self
    }

    /// Adds a credential.
    pub fn key(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// The account with this id, for changes.
    pub fn account_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the virtual clock, and resets every rule that is due by then. Setting the clock back does not undo a reset.
    ///
    /// If a test later sets a past reset date, the rule resets at the next call of this function.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = now;
        for rule in
            self.accounts.iter_mut().flat_map(|account| &mut account.sources).flat_map(|source| &mut source.rules)
        {
            rule.reset_if_due(now);
        }
    }
}

/// An account: its sites, and its sources of credits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Account {
    /// A GUID, as `wix-account-id` names it.
    pub id: String,
    /// The GUIDs of its sites, as `wix-site-id` names them.
    pub sites: Vec<String>,
    /// Its sources of credits, in the order of the breakdown.
    pub sources: Vec<Source>,
}

impl Account {
    /// An account without sites and credits.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), sites: Vec::new(), sources: Vec::new() }
    }

    /// Adds a site.
    pub fn site(mut self, id: impl Into<String>) -> Self {
        self.sites.push(id.into());
        self
    }

    /// Adds a source of credits.
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }
}

/// One allocation of credits with the rules that apply to it together: an entry of `creditBalanceBreakdown`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Source {
    /// Its subscription, if there is one.
    pub subscription_id: Option<String>,
    /// The site that these credits belong to. `None`: they belong to the account.
    pub site: Option<String>,
    /// Its rules, in the order of the reply.
    pub rules: Vec<Rule>,
    /// The index of the rule by which the source counts in an aggregate. `None`: the rule with the longest period. With
    /// an index out of range the source counts in no aggregate.
    pub counted_rule: Option<usize>,
}

impl Source {
    /// A source without rules, of no subscription and no site.
    pub fn new() -> Self {
        Self::default()
    }

    /// Credits bought once: a single rule without a period.
    pub fn top_up(balance: i64, cap: i64) -> Self {
        Self::new().rule(Rule::new("NO_PERIOD", balance, cap))
    }

    /// Assigns it to a subscription.
    pub fn subscription(mut self, id: impl Into<String>) -> Self {
        self.subscription_id = Some(id.into());
        self
    }

    /// Assigns it to a site of its account, so that site-level access shows it.
    pub fn site(mut self, id: impl Into<String>) -> Self {
        self.site = Some(id.into());
        self
    }

    /// Adds a rule.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Counts it by the rule with this index.
    pub fn counted_by(mut self, rule: usize) -> Self {
        self.counted_rule = Some(rule);
        self
    }
}

/// One rule of a source. A `None` is absent from the reply.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The text in the reply: `DAY`, `MONTH`, `NO_PERIOD`, or a word that no client knows yet.
    pub period: Option<String>,
    /// The credits left under this rule.
    pub balance: Option<i64>,
    /// The balance after a reset.
    pub cap: Option<i64>,
    /// The time of the next reset.
    pub reset_date: Option<Timestamp>,
}

impl Rule {
    /// A rule that never resets.
    pub fn new(period: impl Into<String>, balance: i64, cap: i64) -> Self {
        Self { period: Some(period.into()), balance: Some(balance), cap: Some(cap), reset_date: None }
    }

    /// Sets the time of the next reset.
    pub fn resets(mut self, at: Timestamp) -> Self {
        self.reset_date = Some(at);
        self
    }
}

/// A credential: an API key, or any other `Authorization` value. `Debug` does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Key {
    /// The whole value of the `Authorization` header.
    pub secret: String,
    /// The accounts to which it has account-level access.
    pub accounts: Vec<String>,
    /// The sites to which it has site-level access.
    pub sites: Vec<String>,
    /// Whether it has a context for requests that name neither account nor site: the first account that it has access
    /// to, or else the first site.
    pub carries_context: bool,
}

impl Key {
    /// A key without access to anything.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), accounts: Vec::new(), sites: Vec::new(), carries_context: false }
    }

    /// Gives it account-level access.
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.accounts.push(id.into());
        self
    }

    /// Gives it site-level access.
    pub fn site(mut self, id: impl Into<String>) -> Self {
        self.sites.push(id.into());
        self
    }

    /// Gives it a context.
    pub fn carrying_context(mut self) -> Self {
        self.carries_context = true;
        self
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("accounts", &self.accounts)
            .field("sites", &self.sites)
            .field("carries_context", &self.carries_context)
            .finish_non_exhaustive()
    }
}

/// Behaviour that Wix does not document. A test can change it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Assumptions {
    /// The status for a missing or wrong key; default 401. Wix also answers 403.
    pub refused_key_status: u16,
    /// The status for an account or site that is not in the ledger; default 404.
    pub unknown_id_status: u16,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self { refused_key_status: 401, unknown_id_status: 404 }
    }
}

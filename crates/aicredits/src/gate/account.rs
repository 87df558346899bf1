//! The account of a gate or a sub-gate: its grants and its limit.

/// How many reservations there were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) granted: u64,
    pub(super) denied: u64,
    pub(super) unchecked: u64,
    pub(super) would_be_denied: u64,
}

#[derive(Debug, Default)]
pub(super) struct Account {
    /// At most `i64::MAX`.
    pub(super) limit: Option<u64>,
    /// For its life.
    pub(super) committed: i128,
    /// Of open reservations.
    pub(super) reserved: i128,
    pub(super) counts: Counts,
}

/// The place of an account in its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountId(usize);

/// The accounts of a gate and of its sub-gates.
#[derive(Debug)]
pub(super) struct Accounts {
    root: Account,
    subs: Vec<Account>,
    free: Vec<AccountId>,
}

impl Account {
    pub(super) fn used(&self) -> i128 {
        self.committed + self.reserved
    }

    /// The credits that the limit still allows. Negative if it was set below what is used.
    pub(super) fn room(&self) -> Option<i128> {
        self.limit.map(|limit| i128::from(limit) - self.used())
    }
}

impl Accounts {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self { root: Account { limit, ..Account::default() }, subs: Vec::new(), free: Vec::new() }
    }

    pub(super) fn add(&mut self, limit: u64) -> AccountId {
        let account = Account { limit: Some(limit), ..Account::default() };
        match self.free.pop() {
            Some(id) => {
                self.subs[id.0] = account;
                id
            }
            None => {
                self.subs.push(account);
                AccountId(self.subs.len() - 1)
            }
        }
    }

    /// The account may be given to another sub-gate from now on.
    pub(super) fn remove(&mut self, id: AccountId) {
        self.free.push(id);
    }

    pub(super) fn get(&self, id: Option<AccountId>) -> &Account {
        id.map_or(&self.root, |AccountId(index)| &self.subs[index])
    }

    pub(super) fn get_mut(&mut self, id: Option<AccountId>) -> &mut Account {
        match id {
            None => &mut self.root,
            Some(AccountId(index)) => &mut self.subs[index],
        }
    }

    /// Changes the gate's account, and the sub-gate's if there is one.
    pub(super) fn change(&mut self, id: Option<AccountId>, change: impl Fn(&mut Account)) {
        change(&mut self.root);
        if let Some(AccountId(index)) = id {
            change(&mut self.subs[index]);
        }
    }

    /// The account that allows less, if there is a limit.
    pub(super) fn tightest(&self, id: Option<AccountId>) -> Option<&Account> {
        let sub = id.map(|AccountId(index)| &self.subs[index]);
        [Some(&self.root), sub]
            .into_iter()
            .flatten()
            .filter(|account| account.limit.is_some())
            .min_by_key(|account| account.room())
    }
}

use std::collections::HashMap;
use std::fmt;

use super::table::{Table, TableValue};
use crate::text::grouped;

/// The credits of all accounts that a fleet read with account scope. Each account counts once, by its first balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    accounts: usize,
    unread: usize,
    available: Option<i64>,
    spendable: Option<i64>,
}

const NO_ACCOUNTS: &str =
    "no total: no target is an account, and the readings of sites may be one wallet of their account";

impl Totals {
    /// The accounts.
    pub fn accounts(&self) -> usize {
        self.accounts
    }

    /// Those of them that could not be read.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The sum of [`Balance::available`](crate::Balance::available). `None` if an account could not be read, or if its
    /// figure is unknown: a sum of the others would look like a total. It saturates at the limits of an `i64`.
    pub fn available(&self) -> Option<i64> {
        self.available
    }

    /// As [`available`](Self::available), of [`Balance::spendable`](crate::Balance::spendable).
    pub fn spendable(&self) -> Option<i64> {
        self.spendable
    }

    /// Of the table `balances`.
    pub(super) fn of(balances: &Table) -> Result<Self, &'static str> {
        let column = |name| balances.column(name).expect("the schema has it");
        let mut figures = column("status").zip(column("available").zip(column("spendable")));
        // The first row of each account that was read, or none.
        let mut accounts = HashMap::<&str, Option<(TableValue<'_>, TableValue<'_>)>>::new();
        for (scope, account) in column("scope").zip(column("account_id")) {
            let figures = figures.next();
            let (TableValue::Text("account"), TableValue::Text(account)) = (scope, account) else { continue };
            let read = figures.filter(|(status, _)| *status == TableValue::Text("ok")).map(|(_, figures)| figures);
            let known = accounts.entry(account).or_default();
            *known = known.or(read);
        }
        if accounts.is_empty() {
            return Err(NO_ACCOUNTS);
        }
        let sum = |of: fn((TableValue<'_>, TableValue<'_>)) -> Option<i64>| {
            let mut figures = accounts.values().map(|figures| Some(i128::from(of((*figures)?)?)));
            let sum = figures.try_fold(0, |sum, figure| Some(sum + figure?))?;
            Some(sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
        };
        Ok(Self {
            accounts: accounts.len(),
            unread: accounts.values().filter(|figures| figures.is_none()).count(),
            available: sum(|(available, _)| available.integer()),
            spendable: sum(|(_, spendable)| spendable.integer()),
        })
    }
}

/// Such as `1,050 available and 1,050 spendable in 1 account`.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |figure: Option<i64>| figure.map_or("unknown".to_owned(), grouped);
        let plural = if self.accounts == 1 { "" } else { "s" };
        let (available, spendable) = (figure(self.available), figure(self.spendable));
        write!(f, "{available} available and {spendable} spendable in {} account{plural}", self.accounts)?;
        match self.unread {
            0 => Ok(()),
            unread => write!(f, ", {unread} of which could not be read"),
        }
    }
}

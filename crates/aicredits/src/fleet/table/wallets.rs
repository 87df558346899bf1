//! Which rows show the same wallet. With account-level access, each site's reading may be that of its account.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::Balance;

/// A reading under a key, short: two are equal if the readings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    /// The client, and with it the key.
    client: u32,
    /// A keyed hash of the reading: two different ones do not meet in 128 bits.
    digest: [u64; 2],
    /// It names a subscription, and no other account has that.
    names_subscription: bool,
}

/// The readings so far.
#[derive(Debug, Default)]
pub(crate) struct Wallets {
    hashers: [RandomState; 2],
    first: HashMap<Reading, usize>,
}

impl Wallets {
    /// None for a reply that says nothing of credits.
    pub(crate) fn reading(&self, client: u32, balance: &Balance) -> Option<Reading> {
        let names_subscription = balance.credit_balance_breakdown().any(|source| source.subscription_id().is_some());
        let digest = [0, 1].map(|half: usize| self.hashers[half].hash_one(balance));
        balance.is_recognized().then_some(Reading { client, digest, names_subscription })
    }

    /// The target with the same reading before this one, and whether it is the same wallet for sure.
    pub(crate) fn same_as(&mut self, reading: Reading, target: usize) -> Option<(usize, bool)> {
        let first = *self.first.entry(reading).or_insert(target);
        (first != target).then_some((first, reading.names_subscription))
    }
}

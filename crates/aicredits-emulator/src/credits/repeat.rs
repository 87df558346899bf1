//! Spends with an idempotency key: what was answered, so that a repetition has the same answer.

use std::collections::{HashMap, VecDeque};

use super::account::AllocationId;

/// The most spends that are remembered; the oldest are forgotten first.
const MOST: usize = 65_536;

/// A key belongs to an account: two accounts may use the same text.
type Owner = (usize, String);

#[derive(Debug, Default)]
pub(super) struct Repeats {
    spends: HashMap<Owner, Remembered>,
    by_age: VecDeque<Owner>,
}

/// A spend and its answer.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) site: Option<String>,
    pub(super) cost: i64,
    pub(super) transaction: u64,
    pub(super) drawn: Vec<(AllocationId, i64)>,
}

impl Repeats {
    pub(super) fn find(&self, account: usize, key: &str) -> Option<&Remembered> {
        self.spends.get(&(account, key.to_owned()))
    }

    pub(super) fn remember(&mut self, account: usize, key: String, spend: Remembered) {
        if self.by_age.len() == MOST
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.spends.remove(&oldest);
        }
        self.by_age.push_back((account, key.clone()));
        self.spends.insert((account, key), spend);
    }
}

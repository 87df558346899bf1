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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_spend_is_forgotten_first_and_the_memory_is_bounded() {
        let mut repeats = Repeats::default();
        for number in 0..=MOST {
            let spend = Remembered { site: None, cost: 1, transaction: number as u64, drawn: Vec::new() };
            repeats.remember(0, number.to_string(), spend);
        }
        assert!(repeats.find(0, "0").is_none());
        assert_eq!(repeats.find(0, "1").unwrap().transaction, 1);
        assert!(repeats.find(1, "1").is_none());
        assert_eq!((repeats.spends.len(), repeats.by_age.len()), (MOST, MOST));
    }
}

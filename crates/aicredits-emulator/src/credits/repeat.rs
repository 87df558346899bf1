//! Spends with an idempotency key: what was answered, so that a repetition has the same answer.

use lru::LruCache;

use super::account::AllocationId;

/// The most spends that are remembered; the oldest are forgotten first.
const MOST: usize = 65_536;

/// A key belongs to an account: two accounts may use the same text.
type Owner = (usize, String);

/// A look-up does not make a spend younger.
#[derive(Debug)]
pub(super) struct Repeats {
    spends: LruCache<Owner, Remembered>,
}

impl Default for Repeats {
    fn default() -> Self {
        Self { spends: LruCache::unbounded() }
    }
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
        self.spends.peek(&(account, key.to_owned()))
    }

    pub(super) fn remember(&mut self, account: usize, key: String, spend: Remembered) {
        if self.spends.len() == MOST {
            self.spends.pop_lru();
        }
        self.spends.put((account, key), spend);
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
            // A look-up changes nothing.
            assert_eq!(repeats.find(0, "0").is_some(), number < MOST);
        }
        assert_eq!(repeats.find(0, "1").unwrap().transaction, 1);
        assert!(repeats.find(1, "1").is_none());
        assert_eq!(repeats.spends.len(), MOST);
    }
}

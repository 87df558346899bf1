//! Random readings. A failed run prints its seed, and `DECIDE_SEED` replays it.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{Pool, Reading, Rule};

pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new() -> Self {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
        let seed = env::var("DECIDE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(clock);
        // Shown if the test fails.
        println!("DECIDE_SEED={seed}");
        Self { state: seed }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// Mostly small, sometimes at a limit.
    fn count(&mut self) -> i64 {
        match self.below(20) {
            0 => i64::MAX - self.below(3) as i64,
            1 => i64::MIN + self.below(3) as i64,
            _ => self.below(50) as i64 - 5,
        }
    }

    fn count_or_none(&mut self) -> Option<i64> {
        (self.below(12) != 0).then(|| self.count())
    }

    pub(crate) fn cost(&mut self) -> u64 {
        match self.below(10) {
            0 => i64::MAX as u64 - self.below(3),
            _ => self.below(200),
        }
    }

    pub(crate) fn seconds(&mut self) -> i64 {
        self.below(60) as i64 - 30
    }

    fn rule(&mut self) -> Rule {
        Rule {
            period: self.one_of(&[None, Some("NO_PERIOD"), Some("DAY"), Some("MONTH"), Some("FORTNIGHT")]),
            balance: self.count_or_none(),
            cap: self.count_or_none(),
            // Some after the reading, so that a reset can bring something.
            reset: (self.below(5) != 0)
                .then(|| if self.below(3) == 0 { self.seconds() } else { self.seconds().abs().min(29) }),
        }
    }

    fn pool(&mut self) -> Pool {
        (self.below(4) != 0).then(|| self.count_or_none())
    }

    pub(crate) fn reading(&mut self) -> Reading {
        let (sources, most_rules) = (self.below(7), self.one_of(&[2, 3, 10]));
        let mut source = || -> Vec<Rule> {
            let length = self.below(most_rules) + u64::from(self.below(8) != 0);
            (0..length).map(|_| self.rule()).collect()
        };
        let sources = (0..sources).map(|_| source()).collect();
        Reading { recurring: self.pool(), top_up: self.pool(), sources: Some(sources), has_date: self.below(4) != 0 }
    }
}

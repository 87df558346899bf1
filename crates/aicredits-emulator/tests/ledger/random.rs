//! A seeded random number generator. A failed run names its seed, and `LEDGER_SEED` replays it.

use std::env;
use std::panic::{self, AssertUnwindSafe};

/// SplitMix64.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `most`, both included.
    pub(crate) fn up_to(&mut self, most: i64) -> i64 {
        (self.next() % (most as u64 + 1)) as i64
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    pub(crate) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Runs a test with some seeds: those from 0 on, as many as `LEDGER_SEEDS` says in a long run, or the one of `LEDGER_SEED`.
pub(crate) fn with_seeds(few: u64, test: impl Fn(Random)) {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("LEDGER_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("LEDGER_SEEDS").unwrap_or(few),
    };
    for seed in seeds {
        if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(|| test(Random::new(seed)))) {
            eprintln!("replay this failure with LEDGER_SEED={seed}");
            panic::resume_unwind(panic);
        }
    }
}

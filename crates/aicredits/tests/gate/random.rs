//! A seeded random number generator. The same seed gives the same numbers on every machine, so a failure can be replayed.

use std::time::Duration;

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `most`, both included.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.next() % length as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    /// A time from 0 to `most`, in whole milliseconds.
    pub(crate) fn time(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.up_to(u64::try_from(most.as_millis()).unwrap()))
    }
}

/// The seeds of a test: a few in CI, as many as `GATE_SEEDS` says in a long run, or the one of `GATE_SEED` in a replay.
pub(crate) fn seeds(few: u64) -> impl Iterator<Item = u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    match number("GATE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("GATE_SEEDS").unwrap_or(few),
    }
}

/// Runs a test with one seed. A failure names the seed, and how to replay it.
pub(crate) fn replayable(seed: u64, test: impl FnOnce(Random)) {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(Random::new(seed))));
    if let Err(panic) = result {
        eprintln!("replay this failure with GATE_SEED={seed}");
        std::panic::resume_unwind(panic);
    }
}

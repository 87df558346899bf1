//! The runs of characters by which a part of a secret is known.

use std::collections::HashMap;
use std::ops::Range;

use crate::facts::digest;
use crate::made_secret;

/// So many characters in a row of a secret are a part of it, and no accident.
pub(super) const RUN: usize = 12;

/// Digests of every run of some secrets.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// One bit for each digest, and a power of two of words: most texts need no look at the map.
    filter: Vec<u64>,
    /// Whether each run is of the distinctive part of its secret. The others are cut out too, but only together with one.
    digests: HashMap<u64, bool>,
}

impl Runs {
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut digests = HashMap::new();
        for secret in secrets {
            let part = made_secret::distinctive(secret);
            for (at, run) in secret.windows(RUN).enumerate() {
                let (run, place) = (run_digest(run), at..at + RUN);
                *digests.entry(run).or_default() |= contains(&part, &place) || contains(&place, &part);
            }
        }
        let mut filter = vec![0; digests.len().next_power_of_two()];
        for digest in digests.keys() {
            let (word, bit) = place(*digest, filter.len());
            filter[word] |= bit;
        }
        Self { filter, digests }
    }

    /// Whether a run is of a distinctive part. `None`: it is no run of these secrets.
    pub(super) fn find(&self, digest: u64) -> Option<bool> {
        if self.digests.is_empty() {
            return None;
        }
        let (word, bit) = place(digest, self.filter.len());
        if self.filter[word] & bit == 0 { None } else { self.digests.get(&digest).copied() }
    }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn place(digest: u64, words: usize) -> (usize, u64) {
    ((digest >> 6) as usize & (words - 1), 1 << (digest & 63))
}

/// A quick digest, because every place of every text needs one. Its seed is the process's.
pub(super) fn run_digest(run: &[u8]) -> u64 {
    static SEED: std::sync::OnceLock<(u64, u64)> = std::sync::OnceLock::new();
    let (first, second) = SEED.get_or_init(|| (digest("first"), digest("second")));
    let low = u64::from_le_bytes(run[..8].try_into().expect("8 bytes"));
    let high = u64::from_le_bytes(run[RUN - 8..].try_into().expect("8 bytes"));
    let product = u128::from(low ^ first) * u128::from(high ^ second);
    (product >> 64) as u64 ^ product as u64
}

//! Chance from a seed.

use crate::protocol::Fault;

/// SplitMix64, which Vigna published for any use. A library's generator may change its sequence in a new version; with
/// this one a seed has the same faults forever.
#[derive(Debug)]
pub(super) struct Chance {
    probability: f64,
    state: u64,
}

impl Chance {
    pub(super) fn new(fault: &Fault) -> Self {
        let (probability, seed) = match &fault.reply {
            Some(reply) => (reply.probability, reply.seed),
            None => (fault.probability, fault.seed),
        };
        Self { probability: probability.unwrap_or(1.0), state: seed.unwrap_or(0) }
    }

    pub(super) fn happens(&mut self) -> bool {
        self.next() < self.probability
    }

    /// 0 or more, less than 1.
    fn next(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        // 53 bits are what an f64 has.
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_its_sequence_forever() {
        // The first outputs of SplitMix64 for the seed 1234567, as its reference implementation prints them.
        let mut chance = Chance { probability: 1.0, state: 1_234_567 };
        let expected = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for bits in expected {
            assert_eq!(chance.next(), (bits >> 11) as f64 / (1_u64 << 53) as f64);
        }
    }

    #[test]
    fn the_share_is_the_probability() {
        for (probability, expected) in [(0.0, 0..=0), (0.1, 900..=1100), (1.0, 10_000..=10_000)] {
            let mut chance = Chance { probability, state: 7 };
            let happened = (0..10_000).filter(|_| chance.happens()).count();
            assert!(expected.contains(&happened), "{probability}: {happened}");
        }
    }
}

//! Statistics of a contender's times.

/// The nanoseconds of each call, one list per round.
#[derive(Debug, Default, Clone)]
pub(crate) struct Times {
    rounds: Vec<Vec<u64>>,
}

impl Times {
    pub(crate) fn add_round(&mut self, nanoseconds: Vec<u64>) {
        if !nanoseconds.is_empty() {
            self.rounds.push(nanoseconds);
        }
    }

    /// How many calls there were.
    pub(crate) fn count(&self) -> usize {
        self.rounds.iter().map(Vec::len).sum()
    }

    /// Over all rounds.
    pub(crate) fn median(&self) -> u64 {
        percentile(self.all(), 50)
    }

    /// Over all rounds.
    pub(crate) fn p99(&self) -> u64 {
        percentile(self.all(), 99)
    }

    /// Of all calls.
    pub(crate) fn worst(&self) -> u64 {
        percentile(self.all(), 100)
    }

    /// This median to the other's.
    pub(crate) fn ratio(&self, reference: &Times) -> f64 {
        self.median() as f64 / reference.median() as f64
    }

    /// The ratio where neither was disturbed: of the fifth percentiles. Other programs that want the processor make
    /// times longer, long ones more often than short ones, and never shorter.
    pub(crate) fn quiet_ratio(&self, reference: &Times) -> f64 {
        percentile(self.all(), 5) as f64 / percentile(reference.all(), 5) as f64
    }

    /// The least and the greatest of the ratios that the single rounds come to: how far the machine's noise reaches.
    pub(crate) fn ratio_range(&self, reference: &Times) -> (f64, f64) {
        let rounds = self.rounds.iter().zip(&reference.rounds);
        let ratios =
            rounds.map(|(ours, theirs)| percentile(ours.clone(), 50) as f64 / percentile(theirs.clone(), 50) as f64);
        ratios.fold((f64::INFINITY, 0.0), |(least, most), ratio| (ratio.min(least), ratio.max(most)))
    }

    fn all(&self) -> Vec<u64> {
        self.rounds.concat()
    }
}

/// Of some values.
pub(crate) fn median(values: Vec<u64>) -> u64 {
    percentile(values, 50)
}

/// By nearest rank: the least value that so many percent of the values are not above.
fn percentile(mut values: Vec<u64>, percent: usize) -> u64 {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    *values.select_nth_unstable(rank - 1).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(rounds: &[&[u64]]) -> Times {
        let mut times = Times::default();
        for round in rounds {
            times.add_round(round.to_vec());
        }
        times
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(percentile(hundred.clone(), 50), 50);
        assert_eq!(percentile(hundred.clone(), 99), 99);
        assert_eq!(percentile(hundred, 100), 100);
        assert_eq!(percentile(vec![7], 50), 7);
        assert_eq!(percentile(vec![7], 99), 7);
        assert_eq!(percentile(vec![9, 1, 5], 50), 5);
        assert_eq!(percentile(vec![9, 1, 5], 99), 9);
    }

    #[test]
    fn rounds_are_taken_together() {
        let times = times(&[&[1, 1, 1], &[], &[9, 9, 9, 9]]);
        assert_eq!((times.median(), times.p99()), (9, 9));
    }

    #[test]
    fn ratios_are_of_medians_and_their_range_is_by_round() {
        let (ours, theirs) = (times(&[&[20, 20, 90], &[30]]), times(&[&[10, 10, 10], &[10]]));
        assert_eq!(ours.ratio(&theirs), 2.0);
        assert_eq!(ours.quiet_ratio(&theirs), 2.0);
        assert_eq!(ours.ratio_range(&theirs), (2.0, 3.0));
    }
}

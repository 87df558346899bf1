//! When the bytes of a connection came, so that each of several requests in a row has its own time of arrival.

use std::collections::VecDeque;
use std::time::Instant;

/// Reads that are told apart. The bytes of later ones count as those of the last one.
const READS: usize = 1024;

/// Byte positions count from the start of the connection.
#[derive(Default)]
pub(super) struct Arrivals {
    reads: VecDeque<(u64, Instant)>,
    received: u64,
    taken: u64,
}

impl Arrivals {
    pub(super) fn received(&mut self, count: usize, at: Instant) {
        if self.reads.len() < READS {
            self.reads.push_back((self.received, at));
        }
        self.received += count as u64;
    }

    /// Removes the first `count` bytes.
    pub(super) fn take(&mut self, count: usize) {
        self.taken += count as u64;
        while self.reads.get(1).is_some_and(|(position, _)| *position <= self.taken) {
            self.reads.pop_front();
        }
        if self.taken == self.received {
            self.reads.clear();
        }
    }

    /// All bytes so far belong to one request.
    pub(super) fn join(&mut self) {
        self.reads.truncate(1);
    }

    /// When the first byte came that was not taken.
    pub(super) fn first(&self) -> Option<Instant> {
        self.reads.front().map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_byte_has_the_time_of_its_read() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.first(), None);
        for read in 0..5 {
            arrivals.received(10, at(read));
        }
        for (taken, expected) in [(9, 0), (1, 1), (10, 2), (15, 3), (5, 4)] {
            arrivals.take(taken);
            assert_eq!(arrivals.first(), Some(at(expected)));
        }
        arrivals.received(10, at(5));
        arrivals.join();
        arrivals.take(12);
        assert_eq!(arrivals.first(), Some(at(4)));
        arrivals.take(8);
        assert_eq!(arrivals.first(), None);
        for read in 0..10 * READS as u64 {
            arrivals.received(1, at(read));
        }
        assert_eq!(arrivals.reads.len(), READS);
    }
}

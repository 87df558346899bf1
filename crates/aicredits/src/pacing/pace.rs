//! How many attempts a client starts in a minute: a sliding window, so that no 60 s have more, wherever they begin.
//!
//! It has no clock. A time is the time since the clock of the fleets began.

use std::collections::VecDeque;
use std::time::Duration;

/// The length of the window.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// The most starts that are kept, and so the highest rate.
const MOST: u32 = 60_000;

/// The starts of a client's attempts.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Oldest first.
    starts: VecDeque<Duration>,
    /// Attempts that may start and have not: their credential is not there yet, for example.
    admitted: usize,
}

/// When the next attempt may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Now,
    At(Duration),
    /// It is not known before one that was admitted has started.
    AfterAnother,
}

impl Pace {
    pub(crate) fn next(&self, rate: Option<u32>, now: Duration) -> Turn {
        let used = self.starts.len() + self.admitted;
        let Some(index) = rate.and_then(|rate| used.checked_sub(rate as usize)) else { return Turn::Now };
        // The one that must have left the window before.
        match self.starts.get(index) {
            Some(&start) if start + WINDOW <= now => Turn::Now,
            Some(&start) => Turn::At(start + WINDOW),
            None => Turn::AfterAnother,
        }
    }

    /// An attempt may start.
    pub(crate) fn admit(&mut self) {
        self.admitted += 1;
    }

    /// One that was admitted starts.
    pub(crate) fn started(&mut self, at: Duration) {
        self.given_up();
        self.started_at_once(at);
    }

    /// One that was admitted never starts.
    pub(crate) fn given_up(&mut self) {
        self.admitted -= 1;
    }

    /// An attempt starts that counts and does not wait.
    pub(crate) fn started_at_once(&mut self, at: Duration) {
        while self.starts.front().is_some_and(|&start| start + WINDOW <= at) {
            self.starts.pop_front();
        }
        if self.starts.len() == MOST as usize {
            self.starts.pop_front();
        }
        // Threads report in any order.
        let place = self.starts.partition_point(|&start| start <= at);
        self.starts.insert(place, at);
    }

    /// The attempts of the last 60 s.
    pub(crate) fn recent(&self, now: Duration) -> usize {
        self.starts.len() - self.starts.partition_point(|&start| start + WINDOW <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn no_60_seconds_have_more_than_the_rate() {
        let (mut pace, mut now, mut starts) = (Pace::default(), Duration::ZERO, Vec::new());
        for round in 0..1000_u32 {
            match pace.next(Some(7), now) {
                Turn::Now => {}
                Turn::At(then) => now = then,
                Turn::AfterAnother => panic!("each one starts at once"),
            }
            pace.admit();
            pace.started(now);
            starts.push(now);
            // Of different lengths, and some at once.
            now += MILLISECOND * (round * round % 23) * 900;
        }
        for window in starts.windows(8) {
            assert!(window[7] - window[0] >= WINDOW, "{window:?}");
        }
        assert!(starts.windows(8).any(|window| window[7] - window[0] == WINDOW), "it never had to wait");
    }

    #[test]
    fn a_small_fleet_goes_at_once() {
        let mut pace = Pace::default();
        for _ in 0..180 {
            assert_eq!(pace.next(Some(180), Duration::ZERO), Turn::Now);
            pace.admit();
            pace.started(Duration::ZERO);
        }
        assert_eq!(pace.next(Some(180), MILLISECOND), Turn::At(WINDOW));
        assert_eq!(pace.next(Some(180), WINDOW), Turn::Now);
        // Other fleets of the same client: without a rate, with a lower one and with a higher one.
        assert_eq!(pace.next(None, MILLISECOND), Turn::Now);
        assert_eq!(pace.next(Some(10), MILLISECOND), Turn::At(WINDOW));
        assert_eq!(pace.next(Some(200), MILLISECOND), Turn::Now);
        assert_eq!((pace.recent(MILLISECOND), pace.recent(WINDOW)), (180, 0));
    }

    #[test]
    fn one_that_starts_late_counts_from_its_start() {
        let mut pace = Pace::default();
        pace.admit();
        // Its credential provider takes longer than the window.
        assert_eq!(pace.next(Some(1), WINDOW * 2), Turn::AfterAnother);
        pace.started(WINDOW * 2);
        assert_eq!(pace.next(Some(1), WINDOW * 2), Turn::At(WINDOW * 3));
        pace.admit();
        pace.given_up();
        assert_eq!(pace.next(Some(1), WINDOW * 3), Turn::Now);
    }

    #[test]
    fn an_attempt_that_could_not_wait_delays_the_next() {
        let mut pace = Pace::default();
        for at in [0, 5, 3] {
            pace.started_at_once(MILLISECOND * at);
        }
        assert_eq!(pace.next(Some(2), MILLISECOND * 5), Turn::At(WINDOW + MILLISECOND * 3));
    }

    #[test]
    fn memory_is_bounded_without_a_rate() {
        let mut pace = Pace::default();
        for at in 0..MOST + 10 {
            pace.started_at_once(Duration::from_micros(at.into()));
        }
        assert_eq!(pace.starts.len(), MOST as usize);
        pace.started_at_once(WINDOW * 3);
        assert_eq!(pace.starts.len(), 1);
    }
}

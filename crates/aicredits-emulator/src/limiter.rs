//! The rate limit: a sliding window of service time for each key.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::protocol::{ControlError, Limit};
use crate::times::Moment;

const WINDOW: Duration = Duration::from_secs(60);
/// The largest limit. Each key's window holds at most so many instants.
const PER_MINUTE: u32 = 100_000;
/// With more windows than this, a new key first drops those that are empty.
const WINDOWS: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Limiter {
    limit: Option<Limit>,
    windows: HashMap<String, Admitted>,
}

/// When requests of a key were admitted, oldest first: those of the last minute.
#[derive(Debug, Default)]
struct Admitted(VecDeque<Duration>);

impl Limiter {
    pub(crate) fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    /// Replaces the limit. The windows start empty. Returns whether that changed something.
    pub(crate) fn set(&mut self, limit: Limit) -> Result<bool, ControlError> {
        if limit.per_minute.is_some_and(|count| !(1..=PER_MINUTE).contains(&count)) {
            return Err(ControlError::invalid("/per_minute", "a limit is 1 to 100,000 requests in a minute, or null"));
        }
        let limit = Some(limit).filter(|limit| limit.per_minute.is_some());
        let is_change = limit != self.limit || !self.windows.is_empty();
        *self = Self { limit, windows: HashMap::new() };
        Ok(is_change)
    }

    /// Admits a request of a key, or returns the service time until the next one can be admitted.
    pub(crate) fn admit(&mut self, key: &str, moment: &Moment) -> Result<(), Duration> {
        let Some(Limit { per_minute: Some(count), key: only, .. }) = &self.limit else { return Ok(()) };
        if only.as_ref().is_some_and(|only| only != key) {
            return Ok(());
        }
        if !self.windows.contains_key(key) {
            if self.windows.len() >= WINDOWS {
                self.windows.retain(|_, window| !window.is_empty_at(moment.service));
            }
            self.windows.insert(key.to_owned(), Admitted::default());
        }
        let window = self.windows.get_mut(key).expect("it was just inserted");
        window.admit(*count as usize, moment.service)
    }
}

impl Admitted {
    fn is_empty_at(&self, now: Duration) -> bool {
        self.0.back().is_none_or(|last| *last + WINDOW <= now)
    }

    fn admit(&mut self, count: usize, now: Duration) -> Result<(), Duration> {
        // Threads come out of order by the time between a request's first byte and the lock.
        let now = self.0.back().map_or(now, |last| now.max(*last));
        while self.0.front().is_some_and(|first| first.saturating_add(WINDOW) <= now) {
            self.0.pop_front();
        }
        match self.0.front() {
            Some(first) if self.0.len() >= count => Err(first.saturating_add(WINDOW).saturating_sub(now)),
            _ => {
                self.0.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Moment {
        let service = Duration::from_millis(milliseconds);
        Moment { real: Duration::ZERO, service, date: jiff::Timestamp::UNIX_EPOCH }
    }

    fn limiter(per_minute: u32, key: Option<&str>) -> Limiter {
        let limit = Limit { per_minute: Some(per_minute), key: key.map(Into::into), retry_after: None };
        let mut limiter = Limiter::default();
        limiter.set(limit).unwrap();
        limiter
    }

    #[test]
    fn the_window_slides_and_refused_requests_do_not_count() {
        let mut limiter = limiter(2, None);
        assert_eq!(limiter.admit("k", &at(0)), Ok(()));
        assert_eq!(limiter.admit("k", &at(40_000)), Ok(()));
        for milliseconds in [40_000, 59_999] {
            let left = Duration::from_millis(60_000 - milliseconds);
            assert_eq!(limiter.admit("k", &at(milliseconds)), Err(left));
        }
        assert_eq!(limiter.admit("k", &at(60_000)), Ok(()));
        assert_eq!(limiter.admit("k", &at(60_000)), Err(Duration::from_secs(40)));
        assert_eq!(limiter.admit("k", &at(100_000)), Ok(()));
    }

    #[test]
    fn each_key_has_its_window_unless_the_limit_names_one() {
        let mut each = limiter(1, None);
        assert!(each.admit("a", &at(0)).is_ok() && each.admit("b", &at(0)).is_ok());
        assert!(each.admit("a", &at(0)).is_err() && each.admit("b", &at(0)).is_err());
        let mut one = limiter(1, Some("a"));
        assert!(one.admit("a", &at(0)).is_ok() && one.admit("b", &at(0)).is_ok());
        assert!(one.admit("a", &at(0)).is_err() && one.admit("b", &at(0)).is_ok());
    }

    #[test]
    fn a_request_that_waited_for_the_lock_does_not_move_the_window_back() {
        let mut limiter = limiter(2, None);
        assert!(limiter.admit("k", &at(10)).is_ok() && limiter.admit("k", &at(5)).is_ok());
        assert_eq!(limiter.admit("k", &at(60_009)), Err(Duration::from_millis(1)));
        assert!(limiter.admit("k", &at(60_010)).is_ok() && limiter.admit("k", &at(60_010)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let mut one = limiter(100, None);
        for milliseconds in 0..1_000_000 {
            let _ = one.admit("k", &at(milliseconds));
        }
        assert!(one.windows["k"].0.capacity() <= 256, "{}", one.windows["k"].0.capacity());

        let mut many = limiter(1, None);
        for minute in 0..50_u64 {
            for key in 0..500 {
                assert!(many.admit(&format!("key {minute} {key}"), &at(minute * 60_000)).is_ok());
            }
        }
        assert!(many.windows.len() <= WINDOWS + 500, "{}", many.windows.len());
    }

    #[test]
    fn a_wrong_limit_changes_nothing() {
        let mut limiter = limiter(7, None);
        for per_minute in [0, PER_MINUTE + 1] {
            let error = limiter.set(Limit { per_minute: Some(per_minute), ..Limit::default() }).unwrap_err();
            assert_eq!((error.status, error.problem.pointer.as_deref()), (400, Some("/per_minute")));
        }
        assert_eq!(limiter.limit().unwrap().per_minute, Some(7));
        limiter.set(Limit::default()).unwrap();
        assert_eq!(limiter.limit(), None);
    }
}

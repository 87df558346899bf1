//! The virtual clock. It moves only when a test moves it. Rules reset when it passes their dates.

use std::iter;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Span, Timestamp, ToSpan, tz::TimeZone};

use crate::ledger::{Ledger, Rule};

/// The clock of a running emulator. It is part of the ledger: do not hold the ledger's lock while you use it.
#[derive(Debug)]
pub struct Clock<'a> {
    pub(crate) ledger: &'a Mutex<Ledger>,
}

impl Clock<'_> {
    /// The current virtual time.
    pub fn now(&self) -> Timestamp {
        self.ledger().now()
    }

    /// Sets it, as [`Ledger::set_now`](crate::Ledger::set_now) does.
    pub fn set(&self, now: Timestamp) {
        self.ledger().set_now(now);
    }

    /// Moves it forward, at most to the last instant of the year 9999.
    pub fn advance(&self, time: Duration) {
        let mut ledger = self.ledger();
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        let now = ledger.now().saturating_add(time).unwrap_or(Timestamp::MAX);
        ledger.set_now(now);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    /// Resets the balance to `cap` if the reset date has come. The new date is the next one after `now`.
    ///
    /// A rule without a computable next date never resets. An absent balance stays absent.
    pub(crate) fn reset_if_due(&mut self, now: Timestamp) {
        let (Some(period), Some(reset_date)) = (&self.period, self.reset_date) else {
            return;
        };
        if reset_date > now {
            return;
        }
        let Some(next) = next_reset(period, reset_date, now) else {
            return;
        };
        self.reset_date = Some(next);
        if let (Some(balance), Some(cap)) = (&mut self.balance, self.cap) {
            *balance = cap;
        }
    }
}

/// The first instant after `now` that is a whole number of periods after `reset_date`.
fn next_reset(period: &str, reset_date: Timestamp, now: Timestamp) -> Option<Timestamp> {
    match period {
        "MILLISECOND" => next_by_length(SignedDuration::from_millis(1), reset_date, now),
        "SECOND" => next_by_length(SignedDuration::from_secs(1), reset_date, now),
        "MINUTE" => next_by_length(SignedDuration::from_mins(1), reset_date, now),
        "HOUR" => next_by_length(SignedDuration::from_hours(1), reset_date, now),
        "DAY" => next_by_length(SignedDuration::from_hours(24), reset_date, now),
        "WEEK" => next_by_length(SignedDuration::from_hours(7 * 24), reset_date, now),
        "MONTH" => next_by_calendar(1.month(), reset_date, now),
        "YEAR" => next_by_calendar(1.year(), reset_date, now),
        _ => None,
    }
}

/// By division: a year has too many milliseconds for a loop.
fn next_by_length(length: SignedDuration, reset_date: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let passed = now.duration_since(reset_date).as_nanos() / length.as_nanos() + 1;
    let step = SignedDuration::from_nanos_i128(passed * length.as_nanos());
    reset_date.checked_add(step).ok()
}

/// Step by step, each from the previous date: one long move of the clock and many short ones have the same result.
fn next_by_calendar(period: Span, reset_date: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let start = reset_date.to_zoned_datetime(TimeZone::UTC);
    iter::successors(Some(start), |date| date.checked_add(period).ok())
        .map(|date| date.timestamp())
        .find(|date| *date > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn after(period: &str, reset_date: &str, now: &str) -> Rule {
        let mut rule = Rule::new(period, 3, 10).resets(at(reset_date));
        rule.reset_if_due(at(now));
        rule
    }

    #[test]
    fn a_rule_resets_on_the_instant_and_not_before() {
        let early = after("DAY", "2026-07-01T00:00:00Z", "2026-06-30T23:59:59.999999999Z");
        assert_eq!((early.balance, early.reset_date), (Some(3), Some(at("2026-07-01T00:00:00Z"))));
        let due = after("DAY", "2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z");
        assert_eq!((due.balance, due.reset_date), (Some(10), Some(at("2026-07-02T00:00:00Z"))));
    }

    #[test]
    fn each_period_moves_on_to_the_first_date_after_now() {
        for (period, next) in [
            ("MILLISECOND", "2027-03-01T12:00:00.001Z"),
            ("SECOND", "2027-03-01T12:00:00.500Z"),
            ("MINUTE", "2027-03-01T12:00:30.500Z"),
            ("HOUR", "2027-03-01T12:00:30.500Z"),
            ("DAY", "2027-03-02T00:00:30.500Z"),
            ("WEEK", "2027-03-02T00:00:30.500Z"),
            // February has no 30th, so the months go on from its 28th.
            ("MONTH", "2027-03-28T00:00:30.500Z"),
            ("YEAR", "2027-06-30T00:00:30.500Z"),
        ] {
            let rule = after(period, "2026-06-30T00:00:30.500Z", "2027-03-01T12:00:00Z");
            assert_eq!((rule.balance, rule.reset_date), (Some(10), Some(at(next))), "{period}");
        }
    }

    #[test]
    fn a_short_month_takes_its_last_day() {
        let next = |reset_date: &str, now: &str| after("MONTH", reset_date, now).reset_date.unwrap().to_string();
        assert_eq!(next("2028-01-31T00:00:00Z", "2028-01-31T00:00:00Z"), "2028-02-29T00:00:00Z");
        assert_eq!(next("2026-12-15T00:00:00Z", "2026-12-20T00:00:00Z"), "2027-01-15T00:00:00Z");
        let year = after("YEAR", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z");
        assert_eq!(year.reset_date, Some(at("2029-02-28T00:00:00Z")));
    }

    #[test]
    fn a_rule_without_a_next_date_never_resets() {
        for (period, reset_date, now) in [
            ("NO_PERIOD", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("FORTNIGHT", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("YEAR", "9999-01-01T00:00:00Z", "9999-06-01T00:00:00Z"),
        ] {
            let rule = after(period, reset_date, now);
            let kept = (Some(3), Some(at(reset_date)));
            assert_eq!((rule.balance, rule.reset_date), kept, "{period}");
        }
        let mut withheld = Rule::new("DAY", 0, 10).resets(at("2026-01-01T00:00:00Z"));
        withheld.balance = None;
        withheld.reset_if_due(at("2026-01-01T00:00:00Z"));
        assert_eq!(withheld.balance, None);
    }
}

//! Resets of rules, on time.

use std::iter;

use jiff::{SignedDuration, Span, Timestamp, ToSpan, tz::TimeZone};

use crate::protocol::Rule;

/// Resets the balance to `cap` if the reset date has come. The new date is the next one after `now`. A rule without a
/// computable next date never resets.
pub(super) fn reset_if_due(rule: &mut Rule, now: Timestamp) -> bool {
    let Some(reset_date) = rule.reset_date.filter(|date| *date <= now) else { return false };
    let Some(next) = next_reset(&rule.period, reset_date, now) else { return false };
    rule.reset_date = Some(next);
    rule.balance = rule.cap;
    rule.shown = Some(rule.cap);
    true
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

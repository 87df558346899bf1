//! Periods: which one is longer, and when a rule of one resets.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, tz::Offset};

use crate::protocol::{Allocation, Rule};

const FROM_SHORT_TO_LONG: [&str; 9] =
    ["MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR", NO_PERIOD];

/// The period of credits that were bought once.
pub(crate) const NO_PERIOD: &str = "NO_PERIOD";

/// 1970-01-05, a Monday.
const MONDAY: Timestamp = Timestamp::constant(4 * 24 * 3600, 0);

/// The index of the rule with the longest period. No period is the longest, an unknown one the shortest. Of equal ones it
/// is the last.
pub(crate) fn longest_rule(allocation: &Allocation) -> Option<usize> {
    let length = |rule: &Rule| FROM_SHORT_TO_LONG.iter().position(|period| rule.period == *period);
    (0..allocation.rules.len()).max_by_key(|index| length(&allocation.rules[*index]))
}

enum Step {
    Length(SignedDuration),
    Months(i32),
}

/// The time from one reset to the next. `None`: a rule of this period never resets.
fn step(period: &str) -> Option<Step> {
    match period {
        "MILLISECOND" => Some(Step::Length(SignedDuration::from_millis(1))),
        "SECOND" => Some(Step::Length(SignedDuration::from_secs(1))),
        "MINUTE" => Some(Step::Length(SignedDuration::from_mins(1))),
        "HOUR" => Some(Step::Length(SignedDuration::from_hours(1))),
        "DAY" => Some(Step::Length(SignedDuration::from_hours(24))),
        "WEEK" => Some(Step::Length(SignedDuration::from_hours(7 * 24))),
        "MONTH" => Some(Step::Months(1)),
        "YEAR" => Some(Step::Months(12)),
        _ => None,
    }
}

/// Whether rules of this period reset.
pub(super) fn resets(period: &str) -> bool {
    step(period).is_some()
}

/// Whether the day of the month matters to rules of this period.
pub(super) fn has_anchor(period: &str) -> bool {
    matches!(step(period), Some(Step::Months(_)))
}

/// The first reset of a new rule: the next full hour, midnight, Monday, first of a month or first of January, in UTC.
pub(super) fn first_reset(period: &str, now: Timestamp) -> Option<Timestamp> {
    let origin = if period == "WEEK" { MONDAY } else { Timestamp::UNIX_EPOCH };
    next_reset(period, origin, 1, now)
}

/// The first instant after `now` that is a whole number of periods away from `date`. `anchor` is the day of the month on
/// which the rule resets if the month has it. `None`: the rule never resets, or the calendar ends before that.
pub(super) fn next_reset(period: &str, date: Timestamp, anchor: i8, now: Timestamp) -> Option<Timestamp> {
    match step(period)? {
        Step::Length(length) => next_by_length(length.as_nanos(), date, now),
        Step::Months(months) => next_by_calendar(months, date, anchor, now),
    }
}

/// By division: a year has too many milliseconds for a loop.
fn next_by_length(length: i128, date: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let passed = now.duration_since(date).as_nanos().div_euclid(length);
    Timestamp::from_nanosecond(date.as_nanosecond() + (passed + 1) * length).ok()
}

/// Each candidate is counted from the anchor, not from the one before it: after a short month the day comes back.
fn next_by_calendar(months: i32, date: Timestamp, anchor: i8, now: Timestamp) -> Option<Timestamp> {
    let (from, to) = (civil(date), civil(now));
    let passed = (month_number(to) - month_number(from)).div_euclid(months);
    let candidate = |steps: i32| {
        let number = month_number(from) + steps * months;
        let first = Date::new(number.div_euclid(12).try_into().ok()?, (number.rem_euclid(12) + 1) as i8, 1).ok()?;
        let day = anchor.min(first.days_in_month());
        let date = Date::new(first.year(), first.month(), day).ok()?;
        Offset::UTC.to_timestamp(date.to_datetime(from.time())).ok()
    };
    // The one in the month of `now` may be before it or after it.
    candidate(passed).filter(|date| *date > now).or_else(|| candidate(passed + 1))
}

fn civil(instant: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(instant)
}

fn month_number(date: DateTime) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// The day of the month.
pub(super) fn day(date: Timestamp) -> i8 {
    civil(date).day()
}

/// Whether the date is the last day of its month.
pub(super) fn is_last_day(date: Timestamp) -> bool {
    civil(date).day() == civil(date).date().days_in_month()
}

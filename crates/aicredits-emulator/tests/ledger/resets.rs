//! Resets: the days of the calendar, the kept anchor, jumps of the clock.

use std::time::Instant;

use crate::ledger::*;
use crate::model::length_of_month;
use aicredits_emulator::{Account, Allocation, ClockChange, ClockMode, Emulator, Nothing, Rule, Timestamp};

const DAY: u64 = 24 * 3600 * 1000;

/// An emulator at an instant, with an allocation `one` of a single rule with 1 of 9 credits.
fn single(now: &str, period: &str, reset_date: &str) -> Emulator {
    let mut state = state([allocation("one", [dated(period, 1, 9, reset_date)])]);
    state.clock.now = at(now);
    started(state)
}

fn the_rule(emulator: &Emulator) -> Rule {
    named(emulator, "one").rules.remove(0)
}

/// The reset dates of a rule from its first one on, as the clock comes to each.
fn dates(now: &str, period: &str, first: &str, count: usize) -> Vec<String> {
    let emulator = single(now, period, first);
    let next = |_| {
        let date = the_rule(&emulator).reset_date.unwrap();
        set_date(&emulator, date);
        date.to_string().replace("T00:00:00Z", "")
    };
    (0..count).map(next).collect()
}

#[test]
fn a_rule_of_the_31st_comes_back_to_the_31st() {
    let dates = dates("2027-12-01T00:00:00Z", "MONTH", "2027-12-31T00:00:00Z", 6);
    assert_eq!(dates, ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]);
}

#[test]
fn months_of_each_length_and_leap_years() {
    let february = |first: &str| dates("2026-01-01T00:00:00Z", "MONTH", first, 3)[1..].to_vec();
    assert_eq!(february("2026-01-30T00:00:00Z"), ["2026-02-28", "2026-03-30"]);
    assert_eq!(february("2026-01-29T00:00:00Z"), ["2026-02-28", "2026-03-29"]);
    assert_eq!(february("2026-01-28T00:00:00Z"), ["2026-02-28", "2026-03-28"]);
    // 2100 is no leap year.
    assert_eq!(february("2100-01-31T00:00:00Z"), ["2100-02-28", "2100-03-31"]);
    // A rule that begins on the last day of a short month stays on its day.
    assert_eq!(dates("2026-02-01T00:00:00Z", "MONTH", "2026-02-28T00:00:00Z", 2), ["2026-02-28", "2026-03-28"]);
    let years = dates("2027-01-01T00:00:00Z", "YEAR", "2028-02-29T00:00:00Z", 6);
    assert_eq!(years, ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28"]);
    let years = dates("2026-01-01T00:00:00Z", "YEAR", "2026-12-31T00:00:00Z", 2);
    assert_eq!(years, ["2026-12-31", "2027-12-31"]);
}

#[test]
fn days_and_weeks_keep_their_time() {
    let days = dates("2028-02-28T00:00:00Z", "DAY", "2028-02-28T06:30:00.5Z", 3);
    assert_eq!(days, ["2028-02-28T06:30:00.5Z", "2028-02-29T06:30:00.5Z", "2028-03-01T06:30:00.5Z"]);
    let weeks = dates("2026-12-20T00:00:00Z", "WEEK", "2026-12-21T00:00:00Z", 3);
    assert_eq!(weeks, ["2026-12-21", "2026-12-28", "2027-01-04"]);
}

#[test]
fn the_anchor_is_in_the_state_where_the_date_lacks_it() {
    let emulator = single("2026-01-01T00:00:00Z", "MONTH", "2026-01-31T00:00:00Z");
    assert_eq!(the_rule(&emulator).anchor_day, None);
    set_date(&emulator, at("2026-02-01T00:00:00Z"));
    let rule = the_rule(&emulator);
    assert_eq!((rule.reset_date, rule.anchor_day), (Some(at("2026-02-28T00:00:00Z")), Some(31)));

    // A state keeps it, and so the rule comes back.
    let state = emulator.state(&Nothing {}).unwrap();
    let other = started(state);
    set_date(&other, at("2026-03-01T00:00:00Z"));
    let rule = the_rule(&other);
    assert_eq!((rule.reset_date, rule.anchor_day), (Some(at("2026-03-31T00:00:00Z")), None));
}

#[test]
fn a_long_overdue_rule_resets_once_to_its_cap() {
    let emulator = single("2026-06-24T12:00:00Z", "DAY", "2026-06-25T00:00:00Z");
    let clock = emulator.clock(&ClockChange { advance_ms: Some(100 * DAY), ..ClockChange::default() }).unwrap();
    assert_eq!(clock.resets, 1);
    let rule = the_rule(&emulator);
    assert_eq!((rule.balance, rule.reset_date), (9, Some(at("2026-10-03T00:00:00Z"))));
    // At the very instant it resets, and a nanosecond before it does not.
    let clock = |now: &str| emulator.clock(&ClockChange { now: Some(at(now)), ..ClockChange::default() }).unwrap();
    assert_eq!(clock("2026-10-02T23:59:59.999999999Z").resets, 1);
    assert_eq!(clock("2026-10-03T00:00:00Z").resets, 2);
}

#[test]
fn a_clock_set_back_undoes_nothing() {
    let emulator = single("2026-06-24T12:00:00Z", "DAY", "2026-06-25T00:00:00Z");
    advance(&emulator, DAY);
    set_date(&emulator, at("2026-06-01T00:00:00Z"));
    let rule = the_rule(&emulator);
    assert_eq!((rule.balance, rule.reset_date), (9, Some(at("2026-06-26T00:00:00Z"))));
    advance(&emulator, 20 * DAY);
    assert_eq!(emulator.clock(&ClockChange::default()).unwrap().resets, 1);
}

#[test]
fn only_rules_with_a_period_and_a_date_reset() {
    let rules = [
        dated("NO_PERIOD", 1, 9, "2026-06-25T00:00:00Z"),
        dated("FORTNIGHT", 1, 9, "2026-06-25T00:00:00Z"),
        rule("DAY", 1, 9),
        dated("DAY", 1, 9, "2026-06-25T00:00:00Z"),
    ];
    let emulator = with([allocation("one", rules)]);
    advance(&emulator, 400 * DAY);
    assert_eq!(balances(&emulator, "one"), [(1, 1), (1, 1), (1, 1), (9, 9)]);
}

#[test]
fn the_end_of_the_calendar_is_the_last_reset() {
    let emulator = single("2026-06-24T12:00:00Z", "MONTH", "2026-06-25T00:00:00Z");
    advance(&emulator, 1_000_000_000_000_000);
    let rule = the_rule(&emulator);
    assert_eq!((rule.balance, rule.reset_date), (9, None));
    assert_eq!(emulator.clock(&ClockChange::default()).unwrap().now, Timestamp::MAX);
}

#[test]
fn a_running_calendar_resets_by_itself() {
    let emulator = single("2026-06-24T12:00:00Z", "DAY", "2026-06-25T00:00:00Z");
    emulator.clock(&ClockChange { speed: Some(1_000_000), ..ClockChange::default() }).unwrap();
    emulator.clock(&ClockChange { mode: Some(ClockMode::Running), ..ClockChange::default() }).unwrap();
    // Half a day takes 43 ms.
    let begun = Instant::now();
    while the_rule(&emulator).balance == 1 {
        assert!(begun.elapsed().as_secs() < 20);
        std::thread::yield_now();
    }
}

#[test]
fn one_jump_and_many_have_the_same_dates_as_a_calendar_counted_by_hand() {
    for (months, period) in [(1, "MONTH"), (12, "YEAR")] {
        for anchor in [1, 15, 28, 29, 30, 31] {
            let first = format!("2024-01-{anchor:02}T00:00:00Z");
            let step = single("2023-12-31T00:00:00Z", period, &first);
            let (mut year, mut month) = (2024, 1);
            for _ in 0..120 / months {
                let day = anchor.min(length_of_month(year, month));
                let expected = at(&format!("{year}-{month:02}-{day:02}T00:00:00Z"));
                assert_eq!(the_rule(&step).reset_date, Some(expected), "{period} {anchor}");
                set_date(&step, expected);
                (year, month) = (year + (month - 1 + months) / 12, (month - 1 + months) % 12 + 1);
            }
            let jump = single("2023-12-31T00:00:00Z", period, &first);
            set_date(&jump, step.clock(&ClockChange::default()).unwrap().now);
            assert_eq!(the_rule(&jump), the_rule(&step), "{period} {anchor}");
        }
    }
}

#[test]
fn ten_years_of_daily_rules_in_one_move_are_exact() {
    const ALLOCATIONS: usize = 1000;
    const RULES: usize = 10;
    // Each rule resets at its own second of the day.
    let second = |index: usize| (index * 8) as i64;
    let begin = at("2026-01-01T00:00:00Z").as_second();
    let date = |seconds: i64| Some(Timestamp::from_second(seconds).unwrap());
    let rules = |number: usize| {
        let rule =
            move |index: usize| Rule { reset_date: date(begin + second(number * RULES + index)), ..rule("DAY", 0, 9) };
        (0..RULES).map(rule)
    };
    let allocations = (0..ALLOCATIONS).map(|number| allocation(&number.to_string(), rules(number)));
    let mut state = state(allocations);
    state.clock.now = date(begin - 1).unwrap();
    let emulator = started(state);

    // 2026 to 2035 have two leap days. The clock stops in the middle of a day.
    let days = 10 * 365 + 2;
    let now = begin + days * 86_400 + 40_000;
    let begun = Instant::now();
    let change = ClockChange { now: date(now), ..ClockChange::default() };
    let clock = emulator.clock(&change).unwrap();
    println!("10,000 rules over {days} days in {:?}", begun.elapsed());
    assert_eq!(clock.resets, (ALLOCATIONS * RULES) as u64);

    let accounts: Vec<Account> = emulator.state(&Nothing {}).unwrap().accounts;
    let rules: Vec<&Rule> = accounts[0].allocations.iter().flat_map(|one: &Allocation| &one.rules).collect();
    assert_eq!(rules.len(), ALLOCATIONS * RULES);
    for (index, rule) in rules.into_iter().enumerate() {
        let today = begin + days * 86_400 + second(index);
        let expected = if today > now { today } else { today + 86_400 };
        assert_eq!((rule.balance, rule.reset_date), (9, date(expected)), "{index}");
    }
}

//! The two times, and any sequence of changes against sums.

// The ledger's tests are in another crate, and a generator needs one home.
#[path = "../../tests/ledger/random.rs"]
#[allow(dead_code, reason = "the ledger's tests use all of it")]
mod random;

use super::*;
use random::with_seeds;

const SECOND: Duration = Duration::from_secs(1);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn times(mode: ClockMode, speed: u32) -> Times {
    Times::new(&Clock { mode, speed, now: at("2026-06-24T00:00:00Z"), ..Clock::default() }, SECOND).unwrap()
}

#[test]
fn service_time_runs_while_the_calendar_is_frozen() {
    let frozen = times(ClockMode::Frozen, 60);
    let moment = frozen.at(11 * SECOND);
    assert_eq!((moment.real, moment.service), (11 * SECOND, 600 * SECOND));
    assert_eq!(moment.date, at("2026-06-24T00:00:00Z"));
    assert_eq!(times(ClockMode::Running, 60).at(11 * SECOND).date, at("2026-06-24T00:10:00Z"));
    // An instant before the start is the start.
    assert_eq!(frozen.at(Duration::ZERO).service, Duration::ZERO);
}

#[test]
fn advance_moves_both_times_and_set_the_calendar_alone() {
    let mut times = times(ClockMode::Frozen, 2);
    times.advance(100_000, 2 * SECOND).unwrap();
    times.set_date(at("2020-01-01T00:00:00Z"), 3 * SECOND).unwrap();
    let moment = times.at(3 * SECOND);
    assert_eq!((moment.service, moment.date), (104 * SECOND, at("2020-01-01T00:00:00Z")));
    times.set_mode(ClockMode::Running, 3 * SECOND);
    times.set_speed(10, 4 * SECOND).unwrap();
    let moment = times.at(5 * SECOND);
    assert_eq!((moment.service, moment.date), (116 * SECOND, at("2020-01-01T00:00:12Z")));
    times.set_mode(ClockMode::Frozen, 5 * SECOND);
    assert_eq!(times.at(500 * SECOND).date, at("2020-01-01T00:00:12Z"));
}

#[test]
fn nothing_wraps() {
    let mut times = times(ClockMode::Running, 1_000_000);
    assert_eq!(times.at(Duration::MAX).date, Timestamp::MAX);
    times.advance(LONGEST_ADVANCE_MS, SECOND).unwrap();
    assert_eq!(times.at(SECOND).date, Timestamp::MAX);
    let moment = times.at(Duration::MAX);
    assert_eq!((moment.service, moment.date), (Duration::MAX, Timestamp::MAX));
    assert_eq!(moment.service_ms(), i64::MAX as u64);
    let refused = times.advance(LONGEST_ADVANCE_MS + 1, SECOND).unwrap_err();
    assert_eq!((refused.status, refused.problem.pointer.as_deref()), (400, Some("/advance_ms")));
    let earliest = at("0001-01-01T00:00:00Z");
    times.set_date(earliest, 3 * SECOND).unwrap();
    assert!(times.at(3 * SECOND).date == earliest && times.at(4 * SECOND).date > earliest);
}

/// An HTTP date has a year of four digits.
#[test]
fn the_calendar_begins_with_the_year_1() {
    for date in [Timestamp::MIN, at("0000-12-31T23:59:59Z")] {
        let refused = times(ClockMode::Frozen, 1).set_date(date, SECOND).unwrap_err();
        assert_eq!((refused.status, refused.problem.pointer.as_deref()), (400, Some("/now")));
        assert!(Times::new(&Clock { now: date, ..Clock::default() }, SECOND).is_err());
    }
}

#[test]
fn the_service_time_of_a_state_fits_into_a_signed_integer() {
    for (service_ms, is_allowed) in [(i64::MAX as u64, true), (i64::MAX as u64 + 1, false)] {
        assert_eq!(Times::new(&Clock { service_ms, ..Clock::default() }, SECOND).is_ok(), is_allowed);
    }
}

#[test]
fn a_speed_is_1_to_a_million() {
    for (speed, is_allowed) in [(0, false), (1, true), (1_000_000, true), (1_000_001, false)] {
        let clock = Clock { speed, ..Clock::default() };
        assert_eq!(Times::new(&clock, SECOND).is_ok(), is_allowed, "{speed}");
        assert_eq!(times(ClockMode::Frozen, 1).set_speed(speed, SECOND).is_ok(), is_allowed, "{speed}");
    }
}

/// Any changes, against sums over the stretches between them.
#[test]
fn any_changes_add_up() {
    with_seeds(200, |mut random| {
        let mut times = times(ClockMode::Frozen, 1);
        let (mut real, mut service, mut date) = (1_000_i64, 0_i64, 0_i64);
        let (mut speed, mut runs) = (1, false);
        let start = at("2026-06-24T00:00:00Z").as_millisecond();
        for _ in 0..50 {
            let passed = random.up_to(5_000);
            real += passed;
            service += passed * speed;
            date += if runs { passed * speed } else { 0 };
            let now = Duration::from_millis(real as u64);
            match random.up_to(4) {
                0 => {
                    let time = random.up_to(1_000_000);
                    times.advance(time as u64, now).unwrap();
                    (service, date) = (service + time, date + time);
                }
                1 => {
                    date = random.up_to(1_000_000_000);
                    times.set_date(Timestamp::from_millisecond(start + date).unwrap(), now).unwrap();
                }
                2 => {
                    speed = 1 + random.up_to(1000);
                    times.set_speed(speed as u32, now).unwrap();
                }
                3 => {
                    runs = random.one_in(2);
                    times.set_mode(if runs { ClockMode::Running } else { ClockMode::Frozen }, now);
                }
                _ => {}
            }
            let moment = times.at(now);
            assert_eq!(moment.service.as_millis(), service as u128);
            assert_eq!(moment.date.as_millisecond() - start, date);
        }
    });
}

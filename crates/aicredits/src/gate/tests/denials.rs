//! Denials: their order, their data, their sentences.

use super::bench::{Bench, network, reason, seconds};
use crate::gate::{Step, Want};
use crate::{Call, DenialReason, Error, ErrorKind, Reservation};

fn denied(result: Result<Reservation, Error>) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    error
}

/// Of a subscription with a rule a day within a rule a month.
fn daily(day: i64, month: i64) -> String {
    format!(
        r#"{{"periodicCredits": {{"balance": {month}, "cap": 120}}, "creditBalanceBreakdown": [{{"subscriptionId": "s1",
        "usageRules": [{{"period": "DAY", "balance": {day}, "cap": 30, "resetDate": "2026-06-25T00:00:00Z"}},
        {{"period": "MONTH", "balance": {month}, "cap": 120, "resetDate": "2026-07-01T00:00:00Z"}}]}}]}}"#
    )
}

#[test]
fn the_order_is_limit_exhausted_unavailable_insufficient() {
    let bench = Bench::new(|gate| gate.limit(10));
    bench.gate.report_exhausted();
    assert_eq!(reason(bench.reserve_reading(11, [])), DenialReason::Limit);
    assert_eq!(reason(bench.gate.reserve_now(10)), DenialReason::Exhausted);

    let bench = Bench::new(|gate| gate);
    assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Unavailable);
    bench.pass(2);
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.top_up(0))])), DenialReason::Insufficient);
}

#[test]
fn a_denial_is_data() {
    let bench = Bench::with_reading(100, |gate| gate.headroom(10));
    let held = bench.reserve(60).unwrap();
    let error = denied(bench.gate.reserve_with(40, &Call::new().label("nightly")));
    let denial = error.denial().unwrap();
    assert_eq!((denial.reason(), denial.cost()), (DenialReason::Insufficient, 40));
    assert_eq!((denial.grantable(), denial.shortfall()), (Some(30), Some(10)));
    assert_eq!((denial.age(), denial.label()), (Some(seconds(0)), Some("nightly")));
    assert!(!error.is_transient());
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(error.scope().unwrap().account_id(), Some("a"));
    drop(held);
    // A negative figure counts as 0.
    let bench = Bench::with_reading(-5, |gate| gate);
    let error = denied(bench.reserve(3));
    assert_eq!((error.denial().unwrap().grantable(), error.denial().unwrap().shortfall()), (Some(-5), Some(3)));
}

#[test]
fn a_denial_of_a_limit_has_the_figures_of_the_limit() {
    let bench = Bench::with_reading(1000, |gate| gate.limit(50));
    let held = bench.reserve(45).unwrap();
    let error = denied(bench.reserve(8));
    let denial = error.denial().unwrap();
    assert_eq!((denial.grantable(), denial.shortfall(), denial.affordable_at()), (Some(5), Some(3), None));
    assert_eq!(denial.to_string(), "3 over the limit: 45 of 50 are used or reserved");
    assert_eq!(error.to_string(), "3 over the limit: 45 of 50 are used or reserved (account a)");
    drop(held);
}

#[test]
fn the_sentence_of_a_lack_is_that_of_an_affordability() {
    let bench = Bench::new(|gate| gate);
    bench.refresh(Ok(bench.reply(&daily(10, 90)))).unwrap();
    let balance = bench.gate.balance().unwrap();
    let error = denied(bench.reserve(25));
    assert_eq!(error.denial().unwrap().to_string(), balance.can_afford(25).unwrap().to_string());
    assert_eq!(
        error.denial().unwrap().to_string(),
        "15 short: the DAY rule of subscription s1 allows 10 until 2026-06-25T00:00:00Z"
    );
    let held = bench.reserve(4).unwrap();
    assert_eq!(
        denied(bench.reserve(25)).denial().unwrap().to_string(),
        "19 short: the DAY rule of subscription s1 allows 10 until 2026-06-25T00:00:00Z; the gate holds back 4 of it"
    );
    drop(held);
}

#[test]
fn a_reset_that_reaches_the_cost_makes_it_affordable() {
    let bench = Bench::new(|gate| gate);
    bench.refresh(Ok(bench.reply(&daily(30, 90)))).unwrap();
    // All of today's is spent, and the reading does not show it yet.
    assert!(bench.reserve(30).unwrap().commit());
    let at = |cost| denied(bench.reserve(cost)).denial().unwrap().affordable_at().map(|at| at.to_string());
    assert_eq!(at(1).as_deref(), Some("2026-06-25T00:00:00Z"));
    assert_eq!(at(30).as_deref(), Some("2026-06-25T00:00:00Z"));
    assert_eq!(at(31), None, "the rule never allows more than its cap");
}

#[test]
fn the_end_of_the_delay_of_commits_makes_a_cost_affordable() {
    let bench = Bench::with_reading(100, |gate| gate.strict(true));
    assert!(bench.reserve(10).unwrap().commit());
    bench.pass(5);
    assert!(bench.reserve(20).unwrap().commit());
    bench.pass(10);
    // The charges show already, and are subtracted once more.
    bench.refresh(Ok(bench.top_up(70))).unwrap();
    assert_eq!(bench.grantable(), 40);
    let now = bench.gate.balance().unwrap().server_date().unwrap().unix_seconds();
    let at = |cost| denied(bench.reserve(cost)).denial().unwrap().affordable_at().map(|at| at.unix_seconds() - now);
    assert_eq!(at(41), Some(45), "60 s after the first commit");
    assert_eq!(at(50), Some(45));
    assert_eq!(at(51), Some(50));
    assert_eq!(at(70), Some(50));
    assert_eq!(at(71), None);
}

#[test]
fn commits_after_the_reading_do_not_come_back() {
    let bench = Bench::with_reading(100, |gate| gate);
    assert!(bench.reserve(90).unwrap().commit());
    assert_eq!(denied(bench.reserve(20)).denial().unwrap().affordable_at(), None);
}

#[test]
fn an_absent_count_is_unavailable_between_the_two_sums_and_insufficient_above() {
    // A rule without a balance in the first source: it may allow up to its pool.
    let json = r#"{"periodicCredits": {"balance": 50, "cap": 100}, "creditBalanceBreakdown": [
        {"usageRules": [{"period": "MONTH", "cap": 100}]}, {"usageRules": [{"period": "MONTH", "balance": 20, "cap": 100}]}]}"#;
    let bench = Bench::new(|gate| gate);
    bench.refresh(Ok(bench.reply(json))).unwrap();
    assert_eq!(bench.grantable(), 20);
    assert!(bench.reserve(20).unwrap().release());
    let error = denied(bench.reserve(21));
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
    assert!(error.is_transient());
    assert!(error.to_string().starts_with("unknown whether 21 can be spent, since the MONTH rule"), "{error}");
    let error = denied(bench.reserve(51));
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Insufficient);
    assert_eq!(error.denial().unwrap().shortfall(), Some(1));
    assert!(error.to_string().starts_with("at least 1 short"), "{error}");
}

#[test]
fn wrong_numbers_and_settings_are_named() {
    let bench = Bench::with_reading(100, |gate| gate);
    let too_much = 1 << 63;
    let gate = &bench.gate;
    for (name, error) in [
        ("cost", gate.reserve(too_much).unwrap_err()),
        ("cost", gate.reserve_now(u64::MAX).unwrap_err()),
        ("unit_cost", gate.reserve_up_to(too_much, 1).unwrap_err()),
        ("wanted", gate.reserve_up_to(1, too_much).unwrap_err()),
        ("limit", gate.set_limit(too_much).unwrap_err()),
        ("limit", gate.sub_gate(too_much).unwrap_err()),
        ("label", gate.reserve_with(1, &Call::new().label("\n")).unwrap_err()),
        ("scope", gate.refresh_with(&Call::new().site("s")).unwrap_err()),
    ] {
        assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some(name)), "{error}");
    }
    assert_eq!(gate.state().denied(), 0);
}

#[test]
fn a_denial_that_nobody_asks_keeps_only_references() {
    let bench = Bench::new(|gate| gate);
    bench.refresh(Ok(bench.reply(&daily(0, 90)))).unwrap();
    let one = denied(bench.reserve(1));
    let other = denied(bench.reserve(1));
    // The message is written once, when asked, and stays where it is.
    assert!(std::ptr::eq(one.message(), one.message()));
    assert_eq!(one.message(), other.message());
    assert_eq!(bench.gate.state().denied(), 2);
}

#[test]
fn a_lack_reads_again_unless_the_reading_is_recent_or_was_requested_since() {
    let bench = Bench::with_reading(10, |gate| gate);
    bench.clock.pass(std::time::Duration::from_millis(999));
    assert_eq!(reason(bench.reserve(11)), DenialReason::Insufficient);
    bench.clock.pass(std::time::Duration::from_millis(1));
    assert_eq!(reason(bench.reserve_reading(11, [Ok(bench.top_up(10))])), DenialReason::Insufficient);
    bench.pass(1);
    assert!(bench.reserve_reading(11, [Ok(bench.top_up(11))]).is_ok());
}

#[test]
fn a_lack_stays_if_the_reading_that_it_asks_for_fails() {
    let bench = Bench::with_reading(10, |gate| gate);
    bench.pass(1);
    assert_eq!(reason(bench.reserve_reading(11, [Err(network())])), DenialReason::Insufficient);
    // While the readings fail, nothing is asked for.
    assert_eq!(reason(bench.reserve(11)), DenialReason::Insufficient);
    assert!(bench.reserve(10).is_ok());
}

#[test]
fn a_reservation_makes_at_most_two_readings() {
    let bench = Bench::with_reading(10, |gate| gate.min_interval(seconds(0)));
    bench.pass(16);
    let mut first = bench.request(Want::Cost(1));
    assert!(matches!(super::bench::step(&mut first), Step::Read));
    // The second waits for that reading, which was requested before it.
    let mut second = bench.request(Want::Cost(50));
    assert!(matches!(super::bench::step(&mut second), Step::Wait));
    first.deliver(Ok(bench.top_up(20)));
    assert!(matches!(super::bench::step(&mut second), Step::Read), "then its own");
    second.deliver(Ok(bench.top_up(30)));
    assert_eq!(reason(super::bench::reserved(super::bench::step(&mut second))), DenialReason::Insufficient);
    assert!(super::bench::reserved(super::bench::step(&mut first)).is_ok());
}

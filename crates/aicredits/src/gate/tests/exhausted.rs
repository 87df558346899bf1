//! After the vendor has refused an action.

use super::bench::{Bench, reason, reserved, seconds, step};
use crate::gate::{Step, Want};
use crate::{Call, DenialReason, Reservation};

/// A gate with 100 credits, and a reservation whose action is refused.
fn exhausted() -> Bench {
    let bench = Bench::with_reading(100, |gate| gate);
    let refused = bench.reserve(10).unwrap();
    assert!(refused.report_exhausted());
    bench
}

fn is_exhausted(bench: &Bench) -> bool {
    bench.gate.state().exhausted_since().is_some()
}

fn trial(bench: &Bench) -> Reservation {
    bench.reserve_reading(1, [Ok(bench.top_up(100))]).unwrap()
}

#[test]
fn a_report_releases_its_reservation_and_denies_all_others() {
    let bench = exhausted();
    assert_eq!((bench.grantable(), is_exhausted(&bench)), (100, true));
    assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
    assert_eq!(reason(bench.gate.reserve_now(1)), DenialReason::Exhausted);
    let sub = bench.gate.sub_gate(50).unwrap();
    assert_eq!(reason(sub.reserve_now(1)), DenialReason::Exhausted);
    let error = bench.reserve(1).unwrap_err();
    assert!(error.to_string().starts_with("exhausted: the vendor refused an action"), "{error}");
    assert!(!error.is_transient());
}

#[test]
fn a_report_of_a_sub_gate_is_a_report_on_the_gate() {
    let bench = Bench::with_reading(100, |gate| gate);
    let sub = bench.gate.sub_gate(50).unwrap();
    assert!(sub.reserve(1).unwrap().report_exhausted());
    assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
}

#[test]
fn more_credits_than_the_lowest_reading_lift_it() {
    let bench = exhausted();
    bench.pass(10);
    // Only one reads, and the charge that was late shows.
    let mut reader = bench.request(Want::Cost(1));
    assert!(matches!(step(&mut reader), Step::Read));
    assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
    reader.deliver(Ok(bench.top_up(40)));
    assert_eq!(reason(super::bench::reserved(step(&mut reader))), DenialReason::Exhausted);
    bench.pass(10);
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.top_up(40))])), DenialReason::Exhausted);
    bench.pass(10);
    assert!(bench.reserve_reading(1, [Ok(bench.top_up(41))]).is_ok(), "more than 40, though less than 100");
    assert!(!is_exhausted(&bench));
}

#[test]
fn a_reading_requested_before_the_report_lifts_nothing() {
    let bench = Bench::with_reading(100, |gate| gate);
    let refused = bench.reserve(10).unwrap();
    bench.pass(15);
    let mut reader = bench.request(Want::Refresh);
    assert!(matches!(step(&mut reader), Step::Read));
    assert!(refused.report_exhausted());
    reader.deliver(Ok(bench.top_up(200)));
    assert!(is_exhausted(&bench));
    bench.pass(10);
    assert!(bench.reserve_reading(1, [Ok(bench.top_up(101))]).is_ok(), "100 was the lowest");
}

#[test]
fn a_reservation_reads_at_most_once_in_10_seconds() {
    let bench = exhausted();
    for _ in 0..10 {
        assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
        bench.pass(1);
    }
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.top_up(100))])), DenialReason::Exhausted);
    assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
    // A program that knows of a top-up need not wait.
    bench.pass(1);
    bench.refresh(Ok(bench.top_up(600))).unwrap();
    assert!(bench.reserve(600).is_ok());
}

#[test]
fn a_reset_that_lay_ahead_lifts_it_once_a_reading_was_requested_after() {
    let bench = Bench::new(|gate| gate.exhausted_cooldown(seconds(86_400)));
    // The server's clock starts at midnight.
    let json = |balance: i64| {
        let reset = crate::Timestamp::from_unix(super::bench::MIDNIGHT + 30, 0).unwrap();
        format!(
            r#"{{"periodicCredits": {{"balance": {balance}, "cap": 30}}, "creditBalanceBreakdown": [{{"usageRules": [
            {{"period": "DAY", "balance": {balance}, "cap": 30, "resetDate": "{reset}"}}]}}]}}"#
        )
    };
    bench.refresh(Ok(bench.reply(&json(20)))).unwrap();
    assert!(bench.reserve(10).unwrap().report_exhausted());
    bench.pass(29);
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.reply(&json(20)))])), DenialReason::Exhausted);
    bench.pass(10);
    // As many as before, since others spend; but the reset has passed.
    assert!(bench.reserve_reading(1, [Ok(bench.reply(&json(20)))]).is_ok());
    assert!(!is_exhausted(&bench));
}

#[test]
fn after_the_cool_down_one_reservation_at_a_time_until_one_commits() {
    let bench = exhausted();
    bench.pass(299);
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.top_up(100))])), DenialReason::Exhausted);
    bench.pass(1);
    let first = bench.reserve(1).unwrap();
    for _ in 0..64 {
        assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
    }
    assert!(first.release());
    let second = bench.reserve(1).unwrap();
    assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
    drop(second);
    let third = bench.reserve(1).unwrap();
    assert!(is_exhausted(&bench));
    assert!(third.commit());
    assert!(!is_exhausted(&bench));
    assert!(bench.reserve(1).is_ok() && bench.reserve(1).is_ok());
}

#[test]
fn a_trial_that_is_refused_starts_the_cool_down_again() {
    let bench = exhausted();
    let since = bench.gate.state().exhausted_since();
    bench.pass(300);
    let first = trial(&bench);
    assert!(first.report_exhausted());
    assert_eq!(bench.gate.state().exhausted_since(), since, "since the first report");
    bench.pass(299);
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.top_up(100))])), DenialReason::Exhausted);
    bench.pass(1);
    assert!(bench.reserve(1).is_ok());
}

#[test]
fn a_trial_that_expires_lets_the_next_one_try() {
    let bench = exhausted();
    bench.pass(300);
    let first = trial(&bench);
    bench.pass(600);
    let next = trial(&bench);
    assert!(!first.is_open() && next.is_open());
}

#[test]
fn waiting_reservations_do_not_all_start_when_the_cool_down_ends() {
    let bench = exhausted();
    bench.pass(300);
    let mut requests: Vec<_> = (0..64).map(|_| bench.request(Want::Cost(1))).collect();
    let reading = requests.iter_mut().filter_map(|request| matches!(step(request), Step::Read).then_some(request));
    let mut reading: Vec<_> = reading.collect();
    assert_eq!(reading.len(), 1);
    reading[0].deliver(Ok(bench.top_up(100)));
    let granted = requests.iter_mut().filter_map(|request| super::bench::reserved(step(request)).ok());
    // The first one stays open.
    assert_eq!(granted.collect::<Vec<_>>().len(), 1);
}

#[test]
fn a_report_on_a_reservation_from_before_the_state_was_lifted_changes_nothing() {
    let bench = Bench::with_reading(100, |gate| gate);
    let (first, late) = (bench.reserve(10).unwrap(), bench.reserve(10).unwrap());
    assert!(first.report_exhausted());
    bench.pass(10);
    bench.refresh(Ok(bench.top_up(500))).unwrap();
    assert!(!is_exhausted(&bench));
    assert!(late.report_exhausted(), "it releases");
    assert!(!is_exhausted(&bench));
    assert_eq!(bench.gate.state().reserved(), 0);
    bench.gate.report_exhausted();
    assert!(is_exhausted(&bench), "a report without a reservation always counts");
}

#[test]
fn a_report_on_an_expired_reservation_is_news() {
    let bench = Bench::with_reading(100, |gate| gate.reservation_ttl(seconds(1)));
    let expired = bench.reserve(10).unwrap();
    bench.pass(1);
    assert!(!expired.report_exhausted());
    assert!(is_exhausted(&bench));
    assert_eq!(bench.grantable(), 90);
    // Once: a repeat does not start the cool-down again.
    bench.pass(299);
    assert!(!expired.report_exhausted());
    bench.pass(1);
    assert!(bench.reserve_reading(1, [Ok(bench.top_up(100))]).is_ok());
    // The action ran after all.
    assert_eq!(bench.grantable(), 99);
    assert!(expired.commit() && !expired.commit());
    assert_eq!(bench.grantable(), 89);
}

#[test]
fn without_a_cool_down_one_at_a_time_at_once() {
    let bench = Bench::with_reading(100, |gate| gate.exhausted_cooldown(seconds(0)));
    bench.gate.report_exhausted();
    let one = bench.reserve(1).unwrap();
    assert_eq!(reason(bench.reserve(1)), DenialReason::Exhausted);
    assert!(one.commit() && bench.reserve(1).is_ok());
}

#[test]
fn a_top_up_lifts_the_state_while_a_trial_is_open() {
    let bench = Bench::with_reading(100, |gate| gate.reservation_ttl(seconds(86_400)));
    bench.gate.report_exhausted();
    bench.pass(300);
    let _trial = bench.reserve_reading(1, [Ok(bench.top_up(100))]).unwrap();
    for _ in 0..100 {
        bench.pass(60);
        let mut request = bench.request(Want::Cost(1));
        match step(&mut request) {
            Step::Read => {
                request.deliver(Ok(bench.top_up(5_000)));
                assert!(reserved(step(&mut request)).is_ok());
                return;
            }
            done => assert_eq!(reason(reserved(done)), DenialReason::Exhausted),
        }
    }
    panic!("no reading in 100 minutes");
}

#[test]
fn a_late_report_does_not_open_a_second_trial() {
    let bench = Bench::with_reading(100, |gate| gate.exhausted_cooldown(seconds(5)));
    let (first, late) = (bench.reserve(1).unwrap(), bench.reserve(1).unwrap());
    assert!(first.report_exhausted());
    bench.pass(5);
    let trial = bench.reserve(1).unwrap();
    assert!(late.report_exhausted());
    bench.pass(5);
    let another = bench.reserve_reading(1, [Ok(bench.top_up(100))]);
    assert_eq!(reason(another), DenialReason::Exhausted, "one at a time");
    assert!(trial.commit());
    assert_eq!(bench.gate.state().exhausted_since(), None, "one has committed");
}

#[test]
fn a_trial_that_commits_after_it_has_expired_lifts_the_state() {
    let bench = Bench::with_reading(100, |gate| gate.exhausted_cooldown(seconds(0)).max_age(seconds(3600)));
    bench.gate.report_exhausted();
    let trial = bench.gate.reserve_with(1, &Call::new().reservation_ttl(seconds(1))).unwrap();
    bench.pass(2);
    assert!(trial.commit());
    assert_eq!(bench.gate.state().exhausted_since(), None);
}

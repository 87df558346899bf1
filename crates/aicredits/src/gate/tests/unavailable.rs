//! `when_unavailable` and `dry_run`.

use super::bench::{Bench, network, reason, reserved, seconds, step};
use crate::gate::{Step, Want};
use crate::{Call, DenialReason, Error, ErrorKind, WhenUnavailable};

#[test]
fn allow_grants_what_no_reading_could_decide_and_counts_it() {
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow).limit(30));
    assert_eq!(reason(bench.gate.reserve_now(1)), DenialReason::Unavailable, "nothing has failed yet");
    let first = bench.reserve_reading(20, [Err(network())]).unwrap();
    let second = bench.gate.reserve_up_to(4, 9).unwrap();
    assert_eq!(second.count(), 2, "as many as the limit allows");
    let state = bench.gate.state();
    assert_eq!((state.granted(), state.unchecked(), state.denied()), (2, 2, 1));
    assert_eq!(reason(bench.reserve(3)), DenialReason::Limit, "never over a limit");
    assert!(first.release() && second.release());
    bench.gate.report_exhausted();
    bench.pass(60);
    assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Exhausted, "never while exhausted");
    bench.pass(300);
    assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Unavailable, "nor to try it");
    assert_eq!(bench.gate.state().unchecked(), 2);
}

#[test]
fn only_failures_that_may_pass_are_granted() {
    use ErrorKind::*;
    for kind in [Network, Tls, Timeout, RateLimited, Server, TooLarge, Decode, Protocol] {
        let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
        assert!(bench.reserve_reading(1, [Err(Error::new(kind, "x"))]).is_ok(), "{kind:?}");
        assert!(bench.gate.reserve_now(1).is_ok(), "{kind:?}");
    }
    for kind in [Unauthorized, Forbidden, NotFound, BadRequest, Unexpected, InvalidArgument] {
        let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
        let denied = bench.reserve_reading(1, [Err(Error::new(kind, "x"))]);
        assert_eq!(reason(denied), DenialReason::Unavailable, "{kind:?}");
        assert_eq!(reason(bench.gate.reserve_now(1)), DenialReason::Unavailable, "{kind:?}");
    }
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
    let cancelled = bench.reserve_reading(1, [Err(Error::new(Cancelled, "x"))]).unwrap_err();
    assert_eq!(cancelled.kind(), Cancelled);
}

#[test]
fn allow_grants_what_the_reading_cannot_decide_and_not_what_it_denies() {
    let json = r#"{"periodicCredits": {"balance": 50, "cap": 100},
        "creditBalanceBreakdown": [{"usageRules": [{"period": "MONTH", "cap": 100}]}]}"#;
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
    bench.refresh(Ok(bench.reply(json))).unwrap();
    assert!(bench.reserve(50).unwrap().release());
    assert_eq!(reason(bench.reserve(51)), DenialReason::Insufficient);
    assert_eq!(bench.gate.state().unchecked(), 1);
}

#[test]
fn stale_grants_from_the_last_reading_up_to_its_age() {
    let bench = Bench::with_reading(10, |gate| gate.when_unavailable(WhenUnavailable::Stale(seconds(60))));
    bench.pass(30);
    let first = bench.reserve_reading(7, [Err(network())]).unwrap();
    assert_eq!(reason(bench.reserve(4)), DenialReason::Unavailable, "the reading has no more");
    assert_eq!(bench.gate.reserve_up_to(1, 9).unwrap().count(), 3);
    assert!(first.release());
    bench.pass(29);
    assert!(bench.reserve_reading(1, [Err(network())]).is_ok());
    bench.pass(1);
    assert_eq!(reason(bench.reserve(1)), DenialReason::Unavailable);
    assert_eq!(bench.gate.state().unchecked(), 3);
}

#[test]
fn deny_is_the_default() {
    let bench = Bench::with_reading(10, |gate| gate);
    bench.pass(30);
    assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Unavailable);
}

#[test]
fn a_dry_run_grants_everything_and_makes_nobody_wait() {
    let bench = Bench::new(|gate| gate.dry_run(true).limit(100));
    let counts = || {
        let state = bench.gate.state();
        (state.granted(), state.would_be_denied(), state.denied(), state.unchecked())
    };
    assert!(bench.reserve(5).is_ok(), "without a reading");
    assert_eq!(counts(), (1, 0, 0, 0), "nobody knows what it would do");
    assert!(bench.refresh(Err(network())).is_err());
    assert!(bench.reserve(5).is_ok(), "readings fail");
    assert_eq!(counts(), (2, 1, 0, 0));
    bench.pass(2);
    bench.refresh(Ok(bench.top_up(50))).unwrap();
    assert!(bench.reserve(5).unwrap().release());
    assert_eq!(counts(), (3, 1, 0, 0));
    assert!(bench.reserve(51).is_ok(), "too few credits");
    assert!(bench.reserve(101).is_ok(), "over the limit");
    assert_eq!(bench.gate.reserve_up_to(60, 9).unwrap().count(), 9);
    bench.gate.report_exhausted();
    assert!(bench.reserve(1).is_ok(), "exhausted");
    assert_eq!(counts(), (7, 5, 0, 0));
    assert_eq!(bench.gate.reserve_up_to(i64::MAX as u64, 2).unwrap().count(), 1, "a cost that can be counted");
}

/// The last reading failed with 401; a caller without patience has shown nothing since.
#[test]
fn a_caller_that_runs_out_of_time_is_no_reason_to_grant_after_a_revoked_key() {
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
    let refused = bench.reserve_reading(1, [Err(Error::new(ErrorKind::Unauthorized, "revoked"))]);
    assert_eq!(reason(refused), DenialReason::Unavailable);
    bench.pass(10);
    let mut reader = bench.request(Want::Cost(1));
    assert!(matches!(step(&mut reader), Step::Read));
    let mut waiter = bench.gate.request(Want::Cost(1_000_000), &Call::new().timeout(seconds(1))).unwrap();
    assert!(matches!(step(&mut waiter), Step::Wait));
    bench.pass(1);
    waiter.expire();
    assert_eq!(reason(reserved(step(&mut waiter))), DenialReason::Unavailable, "the last reading failed with 401");
}

/// No reading has ever failed: nothing has shown that the service is unavailable.
#[test]
fn a_caller_that_runs_out_of_time_is_no_failed_reading() {
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
    let mut reader = bench.request(Want::Cost(1));
    assert!(matches!(step(&mut reader), Step::Read));
    let mut waiter = bench.gate.request(Want::Cost(1_000_000), &Call::new().timeout(seconds(1))).unwrap();
    assert!(matches!(step(&mut waiter), Step::Wait));
    bench.pass(1);
    waiter.expire();
    assert_eq!(reason(reserved(step(&mut waiter))), DenialReason::Unavailable, "no reading has failed");
}

#[test]
fn an_undecided_reading_is_not_granted_after_a_revoked_key() {
    let json = r#"{"periodicCredits": {"balance": 50, "cap": 100},
        "creditBalanceBreakdown": [{"usageRules": [{"period": "MONTH", "cap": 100}]}]}"#;
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
    bench.refresh(Ok(bench.reply(json))).unwrap();
    bench.pass(5);
    assert!(bench.refresh(Err(Error::new(ErrorKind::Unauthorized, "revoked"))).is_err());
    let error = bench.reserve(50).unwrap_err();
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
    assert!(error.to_string().contains("revoked"), "{error}");
}

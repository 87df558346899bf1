//! `when_unavailable` and `dry_run`.

use super::bench::{Bench, network, reason, seconds};
use crate::{DenialReason, Error, ErrorKind, WhenUnavailable};

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
    assert_eq!(counts(), (1, 1, 0, 0));
    bench.refresh(Ok(bench.top_up(50))).unwrap();
    assert!(bench.reserve(5).unwrap().release());
    assert_eq!(counts(), (2, 1, 0, 0));
    assert!(bench.reserve(51).is_ok(), "too few credits");
    assert!(bench.reserve(101).is_ok(), "over the limit");
    assert_eq!(bench.gate.reserve_up_to(60, 9).unwrap().count(), 9);
    bench.gate.report_exhausted();
    assert!(bench.reserve(1).is_ok(), "exhausted");
    assert_eq!(counts(), (6, 5, 0, 0));
    assert_eq!(bench.gate.reserve_up_to(i64::MAX as u64, 2).unwrap().count(), 1, "a cost that can be counted");
}

//! Readers that are slow, or that have too little time.

use super::bench::{Bench, reason, reserved, seconds, step};
use crate::gate::{GateRequest, Step, Want};
use crate::{Call, DenialReason, Error, ErrorKind};

fn short(bench: &Bench, timeout: u64) -> GateRequest {
    bench.gate.request(Want::Cost(1), &Call::new().timeout(seconds(timeout))).unwrap()
}

fn late() -> Error {
    Error::new(ErrorKind::Timeout, "late")
}

fn throttled() -> Error {
    Error::new(ErrorKind::RateLimited, "429")
}

fn reads(request: &mut GateRequest) -> bool {
    matches!(step(request), Step::Read)
}

/// The vendor answers nobody.
#[test]
fn callers_with_short_timeouts_learn_that_no_answer_comes() {
    let bench = Bench::new(|gate| gate);
    let mut stalled = 0;
    for _ in 0..20 {
        let mut request = short(&bench, 2);
        if reads(&mut request) {
            stalled += 1;
            bench.pass(2);
            request.deliver(Err(late()));
            assert_eq!(reason(reserved(step(&mut request))), DenialReason::Unavailable);
        }
    }
    assert_eq!(stalled, 1, "the others are denied at once");
    bench.pass(2);
    let mut again = short(&bench, 2);
    assert!(reads(&mut again), "the pause is over");
}

#[test]
fn a_caller_with_more_time_reads_after_those_that_had_too_little() {
    let bench = Bench::new(|gate| gate);
    let mut first = short(&bench, 2);
    let mut same = short(&bench, 2);
    assert!(reads(&mut first) && matches!(step(&mut same), Step::Wait));
    bench.clock.pass(seconds(1));
    let mut later = short(&bench, 2);
    assert!(matches!(step(&mut later), Step::Wait));
    bench.clock.pass(seconds(1));
    first.deliver(Err(late()));
    assert_eq!(reason(reserved(step(&mut later))), DenialReason::Unavailable, "it has no more time than the first");
    let mut patient = short(&bench, 3);
    assert!(reads(&mut patient));
    patient.deliver(Ok(bench.top_up(2)));
    let mut next = short(&bench, 1);
    assert!(reserved(step(&mut next)).is_ok());
}

#[test]
fn a_429_of_a_reader_that_was_followed_counts() {
    let bench = Bench::with_reading(100, |gate| gate.min_interval(seconds(10)));
    bench.pass(40);
    let mut slow = bench.request(Want::Cost(1));
    assert!(reads(&mut slow));
    bench.pass(5);
    let mut next = bench.request(Want::Refresh);
    let _ = step(&mut next);
    slow.deliver(Err(throttled()));
    drop(next);
    bench.pass(6);
    let mut other = bench.request(Want::Refresh);
    assert!(!reads(&mut other), "60 s have not passed");
}

#[test]
fn a_late_reading_does_not_end_the_pause_of_a_later_one() {
    let bench = Bench::new(|gate| gate);
    let mut slow = bench.request(Want::Refresh);
    assert!(reads(&mut slow));
    bench.pass(5);
    let mut next = bench.request(Want::Refresh);
    assert!(reads(&mut next));
    next.deliver(Err(throttled()));
    slow.deliver(Ok(bench.top_up(7)));
    bench.pass(59);
    assert!(!reads(&mut bench.request(Want::Refresh)), "60 s have not passed");
    bench.pass(1);
    assert!(reads(&mut bench.request(Want::Refresh)));
}

#[test]
fn a_failure_that_comes_after_a_later_reading_changes_nothing() {
    let bench = Bench::new(|gate| gate);
    let mut slow = bench.request(Want::Refresh);
    assert!(reads(&mut slow));
    bench.pass(5);
    bench.refresh(Ok(bench.top_up(7))).unwrap();
    slow.deliver(Err(late()));
    bench.pass(1);
    assert!(reads(&mut bench.request(Want::Refresh)));
}

#[test]
fn a_reader_with_too_little_time_changes_nothing_after_a_later_reading() {
    let bench = Bench::new(|gate| gate);
    let mut slow = short(&bench, 2);
    assert!(reads(&mut slow));
    bench.pass(2);
    bench.refresh(Ok(bench.top_up(7))).unwrap();
    slow.deliver(Err(late()));
    bench.pass(1);
    let call = Call::new().timeout(seconds(2));
    let mut refresh = bench.gate.request(Want::Refresh, &call).unwrap();
    assert!(reads(&mut refresh), "an answer has come since");
}

//! Readings: one at a time, in the callers' threads.

use std::sync::Arc;
use std::time::Duration;

use super::bench::{Bench, CountingWaker, network, reason, reserved, seconds, step, waker};
use crate::gate::{GateRequest, Outcome, Step, Wake, Want};
use crate::{Call, Cancel, DenialReason, Error, ErrorKind};

fn reads(request: &mut GateRequest) -> bool {
    matches!(step(request), Step::Read)
}

fn waits(request: &mut GateRequest) -> bool {
    matches!(step(request), Step::Wait)
}

fn failure(request: &mut GateRequest) -> Error {
    reserved(step(request)).unwrap_err()
}

fn throttled(retry_after: Option<Duration>) -> Error {
    Error::new(ErrorKind::RateLimited, "429")
        .with_server_error(crate::server_error::ServerError::default(), retry_after)
}

#[test]
fn one_reads_and_the_others_wait_and_all_are_woken() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    let wakers: Vec<_> = (0..3).map(|_| Arc::new(CountingWaker::default())).collect();
    let mut waiting: Vec<_> = wakers
        .iter()
        .map(|waker| {
            let mut request = bench.request(Want::Cost(1));
            assert!(matches!(request.step(&(Arc::clone(waker) as Arc<dyn Wake>)), Step::Wait));
            request
        })
        .collect();
    assert!(waits(&mut waiting[0]), "a step that is not due changes nothing");
    reader.deliver(Ok(bench.top_up(3)));
    // The first one replaced its waker.
    assert_eq!(wakers.iter().map(|waker| waker.count()).collect::<Vec<_>>(), [0, 1, 1]);
    let granted = waiting.iter_mut().filter_map(|request| reserved(step(request)).ok()).count();
    assert_eq!(granted, 3);
    assert_eq!(reason(reserved(step(&mut reader))), DenialReason::Insufficient, "the reading is enough for three");
}

#[test]
fn a_failure_is_shared_by_all_who_waited() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Cost(1));
    let mut waiter = bench.request(Want::Cost(1));
    let mut refresh = bench.request(Want::Refresh);
    assert!(reads(&mut reader) && waits(&mut waiter) && waits(&mut refresh));
    reader.deliver(Err(network()));
    for request in [&mut reader, &mut waiter] {
        let error = failure(request);
        assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
        assert!(error.is_transient());
        let cause = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
        assert_eq!(cause.kind(), ErrorKind::Network);
        assert!(error.to_string().contains("connection refused"), "{error}");
    }
    assert_eq!(failure(&mut refresh).kind(), ErrorKind::Network);
}

#[test]
fn a_reader_that_gives_up_is_followed_by_one_waiter() {
    let bench = Bench::new(|gate| gate.min_interval(seconds(0)));
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    let wakers: Vec<_> = (0..3).map(|_| Arc::new(CountingWaker::default())).collect();
    let mut waiting: Vec<_> = wakers
        .iter()
        .map(|waker| {
            let mut request = bench.request(Want::Cost(1));
            assert!(matches!(request.step(&(Arc::clone(waker) as Arc<dyn Wake>)), Step::Wait));
            request
        })
        .collect();
    drop(reader);
    assert_eq!(wakers.iter().map(|waker| waker.count()).collect::<Vec<_>>(), [1, 0, 0]);
    assert!(waits(&mut waiting[1]) && reads(&mut waiting[0]) && waits(&mut waiting[2]));
    // The successor gives up before and after its step.
    waiting[0].cancel();
    assert_eq!(failure(&mut waiting[0]).kind(), ErrorKind::Cancelled);
    assert!(reads(&mut waiting[1]));
    waiting[1].deliver(Err(Error::new(ErrorKind::Cancelled, "by its own call")));
    assert_eq!(failure(&mut waiting[1]).kind(), ErrorKind::Cancelled);
    assert!(reads(&mut waiting[2]));
    waiting[2].deliver(Ok(bench.top_up(1)));
    assert!(reserved(step(&mut waiting[2])).is_ok());
}

#[test]
fn a_successor_that_was_woken_and_dropped_hands_over() {
    let bench = Bench::new(|gate| gate.min_interval(seconds(0)));
    let mut requests: Vec<_> = (0..3).map(|_| bench.request(Want::Cost(1))).collect();
    assert!(reads(&mut requests[0]) && waits(&mut requests[1]) && waits(&mut requests[2]));
    drop(requests.remove(0));
    // The second has been woken, and takes no step.
    drop(requests.remove(0));
    assert!(reads(&mut requests[0]));
}

#[test]
fn a_reader_past_its_deadline_is_replaced_by_one_who_comes() {
    let bench = Bench::new(|gate| gate);
    let mut stuck = bench.request(Want::Cost(1));
    assert!(reads(&mut stuck));
    bench.pass(4);
    let mut waiter = bench.request(Want::Cost(1));
    assert!(waits(&mut waiter));
    bench.pass(1);
    assert!(reads(&mut waiter), "the time of the reader is over");
    let mut other = bench.request(Want::Cost(1));
    assert!(waits(&mut other), "one, not all");
    // Its reading comes after all, and counts until the later one comes. Nobody is woken by it.
    stuck.deliver(Ok(bench.top_up(7)));
    assert_eq!(bench.gate.state().estimate(), Some(7));
    waiter.deliver(Ok(bench.top_up(9)));
    assert_eq!(bench.gate.state().estimate(), Some(9));
    assert!(reserved(step(&mut other)).is_ok());
}

#[test]
fn of_two_readings_the_one_requested_later_wins() {
    let bench = Bench::new(|gate| gate);
    let mut slow = bench.request(Want::Refresh);
    assert!(reads(&mut slow));
    bench.pass(5);
    bench.refresh(Ok(bench.top_up(9))).unwrap();
    slow.deliver(Ok(bench.top_up(7)));
    assert_eq!(bench.gate.state().estimate(), Some(9));
}

#[test]
fn between_the_starts_of_two_readings_the_interval_passes_also_after_one_that_was_given_up() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    drop(reader);
    let mut next = bench.request(Want::Cost(1));
    // It reads, and the start waits for its time: a delivery is taken as of then.
    assert!(reads(&mut next));
    assert_eq!(next.pause(), seconds(1));
    bench.clock.pass(Duration::from_millis(400));
    assert_eq!(next.pause(), Duration::from_millis(600));
    next.deliver(Ok(bench.top_up(1)));
    assert!(reserved(step(&mut next)).is_ok());
}

#[test]
fn a_reading_that_cannot_start_in_time_is_not_awaited() {
    let bench = Bench::new(|gate| gate.min_interval(seconds(20)));
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    drop(reader);
    let error = bench.reserve(1).unwrap_err();
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
}

/// A wake that came late makes one.
#[test]
fn a_step_that_is_not_due_does_not_end_a_reading_that_has_begun() {
    let bench = Bench::new(|gate| gate.min_interval(seconds(20)));
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader) && reads(&mut reader));
    reader.deliver(Ok(bench.top_up(1)));
    assert!(reserved(step(&mut reader)).is_ok());
}

#[test]
fn after_failures_the_interval_doubles_up_to_30_seconds() {
    let bench = Bench::new(|gate| gate);
    for interval in [2, 4, 8, 16, 30, 30] {
        assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Unavailable);
        bench.clock.pass(seconds(interval) - Duration::from_nanos(1));
        // At once, with the same failure.
        let error = bench.reserve(1).unwrap_err();
        assert!(error.to_string().contains("connection refused"), "{error}");
        assert_eq!(failure(&mut bench.request(Want::Refresh)).kind(), ErrorKind::Network);
        bench.clock.pass(Duration::from_nanos(1));
    }
    assert!(bench.reserve_reading(1, [Ok(bench.top_up(1))]).is_ok());
    bench.pass(1);
    assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Insufficient);
    bench.pass(2);
    assert_eq!(
        reason(bench.reserve_reading(1, [Err(network())])),
        DenialReason::Insufficient,
        "it starts again at 2 s"
    );
}

#[test]
fn without_an_interval_failures_still_have_a_pause_that_doubles() {
    let bench = Bench::new(|gate| gate.min_interval(seconds(0)));
    for milliseconds in [200, 400, 800] {
        assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Unavailable);
        assert_eq!(reason(bench.reserve(1)), DenialReason::Unavailable);
        bench.clock.pass(Duration::from_millis(milliseconds));
    }
    assert!(bench.reserve_reading(1, [Ok(bench.top_up(1))]).is_ok());
    assert_eq!(reason(bench.reserve_reading(1, [Ok(bench.top_up(0))])), DenialReason::Insufficient, "no pause again");
}

#[test]
fn an_interval_above_30_seconds_stays() {
    let bench = Bench::new(|gate| gate.min_interval(seconds(60)).max_age(seconds(60)));
    assert_eq!(reason(bench.reserve_reading(1, [Err(network())])), DenialReason::Unavailable);
    bench.pass(59);
    assert_eq!(reason(bench.reserve(1)), DenialReason::Unavailable);
    bench.pass(1);
    assert!(bench.reserve_reading(1, [Ok(bench.top_up(1))]).is_ok());
}

#[test]
fn after_429_no_reading_starts_before_retry_after_or_60_seconds() {
    for (retry_after, pause) in [(Some(seconds(90)), 90), (None, 60), (Some(seconds(0)), 2)] {
        let bench = Bench::new(|gate| gate);
        assert_eq!(reason(bench.reserve_reading(1, [Err(throttled(retry_after))])), DenialReason::Unavailable);
        bench.clock.pass(seconds(pause) - Duration::from_nanos(1));
        assert_eq!(reason(bench.reserve(1)), DenialReason::Unavailable);
        assert_eq!(failure(&mut bench.request(Want::Refresh)).kind(), ErrorKind::RateLimited);
        bench.clock.pass(Duration::from_nanos(1));
        assert!(bench.reserve_reading(1, [Ok(bench.top_up(1))]).is_ok());
    }
}

#[test]
fn from_half_of_max_age_on_one_reads_while_the_others_are_granted() {
    let bench = Bench::with_reading(100, |gate| gate);
    bench.clock.pass(seconds(15) - Duration::from_nanos(1));
    assert!(bench.reserve(1).is_ok());
    bench.clock.pass(Duration::from_nanos(1));
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    assert!(bench.reserve(1).is_ok() && bench.gate.reserve_now(1).is_ok());
    // A failure does not take the reading away.
    reader.deliver(Err(network()));
    assert!(reserved(step(&mut reader)).is_ok());
    assert!(bench.reserve(1).is_ok(), "and nobody reads while readings fail");
    bench.pass(14);
    assert!(bench.reserve_reading(1, [Err(network())]).is_ok());
    bench.pass(1);
    assert_eq!(reason(bench.gate.reserve_now(1)), DenialReason::Unavailable, "30 s old");
}

#[test]
fn the_age_counts_from_the_start_of_the_attempt() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Refresh);
    assert!(reads(&mut reader));
    bench.pass(4);
    reader.deliver(Ok(bench.top_up(1)));
    assert_eq!(bench.gate.state().age(), Some(seconds(4)));
}

#[test]
fn a_waiter_that_runs_out_of_time_is_denied_and_leaves() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Cost(1));
    let mut waiter = bench.request(Want::Cost(1));
    let mut short = bench.gate.request(Want::Cost(1), &Call::new().timeout(seconds(2))).unwrap();
    assert!(reads(&mut reader) && waits(&mut waiter) && waits(&mut short));
    assert_eq!((waiter.remaining(), short.remaining()), (seconds(5), seconds(2)));
    assert_eq!((waiter.patience(), short.patience()), (seconds(5), seconds(2)));
    bench.pass(2);
    short.expire();
    let error = failure(&mut short);
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
    let cause = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(cause.kind(), ErrorKind::Timeout);
    assert_eq!(cause.to_string(), "no reading of the balance within 2 s");
    assert!(waits(&mut waiter));
    reader.deliver(Ok(bench.top_up(1)));
    assert!(reserved(step(&mut waiter)).is_ok());
}

#[test]
fn a_timeout_is_a_failure_only_of_a_reading_that_had_its_time() {
    let bench = Bench::new(|gate| gate);
    let timeout = || Err(Error::new(ErrorKind::Timeout, "late"));
    let mut short = bench.gate.request(Want::Cost(1), &Call::new().timeout(seconds(1))).unwrap();
    let mut waiter = bench.request(Want::Cost(1));
    assert!(reads(&mut short) && waits(&mut waiter));
    bench.pass(1);
    short.deliver(timeout());
    assert_eq!(reason(reserved(step(&mut short))), DenialReason::Unavailable);
    // The waiter follows, with the rest of its time.
    assert!(reads(&mut waiter));
    waiter.deliver(timeout());
    assert_eq!(reason(reserved(step(&mut waiter))), DenialReason::Unavailable);
    assert_eq!(reason(bench.reserve(1)), DenialReason::Unavailable, "at once");
}

#[test]
fn a_call_is_cancelled_while_it_waits() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    let mut waiter = bench.gate.request(Want::Cost(1), &call).unwrap();
    assert!(waits(&mut waiter));
    cancel.cancel();
    assert_eq!(failure(&mut waiter).kind(), ErrorKind::Cancelled);
    assert!(matches!(step(&mut waiter), Step::Done(Err(error)) if error.kind() == ErrorKind::Unexpected));
    let gate = &bench.gate;
    for result in [gate.reserve_with(0, &call), gate.reserve_now_with(0, &call), gate.reserve_up_to_with(0, 1, &call)] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled, "before the start too");
    }
    // In a thread too, with a reading in flight that nobody ends.
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    let error = std::thread::scope(|scope| {
        let reserve = scope.spawn(|| bench.gate.reserve_with(1, &call).unwrap_err());
        cancel.cancel();
        reserve.join().unwrap()
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_thread_that_waits_is_woken_by_the_reading() {
    let bench = Bench::new(|gate| gate);
    let mut reader = bench.request(Want::Cost(1));
    assert!(reads(&mut reader));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| bench.gate.reserve(1).map(|one| one.commit()))).collect();
        while bench.gate.waiting() < 8 {
            std::thread::yield_now();
        }
        reader.deliver(Ok(bench.top_up(100)));
        assert!(threads.into_iter().all(|thread| thread.join().unwrap().unwrap()));
    });
    assert_eq!(bench.grantable(), 92);
}

#[test]
fn a_refresh_returns_a_reading_that_was_just_made() {
    let bench = Bench::with_reading(5, |gate| gate);
    assert!(matches!(step(&mut bench.request(Want::Refresh)), Step::Done(Ok(Outcome::Read(_)))));
    assert_eq!(bench.gate.refresh().unwrap().available(), Some(5));
    bench.pass(1);
    assert!(reads(&mut bench.request(Want::Refresh)));
}

#[test]
fn reserve_now_never_reads() {
    let bench = Bench::new(|gate| gate);
    let error = bench.gate.reserve_now(1).unwrap_err();
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
    assert!(error.to_string().contains("refresh the gate"), "{error}");
    bench.refresh(Ok(bench.top_up(10))).unwrap();
    assert!(bench.gate.reserve_now(10).unwrap().release());
    assert_eq!(reason(bench.gate.reserve_now(11)), DenialReason::Insufficient);
    bench.pass(1);
    assert_eq!(reason(bench.gate.reserve_now(11)), DenialReason::Unavailable, "a reading could show more");
    bench.pass(19);
    assert!(bench.gate.reserve_now(10).is_ok(), "it does not read from half of max_age on");
    bench.pass(10);
    assert_eq!(reason(bench.gate.reserve_now(1)), DenialReason::Unavailable);
}

#[test]
fn a_request_that_comes_back_after_its_end_gets_an_error() {
    let bench = Bench::with_reading(5, |gate| gate);
    let mut request = bench.request(Want::Cost(1));
    assert!(reserved(request.step(&waker())).is_ok());
    assert_eq!(failure(&mut request).kind(), ErrorKind::Unexpected);
    request.deliver(Ok(bench.top_up(9)));
    assert_eq!(bench.gate.state().spendable(), Some(5), "nobody asked it to read");
}

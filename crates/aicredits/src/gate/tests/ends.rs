//! How a reservation ends.

use std::time::Duration;

use super::bench::{Bench, reason, seconds};
use crate::{Call, DenialReason, MAX_COST};

#[test]
fn a_commit_may_be_less_or_more_than_what_was_reserved() {
    let bench = Bench::with_reading(100, |gate| gate.limit(1000));
    assert!(bench.reserve(40).unwrap().commit_actual(10));
    assert_eq!((bench.grantable(), bench.gate.state().used()), (90, 10));
    assert!(bench.reserve(40).unwrap().commit_actual(70));
    assert_eq!((bench.grantable(), bench.gate.state().used()), (20, 80));
}

#[test]
fn a_part_keeps_the_rest() {
    let bench = Bench::with_reading(100, |gate| gate);
    let reservation = bench.gate.reserve_up_to(10, 5).unwrap();
    assert!(reservation.commit_part(10) && reservation.commit_part(12));
    assert_eq!((reservation.cost(), reservation.is_open()), (28, true));
    let state = bench.gate.state();
    assert_eq!((state.estimate(), state.reserved(), state.used()), (Some(78), 28, 50));
    assert!(reservation.release());
    assert_eq!(bench.grantable(), 78);
}

#[test]
fn a_part_that_is_more_than_the_rest_counts_in_full() {
    let bench = Bench::with_reading(100, |gate| gate);
    let reservation = bench.reserve(10).unwrap();
    assert!(reservation.commit_part(30));
    assert_eq!((reservation.cost(), reservation.is_open(), bench.grantable()), (0, true, 70));
    assert!(reservation.commit());
    assert_eq!(bench.grantable(), 70);
}

#[test]
fn a_release_frees_the_credits_at_once_and_only_once() {
    let bench = Bench::with_reading(100, |gate| gate);
    let reservation = bench.reserve(100).unwrap();
    assert_eq!(bench.grantable(), 0);
    assert!(reservation.release());
    assert_eq!(bench.grantable(), 100);
    assert!(!reservation.release() && !reservation.report_exhausted());
    assert_eq!(bench.grantable(), 100);
    assert_eq!((reservation.cost(), reservation.is_open()), (0, false));
    drop(reservation);
    assert_eq!(bench.grantable(), 100);
}

#[test]
fn the_first_commit_counts_and_every_later_end_does_nothing() {
    let bench = Bench::with_reading(100, |gate| gate);
    let reservation = bench.reserve(40).unwrap();
    assert!(reservation.commit());
    assert!(!reservation.commit() && !reservation.commit_actual(5) && !reservation.commit_part(5));
    assert!(!reservation.release() && !reservation.report_exhausted());
    drop(reservation);
    let state = bench.gate.state();
    assert_eq!((state.estimate(), state.used(), state.exhausted_since()), (Some(60), 40, None));
}

#[test]
fn an_unresolved_reservation_counts_in_the_estimate_and_not_against_a_limit() {
    let bench = Bench::with_reading(100, |gate| gate.limit(50));
    drop(bench.reserve(40).unwrap());
    let state = bench.gate.state();
    assert_eq!((state.estimate(), state.reserved(), state.used()), (Some(60), 0, 0));
    // As long as a commit: the reading may lack the charge for the delay.
    bench.pass(30);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!((bench.gate.state().estimate(), bench.grantable()), (Some(60), 50));
    bench.pass(31);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!((bench.gate.state().estimate(), bench.grantable()), (Some(100), 50));
}

#[test]
fn a_reservation_expires_after_its_time_to_live() {
    let bench = Bench::with_reading(100, |gate| gate.reservation_ttl(seconds(20)));
    let own = bench.gate.reserve_with(30, &Call::new().reservation_ttl(seconds(5))).unwrap();
    let other = bench.reserve(10).unwrap();
    bench.clock.pass(seconds(5) - Duration::from_nanos(1));
    assert!(own.is_open() && other.is_open());
    bench.clock.pass(Duration::from_nanos(1));
    assert!(!own.is_open() && other.is_open());
    assert_eq!(own.cost(), 0);
    let state = bench.gate.state();
    assert_eq!((state.estimate(), state.reserved()), (Some(70), 10));
    assert!(!own.release(), "what has ended cannot be released");
    assert_eq!(bench.grantable(), 60);
    bench.pass(15);
    assert_eq!(bench.gate.state().reserved(), 0);
}

#[test]
fn an_expiry_that_nobody_looked_at_counts_from_its_own_time() {
    let bench = Bench::with_reading(100, |gate| gate.reservation_ttl(seconds(10)));
    let reservation = bench.reserve(40).unwrap();
    bench.pass(10 + 61);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!(bench.grantable(), 100, "the delay since the expiry is over");
    drop(reservation);
    assert_eq!(bench.grantable(), 100);
}

#[test]
fn a_commit_after_expiry_counts_once() {
    let bench = Bench::with_reading(100, |gate| gate.reservation_ttl(seconds(1)).limit(1000));
    let reservation = bench.reserve(40).unwrap();
    bench.pass(2);
    assert_eq!((bench.grantable(), bench.gate.state().used()), (60, 0));
    assert!(reservation.commit());
    assert_eq!((bench.grantable(), bench.gate.state().used()), (60, 40));
    assert!(!reservation.commit());

    // With another cost, the estimate gets the difference.
    let reservation = bench.reserve(10).unwrap();
    bench.pass(2);
    assert!(reservation.commit_actual(15));
    assert_eq!((bench.grantable(), bench.gate.state().used()), (45, 55));
}

#[test]
fn a_commit_after_expiry_counts_in_full_if_a_reading_came_in_between() {
    let bench = Bench::with_reading(100, |gate| gate.reservation_ttl(seconds(1)));
    let reservation = bench.reserve(40).unwrap();
    bench.pass(62);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!(bench.grantable(), 100, "the action had not been charged");
    assert!(reservation.commit());
    assert_eq!(bench.grantable(), 60);
}

#[test]
fn a_commit_after_release_counts() {
    let bench = Bench::with_reading(100, |gate| gate.limit(1000));
    let reservation = bench.reserve(40).unwrap();
    assert!(reservation.release());
    assert!(reservation.commit());
    assert_eq!((bench.grantable(), bench.gate.state().used()), (60, 40));
    assert!(!reservation.commit());
}

#[test]
fn a_cost_of_0_is_granted_in_every_state_and_may_turn_out_to_cost() {
    let bench = Bench::new(|gate| gate.limit(0));
    bench.gate.report_exhausted();
    let free = bench.reserve(0).unwrap();
    assert_eq!((free.count(), free.cost()), (1, 0));
    assert_eq!(bench.gate.reserve_up_to(0, 9).unwrap().count(), 9);
    assert_eq!(bench.gate.reserve_up_to(7, 0).unwrap().count(), 0);
    assert_eq!(bench.gate.reserve_now(0).unwrap().cost(), 0);
    assert_eq!(reason(bench.reserve(1)), DenialReason::Limit);
    assert!(free.commit_actual(5));
    assert_eq!(bench.gate.state().used(), 5);
}

#[test]
fn up_to_reserves_as_many_as_fit_in_one_step() {
    let bench = Bench::with_reading(100, |gate| gate.limit(95));
    let some = bench.gate.reserve_up_to(30, 50).unwrap();
    assert_eq!((some.count(), some.unit_cost(), some.cost()), (3, 30, 90));
    assert_eq!(reason(bench.gate.reserve_up_to(6, 2)), DenialReason::Limit);
    let all = bench.gate.reserve_up_to(2, 2).unwrap();
    assert_eq!((all.count(), all.cost()), (2, 4));
}

#[test]
fn ends_of_one_reservation_in_many_threads_count_once() {
    let bench = Bench::with_reading(100, |gate| gate);
    for _ in 0..200 {
        let reservation = bench.reserve(10).unwrap();
        let ended: usize = std::thread::scope(|scope| {
            let ends: Vec<_> = (0..4).map(|_| scope.spawn(|| usize::from(reservation.release()))).collect();
            ends.into_iter().map(|end| end.join().unwrap()).sum()
        });
        assert_eq!((ended, bench.grantable()), (1, 100));
    }
}

/// As -1 from C.
#[test]
fn a_commit_above_the_largest_cost_counts_as_reserved() {
    let bench = Bench::with_reading(100, |gate| gate.limit(1000));
    assert!(bench.reserve(10).unwrap().commit_actual(u64::MAX));
    let part = bench.reserve(20).unwrap();
    assert!(part.commit_part(5) && part.commit_part(MAX_COST + 1));
    assert_eq!((bench.gate.state().used(), bench.gate.state().reserved(), bench.grantable()), (30, 0, 70));
    let largest = bench.reserve(1).unwrap();
    assert!(largest.commit_actual(MAX_COST));
    assert_eq!(bench.gate.state().used(), 30 + MAX_COST);
}

#[test]
fn a_commit_after_abandon_counts_if_a_reading_came_in_between() {
    let bench = Bench::with_reading(100, |gate| gate);
    let reservation = bench.reserve(40).unwrap();
    reservation.abandon();
    bench.pass(62);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert!(reservation.commit());
    assert_eq!(bench.grantable(), 60);
}

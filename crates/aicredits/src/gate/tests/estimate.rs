//! The estimate, by the formula.

use super::bench::{Bench, reason};
use crate::DenialReason;

fn estimate(bench: &Bench) -> i64 {
    bench.gate.state().estimate().unwrap()
}

fn commit(bench: &Bench, cost: u64) {
    assert!(bench.gate.reserve_now(cost).unwrap().commit());
}

#[test]
fn the_first_reading_makes_the_estimate_and_each_commit_lowers_it_at_once() {
    let bench = Bench::with_reading(100, |gate| gate.headroom(7));
    assert_eq!((estimate(&bench), bench.grantable()), (100, 93));
    let reservation = bench.reserve(40).unwrap();
    assert_eq!((estimate(&bench), bench.grantable()), (100, 53), "a reservation lowers what is grantable alone");
    assert!(reservation.commit());
    assert_eq!((estimate(&bench), bench.grantable()), (60, 53));
}

#[test]
fn a_lone_spender_is_granted_exactly_what_is_there_for_every_delay() {
    for delay in [0, 1, 7, 30, 59, 60] {
        let bench = Bench::new(|gate| gate);
        // When each charge shows.
        let mut charges: Vec<u64> = Vec::new();
        for now in 0..30 * 5 {
            let shown = charges.iter().filter(|at| *at + delay <= now).count() as i64;
            if now % 5 == 0 {
                let mut request = bench.request(crate::gate::Want::Cost(1));
                let reservation = loop {
                    match super::bench::step(&mut request) {
                        crate::gate::Step::Read => request.deliver(Ok(bench.top_up(30 - shown))),
                        done => break super::bench::reserved(done).unwrap(),
                    }
                };
                charges.push(now);
                assert!(reservation.commit());
            }
            bench.pass(1);
        }
        assert_eq!(charges.len(), 30, "delay {delay}");
    }
}

#[test]
fn a_charge_that_does_not_show_yet_is_not_handed_out_twice() {
    let bench = Bench::with_reading(100, |gate| gate);
    commit(&bench, 60);
    bench.pass(20);
    // The charge does not show. Both branches of the formula: max(100 - 60, min(100 - 0, 40)).
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!(estimate(&bench), 40);
    // It shows: max(40 - 60, min(40, 40)).
    bench.pass(20);
    bench.refresh(Ok(bench.top_up(40))).unwrap();
    assert_eq!(estimate(&bench), 40);
    // The delay is over, and it never shows: it was no charge.
    bench.pass(21);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!(estimate(&bench), 100);
}

#[test]
fn a_commit_exactly_as_old_as_the_delay_shows_in_the_reading() {
    let bench = Bench::with_reading(100, |gate| gate);
    commit(&bench, 10);
    bench.pass(59);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!(estimate(&bench), 90);
    bench.pass(1);
    bench.refresh(Ok(bench.top_up(95))).unwrap();
    assert_eq!(estimate(&bench), 95);
}

#[test]
fn commits_during_a_reading_are_after_it_also_at_the_same_instant() {
    let bench = Bench::with_reading(100, |gate| gate);
    let reservation = bench.reserve(30).unwrap();
    bench.pass(15);
    let mut request = bench.request(crate::gate::Want::Refresh);
    assert!(matches!(super::bench::step(&mut request), crate::gate::Step::Read));
    // The clock does not move.
    assert!(reservation.commit());
    request.deliver(Ok(bench.top_up(100)));
    assert_eq!(estimate(&bench), 70);
}

#[test]
fn a_top_up_counts_at_once() {
    let bench = Bench::with_reading(0, |gate| gate);
    assert_eq!(reason(bench.reserve(1)), DenialReason::Insufficient);
    bench.pass(1);
    let reservation = bench.reserve_reading(500, [Ok(bench.top_up(500))]).unwrap();
    assert_eq!(reservation.cost(), 500);
}

#[test]
fn strict_counts_every_commit_that_the_reading_may_lack() {
    let bench = Bench::with_reading(100, |gate| gate.strict(true));
    commit(&bench, 10);
    bench.pass(20);
    bench.refresh(Ok(bench.top_up(90))).unwrap();
    assert_eq!(estimate(&bench), 80);
    bench.pass(41);
    bench.refresh(Ok(bench.top_up(90))).unwrap();
    assert_eq!(estimate(&bench), 90);
}

#[test]
fn several_processes_have_a_share_each_rounded_down() {
    let bench = Bench::with_reading(100, |gate| gate.processes(3));
    assert_eq!(estimate(&bench), 33);
    commit(&bench, 3);
    bench.pass(20);
    bench.refresh(Ok(bench.top_up(97))).unwrap();
    assert_eq!(estimate(&bench), 32 - 3);
    let bench = Bench::with_reading(-1, |gate| gate.processes(2));
    assert_eq!(estimate(&bench), -1, "rounded down below 0 too");
}

#[test]
fn sums_saturate_at_the_limits_of_a_figure() {
    let bench = Bench::with_reading(i64::MAX, |gate| gate.headroom(i64::MAX as u64));
    assert_eq!(bench.grantable(), 0);
    let bench = Bench::with_reading(i64::MIN, |gate| gate.headroom(i64::MAX as u64));
    assert_eq!(bench.grantable(), i64::MIN);
    assert_eq!(reason(bench.reserve(i64::MAX as u64)), DenialReason::Insufficient);
    let bench = Bench::with_reading(i64::MAX, |gate| gate);
    let reservation = bench.reserve(i64::MAX as u64).unwrap();
    for _ in 0..3 {
        assert!(reservation.commit_part(crate::MAX_COST));
    }
    assert_eq!(estimate(&bench), i64::MIN, "2^63 - 1 less three times that");
}

#[test]
fn commits_before_the_first_reading_count_too() {
    let bench = Bench::new(|gate| gate.when_unavailable(crate::WhenUnavailable::Allow));
    let reservation = bench.reserve_reading(10, [Err(super::bench::network())]).unwrap();
    assert!(reservation.commit());
    bench.pass(10);
    bench.refresh(Ok(bench.top_up(100))).unwrap();
    assert_eq!(estimate(&bench), 90, "the reading may lack the charge");
}

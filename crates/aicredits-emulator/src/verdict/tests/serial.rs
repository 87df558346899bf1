//! Where a server cannot know which call a request belongs to, the rules abstain.

use super::*;
use VerdictRule::*;

#[test]
fn a_request_in_flight_makes_the_rules_abstain() {
    // The first is answered after the third arrived.
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    court.call(MS, ASK, status(403));
    court.arrive(3 * MS, ASK);
    court.answer(first, 4 * MS, status(403));
    assert_eq!(court.found(), []);

    // The first was answered before the second arrived.
    let mut court = Court::default();
    court.call(0, ASK, status(500));
    court.call(MS, ASK, status(403));
    court.arrive(3 * MS, ASK);
    assert_eq!(court.found(), [(RetriedFinal, 1, vec![2, 3])]);
}

#[test]
fn a_request_before_the_reply_is_no_repeat() {
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    let second = court.arrive(MS - 1, ASK);
    court.answer(first, MS, status(403));
    court.answer(second, MS, status(403));
    assert_eq!(court.found(), []);
}

#[test]
fn a_reply_that_is_reported_late_counts_by_its_time() {
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    let second = court.arrive(2 * MS, ASK);
    court.answer(first, MS, after(429, 60));
    court.answer(second, 3 * MS, status(200));
    assert_eq!(court.found(), [(IgnoredRetryAfter, 1, vec![1, 2])]);
}

#[test]
fn a_request_that_is_no_longer_remembered_still_makes_them_abstain() {
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    for n in 1..=8 {
        court.call(n * 10 * MS, ASK, status(500));
    }
    court.call(100 * MS, ASK, status(403));
    court.arrive(110 * MS, ASK);
    assert_eq!(court.found(), []);
    court.answer(first, 115 * MS, status(500));
    court.call(120 * MS, ASK, status(403));
    court.call(130 * MS, ASK, status(403));
    assert_eq!(court.found(), [], "110 ms was not answered");
}

#[test]
fn a_closed_connection_ends_what_was_in_flight_on_it() {
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    court.judge.replying(first, status(403), false);
    let moment = court.moment(MS);
    court.judge.disconnected(1, &moment, 1);
    assert_eq!(court.judge.in_flight.len(), 1);
    court.judge.disconnected(0, &moment, 1);
    assert_eq!(court.judge.in_flight.len(), 0);
    court.arrive(2 * MS, ASK);
    assert_eq!(court.found(), [], "no reply left");
}

#[test]
fn a_request_without_a_route_does_not_count() {
    let mut court = Court::default();
    let moment = court.moment(0);
    let (facts, shown) = (Facts::default(), Entry::default());
    for n in 1..3 {
        let arrival = Arrival {
            n,
            facts: &facts,
            shown: &shown,
            moment: &moment,
            speed: 1,
            connection: 0,
            on_connection: 0,
            leaks_key: true,
            cost: None,
        };
        court.judge.arrived(&arrival);
        court.answer(n, 0, status(404));
    }
    assert_eq!(court.found(), []);
}

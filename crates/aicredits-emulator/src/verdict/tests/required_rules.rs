use super::*;
use VerdictRule::*;

/// Those of the required rules.
fn found_by(court: &Court, require: Require) -> Vec<(VerdictRule, u64, Vec<u64>)> {
    let is_default = |rule: &VerdictRule| *rule < SingleFlight;
    court.found_by(require).into_iter().filter(|(rule, ..)| !is_default(rule)).collect()
}

fn single_flight() -> Require {
    Require { single_flight: true, ..Require::default() }
}

fn shared_pause() -> Require {
    Require { shared_pause: true, ..Require::default() }
}

fn asked_once() -> Require {
    Require { asked_once: true, ..Require::default() }
}

fn per_minute(limit: u64) -> Require {
    Require { max_per_minute: Some(limit), ..Require::default() }
}

fn attempts(limit: u64) -> Require {
    Require { max_attempts: Some(limit), ..Require::default() }
}

fn keep_alive(limit: u64) -> Require {
    Require { keep_alive: Some(limit), ..Require::default() }
}

#[test]
fn single_flight_finds_a_balance_that_is_asked_while_one_is_unanswered() {
    let overlap = |second_at: u64, ends: [Ended; 2], ask: Ask, reversed: bool| {
        let mut court = Court::default();
        let numbers = [court.arrive(0, ask), court.arrive(second_at, ask)];
        let mut order = [0, 1];
        if reversed {
            order.reverse();
        }
        for index in order {
            court.end(numbers[index], MS + index as u64 * SECOND, status(200), ends[index]);
        }
        assert_eq!(court.found(), []);
        court.found_by(single_flight())
    };
    let complete = [Ended::Complete; 2];
    assert_eq!(overlap(MS - 1, complete, ASK, false), [(SingleFlight, 1, vec![1, 2])]);
    assert_eq!(overlap(MS - 1, complete, ASK, true), [(SingleFlight, 1, vec![1, 2])]);
    assert_eq!(overlap(MS, complete, ASK, false), [], "the first was answered");
    assert_eq!(overlap(MS, complete, ASK, true), [], "whatever is reported first");
    assert_eq!(overlap(0, [Ended::Gone, Ended::Complete], ASK, false), [], "the client gave the first up");
    assert_eq!(overlap(0, [Ended::Complete, Ended::Gone], ASK, false), [], "the second was not answered");
    assert_eq!(overlap(0, complete, paid(1), false), [], "a paid action is no read");
}

#[test]
fn single_flight_counts_each_request_once_and_other_lineages_apart() {
    let mut court = Court::default();
    let numbers: Vec<_> = (0..4).map(|_| court.arrive(0, ASK)).collect();
    let other = court.arrive(0, Ask { what: "other", ..ASK });
    for n in numbers.into_iter().chain([other]) {
        court.answer(n, MS, status(200));
    }
    assert_eq!(court.found_by(single_flight()), [(SingleFlight, 3, vec![1, 2])]);
}

#[test]
fn at_most_so_many_requests_of_a_key_come_in_60_s() {
    let court = |times: &[u64], speed: u32| {
        let mut court = Court { speed, ..Court::default() };
        for at in times {
            court.call(*at, ASK, status(200));
        }
        court
    };
    // Less the tolerance.
    let minute = 60 * SECOND - 50 * MS;
    let two = court(&[0, minute / 2, minute], 1);
    assert_eq!(two.found_by(per_minute(2)), [], "the first is 60 s old");
    let three = court(&[0, minute / 2, minute - 1], 1);
    assert_eq!(three.found_by(per_minute(2)), [(MaxPerMinute, 1, vec![3])]);
    assert_eq!(three.found_by(per_minute(1)), [(MaxPerMinute, 2, vec![2])]);
    assert_eq!(three.found_by(per_minute(3)), []);
    // A minute of service time is a second at this speed, and the tolerance is of real time.
    assert_eq!(court(&[0, SECOND / 2, 950 * MS], 60).found_by(per_minute(2)), []);
    assert_eq!(court(&[0, SECOND / 2, 950 * MS - 1], 60).found_by(per_minute(2)).len(), 1);
    assert_eq!(court(&[0, 0, 0], 1200).found_by(per_minute(2)), [], "a minute is as short as the tolerance");
}

#[test]
fn a_rate_counts_each_key_apart_and_starts_again_at_a_boundary() {
    let mut court = Court::default();
    for (n, key) in ["a", "b", "a", "b"].into_iter().enumerate() {
        court.call(n as u64 * 2 * MS, Ask { key, ..ASK }, status(200));
    }
    assert_eq!(court.found_by(per_minute(2)), []);
    court.judge.boundary();
    court.call(SECOND, Ask { key: "a", ..ASK }, status(200));
    assert_eq!(court.found_by(per_minute(2)), []);
    assert_eq!(court.found_by(per_minute(1)), [(MaxPerMinute, 2, vec![3])]);
}

#[test]
fn requests_in_flight_when_the_limit_was_reached_do_not_count() {
    // Two are in flight when the third arrives, so one more may come after it.
    let mut court = Court::default();
    for n in 0..3 {
        court.arrive(n, ASK);
    }
    for n in 1..=3 {
        court.answer(n, 10 * MS, status(200));
    }
    court.call(20 * MS, ASK, status(200));
    assert_eq!(court.found_by(per_minute(3)), []);
    assert_eq!(court.found_by(per_minute(2)), [(MaxPerMinute, 1, vec![4])]);
    assert_eq!(court.found_by(per_minute(1)), [(MaxPerMinute, 3, vec![2])], "nothing was in flight at the first");
    court.call(30 * MS, ASK, status(200));
    assert_eq!(court.found_by(per_minute(3)), [(MaxPerMinute, 1, vec![5])], "nothing was in flight at the fourth");
    assert_eq!(court.found_by(per_minute(5)), []);
}

/// The rule's own words, over every window, for what the measure answers for any limit.
#[test]
fn a_rate_agrees_with_a_count_of_every_window() {
    for seed in 1..200u64 {
        let mut state = seed;
        let mut random = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        };
        let mut court = Court::default();
        let (mut now, mut open) = (0, Vec::new());
        let mut arrivals: Vec<(u64, usize)> = Vec::new();
        for _ in 0..60 {
            now += random(8 * SECOND);
            if open.is_empty() || random(3) > 0 {
                arrivals.push((now, open.len()));
                open.push(court.arrive(now, ASK));
            } else {
                let n = open.swap_remove(random(open.len() as u64) as usize);
                court.answer(n, now, status(200));
            }
        }
        for limit in 1..12 {
            let breaks = |last: usize| {
                (0..=last).filter(|first| arrivals[last].0 - arrivals[*first].0 < 60 * SECOND - 50 * MS).any(|first| {
                    let count = last - first + 1;
                    count > limit && count - arrivals[first + limit - 1].1.min(count) > limit
                })
            };
            let first = (0..arrivals.len()).find(|last| breaks(*last)).map(|last| last as u64 + 1);
            let found = court.found_by(per_minute(limit as u64));
            let found = found.first().map(|(_, _, requests)| requests[0]);
            assert_eq!(found, first, "seed {seed}, limit {limit}");
        }
    }
}

#[test]
fn a_429_pauses_every_request_of_its_key() {
    let paused = |reply: Outline, at: u64, ask: Ask, speed: u32| {
        let mut court = Court { speed, ..Court::default() };
        court.call(0, ASK, reply);
        court.arrive(at, Ask { what: "another", ..ask });
        court.found_by(shared_pause())
    };
    // Less 5 %, or 50 ms if that is more.
    let (from, end) = (MS + 250 * MS, MS + 57 * SECOND);
    let found = [(SharedPause, 1, vec![1, 2])];
    assert_eq!(paused(status(429), from, ASK, 1), [], "it may have been in flight");
    assert_eq!(paused(status(429), from + 1, ASK, 1), found);
    assert_eq!(paused(status(429), end - 1, ASK, 1), found);
    assert_eq!(paused(status(429), end, ASK, 1), []);
    assert_eq!(paused(after(429, 2), MS + 1_900 * MS - 1, ASK, 1), found);
    assert_eq!(paused(after(429, 2), MS + 1_900 * MS, ASK, 1), []);
    assert_eq!(paused(after(429, 1), MS + 950 * MS - 1, ASK, 1), found);
    assert_eq!(paused(after(429, 1), MS + 950 * MS, ASK, 1), []);
    assert_eq!(paused(after(429, 0), from + 1, ASK, 1), [], "there is no pause");
    assert_eq!(paused(status(429), from + 1, Ask { key: "other", ..ASK }, 1), [], "another key");
    assert_eq!(paused(status(503), from + 1, ASK, 1), []);
    // The client's second is a minute of service time, and 60 s of service time are a second.
    assert_eq!(paused(after(429, 2), MS + 1_900 * MS - 1, ASK, 60), found);
    assert_eq!(paused(after(429, 2), MS + 1_900 * MS, ASK, 60), []);
    assert_eq!(paused(status(429), MS + 950 * MS - 1, ASK, 60), found);
    assert_eq!(paused(status(429), MS + 950 * MS, ASK, 60), []);
    let dated = Outline { retry_after: RetryAfter::Other, ..status(429) };
    assert_eq!(paused(dated, from + 1, ASK, 1), []);
}

#[test]
fn a_pause_is_that_of_its_first_429_until_it_is_over() {
    let mut court = Court::default();
    court.call(0, ASK, after(429, 1));
    let in_flight = court.arrive(100 * MS, ASK);
    court.answer(in_flight, 500 * MS, after(429, 60));
    court.call(MS + SECOND, ASK, status(200));
    assert_eq!(found_by(&court, shared_pause()), [], "a request in flight starts no pause");
    court.call(2 * SECOND, ASK, after(429, 1));
    court.call(2 * SECOND + 500 * MS, ASK, status(200));
    assert_eq!(found_by(&court, shared_pause()), [(SharedPause, 1, vec![4, 5])], "the first one after it does");
    court.judge.boundary();
    court.call(2 * SECOND + 600 * MS, ASK, status(200));
    assert_eq!(found_by(&court, shared_pause()).len(), 1);
    assert_eq!(found_by(&court, shared_pause())[0].1, 1);
}

#[test]
fn a_balance_that_was_read_is_not_asked_again() {
    let mut court = Court::default();
    court.call(0, ASK, status(503));
    court.call(2 * MS, ASK, status(200));
    court.call(4 * MS, Ask { what: "other", ..ASK }, status(200));
    assert_eq!(court.found_by(asked_once()), []);
    court.call(20 * SECOND, ASK, status(503));
    assert_eq!(court.found_by(asked_once()), [(AskedOnce, 1, vec![2, 4])]);
    court.judge.boundary();
    court.call(21 * SECOND, ASK, status(200));
    assert_eq!(court.found_by(asked_once()), [(AskedOnce, 1, vec![2, 4])]);
}

#[test]
fn a_balance_is_asked_again_by_times_and_not_by_reports() {
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    let second = court.arrive(MS, ASK);
    court.answer(first, MS + 1, status(200));
    court.answer(second, 2 * MS, status(200));
    assert_eq!(court.found_by(asked_once()), [], "it was in flight");

    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    let second = court.arrive(MS, ASK);
    court.answer(second, 2 * MS, status(200));
    court.answer(first, MS, status(200));
    assert_eq!(court.found_by(asked_once()), [(AskedOnce, 1, vec![1, 2])]);
}

#[test]
fn a_request_is_tried_so_often() {
    let mut court = Court::default();
    for n in 0..4 {
        court.call(n * SECOND, ASK, status(503));
    }
    court.call(4 * SECOND, ASK, status(200));
    assert_eq!(court.found_by(attempts(4)), []);
    assert_eq!(court.found_by(attempts(3)), [(MaxAttempts, 1, vec![4])]);
    assert_eq!(court.found_by(attempts(2)), [(MaxAttempts, 2, vec![3])]);
    for n in 5..8 {
        court.call(n * SECOND, ASK, status(503));
    }
    assert_eq!(court.found_by(attempts(4)), [], "a 200 lies between");
    court.judge.boundary();
    for n in 8..10 {
        court.call(n * SECOND, ASK, status(503));
    }
    assert_eq!(court.found_by(attempts(4)), [], "a boundary lies between");
}

#[test]
fn after_10_s_of_quiet_attempts_count_from_1() {
    for (pause, longest) in [(10 * SECOND - 1, 2), (10 * SECOND, 1)] {
        let mut court = Court::default();
        let n = court.arrive(0, ASK);
        // A request that is in flight is not quiet.
        court.end(n, 30 * SECOND, Outline::default(), Ended::Gone);
        court.call(30 * SECOND + pause, ASK, status(503));
        assert_eq!(court.found_by(attempts(longest)), []);
        assert_eq!(court.found_by(attempts(longest - 1)).len(), 1);
    }
}

#[test]
fn attempts_count_in_the_order_of_arrival() {
    let mut court = Court::default();
    court.call(0, ASK, status(503));
    let got = court.arrive(SECOND, ASK);
    let failed = court.arrive(2 * SECOND, ASK);
    court.answer(failed, 3 * SECOND, status(503));
    court.answer(got, SECOND + 1, status(200));
    assert_eq!(court.found_by(attempts(1)), []);
}

#[test]
fn one_connection_is_enough_for_requests_that_follow_each_other() {
    let open = |connection: u64| Ask { connection, on_connection: 0, ..ASK };
    let mut court = Court::default();
    court.call(0, open(0), status(200));
    court.call(2 * MS, ASK, status(200));
    assert_eq!(court.found_by(keep_alive(1)), []);
    court.call(4 * MS, Ask { what: "other", ..open(1) }, status(200));
    assert_eq!(court.found_by(keep_alive(1)), [(KeepAlive, 1, vec![3])]);
    court.call(6 * MS, open(2), status(200));
    assert_eq!(court.found_by(keep_alive(1)), [(KeepAlive, 2, vec![3])]);
    assert_eq!(court.found_by(keep_alive(3)), []);
    court.judge.boundary();
    court.call(8 * MS, open(3), status(200));
    assert_eq!(court.found_by(keep_alive(1)), [(KeepAlive, 2, vec![3])]);
}

#[test]
fn a_connection_for_a_request_at_the_same_time_is_needed() {
    let open = |connection: u64| Ask { connection, on_connection: 0, ..ASK };
    let mut court = Court::default();
    let first = court.arrive(0, open(0));
    let second = court.arrive(1, open(1));
    court.answer(first, MS, status(200));
    let third = court.arrive(2 * MS, open(2));
    court.answer(second, 3 * MS, status(200));
    court.answer(third, 3 * MS, status(200));
    assert_eq!(court.found_by(keep_alive(1)), []);
}

#[test]
fn a_connection_that_the_server_ended_may_be_replaced() {
    let open = |connection: u64| Ask { connection, on_connection: 0, ..ASK };
    let ends = Outline { ends_connection: true, ..status(200) };
    let mut court = Court::default();
    court.call(0, open(0), ends);
    court.call(2 * MS, open(1), ends);
    court.call(4 * MS, open(2), status(200));
    assert_eq!(court.found_by(keep_alive(1)), []);
    court.call(6 * MS, open(3), status(200));
    assert_eq!(court.found_by(keep_alive(1)), [(KeepAlive, 1, vec![4])]);
}

#[test]
fn a_connection_counts_although_a_reply_is_reported_late() {
    let open = |connection: u64| Ask { connection, on_connection: 0, ..ASK };
    for (answered, count) in [(MS, 1), (3 * MS, 0)] {
        let mut court = Court::default();
        let first = court.arrive(0, open(0));
        let second = court.arrive(2 * MS, open(1));
        court.answer(first, answered, status(200));
        court.answer(second, 4 * MS, status(200));
        assert_eq!(court.found_by(keep_alive(1)).len(), count);
    }
}

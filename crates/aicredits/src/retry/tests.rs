use std::collections::BinaryHeap;

use super::*;
use crate::advice::error_for_status;
use crate::server_error::ServerError;

const FAR: Duration = Duration::from_secs(35);

fn status(status: u16) -> Error {
    error_for_status(status, ServerError::default(), None, None)
}

fn asking_to_wait(seconds: u64) -> Error {
    error_for_status(429, ServerError::default(), Some(Duration::from_secs(seconds)), None)
}

fn lost() -> Error {
    Error::connection_lost("reset")
}

fn after(millis: u64) -> Result<Again, Stop> {
    Ok(Again { after: Duration::from_millis(millis), wants_fresh: false })
}

#[test]
fn transient_errors_are_retried_and_others_are_not() {
    let retries = Retries::new(2);
    let is_repeated = |error: &Error| retries.of_a_call().next(error, false, FAR, 0.5).is_ok();
    for repeated in [429, 500, 502, 503, 504] {
        assert!(is_repeated(&status(repeated)), "{repeated}");
    }
    for refused in [400, 401, 403, 404, 408, 409, 428, 501, 505, 599, 301, 204, 777] {
        assert!(!is_repeated(&status(refused)), "{refused}");
    }
    assert!(is_repeated(&lost()) && is_repeated(&lost().with_http_status(200)));
    use ErrorKind::*;
    for kind in
        [InvalidArgument, Tls, Protocol, Decode, TooLarge, Timeout, Cancelled, Closed, Denied, Panic, Unexpected]
    {
        assert!(!is_repeated(&Error::new(kind, "")), "{kind:?}");
    }
}

#[test]
fn retried_errors_and_timeouts_are_transient() {
    use ErrorKind::*;
    let retries = Retries::new(2);
    let is_repeated = |error: &Error| retries.of_a_call().next(error, false, FAR, 0.5).is_ok();
    for number in 100..=999 {
        let error = status(number);
        assert_eq!(error.is_transient(), is_repeated(&error), "{number}");
        assert_eq!(error.is_transient(), matches!(number, 429 | 500 | 502 | 503 | 504), "{number}");
    }
    for kind in [Network, Timeout, RateLimited] {
        assert!(Error::new(kind, "").is_transient() && !Error::new(kind, "").lasting().is_transient(), "{kind:?}");
    }
    for kind in [InvalidArgument, Server, Tls, Protocol, Decode, TooLarge, Cancelled, Closed, Denied, Panic, Unexpected]
    {
        assert!(!Error::new(kind, "").is_transient(), "{kind:?}");
    }
}

#[test]
fn pauses_double_under_full_jitter_up_to_20_s() {
    let retries = Retries::new(10);
    let pauses = |error: &Error, jitter| {
        let mut call = retries.of_a_call();
        (0..10)
            .map_while(|_| call.next(error, false, FAR * 10, jitter).ok())
            .map(|again| again.after)
            .collect::<Vec<_>>()
    };
    let millis = |pauses: &[Duration]| pauses.iter().map(|pause| pause.as_millis()).collect::<Vec<_>>();
    assert_eq!(millis(&pauses(&status(503), 0.5)), [25, 50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000]);
    assert_eq!(millis(&pauses(&status(429), 0.5))[..6], [500, 1000, 2000, 4000, 8000, 10_000]);
    assert_eq!(millis(&pauses(&status(503), 0.0)), [0; 10]);
    assert!(
        Retries::new(1).of_a_call().next(&status(503), false, FAR, 0.999).unwrap().after < Duration::from_millis(50)
    );
}

#[test]
fn a_call_is_repeated_at_most_so_often() {
    for most in [0, 1, 2] {
        let retries = Retries::new(most);
        let mut call = retries.of_a_call();
        let begun = (0..10).filter(|_| call.next(&lost(), false, FAR, 0.5).is_ok()).count();
        assert_eq!(begun, most as usize);
    }
}

#[test]
fn the_servers_advice_is_kept_where_it_fits() {
    let retries = Retries::new(2);
    let next = |seconds, left| retries.of_a_call().next(&asking_to_wait(seconds), false, left, 0.5);
    assert_eq!(next(7, FAR), after(7000));
    assert_eq!(next(0, FAR), after(500));
    assert_eq!(next(35, FAR), Err(Stop::NoTime(Duration::from_secs(35))));
    assert_eq!(next(1_000_000_000, FAR), Err(Stop::NoTime(Duration::from_secs(1_000_000_000))));
    assert_eq!(
        retries.of_a_call().next(&status(503), false, Duration::from_millis(25), 0.5),
        Err(Stop::NoTime(Duration::from_millis(25)))
    );
}

#[test]
fn a_stale_connection_costs_one_free_repeat() {
    let retries = Retries::new(0);
    let mut call = retries.of_a_call();
    let free = Ok(Again { after: Duration::ZERO, wants_fresh: true });
    assert_eq!(call.next(&lost(), true, FAR, 0.5), free);
    assert_eq!(call.next(&lost(), true, FAR, 0.5), Err(Stop::Done));
    assert_eq!(retries.budget.load(Ordering::Relaxed), BUDGET);
}

#[test]
fn the_budget_is_shared_spent_and_earned_back() {
    let retries = Retries::new(10);
    let exhaust = |error: &Error| std::iter::from_fn(|| retries.of_a_call().next(error, false, FAR, 0.5).ok()).count();
    assert_eq!(exhaust(&status(503)), 35, "500 tokens at 14");
    assert_eq!(exhaust(&status(429)), 2, "10 tokens at 5");
    assert_eq!(exhaust(&status(429)), 0);

    for _ in 0..14 {
        retries.of_a_call().succeeded();
    }
    let mut call = retries.of_a_call();
    assert!(call.next(&status(503), false, FAR, 0.5).is_ok());
    assert_eq!(retries.budget.load(Ordering::Relaxed), 0);
    call.succeeded();
    assert_eq!(retries.budget.load(Ordering::Relaxed), 14);
    for _ in 0..1000 {
        retries.of_a_call().succeeded();
    }
    assert_eq!(retries.budget.load(Ordering::Relaxed), BUDGET);
}

/// `clients` clients that each begin `per_second` calls a second for 15 s of virtual time, while the server refuses
/// everything for ten of them. Calls and attempts in that time, and the failures after it.
fn outage(clients: usize, per_second: u64) -> (usize, usize, usize) {
    const SECOND: u64 = 1_000_000;
    let is_away = |now| (2 * SECOND..12 * SECOND).contains(&now);
    let all: Vec<Retries> = (0..clients).map(|_| Retries::new(2)).collect();
    // The earliest first. Each event is an attempt of a call; a call is its index and its retries.
    let mut events = BinaryHeap::new();
    let mut calls: Vec<(bool, CallRetries<'_>)> = Vec::new();
    for (number, client) in all.iter().enumerate() {
        for call in 0..15 * per_second {
            let at = call * SECOND / per_second + number as u64 * 7919 % SECOND;
            events.push((std::cmp::Reverse(at), calls.len()));
            calls.push((is_away(at), client.of_a_call()));
        }
    }
    let during = calls.iter().filter(|(during, _)| *during).count();
    let (mut attempts, mut late_failures, mut random) = (0, 0, 1_u64);
    while let Some((std::cmp::Reverse(now), index)) = events.pop() {
        let (begun_during, call) = &mut calls[index];
        attempts += usize::from(*begun_during);
        if !is_away(now) {
            call.succeeded();
            continue;
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let jitter = (random >> 11) as f64 / (1_u64 << 53) as f64;
        match call.next(&status(503), false, FAR, jitter) {
            Ok(again) => events.push((std::cmp::Reverse(now + again.after.as_micros() as u64), index)),
            Err(_) => late_failures += usize::from(now >= 12 * SECOND),
        }
    }
    (during, attempts, late_failures)
}

#[test]
fn an_outage_is_not_made_worse_and_ends_by_itself() {
    let (calls, attempts, late_failures) = outage(1000, 50);
    assert!(attempts as f64 / calls as f64 <= 1.1, "{attempts} attempts of {calls} calls");
    assert_eq!(late_failures, 0);
    for per_second in [1, 5, 10] {
        let (calls, attempts, late_failures) = outage(100, per_second);
        assert!(attempts <= calls * 3, "{attempts} attempts of {calls} calls");
        assert_eq!(late_failures, 0);
    }
}

//! One test for each mistake of other gates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aicredits::{Balance, Call, Denial, DenialReason, Error, ErrorKind, GateRequest, MAX_COST, Outcome, Reservation};
use aicredits::{Step, Wake, Want, WhenUnavailable};
use aicredits_emulator::script::{Reply, Server};

use crate::failures::{failure, failures};
use crate::replay::Rules;
use crate::site::Site;
use crate::vendor::{Source, Vendor};
use crate::world::{Waker, World};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn with_credits(credits: u64) -> World {
    World::new(Vendor::new([Source::top_up(credits)]), Rules::default(), |builder| builder)
}

fn reason(result: Result<impl std::fmt::Debug, Error>) -> DenialReason {
    let error = result.unwrap_err();
    error.denial().map(Denial::reason).unwrap_or_else(|| panic!("not denied: {error}"))
}

/// A request for this cost, which gets this result from each reading.
fn reserve_from(world: &World, cost: u64, reading: &Result<Balance, Error>) -> Result<Reservation, Error> {
    let mut request = world.gate().request(Want::Cost(cost), &Call::new()).unwrap();
    let wake: Arc<dyn Wake> = Arc::new(Waker::default());
    loop {
        match request.step(&wake) {
            Step::Read => request.deliver(reading.clone()),
            Step::Done(Ok(Outcome::Reserved(reservation))) => return Ok(reservation),
            Step::Done(Err(error)) => return Err(error),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_refusal_is_not_cached_after_a_top_up() {
    let mut world = with_credits(5);
    assert_eq!(reason(world.reserve(6)), DenialReason::Insufficient);
    world.vendor.top_up(1);
    world.advance(SECOND);
    assert_eq!(world.reserve(6).unwrap().cost, 6);
}

#[test]
fn a_refusal_by_the_vendor_is_not_cached_after_a_top_up() {
    let mut world = with_credits(5);
    let held = world.reserve(5).unwrap();
    world.vendor.spend_elsewhere(5);
    assert!(world.act(5, Duration::ZERO).is_err());
    assert!(held.reservation.report_exhausted());
    assert_eq!(reason(world.reserve(1)), DenialReason::Exhausted);
    world.vendor.top_up(50);
    world.advance(Duration::from_secs(10));
    assert!(world.reserve(50).is_ok());
}

#[test]
fn an_unknown_balance_is_neither_0_nor_minus_1_nor_unlimited() {
    for text in [
        r#"{"periodicCredits":{"cap":"10"}}"#,
        r#"{"periodicCredits":{"balance":null,"cap":"10"}}"#,
        r#"{"creditBalanceBreakdown":[{"usageRules":[]}]}"#,
        r#"{"periodicCredits":{"balance":"10"},"creditBalanceBreakdown":[{"usageRules":[{"period":"DAY","cap":"10"}]}]}"#,
        r#"{"maintenance":true}"#,
    ] {
        let world = with_credits(0);
        let reading = Ok(Balance::from_json(text).unwrap());
        for cost in [1, 10, MAX_COST] {
            let denied = reserve_from(&world, cost, &reading);
            // Above what is known to be there at most, a lack is certain.
            let is_above = text.contains("breakdown") || text.contains("Breakdown");
            match reason(denied) {
                DenialReason::Unavailable => {}
                DenialReason::Insufficient => assert!(is_above && cost > 10, "{text}: {cost}"),
                other => panic!("{text}: {cost}: {other:?}"),
            }
            world.clock.advance(MINUTE);
        }
        assert_eq!(world.gate().state().spendable(), None, "{text}");
        assert!(reserve_from(&world, 0, &reading).is_ok());
    }
}

#[test]
fn a_negative_balance_is_a_lack_and_no_large_number() {
    let world = with_credits(0);
    let reading = Balance::from_json(r#"{"topUpCredits":{"balance":"-1"}}"#);
    let error = reserve_from(&world, 1, &reading).unwrap_err();
    let denial = error.denial().unwrap();
    assert_eq!(denial.reason(), DenialReason::Insufficient);
    assert_eq!(denial.shortfall(), Some(1));
}

#[test]
fn a_number_that_is_none_is_never_compared() {
    for text in [r#"{"topUpCredits":{"balance":"NaN"}}"#, r#"{"topUpCredits":{"balance":0.5}}"#] {
        let world = with_credits(0);
        let reading = Balance::from_json(text);
        assert_eq!(reading.as_ref().unwrap_err().kind(), ErrorKind::Decode);
        assert_eq!(reason(reserve_from(&world, 1, &reading)), DenialReason::Unavailable, "{text}");
    }
    let mut world = with_credits(5);
    // A negative number or a NaN of another language arrives as one of these, if it arrives at all.
    for cost in [MAX_COST + 1, u64::MAX] {
        let error = world.reserve(cost).unwrap_err();
        assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some("cost")));
        assert_eq!(world.gate().reserve_now(cost).unwrap_err().kind(), ErrorKind::InvalidArgument);
        let want = Want::UpTo { unit_cost: cost, wanted: 1 };
        assert_eq!(world.ask(0, want).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(reason(world.reserve(MAX_COST)), DenialReason::Insufficient);
}

fn step(request: &mut GateRequest, waker: &Arc<Waker>) -> Step {
    request.step(&(Arc::<Waker>::clone(waker) as Arc<dyn Wake>))
}

#[test]
fn a_caller_that_is_cancelled_leaks_nothing() {
    let world = with_credits(10);
    let begin = || (world.gate().request(Want::Cost(10), &Call::new()).unwrap(), Arc::new(Waker::default()));
    let ((mut reader, reader_waker), (mut waiter, waiter_waker), (mut last, last_waker)) = (begin(), begin(), begin());
    assert!(matches!(step(&mut reader, &reader_waker), Step::Read));
    assert!(matches!(step(&mut waiter, &waiter_waker), Step::Wait));
    assert!(matches!(step(&mut last, &last_waker), Step::Wait));
    // The one who waits is cancelled; the reader too, in the middle of its reading.
    waiter.cancel();
    let Step::Done(Err(error)) = step(&mut waiter, &waiter_waker) else { panic!("it was cancelled") };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    world.clock.advance(SECOND);
    drop(reader);
    assert!(last_waker.was_woken(), "one waiter takes over");
    let Step::Read = step(&mut last, &last_waker) else { panic!("it must read") };
    last.deliver(Ok(world.reply().0));
    let Step::Done(Ok(Outcome::Reserved(reservation))) = step(&mut last, &last_waker) else { panic!("10 are there") };
    assert_eq!(world.gate().state().reserved(), 10);
    assert!(reservation.release());
    assert_eq!((world.gate().state().reserved(), world.gate().state().grantable()), (0, Some(10)));
}

#[test]
fn a_second_release_frees_nothing() {
    let mut world = with_credits(10);
    let (first, second) = (world.reserve(4).unwrap(), world.reserve(4).unwrap());
    assert!(first.reservation.release());
    assert!(!first.reservation.release());
    assert!(!first.reservation.report_exhausted(), "it had ended");
    assert_eq!(world.gate().state().reserved(), 4);
    assert_eq!(reason(world.reserve(7)), DenialReason::Insufficient);
    drop(second);
}

#[test]
fn an_exact_boundary_is_the_same_in_each_question() {
    for credits in 0..8 {
        for cost in 0..10 {
            let mut world = with_credits(credits);
            let (balance, _) = world.reply();
            let is_affordable = balance.can_afford(cost).unwrap().is_yes();
            assert_eq!(is_affordable, cost <= credits);
            world.refresh().unwrap();
            let now = world.gate().reserve_now(cost);
            assert_eq!(now.is_ok(), is_affordable, "{cost} of {credits}");
            if let Ok(now) = now {
                assert!(now.release());
            }
            world.advance(2 * SECOND);
            let held = world.reserve(cost);
            assert_eq!(held.is_ok(), is_affordable, "{cost} of {credits}");
            // The vendor agrees.
            assert_eq!(world.act(cost, Duration::ZERO).is_ok(), is_affordable);
            assert_eq!(balance.affordable(cost.max(1), 100).unwrap(), Some(credits / cost.max(1)));
        }
    }
}

#[test]
fn failing_open_is_counted() {
    let settings = |builder: aicredits::GateBuilder| builder.when_unavailable(WhenUnavailable::Allow);
    for failure in failures() {
        let world = World::new(Vendor::new([]), Rules::default(), settings);
        let reservation = reserve_from(&world, 5, &Err(failure.clone())).unwrap();
        let state = world.gate().state();
        assert_eq!((state.unchecked(), state.granted(), state.reserved()), (1, 1, 5));
        drop(reservation);
        // It never goes over a limit, and never grants while the vendor refuses.
        let tenant = world.gate().sub_gate(3).unwrap();
        assert_eq!(reason(tenant.reserve_now(4)), DenialReason::Limit);
        world.gate().report_exhausted();
        assert_eq!(reason(world.gate().reserve_now(1)), DenialReason::Exhausted);
    }
}

#[test]
fn a_revoked_key_never_fails_open() {
    for when_unavailable in [WhenUnavailable::Allow, WhenUnavailable::Stale(24 * 60 * MINUTE)] {
        for status in [400, 401, 403, 404] {
            let settings = |builder: aicredits::GateBuilder| builder.when_unavailable(when_unavailable);
            let mut world = World::new(Vendor::new([Source::top_up(100)]), Rules::default(), settings);
            let held = world.reserve(1).unwrap();
            world.advance(10 * MINUTE);
            let error = failure(Reply::status(status));
            let denied = reserve_from(&world, 1, &Err(error.clone())).unwrap_err();
            assert_eq!(denied.denial().unwrap().reason(), DenialReason::Unavailable, "{status}");
            let cause = std::error::Error::source(&denied).unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(cause.http_status(), Some(status));
            assert!(denied.is_transient());
            assert_eq!(world.gate().state().unchecked(), 0);
            drop(held);
        }
    }
}

#[test]
fn credits_are_not_handed_out_twice_while_a_charge_is_not_visible() {
    let mut world = with_credits(30);
    for _ in 0..3 {
        let held = world.reserve(10).unwrap();
        world.act(10, MINUTE).unwrap();
        world.commit(&held);
    }
    for second in 1..=59 {
        world.advance(SECOND);
        assert_eq!(world.vendor.shown_spendable(), 30, "the charges do not show");
        assert_eq!(reason(world.reserve(1)), DenialReason::Insufficient, "after {second} s");
    }
    world.assert_formula();
}

#[test]
fn a_vendor_that_is_down_stalls_nobody_again_and_again() {
    let world = with_credits(10);
    let gone = &failures()[0];
    let mut pause = 2 * SECOND;
    for _ in 0..8 {
        assert_eq!(reason(reserve_from(&world, 1, &Err(gone.clone()))), DenialReason::Unavailable);
        // Meanwhile everybody has the answer at once, without a reading.
        world.clock.advance(pause - Duration::from_millis(1));
        for _ in 0..64 {
            let (mut request, waker) =
                (world.gate().request(Want::Cost(1), &Call::new()).unwrap(), Arc::new(Waker::default()));
            let Step::Done(Err(error)) = step(&mut request, &waker) else { panic!("it waits, {pause:?}") };
            assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
            let cause = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(cause.kind(), ErrorKind::Network);
        }
        world.clock.advance(Duration::from_millis(1));
        pause = (2 * pause).min(30 * SECOND);
    }
    // The first success ends the pauses.
    let (balance, _) = world.reply();
    assert!(reserve_from(&world, 1, &Ok(balance)).is_ok());
}

/// Over a socket: a mute server costs all callers together one `read_timeout`, or two for who came in between.
#[test]
fn a_mute_vendor_stalls_64_callers_for_one_read_timeout() {
    let timeout = Duration::from_millis(300);
    let server = Server::start(Reply::new().mute()).unwrap();
    let builder = aicredits::Client::builder().api_key("IST.not-a-key").account("8b1c0c4e-0000-4000-8000-00000000acc0");
    let client = builder.base_url(server.url()).max_retries(0).build().unwrap();
    let gate = client.gate().read_timeout(timeout).build().unwrap();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| assert_eq!(reason(gate.reserve(1)), DenialReason::Unavailable));
        }
    });
    let took = begun.elapsed();
    assert!(took >= timeout && took < 3 * timeout + Duration::from_secs(2), "{took:?}");
    let begun = Instant::now();
    assert_eq!(reason(gate.reserve(1)), DenialReason::Unavailable);
    assert!(begun.elapsed() < timeout, "the failure is known");
    assert_eq!(gate.state().reserved(), 0);
}

/// After a refusal by the vendor and its cool-down, one action tries. The others wait for what it learns.
#[test]
fn one_action_and_not_64_tries_when_a_cool_down_ends() {
    let site = Site::new(Vendor::new([Source::top_up(1000)]), |builder| builder, Box::new(|_| None));
    let held = site.gate.reserve(1).unwrap();
    assert!(held.report_exhausted());
    assert!(site.gate.state().exhausted_since().is_some());
    for round in 0..3 {
        // A moment before the end nobody may.
        site.clock.advance(5 * MINUTE - Duration::from_millis(1));
        assert_eq!(reason(site.gate.reserve(1)), DenialReason::Exhausted, "round {round}");
        site.clock.advance(Duration::from_millis(1));
        let granted = AtomicU64::new(0);
        let trial = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..64)
                .map(|_| {
                    scope.spawn(|| match site.gate.reserve(1) {
                        Ok(reservation) => {
                            granted.fetch_add(1, Ordering::SeqCst);
                            Some(reservation)
                        }
                        Err(error) => {
                            assert_eq!(error.denial().unwrap().reason(), DenialReason::Exhausted, "{error}");
                            None
                        }
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).next().expect("one may try")
        });
        assert_eq!(granted.into_inner(), 1, "round {round}");
        if round < 2 {
            // It is refused again: the cool-down starts again.
            assert!(trial.report_exhausted());
        } else {
            assert!(trial.commit());
        }
    }
    assert_eq!(site.gate.state().exhausted_since(), None);
    let all: Vec<_> = (0..64).map(|_| site.gate.reserve(1).unwrap()).collect();
    assert_eq!(all.len(), 64);
}

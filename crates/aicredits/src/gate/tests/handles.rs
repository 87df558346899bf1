//! Gates, sub-gates and their handles.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bench::{Bench, reason, seconds, step};
use crate::gate::{GateClock, Step, Want};
use crate::{Call, Client, DenialReason, Error, ErrorKind, Scope, WhenUnavailable};

#[test]
fn a_second_live_gate_for_a_client_and_a_scope_is_refused() {
    let bench = Bench::new(|gate| gate);
    let error = bench.client.gate().build().unwrap_err();
    assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some("scope")));
    assert!(error.to_string().contains("share the first"), "{error}");
    let site = bench.client.gate().site("s").build().unwrap();
    assert_eq!(*site.scope(), Scope::Site("s".into()));
    let other = Client::builder().api_key("IST.x").account("a").build().unwrap();
    assert!(other.gate().build().is_ok());

    // A sub-gate keeps its gate; a reservation does not.
    let client = bench.client.clone();
    let (sub, reservation) = (bench.gate.sub_gate(5).unwrap(), bench.reserve(0).unwrap());
    drop(bench);
    assert!(client.gate().build().is_err());
    drop(sub);
    assert!(client.gate().build().is_ok());
    assert!(reservation.commit());
}

#[test]
fn a_closed_client_has_no_gates_and_grants_nothing() {
    let bench = Bench::with_reading(10, |gate| gate);
    let reservation = bench.reserve(5).unwrap();
    let mut reader = bench.request(Want::Refresh);
    bench.client.close();
    for result in [bench.gate.reserve(0), bench.gate.reserve(1), bench.gate.reserve_now(1)] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Closed);
    }
    assert!(matches!(step(&mut reader), Step::Done(Err(error)) if error.kind() == ErrorKind::Closed));
    assert_eq!(bench.gate.refresh().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(bench.client.gate().site("s").build().unwrap_err().kind(), ErrorKind::Closed);
    assert!(reservation.commit(), "an end never fails");
}

/// The reader sees that the client is closed before the others do.
#[test]
fn a_reading_that_a_close_has_ended_is_no_failed_reading() {
    let bench = Bench::new(|gate| gate.when_unavailable(WhenUnavailable::Allow));
    let (mut reader, mut waiter) = (bench.request(Want::Cost(1)), bench.request(Want::Cost(1)));
    assert!(matches!(step(&mut reader), Step::Read));
    assert!(matches!(step(&mut waiter), Step::Wait));
    reader.deliver(Err(Error::closed()));
    assert!(matches!(step(&mut reader), Step::Done(Err(error)) if error.kind() == ErrorKind::Closed));
    assert!(matches!(step(&mut waiter), Step::Read), "it is neither denied nor granted unchecked");
    bench.client.close();
    assert!(matches!(step(&mut waiter), Step::Done(Err(error)) if error.kind() == ErrorKind::Closed));
}

#[test]
fn a_sub_gate_draws_on_its_gate() {
    let bench = Bench::with_reading(100, |gate| gate.limit(90));
    let sub = bench.gate.sub_gate(30).unwrap();
    let held = sub.reserve(20).unwrap();
    assert_eq!((bench.gate.state().reserved(), sub.state().reserved(), bench.grantable()), (20, 20, 70));
    assert_eq!(reason(sub.reserve_now(11)), DenialReason::Limit);
    assert!(held.commit());
    assert_eq!((bench.gate.state().used(), sub.state().used()), (20, 20));
    assert_eq!((sub.state().limit(), sub.state().granted(), sub.state().denied()), (Some(30), 1, 1));
    assert_eq!((bench.gate.state().granted(), bench.gate.state().denied()), (1, 1));
    // The gate's own limit counts too.
    let other = bench.gate.sub_gate(1000).unwrap();
    let error = other.reserve_now(71).unwrap_err();
    assert_eq!(error.denial().unwrap().grantable(), Some(70));
    assert_eq!(other.reserve_up_to(30, 5).unwrap().count(), 2);
    assert_eq!(bench.gate.sub_gate(1).unwrap().sub_gate(1).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn the_reservations_of_a_sub_gate_are_its_own() {
    let bench = Bench::with_reading(100, |gate| gate);
    let (one, other) = (bench.gate.sub_gate(30).unwrap(), bench.gate.sub_gate(30).unwrap());
    let first = one.reserve_with(1, &Call::new().label("first")).unwrap();
    bench.pass(2);
    let second = other.reserve_with(2, &Call::new().label("second").reservation_ttl(seconds(5))).unwrap();
    let labels = |state: crate::GateState| {
        let open = state.reservations().iter();
        open.map(|open| (open.label().unwrap().to_owned(), open.cost(), open.age())).collect::<Vec<_>>()
    };
    let first_row = ("first".to_owned(), 1, seconds(2));
    let second_row = ("second".to_owned(), 2, seconds(0));
    assert_eq!(labels(bench.gate.state()), [first_row.clone(), second_row.clone()], "oldest first");
    assert_eq!(labels(one.state()), [first_row]);
    assert_eq!(labels(other.state()), [second_row]);
    drop((first, second));
}

#[test]
fn a_limit_may_be_set_below_what_is_used() {
    let bench = Bench::with_reading(100, |gate| gate);
    let sub = bench.gate.sub_gate(30).unwrap();
    assert!(sub.reserve(10).unwrap().commit());
    let open = sub.reserve(5).unwrap();
    sub.set_limit(12).unwrap();
    let error = sub.reserve_now(1).unwrap_err();
    assert_eq!((error.denial().unwrap().grantable(), error.denial().unwrap().shortfall()), (Some(-3), Some(1)));
    assert!(open.is_open());
    sub.set_limit(16).unwrap();
    assert!(sub.reserve_now(1).is_ok());
    bench.gate.set_limit(15).unwrap();
    assert_eq!(reason(bench.gate.reserve_now(1)), DenialReason::Limit, "commits before the call count");
}

#[test]
fn handles_are_dropped_in_any_order() {
    let bench = Bench::with_reading(100, |gate| gate);
    let sub = bench.gate.sub_gate(30).unwrap();
    let first = sub.reserve(10).unwrap();
    drop(sub);
    // Another sub-gate does not get its place while the reservation needs it.
    let other = bench.gate.sub_gate(30).unwrap();
    assert!(first.commit());
    drop(first);
    assert_eq!((other.state().used(), bench.gate.state().used()), (0, 10));
    let third = bench.gate.sub_gate(7).unwrap();
    assert_eq!((third.state().used(), third.state().limit()), (0, Some(7)));
    let reservation = third.reserve(7).unwrap();
    let Bench { gate, client, .. } = bench;
    drop((gate, client, third));
    assert!(reservation.commit());
}

#[test]
fn a_gate_grants_from_a_panicking_thread_and_after_one() {
    struct Panics(AtomicU64);
    impl GateClock for Panics {
        fn now(&self) -> std::time::Duration {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) != 1, "on purpose");
            seconds(1)
        }
    }
    let client = Client::builder().api_key("IST.x").account("a").build().unwrap();
    let gate = client.gate().clock(Arc::new(Panics(AtomicU64::new(0)))).build().unwrap();
    let held = gate.reserve(0).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| gate.reserve(0).map(drop)));
    assert!(panicked.is_err());
    assert!(gate.reserve(0).is_ok() && held.commit());
}

#[test]
fn handles_can_be_sent_and_shared() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<crate::CreditGate>();
    is_shared::<crate::Reservation>();
    is_shared::<crate::Denial>();
    is_shared::<crate::GateState>();
    is_shared::<crate::gate::GateRequest>();
}

#[test]
fn the_state_of_a_sub_gate_says_what_that_would_grant() {
    let bench = Bench::with_reading(100, |gate| gate.limit(50));
    let sub = bench.gate.sub_gate(5).unwrap();
    assert_eq!((bench.grantable(), sub.state().grantable()), (50, Some(5)));
    let held = bench.reserve(48).unwrap();
    assert_eq!((bench.grantable(), sub.state().grantable()), (2, Some(2)));
    assert!(held.release());
    sub.set_limit(1_000).unwrap();
    assert_eq!(sub.state().grantable(), Some(50));
}

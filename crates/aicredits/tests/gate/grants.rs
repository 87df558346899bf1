//! The gate grants: a gate that denies everything is safe, and useless.

use std::sync::Arc;
use std::time::Duration;

use aicredits::{DenialReason, Error};

use crate::replay::Rules;
use crate::vendor::{DAY, Vendor};
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

fn reason(error: &Error) -> Option<DenialReason> {
    error.denial().map(aicredits::Denial::reason)
}

/// A program that acts again and again, one action at a time, until nothing is left.
fn one_after_the_other(vendor: Vendor, cost: u64, delay: Duration, pace: Duration) {
    let actions = vendor.left() / cost;
    let mut world = World::new(vendor, Rules::default(), |builder| builder);
    for action in 0..actions {
        let context = format!("action {action} of {actions}, a delay of {delay:?}, every {pace:?}");
        let held = world.reserve(cost).unwrap_or_else(|error| panic!("{context}: {error}"));
        world.advance(Duration::from_millis(50));
        assert!(world.act(cost, delay).is_ok(), "{context}: the vendor refuses");
        world.commit(&held);
        world.advance(pace);
    }
    assert!(world.vendor.left() < cost);
    let denied = world.reserve(cost).unwrap_err();
    assert_eq!(reason(&denied), Some(DenialReason::Insufficient), "{denied}");
    world.assert_formula();
    let state = world.gate().state();
    assert_eq!((state.granted(), state.denied(), state.reserved()), (actions, 1, 0));
}

const PACES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(300),
    SECOND,
    Duration::from_secs(7),
    Duration::from_secs(31),
    Duration::from_secs(100),
];

#[test]
fn the_free_plan_s_day_is_30_of_30_for_every_delay() {
    for delay in 0..=60 {
        for pace in PACES {
            one_after_the_other(Vendor::free_plan(), 1, Duration::from_secs(delay), pace);
        }
    }
}

#[test]
fn the_page_s_example_is_26_of_26_at_40_for_every_delay() {
    for delay in 0..=60 {
        for pace in PACES {
            one_after_the_other(Vendor::page_example(), 40, Duration::from_secs(delay), pace);
        }
    }
}

/// The second day has its 30 again, and the month has 120: a program that is denied tries again a minute later.
#[test]
fn a_program_that_waits_for_the_reset_spends_the_month() {
    for delay in [0, 30, 60] {
        let delay = Duration::from_secs(delay);
        let mut world = World::new(Vendor::free_plan(), Rules::default(), |builder| builder);
        let mut days = [0; 6];
        while world.now() < 6 * DAY {
            match world.reserve(1) {
                Ok(held) => {
                    world.act(1, delay).unwrap();
                    world.commit(&held);
                    days[usize::try_from(world.now().as_secs() / DAY.as_secs()).unwrap()] += 1;
                    world.advance(SECOND);
                }
                Err(denied) => {
                    assert_eq!(reason(&denied), Some(DenialReason::Insufficient), "{denied}");
                    world.advance(Duration::from_secs(60));
                }
            }
        }
        assert_eq!(days, [30, 30, 30, 30, 0, 0], "a delay of {delay:?}");
        world.assert_formula();
    }
}

/// `reserve_up_to` cuts a batch to what is there.
#[test]
fn a_batch_takes_as_many_as_fit() {
    let mut world = World::new(Vendor::page_example(), Rules::default(), |builder| builder);
    let batch = world.ask(0, aicredits::Want::UpTo { unit_cost: 40, wanted: 50 }).unwrap();
    assert_eq!((batch.reservation.count(), batch.reservation.cost(), batch.reservation.unit_cost()), (26, 1040, 40));
    for _ in 0..26 {
        world.act(40, Duration::ZERO).unwrap();
        assert!(world.commit_part(&batch, 40));
    }
    assert_eq!(world.vendor.left(), 10);
    assert_eq!(world.gate().state().reserved(), 0);
    let denied = world.ask(0, aicredits::Want::UpTo { unit_cost: 40, wanted: 50 }).unwrap_err();
    assert_eq!(reason(&denied), Some(DenialReason::Insufficient));
    world.assert_formula();
}

/// A lone spender with `strict` is denied while its charges may be counted twice, and still gets everything.
#[test]
fn strict_denies_on_the_way_and_grants_everything() {
    let mut denials = 0;
    for delay in 0..=60 {
        let rules = Rules { is_strict: true, ..Rules::default() };
        let mut world = World::new(Vendor::free_plan(), rules, |builder| builder);
        let mut granted = 0;
        let mut on_the_way = 0;
        while world.vendor.left() > 0 {
            assert!(world.now() < DAY, "strict never grants the last credit");
            match world.reserve(1) {
                Ok(held) => {
                    world.act(1, Duration::from_secs(delay)).unwrap();
                    world.commit(&held);
                    granted += 1;
                }
                Err(_) => on_the_way += 1,
            }
            world.advance(SECOND);
        }
        assert_eq!(granted, 30);
        denials = denials.max(on_the_way);
        world.assert_formula();
    }
    println!("strict: at most {denials} denials on the way to 30 of 30");
}

#[test]
fn a_cost_of_zero_is_granted_without_a_reading() {
    let mut world = World::new(Vendor::new([]), Rules::default(), |builder| builder);
    let wake: Arc<dyn aicredits::Wake> = Arc::new(crate::world::Waker::default());
    let mut request = world.gate().request(aicredits::Want::Cost(0), &aicredits::Call::new()).unwrap();
    assert!(matches!(request.step(&wake), aicredits::Step::Done(Ok(aicredits::Outcome::Reserved(_)))));
    assert!(reason(&world.reserve(1).unwrap_err()).is_some());
    assert!(world.reserve(0).is_ok());
}

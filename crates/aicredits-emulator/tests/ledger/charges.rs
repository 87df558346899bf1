//! Charges that balances show later. Service time also passes while a test runs, so each lag is much longer than that.

use crate::ledger::*;
use aicredits_emulator::{Adjust, Emulator, Spend};

fn spend(emulator: &Emulator, cost: i64, shown_after_ms: Option<u64>) {
    emulator.spend(&Spend { cost, shown_after_ms, ..Spend::default() }).unwrap();
}

fn late() -> Emulator {
    let mut state = state([allocation(
        "free",
        [dated("DAY", 30, 30, "2026-06-25T00:00:00Z"), dated("MONTH", 100, 120, "2026-07-01T00:00:00Z")],
    )]);
    state.shown_after_ms = 600_000;
    started(state)
}

#[test]
fn a_charge_lowers_the_real_balance_at_once_and_the_shown_one_when_it_is_due() {
    let emulator = late();
    spend(&emulator, 5, None);
    assert_eq!(balances(&emulator, "free"), [(25, 30), (95, 100)]);
    advance(&emulator, 300_000);
    spend(&emulator, 4, Some(0));
    assert_eq!(balances(&emulator, "free"), [(21, 26), (91, 96)]);
    advance(&emulator, 300_000);
    assert_eq!(balances(&emulator, "free"), [(21, 21), (91, 91)]);
    // A request may have its own delay, and a shorter one overtakes.
    spend(&emulator, 3, Some(2_000_000));
    spend(&emulator, 2, Some(1_000_000));
    advance(&emulator, 1_000_000);
    assert_eq!(balances(&emulator, "free")[0], (16, 19));
    advance(&emulator, 1_000_000);
    assert_eq!(balances(&emulator, "free")[0], (16, 16));
    spend(&emulator, 1, Some(u64::MAX));
    advance(&emulator, 3_600_000);
    assert_eq!(balances(&emulator, "free")[0], (15, 16));
}

#[test]
fn the_calendar_shows_no_charge() {
    let emulator = late();
    spend(&emulator, 5, None);
    set_date(&emulator, at("2026-06-24T23:00:00Z"));
    assert_eq!(balances(&emulator, "free")[0], (25, 30));
}

#[test]
fn a_reset_drops_the_charges_before_it_and_keeps_those_after_it() {
    let emulator = late();
    spend(&emulator, 5, Some(2_000_000));
    set_date(&emulator, at("2026-06-25T00:00:00Z"));
    assert_eq!(balances(&emulator, "free"), [(30, 30), (95, 100)]);
    spend(&emulator, 3, Some(2_000_000));
    assert_eq!(balances(&emulator, "free"), [(27, 30), (92, 100)]);
    // The day's rule shows the second charge alone. The month's did not reset and shows both.
    advance(&emulator, 2_000_000);
    assert_eq!(balances(&emulator, "free"), [(27, 27), (92, 92)]);
}

#[test]
fn an_adjusted_balance_drops_the_charges_before_it() {
    let emulator = late();
    spend(&emulator, 5, None);
    let adjust = |change: Adjust| emulator.adjust(&Adjust { allocation: "free".into(), ..change }).unwrap();
    adjust(Adjust { balance: Some(10), ..Adjust::default() });
    adjust(Adjust { rule: 1, cap: Some(500), ..Adjust::default() });
    assert_eq!(balances(&emulator, "free"), [(10, 10), (95, 100)]);
    advance(&emulator, 600_000);
    assert_eq!(balances(&emulator, "free"), [(10, 10), (95, 95)]);
}

/// So many charges can be in flight.
const MOST: i64 = 65_536;

#[test]
fn of_too_many_charges_the_first_one_shows_early() {
    let emulator = started(state([allocation("much", [dated("MONTH", 1_000_000, 1_000_000, "2026-07-01T00:00:00Z")])]));
    spend(&emulator, 7, Some(u64::MAX - 1));
    for _ in 1..MOST {
        spend(&emulator, 1, Some(u64::MAX));
    }
    assert_eq!(balances(&emulator, "much"), [(1_000_000 - 7 - (MOST - 1), 1_000_000)]);
    spend(&emulator, 1, Some(u64::MAX));
    assert_eq!(balances(&emulator, "much"), [(1_000_000 - 7 - MOST, 1_000_000 - 7)]);
    // The youngest, if it would show before all others.
    spend(&emulator, 3, Some(600_000));
    assert_eq!(balances(&emulator, "much"), [(1_000_000 - 10 - MOST, 1_000_000 - 10)]);
}

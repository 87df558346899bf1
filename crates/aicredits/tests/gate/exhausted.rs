//! After the vendor has refused an action: how long the gate denies, and what ends it. Readings come over a socket, with
//! the server's date.

use std::time::Duration;

use aicredits::{Denial, DenialReason, Reservation};

use crate::site::Site;
use crate::vendor::{DAY, Source, Vendor};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn site(vendor: Vendor) -> Site {
    Site::new(vendor, |builder| builder, Box::new(|_| None))
}

fn reason(site: &Site) -> Option<DenialReason> {
    let denied = site.gate.reserve(1).err()?;
    Some(denied.denial().map(Denial::reason).unwrap_or_else(|| panic!("{denied}")))
}

/// An action that the vendor refuses although its balance shows credits.
fn refused(site: &Site) -> Reservation {
    let reservation = site.gate.reserve(1).unwrap();
    assert!(reservation.report_exhausted());
    assert!(!reservation.is_open());
    assert_eq!(site.gate.state().reserved(), 0, "a report releases");
    reservation
}

#[test]
fn a_reading_that_shows_no_more_changes_nothing_and_is_rare() {
    let site = site(Vendor::new([Source::top_up(100)]));
    drop(refused(&site));
    let before = site.readings();
    for _ in 0..2800 {
        assert_eq!(reason(&site), Some(DenialReason::Exhausted));
        site.clock.advance(SECOND / 10);
    }
    let readings = site.readings() - before;
    assert!((25..=28).contains(&readings), "{readings} readings in 280 s, at most one in 10 s");
}

#[test]
fn a_reading_that_shows_more_ends_it() {
    let site = site(Vendor::new([Source::top_up(100)]));
    let reservation = refused(&site);
    // Less, and then as much as at the report.
    site.vendor().spend_elsewhere(10);
    site.clock.advance(10 * SECOND);
    assert_eq!(reason(&site), Some(DenialReason::Exhausted));
    site.vendor().top_up(5);
    site.clock.advance(10 * SECOND);
    assert_eq!(reason(&site), None, "more than the lowest since the report");
    assert_eq!(site.gate.state().exhausted_since(), None);
    // The report of an action from before is old news.
    assert!(!reservation.report_exhausted());
    assert_eq!(reason(&site), None);
}

#[test]
fn a_late_report_on_a_reservation_from_before_changes_nothing() {
    let site = site(Vendor::new([Source::top_up(100)]));
    let (first, second) = (site.gate.reserve(1).unwrap(), site.gate.reserve(1).unwrap());
    assert!(first.report_exhausted());
    site.vendor().top_up(50);
    site.clock.advance(10 * SECOND);
    assert_eq!(reason(&site), None);
    second.report_exhausted();
    assert_eq!(site.gate.state().exhausted_since(), None);
    assert_eq!(reason(&site), None);
    assert!(!second.is_open(), "it releases all the same");
}

#[test]
fn a_reset_that_lay_ahead_ends_it_by_the_server_s_clock() {
    let mut vendor = Vendor::new([Source::default().daily(10, 30, DAY)]);
    vendor.advance(DAY - 2 * MINUTE);
    let site = site(vendor);
    site.clock.advance(DAY - 2 * MINUTE);
    drop(refused(&site));
    // The balance after the reset is no higher, since others spend at once.
    site.clock.advance(2 * MINUTE - SECOND);
    assert_eq!(reason(&site), Some(DenialReason::Exhausted));
    site.clock.advance(11 * SECOND);
    site.vendor().spend_elsewhere(20);
    assert_eq!(reason(&site), None);
}

#[test]
fn every_sub_gate_denies_too_and_a_cost_of_zero_is_granted() {
    let site = site(Vendor::new([Source::top_up(100)]));
    let (one, other) = (site.gate.sub_gate(50).unwrap(), site.gate.sub_gate(50).unwrap());
    assert!(one.reserve(1).unwrap().report_exhausted());
    for gate in [&site.gate, &one, &other] {
        let denied = gate.reserve(1).unwrap_err();
        assert_eq!(denied.denial().unwrap().reason(), DenialReason::Exhausted);
        assert!(!denied.is_transient());
        assert!(gate.reserve(0).unwrap().commit());
    }
    // A limit is denied before.
    assert_eq!(one.reserve(51).unwrap_err().denial().unwrap().reason(), DenialReason::Limit);
}

/// The one action that tries may be dropped or never end. The next one tries then.
#[test]
fn a_trial_that_never_commits_blocks_nobody_for_ever() {
    let site = site(Vendor::new([Source::top_up(100)]));
    drop(refused(&site));
    site.clock.advance(5 * MINUTE);
    for round in 0..3 {
        let trial = site.gate.reserve(1).unwrap();
        assert_eq!(reason(&site), Some(DenialReason::Exhausted), "round {round}");
        match round {
            0 => assert!(trial.release()),
            1 => drop(trial),
            _ => {
                site.clock.advance(10 * MINUTE);
                assert!(!trial.is_open());
            }
        }
    }
    assert!(site.gate.reserve(1).unwrap().commit());
    assert_eq!(site.gate.state().exhausted_since(), None);
}

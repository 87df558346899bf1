//! A gate in a C program, against a server whose ledger really spends.

use std::process::{Command, Output};

use aicredits_emulator::example;
use aicredits_emulator::script::refused_addr;
use aicredits_tests::{Linked, program, root, run, stderr, stdout};

use crate::vendor::Vendor;

/// Runs a program with the account of the example.
fn run_at(source: &str, linked: Linked, url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program(&root().join(source), linked));
    command.args(arguments).env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    run(command.env("AICREDITS_BASE_URL", url))
}

/// The output of a program that must succeed.
fn says(source: &str, linked: Linked, url: &str, arguments: &[&str]) -> String {
    let output = run_at(source, linked, url, arguments);
    let said = stdout(&output) + &stderr(&output);
    assert!(output.status.success(), "{source} {arguments:?} {linked:?}: {}\n{said}", output.status);
    said
}

const HELD: &str = "every check held\n";

#[test]
fn reservations_are_granted_ended_and_denied() {
    for task in ["reservations", "unasked", "batches", "sub-gates", "forks"] {
        let vendor = Vendor::with_the_examples_credits();
        assert_eq!(says("tests/c/gate.c", Linked::Shared, &vendor.url(), &[task]), HELD, "{task}");
    }
}

#[test]
fn a_refusal_of_the_vendor_is_final() {
    let vendor = Vendor::start(1050, true);
    assert_eq!(says("tests/c/gate.c", Linked::Static, &vendor.url(), &["refusals"]), HELD);
    assert_eq!(vendor.ledger().refusals, 1);
}

#[test]
fn a_vendor_that_cannot_be_reached_denies() {
    let refused = refused_addr().unwrap();
    assert_eq!(says("tests/c/gate.c", Linked::Shared, &refused.url(), &["outages"]), HELD);
}

/// No thread is refused by the vendor, and the ledger is spent down to less than one cost.
#[test]
fn threads_spend_all_credits_and_no_more() {
    for (linked, cost) in [(Linked::Shared, 7), (Linked::Static, 40)] {
        let vendor = Vendor::start(1000, false);
        let said = says("tests/c/gate_threads.c", linked, &vendor.url(), &[&cost.to_string()]);
        assert_eq!(said, format!("{} actions\n{HELD}", 1000 / cost));
        let ledger = vendor.ledger();
        assert_eq!((ledger.refusals, ledger.credits), (0, 1000 % cost));
        assert!(ledger.readings < 1000, "{} readings", ledger.readings);
    }
}

#[test]
fn requests_of_an_event_loop_share_their_readings() {
    for linked in [Linked::Shared, Linked::Static] {
        let vendor = Vendor::with_the_examples_credits();
        assert_eq!(says("tests/c/gate_request.c", linked, &vendor.url(), &["reachable"]), HELD);
        // One for each gate that made one.
        assert_eq!(vendor.ledger().readings, 5);
    }
    let refused = refused_addr().unwrap();
    assert_eq!(says("tests/c/gate_request.c", Linked::Shared, &refused.url(), &["unreachable"]), HELD);
}

#[test]
fn the_examples_reserve_act_and_commit() {
    let vendor = Vendor::with_the_examples_credits();
    for (cost, status, expected, code) in [
        ("40", "200", "done\n", 0),
        ("40", "428", "refused: no credits\n", 1),
        ("40", "403", "failed\n", 1),
        ("40", "500", "unknown\n", 1),
        ("1060", "200", "denied: 10 short: the pools hold", 1),
    ] {
        let output = run_at("examples/gate.c", Linked::Shared, &vendor.url(), &[cost, status]);
        let said = stdout(&output);
        let (check, then) = said.split_once('\n').unwrap();
        let is_checked = match cost {
            "40" => check.starts_with("affordable: 40 of ") && check.ends_with(" spendable credits"),
            _ => check.starts_with("10 short: the pools hold"),
        };
        assert!(is_checked && then.starts_with(expected), "{cost} {status}: {said}{}", stderr(&output));
        assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(code)), "{cost} {status}");
    }
    for (cost, expected) in [
        ("", "gate COST STATUS: COST is a whole number"),
        ("abc", "gate COST STATUS: COST is a whole number"),
        ("1.9", "gate COST STATUS: COST is a whole number"),
        ("-1", "gate COST STATUS: COST is a whole number"),
        ("9223372036854775808", "gate: cost must be a whole number"),
        ("99999999999999999999", "gate: cost must be a whole number"),
    ] {
        let wrong = run_at("examples/gate.c", Linked::Shared, &vendor.url(), &[cost, "200"]);
        assert!(stderr(&wrong).starts_with(expected), "{cost}: {}", stderr(&wrong));
        assert_eq!((stdout(&wrong).as_str(), wrong.status.code()), ("", Some(2)), "{cost}");
    }

    assert_eq!(says("examples/gate_poll.c", Linked::Static, &vendor.url(), &["40"]), "done\n");
    let denied = run_at("examples/gate_poll.c", Linked::Shared, &vendor.url(), &["1060"]);
    assert!(stdout(&denied).starts_with("10 short: "), "{}", stdout(&denied));
    assert_eq!(denied.status.code(), Some(1));
    for cost in ["", "abc", "1.9", "-1"] {
        let wrong = run_at("examples/gate_poll.c", Linked::Shared, &vendor.url(), &[cost]);
        assert!(stderr(&wrong).starts_with("gate_poll COST: "), "{cost}: {}", stderr(&wrong));
        assert_eq!((stdout(&wrong).as_str(), wrong.status.code()), ("", Some(2)), "{cost}");
    }
}

//! A fleet in a C program.

use std::process::{Command, Output};

use aicredits_emulator::script::{Reply, Server, refused_addr};
use aicredits_tests::{Linked, program, root, run, stderr, stdout};

use crate::agency::{Agency, KEY};

const HELD: &str = "every check held\n";

fn run_at(source: &str, linked: Linked, url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program(&root().join(source), linked));
    command.args(arguments).env("WIX_API_KEY", KEY).env("WIX_ACCOUNT_ID", "account");
    run(command.env("AICREDITS_BASE_URL", url))
}

fn holds(linked: Linked, url: &str, task: &str, sites: &[String]) {
    let arguments: Vec<_> = [task].into_iter().chain(sites.iter().map(String::as_str)).collect();
    let output = run_at("tests/c/fleet.c", linked, url, &arguments);
    let said = stdout(&output) + &stderr(&output);
    assert_eq!((said.as_str(), output.status.success()), (HELD, true), "{task} {linked:?}: {}", output.status);
}

#[test]
fn a_fleet_has_one_outcome_for_each_target() {
    for (linked, task) in [
        (Linked::Shared, "outcomes"),
        (Linked::Static, "outcomes"),
        (Linked::Shared, "shared"),
        (Linked::Shared, "forks"),
        (Linked::Static, "forks"),
    ] {
        let agency = Agency::start();
        holds(linked, &agency.emulator.url(), task, &agency.sites);
    }
}

#[test]
fn wrong_settings_and_targets_are_named_and_nothing_is_sent() {
    holds(Linked::Shared, &refused_addr().unwrap().url(), "arguments", &[]);
}

#[test]
fn a_fleet_ends_by_a_cancel_a_time_and_its_freeing() {
    let server = Server::start(Reply::new().mute()).unwrap();
    let sites: Vec<_> = (0..50).map(|site| format!("site-{site}")).collect();
    holds(Linked::Shared, &server.url(), "ends", &sites);
}

#[test]
fn the_example_prints_each_site() {
    let agency = Agency::start();
    let output = run_at(
        "examples/fleet.c",
        Linked::Shared,
        &agency.emulator.url(),
        &[&agency.sites[0], "gone", &agency.sites[1]],
    );
    let mut lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
    lines.sort_unstable();
    assert_eq!((lines.len(), stderr(&output).as_str(), output.status.code()), (3, "", Some(1)), "{lines:?}");
    for (line, site) in lines.iter().zip(&agency.sites[..2]) {
        let credits = line.strip_prefix(&format!("{site}: ")).unwrap_or_else(|| panic!("{line}"));
        assert!(credits.parse::<u64>().is_ok(), "{line}");
    }
    assert!(lines[2].starts_with("gone: 404 "), "{lines:?}");
    let wrong = run_at("examples/fleet.c", Linked::Shared, &agency.emulator.url(), &[""]);
    assert!(
        stderr(&wrong).starts_with("fleet: targets are wrong: target 0 (): site_id is empty"),
        "{}",
        stderr(&wrong)
    );
}

//! The scenarios that come with the emulator.

use crate::client::Client;
use crate::ledger::*;
use crate::properties::kept;
use aicredits_emulator::{
    Account, BY_PERIOD, ClearFaults, ClockChange, Emulator, Nothing, Options, PATH, Reset, Rule, SCENARIOS, Spend,
    State, scenario,
};
use serde_json::Value;

fn start(name: &str) -> Emulator {
    Emulator::with(Options { scenario: Some(name.into()), ..Options::default() }).unwrap()
}

/// The status and the body of a balance.
fn balance(emulator: &Emulator, key: &str, header: &str, id: &str) -> (u16, Value) {
    let mut client = Client::connect(emulator.server().addr());
    let head = format!("POST {PATH} HTTP/1.1\r\nHost: h\r\nAuthorization: {key}\r\n{header}: {id}\r\n");
    client.send(format!("{head}Content-Length: 2\r\n\r\n{{}}"));
    let reply = client.receive();
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

fn account_balance(emulator: &Emulator) -> Value {
    let (status, reading) = balance(emulator, emulator.api_key(), "wix-account-id", emulator.account_id());
    assert_eq!(status, 200);
    reading
}

fn spend(emulator: &Emulator, cost: i64) -> Result<i64, Value> {
    let spent = emulator.spend(&Spend { cost, ..Spend::default() });
    spent.map(|spent| spent.cost).map_err(|error| error.details["spendable"].clone())
}

#[test]
fn each_one_starts_and_its_state_fed_to_reset_is_the_same() {
    let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    let expected =
        ["example", "empty", "free-plan", "agency-1000", "at-the-limits", "runs-out", "late-charge", "outage"];
    assert_eq!(names, expected);
    let other = with([]);
    for name in names {
        let emulator = start(name);
        let state = emulator.state(&Nothing {}).unwrap();
        assert!(state.about.as_ref().is_some_and(|about| about.len() > 20), "{name}");
        assert_eq!(kept(other.reset(&Reset { scenario: Some(state.clone().into()) }).unwrap()), kept(state), "{name}");
        // The settings of a client for the example fit all of them.
        let example = start("example");
        assert_eq!((emulator.api_key(), emulator.account_id()), (example.api_key(), example.account_id()), "{name}");
        assert_eq!(emulator.site_id(), example.site_id(), "{name}");
        if name != "outage" {
            assert!(account_balance(&emulator).is_object(), "{name}");
        }
    }
}

fn rules(state: State) -> impl Iterator<Item = Rule> {
    let of_account = |account: Account| account.allocations.into_iter().flat_map(|allocation| allocation.rules);
    state.accounts.into_iter().flat_map(of_account)
}

/// An option of the clock changes no balance: the dates that the files leave out follow it.
#[test]
fn each_one_starts_at_any_instant_with_its_balances() {
    for of in SCENARIOS {
        let as_written: Vec<i64> = rules(scenario(of.name).unwrap()).map(|rule| rule.balance).collect();
        for now in ["1999-12-31T23:59:59Z", "2025-01-10T08:00:00Z", "2026-06-24T00:00:00Z", "2030-01-10T08:00:00Z"] {
            let clock = Some(ClockChange { now: Some(at(now)), ..ClockChange::default() });
            let options = Options { scenario: Some(of.name.into()), clock, ..Options::default() };
            let emulator = Emulator::with(options).unwrap();
            for _ in 0..2 {
                let state = emulator.state(&Nothing {}).unwrap();
                assert_eq!(state.clock.resets, 0, "{} at {now}", of.name);
                let balances: Vec<i64> = rules(state.clone()).map(|rule| rule.balance).collect();
                assert_eq!(balances, as_written, "{} at {now}", of.name);
                for rule in rules(state) {
                    let hours = match rule.period.as_str() {
                        "SECOND" | "MINUTE" | "HOUR" => 1,
                        "DAY" => 24,
                        "WEEK" => 7 * 24,
                        "MONTH" => 31 * 24,
                        "YEAR" => 366 * 24,
                        _ => {
                            assert_eq!(rule.reset_date, None, "{} at {now}", of.name);
                            continue;
                        }
                    };
                    let left = rule.reset_date.unwrap().duration_since(at(now)).as_secs();
                    assert!((1..=hours * 3600).contains(&left), "{} at {now}: {rule:?}", of.name);
                }
                emulator.reset(&Reset::default()).unwrap();
            }
        }
    }
}

/// The date of a file that leaves it out survives the reading and the writing of the file.
#[test]
fn an_absent_date_stays_absent_until_the_start() {
    let read = scenario("example").unwrap();
    assert_eq!(read.accounts[0].allocations[0].rules[0].reset_date, Some(BY_PERIOD));
    let written = serde_json::to_string(&read).unwrap();
    assert!(!written.contains("reset_date"), "{written}");
    assert_eq!(State::from_json(&written).unwrap(), read);
}

#[test]
fn an_empty_account_has_an_empty_balance() {
    assert_eq!(account_balance(&start("empty")), serde_json::json!({}));
}

#[test]
fn the_free_plan_gives_30_today_and_120_a_month() {
    let emulator = start("free-plan");
    assert_eq!(account_balance(&emulator)["periodicCredits"]["balance"], 120);
    assert_eq!(spend(&emulator, 31), Err(30.into()));
    for _ in 0..4 {
        assert_eq!(spend(&emulator, 30), Ok(30));
        advance(&emulator, 24 * 3_600_000);
    }
    // The day is whole again, and the month is used up.
    assert_eq!(balances(&emulator, "free"), [(30, 30), (0, 0)]);
    assert_eq!(spend(&emulator, 1), Err(0.into()));
}

#[test]
fn the_batch_runs_out_after_28() {
    let emulator = start("runs-out");
    assert_eq!(account_balance(&emulator)["periodicCredits"]["balance"], 118);
    assert_eq!((0..40).take_while(|_| spend(&emulator, 1).is_ok()).count(), 28);
}

#[test]
fn the_late_charge_shows_after_a_minute() {
    let emulator = start("late-charge");
    assert_eq!(spend(&emulator, 100), Ok(100));
    assert_eq!(account_balance(&emulator)["periodicCredits"]["balance"], 850);
    advance(&emulator, 60_000);
    assert_eq!(account_balance(&emulator)["periodicCredits"]["balance"], 750);
}

#[test]
fn the_outage_lasts_until_it_is_cleared() {
    let emulator = start("outage");
    let status = || balance(&emulator, emulator.api_key(), "wix-account-id", emulator.account_id()).0;
    assert_eq!([status(), status(), status(), status()], [502, 502, 503, 503]);
    emulator.clear_faults(&ClearFaults { fault: Some("outage".into()) }).unwrap();
    assert_eq!(status(), 200);
}

#[test]
fn the_agency_has_a_thousand_sites_with_their_own_credits() {
    let emulator = start("agency-1000");
    let state = emulator.state(&Nothing {}).unwrap();
    let sites = &state.accounts[0].sites;
    assert_eq!(sites.len(), 1000);
    assert!(sites.iter().all(|site| site.label.is_some()));
    let ten = state.keys.iter().find(|key| key.name == "ten-sites").unwrap();
    assert_eq!(ten.sites.len(), 10);
    for site in &ten.sites {
        let (status, reading) = balance(&emulator, &ten.secret, "wix-site-id", site);
        assert_eq!((status, reading["creditBalanceBreakdown"].as_array().unwrap().len()), (200, 1));
    }
    assert_eq!(balance(&emulator, &ten.secret, "wix-site-id", &sites[10].site).0, 403);
    let old = state.keys.iter().find(|key| key.revoked).unwrap();
    assert_eq!(balance(&emulator, &old.secret, "wix-site-id", &sites[0].site).0, 401);
    assert_eq!(account_balance(&emulator)["creditBalanceBreakdown"].as_array().unwrap().len(), 1000);
}

#[test]
fn the_limits_are_a_thousand_allocations_of_ten_rules() {
    let reading = account_balance(&start("at-the-limits"));
    let entries = reading["creditBalanceBreakdown"].as_array().unwrap();
    assert_eq!(entries.len(), 1000);
    assert!(entries.iter().all(|entry| entry["usageRules"].as_array().unwrap().len() == 10));
}

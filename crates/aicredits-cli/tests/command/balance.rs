//! The output of `aicredits balance`, without a terminal.

use std::process::Command;

use aicredits_emulator::script::{Reply, Server};
use aicredits_emulator::{Allocation, Emulator, Reset, Rule, scenario};

use crate::process::{KEY, ask, ask_script, run, run_with_input};

const EXAMPLE: &str = "\
account 0a1b2c3d-0000-4000-8000-00000000acc0
server URL

  recurring  ━━━━━━━─  85%  850 of 1,000
  top-up     ━━━━━━━━ 100%  200 of 200

subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6
  month      ━━━━━━━─  85%  850 of 1,000  resets in 7 days, 2026-07-01 00:00 UTC
no subscription
  one-time   ━━━━━━━━ 100%  200 of 200

request 1782259200.00000000000000000000
";

fn rule(period: &str, balance: i64, cap: i64, reset_date: &str) -> Rule {
    Rule { period: period.into(), balance, cap, reset_date: Some(reset_date.parse().unwrap()), ..Rule::default() }
}

#[test]
fn the_example_of_the_page() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(run(ask(&emulator, &[])).success().replace(&emulator.url(), "URL"), EXAMPLE);
}

#[test]
fn other_figures_other_periods_and_stacked_rules() {
    let emulator = Emulator::start().unwrap();
    let mut scenario = scenario("example").unwrap();
    let allocations = &mut scenario.accounts[0].allocations;
    (allocations[0].rules[0].balance, allocations[0].rules[0].cap) = (731, 977);
    allocations[0].rules.push(rule("DAY", 0, 30, "2026-06-24T13:20:00Z"));
    allocations.push(Allocation {
        allocation: "fortnight".into(),
        subscription: Some("not-a-guid".into()),
        rules: vec![rule("FORTNIGHT", 5, 3, "2026-06-23T23:59:30Z")],
        ..Allocation::default()
    });
    emulator.reset(&Reset { scenario: Some(scenario.into()) }).unwrap();
    assert_eq!(
        run(ask(&emulator, &[])).success().replace(&emulator.url(), "URL"),
        "\
account 0a1b2c3d-0000-4000-8000-00000000acc0
server URL

  recurring  ━━━━━╾─   75%  736 of 980
  top-up     ━━━━━━━  100%  200 of 200

subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6
  month      ━━━━━──   75%  731 of 977  resets in 7 days, 2026-07-01 00:00 UTC
  day        ───────    0%    0 of 30   resets in 13 hours, 2026-06-24 13:20 UTC
no subscription
  one-time   ━━━━━━━  100%  200 of 200
subscription not-a-guid
  FORTNIGHT  ━━━━━━━ >100%    5 of 3    due since 2026-06-23 23:59:30 UTC

request 1782259200.00000000000000000000
"
    );
}

#[test]
fn the_days_are_counted_from_the_replys_date() {
    let body = r#"{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"2031-01-11T06:00:00Z"}]}]}"#;
    for (date, expected) in [
        ("Wed, 01 Jan 2031 06:00:00 GMT", "resets in 10 days, 2031-01-11 06:00 UTC"),
        ("Sat, 11 Jan 2031 05:59:00 GMT", "resets in 60 seconds, 2031-01-11 06:00 UTC"),
        ("Sat, 11 Jan 2031 06:00:00 GMT", "due since 2031-01-11 06:00 UTC"),
    ] {
        let server = Server::start(Reply::json(200, body).header("Date", date)).unwrap();
        let shown = run(ask_script(&server, &[])).success();
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn absent_values_are_shown_as_unknown_or_none() {
    let body = r#"{"periodicCredits":{"cap":1000},"creditBalanceBreakdown":[{"usageRules":[]},
        {"usageRules":[{},{"period":"HOUR","balance":0,"cap":0},{"period":"YEAR","balance":-7,"cap":100}]}]}"#;
    let server = Server::start(Reply::json(200, body)).unwrap();
    assert_eq!(
        run(ask_script(&server, &[])).success().replace(&server.url(), "URL"),
        "\
account a
server URL

  recurring  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄     unknown of 1,000
  top-up     none

no subscription
  no rules
no subscription
  unknown    ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄     unknown of unknown
  hour       ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄           0 of 0
  year       ──────────────────────────────────────── 0%       -7 of 100
"
    );

    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let shown = run(ask_script(&server, &[])).success().replace(&server.url(), "URL");
    assert_eq!(shown, "account a\nserver URL\n\n  recurring  none\n  top-up     none\n");
}

#[test]
fn the_scope_is_the_arguments_before_the_environments() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let head = |args: &[&str]| {
        let mut command = ask_script(&server, args);
        command.env("WIX_SITE_ID", "s").env_remove("WIX_ACCOUNT_ID");
        let shown = run(command).success();
        let request = server.journal().pop().unwrap();
        let header = |name: &str| request.header(name).unwrap_or("-").to_owned();
        let head = shown.split_once("\nserver ").unwrap().0.to_owned();
        (header("wix-account-id"), header("wix-site-id"), head)
    };
    let expect = |account: &str, site: &str, head: &str| (account.to_owned(), site.to_owned(), head.to_owned());
    assert_eq!(head(&[]), expect("-", "s", "site s"));
    assert_eq!(head(&["--account", "A"]), expect("A", "-", "account A"));
    assert_eq!(head(&["--site", "S"]), expect("-", "S", "site S"));
    assert_eq!(head(&["--account", "A", "--site", "S"]), expect("A", "S", "account A\nsite S"));
}

/// A forgotten base URL in the environment is visible, in a balance and in a failure.
#[test]
fn a_server_that_is_not_wixs_is_named() {
    let server = Server::start(vec![Reply::json(200, "{}"), Reply::status(404)]).unwrap();
    let shown = run(ask_script(&server, &[])).success();
    assert!(shown.contains(&format!("\nserver {}\n", server.url())), "{shown}");
    let failed = run(ask_script(&server, &[])).failure(66);
    assert!(failed.ends_with(&format!("\nThe base URL is {}, not Wix's.\n", server.url())), "{failed}");

    // Without a connection to Wix: the proxy refuses it.
    let proxy = Server::start(Reply::status(403)).unwrap();
    for url in ["https://www.wixapis.com", "https://www.wixapis.com/"] {
        let failed = run(ask_script(&server, &["--base-url", url, "--proxy", &proxy.url()])).failure(69);
        assert!(!failed.contains("base URL is"), "{failed}");
    }
}

#[test]
fn the_key_is_read_from_a_file_or_from_standard_input() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let with_other_key = |mut command: Command| {
        command.env("WIX_API_KEY", "IST.another-canary");
        command
    };
    for content in [KEY.to_owned(), format!("{KEY}\n"), format!("{KEY}\r\n")] {
        // The argument replaces the variable.
        std::fs::write(&file, &content).unwrap();
        let by_file = ask_script(&server, &["--api-key-file", file.to_str().unwrap()]);
        let by_input = ask_script(&server, &["--api-key-file", "-"]);
        run(with_other_key(by_file)).success();
        run_with_input(with_other_key(by_input), content.as_bytes()).success();
    }
    assert_eq!(server.requests(), 6);
    for request in server.journal() {
        assert_eq!(request.header("authorization"), Some(KEY));
    }
}

#[test]
fn json_is_the_reply_byte_for_byte() {
    let body = "\r\n {\"topUpCredits\" : {\"balance\":\"2e2\"}, \"added\":\"caf\u{e9} \u{9b}31m\"}\t";
    let server = Server::start(Reply::json(200, body)).unwrap();
    assert_eq!(run(ask_script(&server, &["--json"])).success(), body);
}

#[test]
fn the_largest_reply() {
    let rule = r#"{"period":"DAY","balance":1,"cap":9223372036854775807,"resetDate":"2031-01-11T06:00:00Z"}"#;
    let source = format!(r#"{{"subscriptionId":"s","usageRules":[{}]}}"#, [rule; 10].join(","));
    let body = format!(r#"{{"creditBalanceBreakdown":[{}]}}"#, vec![source; 1000].join(","));
    let server = Server::start(Reply::json(200, body)).unwrap();
    let shown = run(ask_script(&server, &[])).success();
    assert_eq!(shown.matches("1 of 9,223,372,036,854,775,807").count(), 10_000);
    assert!(shown.ends_with("\nThe reply is at its limit of 1000 sources: there may be more.\n"), "{shown:.300}");
}

//! `aicredits balance --fail-under`, for cron and monitoring.

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server};
use serde_json::{Value, json};

use crate::process::{ask, ask_script, run};

#[test]
fn the_spendable_credits_are_compared() {
    let emulator = Emulator::start().unwrap();
    let plain = run(ask(&emulator, &[])).success();
    let page = |text: &str| text.split("request").next().unwrap().to_owned();
    for enough in ["0", "1049", "1050"] {
        let shown = run(ask(&emulator, &["--fail-under", enough])).success();
        assert_eq!(page(&shown), page(&plain), "the balance is shown as ever");
    }
    let under = run(ask(&emulator, &["--fail-under", "1051"]));
    assert_eq!((under.code, page(&under.stdout)), (Some(1), page(&plain)));
    assert!(under.stderr.starts_with("under 1051: 1 short: "), "{}", under.stderr);

    // A daily rule counts: the available credits alone would pass.
    let daily = r#"{"periodicCredits":{"balance":90,"cap":120},"creditBalanceBreakdown":[{"usageRules":[
        {"period":"DAY","balance":0,"cap":30},{"period":"MONTH","balance":90,"cap":120}]}]}"#;
    let server = Server::start(Reply::json(200, daily)).unwrap();
    assert_eq!(run(ask_script(&server, &["--fail-under=1"])).code, Some(1));
    let negative = Server::start(Reply::json(200, r#"{"topUpCredits":{"balance":-5}}"#)).unwrap();
    let said = run(ask_script(&negative, &["--fail-under=0"]));
    assert_eq!((said.code, said.stderr.as_str()), (Some(1), "under 0: -5 spendable credits\n"));
}

#[test]
fn unknown_credits_have_their_own_status() {
    let body = r#"{"periodicCredits":{"cap":120}}"#;
    let server = Server::start(Reply::json(200, body)).unwrap();
    let said = run(ask_script(&server, &["--fail-under=1"]));
    assert_eq!(said.code, Some(2));
    let told = "unknown whether the spendable credits are under 1: at least 0, since ";
    assert!(said.stderr.starts_with(told), "{}", said.stderr);
    assert!(said.stdout.contains("unknown of 120"), "{}", said.stdout);
}

/// The limit is compared with the spendable credits, and never with a bound of them.
#[test]
fn unknown_credits_between_known_bounds() {
    let body = r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200},"creditBalanceBreakdown":[
        {"usageRules":[{"period":"MONTH","balance":850,"cap":1000}]},{"subscriptionId":"s"}]}"#;
    let server = Server::start(Reply::json(200, body)).unwrap();
    for limit in [0, 100, 850, 900, 1051] {
        let told = format!(
            "unknown whether the spendable credits are under {limit}: at least 850 and at most 1050, since the source of \
             subscription s has no rules"
        );
        let said = run(ask_script(&server, &[&format!("--fail-under={limit}")]));
        assert_eq!((said.code, said.stderr.trim_end()), (Some(2), told.as_str()));
        let said = run(ask_script(&server, &["--json", &format!("--fail-under={limit}")]));
        let reason: Value = serde_json::from_str(&said.stderr).unwrap();
        assert_eq!((&reason["answer"], &reason["sentence"]), (&json!("unknown"), &json!(told)));
    }
}

#[test]
fn with_json_the_reply_stays_as_it_is_and_the_reason_is_json() {
    let body = r#"{"topUpCredits":{"balance":5}}"#;
    let server = Server::start(Reply::json(200, body)).unwrap();
    let said = run(ask_script(&server, &["--json", "--fail-under=6"]));
    assert_eq!((said.code, said.stdout.as_str()), (Some(1), body));
    let reason: Value = serde_json::from_str(&said.stderr).unwrap();
    assert_eq!((&reason["answer"], &reason["fail_under"]), (&json!("no"), &json!(6)));
    assert_eq!((&reason["spendable"], &reason["shortfall"]), (&json!(5), &json!(1)));
}

#[test]
fn a_reply_that_is_no_balance_comes_before_the_comparison() {
    let server = Server::start(Reply::json(200, r#"{"status":"down"}"#)).unwrap();
    run(ask_script(&server, &["--fail-under=1"])).failure(65);
    let refused = Server::start(Reply::status(503).header("Retry-After", "0")).unwrap();
    run(ask_script(&refused, &["--fail-under=1"])).failure(76);
    for wrong in ["-1", "1.5", "NaN", "", "9223372036854775808"] {
        run(ask_script(&server, &[&format!("--fail-under={wrong}")])).failure(64);
    }
}

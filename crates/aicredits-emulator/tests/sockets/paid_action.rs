//! The paid action: it charges what the ledger has, once, and answers as Wix does where it cannot.

use std::thread;

use aicredits_emulator::{
    Adjust, Assumptions, Emulator, Limit, NoScope, Nothing, Options, PAID_ACTION_PATH, example, scenario,
};
use serde_json::Value;

use crate::calls::{JSON, account_call, account_headers, application_error, assert_whole, call, pay, request, send};
use crate::client::Client;

const NOT_ELIGIBLE: &str = "The request is not eligible: the credits do not suffice";

/// The balances of all credits of the account, in the order of the ledger.
fn balances(emulator: &Emulator) -> Vec<i64> {
    let state = emulator.state(&Nothing {}).unwrap();
    let rules = state.accounts.iter().flat_map(|account| &account.allocations).flat_map(|one| &one.rules);
    rules.map(|rule| rule.balance).collect()
}

#[test]
fn a_charge_is_answered_with_its_transaction_and_shows_in_the_balance() {
    let emulator = Emulator::start().unwrap();
    let reply = pay(&emulator, r#"{"cost":5}"#);
    assert_whole(&reply, 1, "200 OK", JSON, r#"{"transaction":"t1","charged":5,"repeated":false}"#);
    let reply = pay(&emulator, r#" {"future":[1],"cost":850,"idempotency_key":null} "#);
    assert_whole(&reply, 2, "200 OK", JSON, r#"{"transaction":"t2","charged":850,"repeated":false}"#);
    let reading: Value = serde_json::from_slice(&account_call(&emulator).body).unwrap();
    assert_eq!((&reading["periodicCredits"]["balance"], &reading["topUpCredits"]["balance"]), (&0.into(), &195.into()));
    assert_eq!(pay(&emulator, r#"{"cost":0}"#).status, 200);
    assert_eq!(balances(&emulator), [0, 195]);
}

#[test]
fn a_charge_that_the_credits_do_not_suffice_for_is_a_428_and_takes_nothing() {
    let emulator = Emulator::start().unwrap();
    let reply = pay(&emulator, r#"{"cost":1051}"#);
    let body = application_error("REQUEST_NOT_ELIGIBLE", NOT_ELIGIBLE);
    assert_whole(&reply, 1, "428 Precondition Required", JSON, &body);
    assert_eq!(balances(&emulator), [850, 200]);
    let reply = pay(&emulator, r#"{"cost":1050}"#);
    assert_whole(&reply, 2, "200 OK", JSON, r#"{"transaction":"t1","charged":1050,"repeated":false}"#);
}

#[test]
fn the_same_idempotency_key_and_cost_charge_once() {
    let emulator = Emulator::start().unwrap();
    let body = r#"{"cost":5,"idempotency_key":"k1"}"#;
    assert_whole(&pay(&emulator, body), 1, "200 OK", JSON, r#"{"transaction":"t1","charged":5,"repeated":false}"#);
    assert_whole(&pay(&emulator, body), 2, "200 OK", JSON, r#"{"transaction":"t1","charged":5,"repeated":true}"#);
    let conflict = application_error("ALREADY_EXISTS", "The idempotency key was used with another cost or site");
    let reply = pay(&emulator, r#"{"cost":6,"idempotency_key":"k1"}"#);
    assert_whole(&reply, 3, "409 Conflict", JSON, &conflict);
    let other = r#"{"cost":5,"idempotency_key":"k2"}"#;
    assert_whole(&pay(&emulator, other), 4, "200 OK", JSON, r#"{"transaction":"t2","charged":5,"repeated":false}"#);
    assert_eq!(balances(&emulator), [840, 200]);
}

#[test]
fn a_refused_charge_does_not_use_its_idempotency_key() {
    let emulator = Emulator::start().unwrap();
    let body = r#"{"cost":1100,"idempotency_key":"k1"}"#;
    assert_eq!(pay(&emulator, body).status, 428);
    emulator.adjust(&Adjust { allocation: "top-up".into(), balance: Some(400), ..Adjust::default() }).unwrap();
    assert_whole(&pay(&emulator, body), 2, "200 OK", JSON, r#"{"transaction":"t1","charged":1100,"repeated":false}"#);
}

#[test]
fn each_violation_of_the_body_is_listed() {
    let emulator = Emulator::start().unwrap();
    let long = format!(r#"{{"cost":1,"idempotency_key":"{}"}}"#, "k".repeat(257));
    let key = ("idempotency_key", "must be a text of 1 to 256 bytes without control characters", "FORMAT");
    let whole = ("cost", "must be a whole number of at most 64 bits", "FORMAT");
    type Violation<'a> = (&'a str, &'a str, &'a str);
    let cases: &[(&str, &[Violation<'_>])] = &[
        ("[]", &[("", "the body must be a JSON object", "FORMAT")]),
        ("{}{}", &[("", "the body must be valid JSON", "FORMAT")]),
        ("{}", &[("cost", "is missing", "REQUIRED_FIELD")]),
        (r#"{"cost":null}"#, &[("cost", "is missing", "REQUIRED_FIELD")]),
        (r#"{"cost":-1}"#, &[("cost", "must be 0 or more", "MIN")]),
        (r#"{"cost":1.5}"#, &[whole]),
        (r#"{"cost":"5"}"#, &[whole]),
        (r#"{"cost":9223372036854775808}"#, &[whole]),
        (r#"{"cost":1,"idempotency_key":7}"#, &[key]),
        (r#"{"cost":1,"idempotency_key":""}"#, &[key]),
        (r#"{"cost":1,"idempotency_key":"a\nb"}"#, &[key]),
        (&long, &[key]),
        (r#"{"cost":true,"idempotency_key":[]}"#, &[whole, key]),
    ];
    for (index, (body, violations)) in cases.iter().enumerate() {
        let lines: String = violations.iter().map(|(field, why, _)| format!("\\n{field} {why}")).collect();
        let lines = lines.replace("\\n ", "\\n");
        let listed: Vec<String> = violations
            .iter()
            .map(|(field, why, rule)| format!(r#"{{"field":"{field}","description":"{why}","violatedRule":"{rule}"}}"#))
            .collect();
        let expected = format!(
            r#"{{"message":"request is invalid:{lines}","details":{{"validationError":{{"fieldViolations":[{}]}}}}}}"#,
            listed.join(",")
        );
        assert_whole(&pay(&emulator, body), index as u64 + 1, "400 Bad Request", JSON, &expected);
    }
    assert_eq!(balances(&emulator), [850, 200]);
    assert_eq!(pay(&emulator, r#"{"cost":9223372036854775807}"#).status, 428);
}

#[test]
fn the_key_and_the_headers_decide_who_pays() {
    let emulator = Emulator::start().unwrap();
    let (account, site) = (("wix-account-id", example::ACCOUNT_ID), ("wix-site-id", example::SITE_ID));
    let (api_key, site_key) = (("Authorization", example::API_KEY), ("Authorization", example::SITE_KEY));
    let status = |headers: &[(&str, &str)], body: &str| send(&emulator, "POST", PAID_ACTION_PATH, headers, body).status;
    // The site has 850 credits, its account 1,050.
    assert_eq!(status(&[site_key, site], r#"{"cost":851}"#), 428);
    assert_eq!(status(&[api_key, site], r#"{"cost":851}"#), 428);
    assert_eq!(status(&[api_key, site, account], r#"{"cost":851}"#), 200);
    assert_eq!(balances(&emulator), [0, 199]);
    assert_eq!(status(&[site_key, account], r#"{"cost":1}"#), 403);
    assert_eq!(status(&[api_key, ("wix-site-id", "other")], r#"{"cost":1}"#), 404);
    let reply = send(&emulator, "POST", PAID_ACTION_PATH, &[api_key], r#"{"cost":1}"#);
    let message = "The request names neither an account (wix-account-id) nor a site (wix-site-id)";
    let body = application_error("MISSING_METASITE_ID", message);
    assert_whole(&reply, 6, "428 Precondition Required", JSON, &body);
    assert_eq!(balances(&emulator), [0, 199]);
}

#[test]
fn the_checks_have_their_order() {
    let emulator = Emulator::start().unwrap();
    emulator.control("fault", r#"{"reply":{"status":500}}"#);
    // Another key's requests do not count, so that the limit is used up by its own.
    emulator.limit(&Limit { per_minute: Some(1), key: Some("unknown".into()), retry_after: None }).unwrap();
    let status = |key: &str, headers: &[(&str, &str)], body: &str| {
        let headers = [&[("Authorization", key)], headers].concat();
        send(&emulator, "POST", PAID_ACTION_PATH, &headers, body).status
    };
    let account = ("wix-account-id", example::ACCOUNT_ID);
    assert_eq!(status("IST.unknown", &[], "["), 500);
    assert_eq!(status("IST.unknown", &[], "["), 401);
    assert_eq!(status("IST.unknown", &[], "["), 429);
    assert_eq!(status(example::API_KEY, &[], "["), 400);
    assert_eq!(status(example::API_KEY, &[], r#"{"cost":1051}"#), 428);
    assert_eq!(status(example::API_KEY, &[("wix-account-id", "other")], r#"{"cost":1051}"#), 404);
    assert_eq!(status(example::API_KEY, &[account], r#"{"cost":1051}"#), 428);
    assert_eq!(status(example::API_KEY, &[account], r#"{"cost":1050}"#), 200);
}

#[test]
fn it_is_no_control_action() {
    let emulator = Emulator::start().unwrap();
    let headers = [account_headers(&emulator).as_slice(), &[("Content-Type", "text/plain")]].concat();
    let mut client = Client::connect(emulator.server().addr());
    let other_host =
        request("POST", PAID_ACTION_PATH, &headers, r#"{"cost":1}"#).replace("Host: h", "Host: example.com");
    client.send(other_host);
    assert_eq!(client.receive().status, 200);
    let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
    assert_eq!(
        (&journal["requests"][0]["route"], &journal["requests"][0]["key"]),
        (&"paid_action".into(), &"example".into())
    );
    for method in ["GET", "PUT"] {
        assert_whole(
            &send(&emulator, method, PAID_ACTION_PATH, &headers, ""),
            if method == "GET" { 2 } else { 3 },
            "404 Not Found",
            "",
            "",
        );
    }
}

#[test]
fn a_charge_shows_late_if_the_scenario_says_so_and_counts_at_once() {
    let mut state = scenario("example").unwrap();
    state.shown_after_ms = 600_000;
    let emulator = Emulator::with(Options { scenario: Some(state.into()), ..Options::default() }).unwrap();
    assert_eq!(pay(&emulator, r#"{"cost":1000}"#).status, 200);
    let shown = || {
        let reading: Value = serde_json::from_slice(&account_call(&emulator).body).unwrap();
        [&reading["periodicCredits"]["balance"], &reading["topUpCredits"]["balance"]].map(|one| one.as_i64().unwrap())
    };
    assert_eq!(shown(), [850, 200]);
    assert_eq!(pay(&emulator, r#"{"cost":51}"#).status, 428);
    emulator.control("clock", r#"{"advance_ms":600000}"#);
    assert_eq!(shown(), [0, 50]);
}

#[test]
fn many_threads_cannot_spend_more_than_there_is() {
    let emulator = Emulator::start().unwrap();
    // 1,050 credits are enough for 15 charges of 70.
    let charged: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..10).filter(|_| pay(&emulator, r#"{"cost":70}"#).status == 200).count()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((charged, balances(&emulator)), (15, vec![0, 0]));
}

#[test]
fn a_fault_with_a_status_charges_nothing_and_one_without_charges() {
    let emulator = Emulator::start().unwrap();
    emulator.control("fault", r#"{"reply":{"status":504}}"#);
    assert_eq!(pay(&emulator, r#"{"cost":50,"idempotency_key":"k1"}"#).status, 504);
    assert_eq!(balances(&emulator), [850, 200]);

    // The client cannot know that it was charged. Its second attempt has the same idempotency key.
    emulator.control("fault", r#"{"reply":{"cut_at":0}}"#);
    let mut client = Client::connect(emulator.server().addr());
    let body = r#"{"cost":50,"idempotency_key":"k1"}"#;
    client.send(request("POST", PAID_ACTION_PATH, &account_headers(&emulator), body));
    let (bytes, end) = client.receive_to_end();
    assert_eq!((bytes.len(), end.is_ok()), (0, true));
    assert_eq!(balances(&emulator), [800, 200]);
    assert_whole(&pay(&emulator, body), 3, "200 OK", JSON, r#"{"transaction":"t1","charged":50,"repeated":true}"#);
    assert_eq!(balances(&emulator), [800, 200]);
}

#[test]
fn without_a_scope_nothing_is_charged_to_the_first_account() {
    let mut state = scenario("example").unwrap();
    state.assumptions = Assumptions { no_scope: NoScope::EmptyBalance, ..Assumptions::default() };
    let emulator = Emulator::with(Options { scenario: Some(state.into()), ..Options::default() }).unwrap();
    let key = ("Authorization", example::API_KEY);
    assert_eq!(send(&emulator, "POST", PAID_ACTION_PATH, &[key], r#"{"cost":1}"#).status, 428);
    assert_eq!(call(&emulator, &[key]).text(), "{}");
    assert_eq!(balances(&emulator), [850, 200]);
}

//! The service over real sockets: the example's reply, the scopes, the errors, the clock.

use crate::calls::{account_call, call, send};
use crate::client::{PATIENCE, Received};
use aicredits_emulator::{
    Account, Adjust, Allocation, AssumptionsChange, ClockChange, Emulator, JournalQuery, Key, Member, Nothing, Options,
    PATH, RefusedKey, Reset, Rule, Site, State, Timestamp, UnknownId, example, scenario,
};
use serde_json::{Value, json};

fn reading(reply: &Received) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    serde_json::from_slice(&reply.body).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An emulator whose one account, `a`, has these allocations and the site `s`; the key `k` may see both.
fn with_allocations(allocations: impl IntoIterator<Item = Allocation>) -> Emulator {
    let allocations = allocations.into_iter().enumerate();
    let named = |(index, one)| Allocation { allocation: format!("allocation {index}"), ..one };
    let mut state = scenario("example").unwrap();
    state.clock.now = at("2026-01-01T00:00:00Z");
    state.accounts = vec![Account {
        account: "a".into(),
        sites: vec![Site { site: "s".into(), label: None }],
        allocations: allocations.map(named).collect(),
        ..Account::default()
    }];
    state.keys = vec![key("k", &["a"], &["s"])];
    Emulator::with(Options { scenario: Some(state.into()), ..Options::default() }).unwrap()
}

fn key(secret: &str, accounts: &[&str], sites: &[&str]) -> Key {
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    Key { name: secret.into(), secret: secret.into(), accounts: texts(accounts), sites: texts(sites), ..Key::default() }
}

fn rule(period: &str, balance: i64, cap: i64) -> Rule {
    Rule { period: period.into(), balance, cap, ..Rule::default() }
}

fn allocation(rules: impl IntoIterator<Item = Rule>) -> Allocation {
    Allocation { rules: rules.into_iter().collect(), ..Allocation::default() }
}

fn change(emulator: &Emulator, change: impl FnOnce(&mut State)) {
    let mut state = emulator.state(&Nothing {}).unwrap();
    change(&mut state);
    emulator.reset(&Reset { scenario: Some(state.into()) }).unwrap();
}

fn advance(emulator: &Emulator, milliseconds: u64) {
    emulator.clock(&ClockChange { advance_ms: Some(milliseconds), ..ClockChange::default() }).unwrap();
}

#[test]
fn the_example_is_the_page_s_to_the_byte() {
    let emulator = Emulator::start().unwrap();
    let reply = account_call(&emulator);
    assert_eq!(reply.status, 200);
    let expected = concat!(
        r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200},"#,
        r#""creditBalanceBreakdown":[{"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","#,
        r#""usageRules":[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}]},"#,
        r#"{"usageRules":[{"period":"NO_PERIOD","balance":200,"cap":200}]}]}"#,
    );
    assert_eq!(reply.text(), expected);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("date"), Some("Wed, 24 Jun 2026 00:00:00 GMT"));
    assert_eq!(emulator.clock(&ClockChange::default()).unwrap().now, at("2026-06-24T00:00:00Z"));
}

#[test]
fn each_reply_has_its_own_request_id() {
    let emulator = Emulator::start().unwrap();
    let replies = [account_call(&emulator), account_call(&emulator), call(&emulator, &[])];
    let ids: std::collections::HashSet<&str> =
        replies.iter().map(|reply| reply.header("x-wix-request-id").unwrap()).collect();
    assert_eq!(ids.len(), 3);
    for id in ids {
        let (seconds, digits) = id.split_once('.').unwrap();
        assert_eq!(seconds, "1782259200");
        assert!(digits.len() >= 10 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    }
}

#[test]
fn the_key_and_the_headers_decide_the_scope() {
    let emulator = Emulator::start().unwrap();
    let (account, site) = (("wix-account-id", example::ACCOUNT_ID), ("wix-site-id", example::SITE_ID));
    let api_key = ("Authorization", example::API_KEY);
    let site_key = ("authorization", example::SITE_KEY);
    let whole = reading(&call(&emulator, &[api_key, account]));
    let part = reading(&call(&emulator, &[site_key, site]));
    assert_eq!(part["periodicCredits"], json!({"balance": 850, "cap": 1000}));
    assert_eq!(part.get("topUpCredits"), None);
    assert_eq!(part["creditBalanceBreakdown"].as_array().unwrap().len(), 1);

    assert_eq!(reading(&call(&emulator, &[api_key, site])), part);
    assert_eq!(reading(&call(&emulator, &[api_key, account, site])), whole);
    assert_eq!(reading(&call(&emulator, &[site_key, account, site])), part);
    assert_eq!(call(&emulator, &[site_key, account]).status, 403);
}

#[test]
fn a_credential_may_carry_its_context() {
    let emulator = Emulator::start().unwrap();
    change(&emulator, |state| {
        state.keys.push(Key { carries_context: true, ..key("token-a", &[example::ACCOUNT_ID], &[]) });
        state.keys.push(Key { carries_context: true, ..key("token-s", &[], &[example::SITE_ID]) });
    });
    assert!(reading(&call(&emulator, &[("Authorization", "token-a")])).get("topUpCredits").is_some());
    assert!(reading(&call(&emulator, &[("Authorization", "token-s")])).get("topUpCredits").is_none());
}

#[test]
fn a_demo_with_other_figures() {
    let fortnight = Rule { reset_date: Some(at("2026-02-03T04:05:06.789Z")), ..rule("FORTNIGHT", 31, 77) };
    let stacked = allocation([rule("DAY", 5, 30), rule("MONTH", 700, 900)]);
    let emulator = with_allocations([
        Allocation { subscription: Some("one".into()), ..stacked },
        allocation([fortnight]),
        allocation([rule("NO_PERIOD", 4, 9)]),
    ]);
    let reply = reading(&account_call(&emulator));
    assert_eq!(reply["periodicCredits"], json!({"balance": 731, "cap": 977}));
    assert_eq!(reply["topUpCredits"], json!({"balance": 4, "cap": 9}));
    assert_eq!(
        reply["creditBalanceBreakdown"],
        json!([
            {"subscriptionId": "one", "usageRules": [
                {"period": "DAY", "balance": 5, "cap": 30}, {"period": "MONTH", "balance": 700, "cap": 900}]},
            {"usageRules": [
                {"period": "FORTNIGHT", "balance": 31, "cap": 77, "resetDate": "2026-02-03T04:05:06.789Z"}]},
            {"usageRules": [{"period": "NO_PERIOD", "balance": 4, "cap": 9}]},
        ])
    );
}

#[test]
fn a_source_counts_by_its_longest_rule_unless_another_is_named() {
    let stacked =
        |counted_rule| Allocation { counted_rule, ..allocation([rule("DAY", 1, 2), rule("NO_PERIOD", 3, 4)]) };
    let reply = reading(&account_call(&with_allocations([stacked(None), stacked(Some(0)), stacked(None)])));
    assert_eq!(reply["topUpCredits"], json!({"balance": 6, "cap": 8}));
    assert_eq!(reply["periodicCredits"], json!({"balance": 1, "cap": 2}));
    assert_eq!(reply["creditBalanceBreakdown"].as_array().unwrap().len(), 3);
    for (shorter, longer) in
        [("X", "MILLISECOND"), ("SECOND", "MINUTE"), ("HOUR", "DAY"), ("WEEK", "MONTH"), ("MONTH", "YEAR")]
    {
        let reply = reading(&account_call(&with_allocations([allocation([rule(longer, 7, 7), rule(shorter, 1, 1)])])));
        assert_eq!(reply["periodicCredits"]["balance"], 7, "{shorter} {longer}");
    }
}

#[test]
fn absent_values_are_not_in_the_reply() {
    assert_eq!(account_call(&with_allocations([])).text(), "{}");
    let bare = Rule { omit: vec![Member::Period, Member::Balance, Member::Cap], ..rule("DAY", 1, 2) };
    let allocations = [allocation([]), allocation([bare]), allocation([rule("DAY", 1, i64::MAX)])];
    let reply = account_call(&with_allocations(allocations));
    let expected = concat!(
        r#"{"periodicCredits":{},"creditBalanceBreakdown":[{"usageRules":[]},{"usageRules":[{}]},"#,
        r#"{"usageRules":[{"period":"DAY","balance":1,"cap":9223372036854775807}]}]}"#,
    );
    assert_eq!(reply.text(), expected);
}

#[test]
fn sums_do_not_wrap_and_the_breakdown_ends_at_a_thousand() {
    let allocations = std::iter::repeat_n(allocation([rule("NO_PERIOD", 1, i64::MAX)]), 1001);
    let reply = reading(&account_call(&with_allocations(allocations)));
    assert_eq!(reply["topUpCredits"], json!({"balance": 1001, "cap": i64::MAX}));
    assert_eq!(reply["creditBalanceBreakdown"].as_array().unwrap().len(), 1000);
}

#[test]
fn a_change_of_the_ledger_shows_in_the_next_reply() {
    let emulator = Emulator::start().unwrap();
    emulator.adjust(&Adjust { allocation: "monthly".into(), balance: Some(731), ..Adjust::default() }).unwrap();
    assert_eq!(reading(&account_call(&emulator))["periodicCredits"]["balance"], 731);
}

#[test]
fn the_clock_resets_rules_on_time() {
    let emulator = Emulator::start().unwrap();
    advance(&emulator, (7 * 24 * 3600 - 1) * 1000);
    let reply = account_call(&emulator);
    assert_eq!(reply.header("date"), Some("Tue, 30 Jun 2026 23:59:59 GMT"));
    assert_eq!(reading(&reply)["periodicCredits"]["balance"], 850);

    advance(&emulator, 1000);
    let reply = account_call(&emulator);
    assert_eq!(reply.header("date"), Some("Wed, 01 Jul 2026 00:00:00 GMT"));
    let reading = reading(&reply);
    assert_eq!(reading["periodicCredits"]["balance"], 1000);
    assert_eq!(reading["creditBalanceBreakdown"][0]["usageRules"][0]["resetDate"], "2026-08-01T00:00:00.000Z");
    assert_eq!(reading["topUpCredits"]["balance"], 200);

    emulator.clock(&ClockChange { now: Some(at("2026-06-24T00:00:00Z")), ..ClockChange::default() }).unwrap();
    assert_eq!(account_call(&emulator).header("date"), Some("Wed, 24 Jun 2026 00:00:00 GMT"));
    advance(&emulator, 1_000_000_000_000_000);
    assert_eq!(emulator.clock(&ClockChange::default()).unwrap().now, Timestamp::MAX);
}

#[test]
fn every_refusal_has_its_body() {
    let emulator = Emulator::start().unwrap();
    let key = ("Authorization", example::API_KEY);
    let account = ("wix-account-id", example::ACCOUNT_ID);
    let application = |code: &str, message: &str| {
        json!({"message": message, "details": {
        "applicationError": {"code": code, "description": message, "data": {}}}})
    };
    let check = |headers: &[(&str, &str)], status: u16, code: &str, message: &str| {
        let reply = call(&emulator, headers);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, body), (status, application(code, message)));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert!(reply.text().starts_with(r#"{"message":"#), "{}", reply.text());
        assert!(!reply.text().contains("IST."), "{}", reply.text());
    };
    check(&[account], 401, "UNAUTHENTICATED", "The request has no Authorization header");
    let wrong = "The value of the Authorization header is no valid credential";
    check(&[("Authorization", "IST.wrong"), account], 401, "UNAUTHENTICATED", wrong);
    let bearer = format!("Bearer {}", example::API_KEY);
    check(&[("Authorization", &bearer), account], 401, "UNAUTHENTICATED", wrong);
    let (other_account, other_site) = ("other-account", "other-site");
    check(&[key, ("wix-account-id", other_account)], 404, "NOT_FOUND", "There is no account with this id");
    check(&[key, ("wix-site-id", other_site)], 404, "NOT_FOUND", "There is no site with this id");
    let both = [key, ("wix-account-id", other_account), ("wix-site-id", other_site)];
    check(&both, 404, "NOT_FOUND", "There is no account with this id");
    let neither = "The request names neither an account (wix-account-id) nor a site (wix-site-id)";
    check(&[key], 428, "MISSING_METASITE_ID", neither);

    let sites = vec![Site { site: other_site.into(), label: None }];
    emulator.account(&Account { account: other_account.into(), sites, ..Account::default() }).unwrap();
    let denied = "This credential has no access to the account";
    check(&[key, ("wix-account-id", other_account)], 403, "PERMISSION_DENIED", denied);
    let denied = "This credential has no access to the site";
    check(&[key, ("wix-site-id", other_site)], 403, "PERMISSION_DENIED", denied);

    emulator
        .assume(&AssumptionsChange { refused_key: Some(RefusedKey::Status403), ..AssumptionsChange::default() })
        .unwrap();
    check(&[("Authorization", "IST.wrong"), account], 403, "PERMISSION_DENIED", wrong);
    emulator
        .assume(&AssumptionsChange { unknown_id: Some(UnknownId::Status403), ..AssumptionsChange::default() })
        .unwrap();
    check(&[key, ("wix-site-id", "third")], 403, "PERMISSION_DENIED", "There is no site with this id");
}

#[test]
fn a_bad_body_is_a_violation() {
    let emulator = Emulator::start().unwrap();
    let headers = [("Authorization", example::API_KEY), ("wix-account-id", example::ACCOUNT_ID)];
    for (body, why) in [
        (" ", "the body must be valid JSON"),
        ("{", "the body must be valid JSON"),
        ("{}{}", "the body must be valid JSON"),
        ("[]", "the body must be a JSON object"),
        ("null", "the body must be a JSON object"),
    ] {
        let reply = send(&emulator, "POST", PATH, &headers, body);
        let violation = json!({"field": "", "description": why, "violatedRule": "FORMAT"});
        let expected = json!({"message": format!("request is invalid:\n{why}"),
            "details": {"validationError": {"fieldViolations": [violation]}}});
        assert_eq!((reply.status, serde_json::from_slice::<Value>(&reply.body).unwrap()), (400, expected), "{body}");
    }
    for body in [r#" {"future":1} "#, ""] {
        assert_eq!(send(&emulator, "POST", PATH, &headers, body).status, 200, "{body:?}");
    }
}

#[test]
fn other_routes_are_a_gateway_s_404() {
    let emulator = Emulator::start().unwrap();
    let headers = [("Authorization", example::API_KEY), ("wix-account-id", example::ACCOUNT_ID)];
    for path in ["/", "/balance", &format!("{PATH}/")] {
        let reply = send(&emulator, "POST", path, &headers, "{}");
        assert_eq!((reply.status, reply.header("content-type")), (404, Some("text/html")), "{path}");
        assert!(reply.text().starts_with("<!DOCTYPE html>"));
        assert!(reply.header("x-wix-request-id").is_some());
    }
    for method in ["GET", "HEAD", "PUT"] {
        let reply = send(&emulator, method, PATH, &headers, "");
        assert_eq!((reply.status, reply.text()), (404, ""), "{method}");
    }
    assert_eq!(send(&emulator, "POST", &format!("{PATH}?a=b"), &headers, "{}").status, 200);
}

#[test]
fn the_journal_has_each_request_and_no_secret() {
    let emulator = Emulator::start().unwrap();
    account_call(&emulator);
    assert!(emulator.server().wait_until_closed(PATIENCE));
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    assert_eq!((journal.total, journal.requests[0].target.as_str()), (1, PATH));
    assert_eq!(journal.requests[0].key.as_deref(), Some("example"));
    assert!(!format!("{journal:?}").contains("IST."), "{journal:?}");
}

#[test]
fn an_emulator_reports_the_first_entries_of_its_ledger() {
    let emulator = with_allocations([]);
    let told = [emulator.api_key(), emulator.site_key(), emulator.account_id(), emulator.site_id()];
    assert_eq!(told, ["k", "", "a", "s"]);
}

#[test]
fn debug_shows_no_key() {
    let emulator = Emulator::start().unwrap();
    account_call(&emulator);
    let shown = format!("{emulator:?} {:?}", emulator.state(&Nothing {}));
    assert!(shown.contains(example::ACCOUNT_ID) && !shown.contains("IST."), "{shown}");
}

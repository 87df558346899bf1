//! Each switch with each of its values, set by the action and by a scenario.

use aicredits_emulator::{Assumptions, Emulator, Limit, Options, PAID_ACTION_PATH, PATH, example, scenario};
use serde_json::{Value, json};

use crate::calls::{JSON, account_call, account_headers, application_error, assert_whole, call, pay, send};

/// Checks an emulator that has the example and one switch at this value. Its requests begin with the first.
type Check = fn(&Emulator);

const KEY: (&str, &str) = ("Authorization", example::API_KEY);
const ACCOUNT: (&str, &str) = ("wix-account-id", example::ACCOUNT_ID);
const SITE: (&str, &str) = ("wix-site-id", example::SITE_ID);
const NO_CONTEXT: &str = "The request names neither an account (wix-account-id) nor a site (wix-site-id)";
const WRONG_KEY: &str = "The value of the Authorization header is no valid credential";

const CHECKS: &[(&str, &str, Check)] = &[
    ("no_scope", "428", |emulator| {
        refuses(emulator, &[KEY], "428 Precondition Required", "MISSING_METASITE_ID", NO_CONTEXT);
    }),
    ("no_scope", "401", |emulator| {
        refuses(emulator, &[KEY], "401 Unauthorized", "UNAUTHENTICATED", NO_CONTEXT);
    }),
    ("no_scope", "400", |emulator| {
        refuses(emulator, &[KEY], "400 Bad Request", "INVALID_ARGUMENT", NO_CONTEXT);
    }),
    ("no_scope", "empty_balance", |emulator| {
        assert_whole(&call(emulator, &[KEY]), 1, "200 OK", JSON, "{}");
        let reply = send(emulator, "POST", PAID_ACTION_PATH, &[KEY], r#"{"cost":0}"#);
        let message = "The request is not eligible: the credits do not suffice";
        let body = application_error("REQUEST_NOT_ELIGIBLE", message);
        assert_whole(&reply, 2, "428 Precondition Required", JSON, &body);
        assert_eq!(call(emulator, &[KEY, SITE]).status, 200);
    }),
    ("both_scopes", "account_wins", |emulator| {
        assert_eq!(call(emulator, &[KEY, ACCOUNT, SITE]).body, account_call(emulator).body);
    }),
    ("both_scopes", "400", |emulator| {
        let message = "The request names both an account (wix-account-id) and a site (wix-site-id)";
        refuses(emulator, &[KEY, ACCOUNT, SITE], "400 Bad Request", "INVALID_ARGUMENT", message);
        assert_eq!(call(emulator, &[KEY, ACCOUNT, ("wix-site-id", "")]).status, 200);
    }),
    ("empty_body", "accepted", |emulator| {
        assert_eq!(send(emulator, "POST", PATH, &[KEY, ACCOUNT], "").body, account_call(emulator).body);
        let missing = concat!(
            r#"{"message":"request is invalid:\ncost is missing","details":{"validationError":{"fieldViolations":["#,
            r#"{"field":"cost","description":"is missing","violatedRule":"REQUIRED_FIELD"}]}}}"#
        );
        assert_whole(&pay(emulator, ""), 3, "400 Bad Request", JSON, missing);
    }),
    ("empty_body", "400", |emulator| {
        let violation = concat!(
            r#"{"message":"request is invalid:\nthe body must be valid JSON","details":{"validationError":{"#,
            r#""fieldViolations":[{"field":"","description":"the body must be valid JSON","violatedRule":"FORMAT"}]}}}"#
        );
        let reply = send(emulator, "POST", PATH, &[KEY, ACCOUNT], "");
        assert_whole(&reply, 1, "400 Bad Request", JSON, violation);
        assert_whole(&pay(emulator, ""), 2, "400 Bad Request", JSON, violation);
        assert_eq!(account_call(emulator).status, 200);
    }),
    ("bearer", "401", |emulator| {
        let bearer = format!("Bearer {}", example::API_KEY);
        let headers = [("Authorization", bearer.as_str()), ACCOUNT];
        refuses(emulator, &headers, "401 Unauthorized", "UNAUTHENTICATED", WRONG_KEY);
        assert_eq!(last_key(emulator).as_deref(), Some("unknown"));
    }),
    ("bearer", "accepted", |emulator| {
        for scheme in ["Bearer", "bearer"] {
            let bearer = format!("{scheme} {}", example::API_KEY);
            assert_eq!(call(emulator, &[("Authorization", &bearer), ACCOUNT]).status, 200, "{scheme}");
            assert_eq!(last_key(emulator).as_deref(), Some("example"));
        }
        assert_eq!(account_call(emulator).status, 200);
        for wrong in [format!("Basic {}", example::API_KEY), "Bearer".to_owned(), "Bearer IST.unknown".to_owned()] {
            assert_eq!(call(emulator, &[("Authorization", &wrong), ACCOUNT]).status, 401, "{wrong}");
        }
    }),
    ("id_case", "exact", |emulator| {
        let account = example::ACCOUNT_ID.to_uppercase();
        let message = "There is no account with this id";
        refuses(emulator, &[KEY, ("wix-account-id", &account)], "404 Not Found", "NOT_FOUND", message);
        assert_eq!(call(emulator, &[KEY, ("wix-site-id", &example::SITE_ID.to_uppercase())]).status, 404);
    }),
    ("id_case", "folded", |emulator| {
        let upper = [example::ACCOUNT_ID.to_uppercase(), example::SITE_ID.to_uppercase()];
        let account = call(emulator, &[KEY, ("wix-account-id", &upper[0])]);
        assert_eq!(account.body, account_call(emulator).body);
        let site = call(emulator, &[KEY, ("wix-site-id", &upper[1])]);
        assert_eq!((site.status, site.text().contains("topUp")), (200, false));
        assert_eq!(site.body, call(emulator, &[KEY, SITE]).body);
        assert_eq!(call(emulator, &[KEY, ("wix-account-id", "other")]).status, 404);
    }),
    ("refused_key", "401", |emulator| {
        refuses(
            emulator,
            &[("Authorization", "IST.unknown"), ACCOUNT],
            "401 Unauthorized",
            "UNAUTHENTICATED",
            WRONG_KEY,
        );
    }),
    ("refused_key", "403", |emulator| {
        let missing = "The request has no Authorization header";
        refuses(emulator, &[ACCOUNT], "403 Forbidden", "PERMISSION_DENIED", missing);
        let reply = call(emulator, &[("Authorization", "IST.unknown"), ACCOUNT]);
        assert_whole(&reply, 2, "403 Forbidden", JSON, &application_error("PERMISSION_DENIED", WRONG_KEY));
    }),
    ("unknown_id", "404", |emulator| {
        let message = "There is no site with this id";
        refuses(emulator, &[KEY, ("wix-site-id", "other")], "404 Not Found", "NOT_FOUND", message);
    }),
    ("unknown_id", "403", |emulator| {
        let message = "There is no site with this id";
        refuses(emulator, &[KEY, ("wix-site-id", "other")], "403 Forbidden", "PERMISSION_DENIED", message);
        let reply = call(emulator, &[KEY, ("wix-account-id", "other")]);
        let body = application_error("PERMISSION_DENIED", "There is no account with this id");
        assert_whole(&reply, 2, "403 Forbidden", JSON, &body);
    }),
    ("no_access", "403", |emulator| {
        let headers = [("Authorization", example::SITE_KEY), ACCOUNT];
        let message = "This credential has no access to the account";
        refuses(emulator, &headers, "403 Forbidden", "PERMISSION_DENIED", message);
    }),
    ("no_access", "404", |emulator| {
        let headers = [("Authorization", example::SITE_KEY), ACCOUNT];
        let message = "This credential has no access to the account";
        refuses(emulator, &headers, "404 Not Found", "NOT_FOUND", message);
    }),
    ("aggregate", "longest_period", |emulator| {
        let reading = stacked(emulator, None);
        assert_eq!(reading["periodicCredits"], json!({"balance": 850 + 100, "cap": 1000 + 120}));
        assert_eq!(reading["topUpCredits"], json!({"balance": 200, "cap": 200}));
    }),
    ("aggregate", "sum_of_rules", |emulator| {
        let reading = stacked(emulator, None);
        assert_eq!(reading["periodicCredits"], json!({"balance": 850 + 100 + 30, "cap": 1000 + 120 + 30}));
        assert_eq!(reading["topUpCredits"], json!({"balance": 200, "cap": 200}));
        let reading = stacked(emulator, Some(0));
        assert_eq!(reading["periodicCredits"]["balance"], 850 + 100 + 30 + 30);
    }),
    ("site_spends_account", "false", |emulator| {
        let reply = send(emulator, "POST", PAID_ACTION_PATH, &[KEY, SITE], r#"{"cost":851}"#);
        assert_eq!(reply.status, 428, "{}", reply.text());
    }),
    ("site_spends_account", "true", |emulator| {
        let reply = send(emulator, "POST", PAID_ACTION_PATH, &[KEY, SITE], r#"{"cost":851}"#);
        assert_whole(&reply, 1, "200 OK", JSON, r#"{"transaction":"t1","charged":851,"repeated":false}"#);
        let reading: Value = serde_json::from_slice(&account_call(emulator).body).unwrap();
        assert_eq!(reading["topUpCredits"]["balance"], 199);
    }),
    ("retry_after_on_429", "false", |emulator| limited(emulator, false)),
    ("retry_after_on_429", "true", |emulator| limited(emulator, true)),
];

/// The first request of the emulator is refused, and this is its whole reply.
#[track_caller]
fn refuses(emulator: &Emulator, headers: &[(&str, &str)], status: &str, code: &str, message: &str) {
    assert_whole(&call(emulator, headers), 1, status, JSON, &application_error(code, message));
}

fn last_key(emulator: &Emulator) -> Option<String> {
    let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
    journal["requests"].as_array()?.last()?["key"].as_str().map(str::to_owned)
}

/// A reading after a grant of 30 a day within 120 a month, 100 left.
fn stacked(emulator: &Emulator, counted_rule: Option<usize>) -> Value {
    let rules = json!([{"period": "DAY", "cap": 30}, {"period": "MONTH", "cap": 120, "balance": 100}]);
    let mut grant = json!({"rules": rules});
    if let Some(index) = counted_rule {
        grant["counted_rule"] = index.into();
    }
    let granted = emulator.control("grant", &grant.to_string());
    assert_eq!(granted.status, 200, "{}", granted.json);
    serde_json::from_slice(&account_call(emulator).body).unwrap()
}

fn limited(emulator: &Emulator, announced: bool) {
    let limit = |retry_after| Limit { per_minute: Some(1), key: None, retry_after };
    emulator.limit(&limit(None)).unwrap();
    assert_eq!(account_call(emulator).status, 200);
    let reply = account_call(emulator);
    let mut headers = JSON.to_owned();
    if announced {
        // Service time runs: a second may pass between the two calls.
        let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((30..=60).contains(&seconds), "{seconds}");
        headers += &format!("Retry-After: {seconds}\r\n");
    }
    let body = application_error("RESOURCE_EXHAUSTED", "Too many requests. Try again in a minute");
    assert_whole(&reply, 2, "429 Too Many Requests", &headers, &body);
    // The limit's own member decides first.
    emulator.limit(&limit(Some(!announced))).unwrap();
    assert_eq!(account_call(emulator).status, 200);
    assert_eq!(account_call(emulator).header("retry-after").is_some(), !announced);
}

#[test]
fn each_switch_has_its_effect() {
    for (name, value, check) in CHECKS {
        println!("{name}={value}, by the action");
        let emulator = Emulator::start().unwrap();
        let reply = emulator.control("assume", &json!({ *name: value }).to_string());
        let all: Value = serde_json::from_str(&reply.json).unwrap();
        assert_eq!((reply.status, &all["assumptions"][name]), (200, &json!(value)));
        check(&emulator);

        println!("{name}={value}, by a scenario");
        let mut state = scenario("example").unwrap();
        state.assumptions = serde_json::from_value(json!({ *name: value })).unwrap();
        check(&Emulator::with(Options { scenario: Some(state.into()), ..Options::default() }).unwrap());
    }
}

#[test]
fn no_switch_is_left_out() {
    let checked: Vec<(&str, &str)> = CHECKS.iter().map(|(name, value, _)| (*name, *value)).collect();
    let all = Assumptions::ALL.iter().flat_map(|one| one.values.iter().map(|value| (one.name, *value)));
    assert_eq!(all.collect::<Vec<_>>(), checked);
}

#[test]
fn the_first_value_is_the_default() {
    let defaults = serde_json::to_value(Assumptions::default()).unwrap();
    for one in Assumptions::ALL {
        assert_eq!(defaults[one.name], one.values[0], "{}", one.name);
    }
    let state: Value = serde_json::from_str(&Emulator::start().unwrap().control("state", "{}").json).unwrap();
    assert_eq!(state["assumptions"], defaults);
}

#[test]
fn unknown_switches_and_values_are_refused_and_change_nothing() {
    let emulator = Emulator::start().unwrap();
    for request in [r#"{"no_scope":"418"}"#, r#"{"no_scope":428}"#, r#"{"no_such":"428"}"#, r#"{"bearer":true}"#] {
        assert_eq!(emulator.control("assume", request).status, 400, "{request}");
    }
    let request = r#"{"no_scope":"401","bearer":"yes"}"#;
    assert_eq!(emulator.control("assume", request).status, 400);
    assert_eq!(emulator.assume(&Default::default()).unwrap().assumptions, Assumptions::default());
    assert_eq!(call(&emulator, &account_headers(&emulator)).status, 200);
}

#[test]
fn one_switch_leaves_the_others() {
    let emulator = Emulator::start().unwrap();
    emulator.control("assume", r#"{"no_scope":"401"}"#);
    emulator.control("assume", r#"{"refused_key":"403"}"#);
    assert_eq!(call(&emulator, &[KEY]).status, 401);
    assert_eq!(call(&emulator, &[]).status, 403);
}

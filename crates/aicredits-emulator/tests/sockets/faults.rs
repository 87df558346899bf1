//! Faults: which requests they happen to. `fault_replies` has the bytes of each.

use std::fmt::Debug;

use aicredits_emulator::{
    ClearFaults, Emulator, Fault, FaultMatch, Nothing, Options, PAID_ACTION_PATH, PATH, Reset, State, example,
    named_fault, scenario,
};
use serde_json::{Value, json};

use crate::calls::{account_call, pay, send};

pub(crate) fn add(emulator: &Emulator, fault: &str) -> String {
    let reply = emulator.control("fault", fault);
    assert_eq!(reply.status, 200, "{fault}: {}", reply.json);
    let body: Value = serde_json::from_str(&reply.json).unwrap();
    body["fault"].as_str().unwrap().to_owned()
}

pub(crate) fn statuses(emulator: &Emulator, count: usize) -> Vec<u16> {
    (0..count).map(|_| account_call(emulator).status).collect()
}

/// The faults that are left, as `state` has them.
pub(crate) fn left(emulator: &Emulator) -> Value {
    let state: Value = serde_json::from_str(&emulator.control("state", "{}").json).unwrap();
    state["faults"].clone()
}

#[test]
fn a_fault_happens_once_unless_it_says_otherwise() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(add(&emulator, r#"{"reply":{"status":503}}"#), "f1");
    assert_eq!(statuses(&emulator, 2), [503, 200]);
    assert_eq!(add(&emulator, r#"{"times":2,"reply":{"status":503}}"#), "f2");
    assert_eq!(left(&emulator), json!([{"fault": "f2", "times": 2, "reply": {"status": 503}}]));
    assert_eq!(statuses(&emulator, 1), [503]);
    assert_eq!(left(&emulator), json!([{"fault": "f2", "times": 1, "reply": {"status": 503}}]));
    assert_eq!(statuses(&emulator, 2), [503, 200]);
    assert_eq!(left(&emulator), json!([]));
}

#[test]
fn a_fault_without_an_end_lasts_until_it_is_cleared() {
    let emulator = Emulator::start().unwrap();
    let outage = add(&emulator, r#"{"times":null,"reply":{"status":503}}"#);
    add(&emulator, r#"{"fault":"other","times":null,"reply":{"status":500}}"#);
    assert_eq!(statuses(&emulator, 5), [503; 5]);
    let clear =
        |fault: Option<&str>| emulator.clear_faults(&ClearFaults { fault: fault.map(str::to_owned) }).unwrap().cleared;
    assert_eq!(clear(Some(&outage)), 1);
    assert_eq!(statuses(&emulator, 2), [500; 2]);
    // It is gone, as one is that has happened as often as it should.
    assert_eq!(clear(Some(&outage)), 0);
    add(&emulator, r#"{"reply":{"status":502}}"#);
    assert_eq!((clear(None), clear(None)), (2, 0));
    assert_eq!(statuses(&emulator, 2), [200; 2]);
}

#[test]
fn faults_are_tried_in_their_order() {
    let emulator = Emulator::start().unwrap();
    for status in [500, 502, 503] {
        add(&emulator, &format!(r#"{{"reply":{{"status":{status}}}}}"#));
    }
    assert_eq!(statuses(&emulator, 4), [500, 502, 503, 200]);
    add(&emulator, r#"{"match":{"route":"paid_action"},"reply":{"status":500}}"#);
    add(&emulator, r#"{"reply":{"status":502}}"#);
    assert_eq!([account_call(&emulator).status, pay(&emulator, r#"{"cost":0}"#).status], [502, 500]);
}

#[test]
fn skipped_requests_pass_and_are_counted_down() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"times":2,"match":{"skip":2},"reply":{"status":503}}"#);
    assert_eq!(statuses(&emulator, 1), [200]);
    assert_eq!(left(&emulator)[0]["match"], json!({"skip": 1}));
    assert_eq!(statuses(&emulator, 4), [200, 503, 503, 200]);
    // Only requests that match are skipped, and a request that an earlier fault has is not tried.
    add(&emulator, r#"{"reply":{"status":500}}"#);
    add(&emulator, r#"{"match":{"skip":1,"route":"balance"},"reply":{"status":503}}"#);
    assert_eq!(statuses(&emulator, 1), [500]);
    assert_eq!(pay(&emulator, r#"{"cost":0}"#).status, 200);
    assert_eq!(statuses(&emulator, 3), [200, 503, 200]);
}

#[test]
fn a_skipped_request_is_tried_on_the_later_faults() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"match":{"skip":1},"reply":{"status":500}}"#);
    add(&emulator, r#"{"reply":{"status":503}}"#);
    assert_eq!(statuses(&emulator, 3), [503, 500, 200]);
}

#[test]
fn each_member_of_match_selects() {
    let (account, site) = (("wix-account-id", example::ACCOUNT_ID), ("wix-site-id", example::SITE_ID));
    let (key, site_key) = (("Authorization", example::API_KEY), ("Authorization", example::SITE_KEY));
    let unknown = ("Authorization", "IST.unknown");
    type Sent<'a> = (&'a str, &'a [(&'a str, &'a str)]);
    let (by_account, by_site) = ([key, account], [site_key, site]);
    let reading: Sent = (PATH, &by_account);
    let of_site: Sent = (PATH, &by_site);
    let paid: Sent = (PAID_ACTION_PATH, &by_account);
    let of_unknown: Sent = (PATH, &[unknown, account]);
    let without_key: Sent = (PATH, &[site]);
    let all = [reading, of_site, paid, of_unknown, without_key];
    for (matches, expected) in [
        (json!({}), [true, true, true, true, true]),
        (json!({"route": "balance"}), [true, true, false, true, true]),
        (json!({"route": "paid_action"}), [false, false, true, false, false]),
        (json!({"key": "example"}), [true, false, true, false, false]),
        (json!({"key": "site-only"}), [false, true, false, false, false]),
        (json!({"key": "unknown"}), [false, false, false, true, false]),
        (json!({"account": example::ACCOUNT_ID}), [true, false, true, true, false]),
        (json!({"site": example::SITE_ID}), [false, true, false, false, true]),
        (json!({"site": "other"}), [false; 5]),
        (
            json!({"route": "balance", "key": "example", "account": example::ACCOUNT_ID}),
            [true, false, false, false, false],
        ),
        (json!({"key": "example", "site": example::SITE_ID}), [false; 5]),
    ] {
        let emulator = Emulator::start().unwrap();
        add(&emulator, &json!({"times": null, "match": matches, "reply": {"status": 599}}).to_string());
        let happens = all.map(|(path, headers)| send(&emulator, "POST", path, headers, r#"{"cost":0}"#).status == 599);
        assert_eq!(happens, expected, "{matches}");
    }
}

/// The ids of `match` are compared as those of the headers are with the ledger's.
#[test]
fn ids_of_match_are_folded_if_those_of_the_headers_are() {
    let upper = |id: &str| id.to_ascii_uppercase();
    let (account, site) = (upper(example::ACCOUNT_ID), upper(example::SITE_ID));
    for (assumed, expected) in [("exact", [404, 404]), ("folded", [599, 599])] {
        let emulator = Emulator::start().unwrap();
        assert_eq!(emulator.control("assume", &format!(r#"{{"id_case":"{assumed}"}}"#)).status, 200);
        for matches in [json!({"account": example::ACCOUNT_ID}), json!({"site": example::SITE_ID})] {
            add(&emulator, &json!({"match": matches, "reply": {"status": 599}}).to_string());
        }
        let key = ("Authorization", emulator.api_key());
        let sent = [("wix-account-id", account.as_str()), ("wix-site-id", site.as_str())];
        assert_eq!(sent.map(|id| send(&emulator, "POST", PATH, &[key, id], "{}").status), expected, "{assumed}");
        // The ids of control requests are exact.
        let of_upper = emulator.control("spend", &json!({"account": account, "cost": 0}).to_string());
        assert_eq!(of_upper.status, 404);
    }
}

#[test]
fn faults_happen_on_the_api_s_routes_alone() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"times":null,"reply":{"status":503}}"#);
    assert_eq!(send(&emulator, "POST", "/other", &[], "{}").status, 404);
    assert_eq!(send(&emulator, "GET", PATH, &[], "").status, 404);
    assert_eq!(send(&emulator, "POST", "/_emulator/no-such-action", &[], "{}").status / 100, 4);
    assert_eq!(statuses(&emulator, 1), [503]);
}

/// A chance has both outcomes, the same ones for the same seed, and others for another.
pub(crate) fn follows_its_seed<T: PartialEq + Debug>(happened: impl Fn(&str) -> Vec<T>, both: [T; 2]) {
    let seven = happened(r#","seed":7"#);
    assert_eq!(happened(r#","seed":7"#), seven);
    assert!(both.iter().all(|outcome| seven.contains(outcome)), "{seven:?}");
    assert_ne!(happened(r#","seed":8"#), seven);
}

#[test]
fn a_seed_has_the_same_faults_in_every_run() {
    let happened = |seed: &str| {
        let emulator = Emulator::start().unwrap();
        add(&emulator, &format!(r#"{{"times":null,"reply":{{"status":503,"probability":0.5{seed}}}}}"#));
        statuses(&emulator, 40)
    };
    follows_its_seed(happened, [200, 503]);
    assert_eq!(happened(""), happened(r#","seed":0"#));
}

#[test]
fn requests_that_chance_spares_do_not_count_and_go_to_later_faults() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"times":3,"reply":{"status":503,"probability":0.5,"seed":7}}"#);
    let seen = statuses(&emulator, 60);
    assert_eq!(seen.iter().filter(|status| **status == 503).count(), 3, "{seen:?}");
    add(&emulator, r#"{"reply":{"status":500,"probability":0}}"#);
    add(&emulator, r#"{"reply":{"status":502,"probability":1}}"#);
    assert_eq!(statuses(&emulator, 2), [502, 200]);
    assert_eq!(left(&emulator)[0]["times"], 1);
}

#[test]
fn the_journal_names_the_fault_and_the_status() {
    let emulator = Emulator::start().unwrap();
    add(&emulator, r#"{"fault":"mine","reply":{"status":503}}"#);
    add(&emulator, r#"{"reply":{"headers":[["x-wix-request-id","7.7"]]}}"#);
    statuses(&emulator, 3);
    let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
    let seen = |member: &str| (0..3).map(|index| journal["requests"][index][member].clone()).collect::<Vec<_>>();
    assert_eq!(seen("fault"), [json!("mine"), json!("f1"), json!(null)]);
    assert_eq!(seen("status"), [503, 200, 200]);
    assert_eq!(seen("request_id")[1], "7.7");
}

#[test]
fn faults_are_part_of_a_scenario_and_end_with_a_reset() {
    let mut state = scenario("example").unwrap();
    state.faults = vec![named_fault("unavailable").unwrap(), named_fault("server-error").unwrap()];
    let emulator = Emulator::with(Options { scenario: Some(state.clone().into()), ..Options::default() }).unwrap();
    // The service time runs.
    let state_now = || State { clock: Default::default(), ..emulator.state(&Nothing {}).unwrap() };
    let before = state_now();
    assert_eq!(statuses(&emulator, 1), [503]);
    add(&emulator, r#"{"reply":{"status":502}}"#);
    emulator.reset(&Reset::default()).unwrap();
    assert_eq!(state_now(), before);
    assert_eq!(statuses(&emulator, 4), [503, 503, 500, 200]);

    let unknown_key = FaultMatch { key: Some("no-such-key".into()), ..FaultMatch::default() };
    let unknown_key = Fault { matches: unknown_key, ..named_fault("outage").unwrap() };
    for (wrong, pointer) in [(Fault::default(), ""), (unknown_key, "/match/key")] {
        state.faults.truncate(2);
        state.faults.push(wrong);
        let reply = emulator.control("reset", &json!({"scenario": state}).to_string());
        let error: Value = serde_json::from_str(&reply.json).unwrap();
        let pointer = format!("/scenario/faults/2{pointer}");
        assert_eq!((reply.status, &error["error"]["pointer"]), (400, &json!(pointer)));
    }
}

#[test]
fn names_are_unique() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(add(&emulator, r#"{"fault":"f1","reply":{}}"#), "f1");
    let reply = emulator.control("fault", r#"{"fault":"f1","reply":{}}"#);
    let error: Value = serde_json::from_str(&reply.json).unwrap();
    assert_eq!((reply.status, &error["error"]["code"]), (409, &json!("fault_exists")));
    assert_eq!(add(&emulator, r#"{"reply":{}}"#), "f2");
    assert_eq!(emulator.state(&Nothing {}).unwrap().faults.len(), 2);
}

#[test]
fn wrong_faults_are_refused_with_a_pointer_and_change_nothing() {
    let emulator = Emulator::start().unwrap();
    let long = format!(r#"{{"fault":"{}","reply":{{}}}}"#, "x".repeat(101));
    for (fault, status, pointer) in [
        ("{}", 400, ""),
        (r#"{"reply":{},"connect":"close"}"#, 400, "/connect"),
        (r#"{"fault":"","reply":{}}"#, 400, "/fault"),
        (r#"{"fault":"a\nb","reply":{}}"#, 400, "/fault"),
        (&long, 400, "/fault"),
        (r#"{"times":0,"reply":{}}"#, 400, "/times"),
        (r#"{"times":-1,"reply":{}}"#, 400, "/times"),
        (r#"{"match":{"key":"no-such-key"},"reply":{}}"#, 404, "/match/key"),
        (r#"{"match":{"route":"balance"},"connect":"close"}"#, 400, "/match/route"),
        (r#"{"match":{"key":"example"},"connect":"close"}"#, 400, "/match/key"),
        (r#"{"match":{"account":"a"},"connect":"close"}"#, 400, "/match/account"),
        (r#"{"match":{"site":"s"},"connect":"close"}"#, 400, "/match/site"),
        (r#"{"connect":"close","probability":1.1}"#, 400, "/probability"),
        (r#"{"reply":{},"probability":0.5}"#, 400, "/probability"),
        (r#"{"reply":{},"seed":1}"#, 400, "/seed"),
        (r#"{"reply":{"status":99}}"#, 400, "/reply/status"),
        (r#"{"reply":{"status":600}}"#, 400, "/reply/status"),
        (r#"{"reply":{"status":204,"body":"x"}}"#, 400, "/reply/body"),
        (r#"{"reply":{"status":304,"shape":"html"}}"#, 400, "/reply/shape"),
        (r#"{"reply":{"status":100,"framing":"chunked"}}"#, 400, "/reply/framing"),
        (r#"{"reply":{"headers":[["a","b"],["","b"]]}}"#, 400, "/reply/headers/1/0"),
        (r#"{"reply":{"headers":[["a b","c"]]}}"#, 400, "/reply/headers/0/0"),
        (r#"{"reply":{"headers":[["a:","c"]]}}"#, 400, "/reply/headers/0/0"),
        (r#"{"reply":{"headers":[["a","b\r\nc: d"]]}}"#, 400, "/reply/headers/0/1"),
        (r#"{"reply":{"headers":[["a","b\u0000"]]}}"#, 400, "/reply/headers/0/1"),
        (r#"{"reply":{"body":"x","shape":"html"}}"#, 400, "/reply/shape"),
        (r#"{"reply":{"retry_after_s":1,"retry_after_date_s":1}}"#, 400, "/reply/retry_after_date_s"),
        (r#"{"reply":{"retry_after_date_s":1000000001}}"#, 400, "/reply/retry_after_date_s"),
        (r#"{"reply":{"delay_ms":86400001}}"#, 400, "/reply/delay_ms"),
        (r#"{"reply":{"drip_ms":86400001}}"#, 400, "/reply/drip_ms"),
        (r#"{"reply":{"probability":1.1}}"#, 400, "/reply/probability"),
        (r#"{"reply":{"probability":-0.1}}"#, 400, "/reply/probability"),
        (&format!(r#"{{"reply":{{"mangle":[{}"garble"]}}}}"#, r#""garble","#.repeat(10)), 400, "/reply/mangle"),
        (r#"{"reply":{"mangle":["no_such"]}}"#, 400, "/reply/mangle/0"),
        (r#"{"reply":{"shape":"no_such"}}"#, 400, "/reply/shape"),
        (r#"{"reply":{"end":"no_such"}}"#, 400, "/reply/end"),
        (r#"{"reply":{"framing":"no_such"}}"#, 400, "/reply/framing"),
        (r#"{"connect":"no_such"}"#, 400, "/connect"),
        (r#"{"match":{"route":"no_such"},"reply":{}}"#, 400, "/match/route"),
        (r#"{"reply":{"no_such":1}}"#, 400, "/reply/no_such"),
    ] {
        let reply = emulator.control("fault", fault);
        let body: Value = serde_json::from_str(&reply.json).unwrap();
        let seen = body["error"]["pointer"].as_str().unwrap_or("none");
        assert_eq!((reply.status, seen), (status, pointer), "{fault}: {}", reply.json);
    }
    assert_eq!(left(&emulator), json!([]));
    assert_eq!(statuses(&emulator, 1), [200]);
}

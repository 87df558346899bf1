//! The rate limit, in service time.

use aicredits_emulator::{Emulator, Limit, Nothing, Options, PATH, example, scenario};
use serde_json::Value;

use crate::calls::{JSON, account_call, application_error, assert_whole, call, pay, send};

const TOO_MANY: &str = "Too many requests. Try again in a minute";
const SITE_KEY: (&str, &str) = ("Authorization", example::SITE_KEY);
const SITE: (&str, &str) = ("wix-site-id", example::SITE_ID);

fn limit(emulator: &Emulator, request: &str) {
    let reply = emulator.control("limit", request);
    assert_eq!((reply.status, reply.json.as_str()), (200, "{}"));
}

fn advance(emulator: &Emulator, milliseconds: u64) {
    assert_eq!(emulator.control("clock", &format!(r#"{{"advance_ms":{milliseconds}}}"#)).status, 200);
}

fn statuses(emulator: &Emulator, count: usize) -> Vec<u16> {
    (0..count).map(|_| account_call(emulator).status).collect()
}

/// The pointer of the error to this request.
fn refused(emulator: &Emulator, action: &str, request: &str) -> (u16, String) {
    let reply = emulator.control(action, request);
    let body: Value = serde_json::from_str(&reply.json).unwrap();
    (reply.status, body["error"]["pointer"].as_str().unwrap_or("none").to_owned())
}

#[test]
fn the_whole_reply_of_a_429() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1}"#);
    assert_eq!(account_call(&emulator).status, 200);
    let body = application_error("RESOURCE_EXHAUSTED", TOO_MANY);
    assert_whole(&account_call(&emulator), 2, "429 Too Many Requests", JSON, &body);
}

#[test]
fn the_window_slides_with_the_service_time_and_refused_requests_do_not_count() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":3}"#);
    assert_eq!(statuses(&emulator, 2), [200, 200]);
    advance(&emulator, 30_000);
    assert_eq!(statuses(&emulator, 4), [200, 429, 429, 429]);
    // The first two are older than a minute now, the third is not.
    advance(&emulator, 30_000);
    assert_eq!(statuses(&emulator, 4), [200, 200, 429, 429]);
    advance(&emulator, 60_000);
    assert_eq!(statuses(&emulator, 4), [200, 200, 200, 429]);
    limit(&emulator, r#"{"per_minute":null}"#);
    assert_eq!(statuses(&emulator, 5), [200; 5]);
}

#[test]
fn the_calendar_does_not_move_the_window() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1}"#);
    assert_eq!(statuses(&emulator, 2), [200, 429]);
    emulator.control("clock", r#"{"now":"2026-06-25T00:00:00Z"}"#);
    assert_eq!(statuses(&emulator, 1), [429]);
}

#[test]
fn retry_after_is_the_service_time_left_in_the_client_s_seconds() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1,"retry_after":true}"#);
    let retry_after = || account_call(&emulator).header("retry-after").unwrap().parse::<u64>().unwrap();
    assert_eq!(account_call(&emulator).header("retry-after"), None);
    // The service time runs while the test does, so the seconds have some room.
    let left = retry_after();
    assert!((30..=60).contains(&left), "{left}");
    // At this speed a minute of service time is 60 ms, rounded up to a second.
    emulator.control("clock", r#"{"speed":1000}"#);
    limit(&emulator, r#"{"per_minute":1,"retry_after":true}"#);
    let mut client = crate::client::Client::connect(emulator.server().addr());
    let request = crate::calls::request("POST", PATH, &crate::calls::account_headers(&emulator), "{}");
    // Two requests in one write are answered within these 60 ms but for a pause of the machine: until it is seen.
    let refused = (0..1000).find_map(|_| {
        client.send(request.repeat(2));
        [client.receive(), client.receive()].into_iter().find(|reply| reply.status == 429)
    });
    assert_eq!(refused.unwrap().header("retry-after"), Some("1"));
}

#[test]
fn the_announced_time_is_enough_and_a_second_less_is_not() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1,"retry_after":true}"#);
    assert_eq!(account_call(&emulator).status, 200);
    advance(&emulator, 20_000);
    let reply = account_call(&emulator);
    let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=40).contains(&seconds), "{seconds}");
    let body = application_error("RESOURCE_EXHAUSTED", TOO_MANY);
    let date = "Date: Wed, 24 Jun 2026 00:00:20 GMT\r\nx-wix-request-id: 1782259220.00000000000000000001\r\n";
    let head = format!("{JSON}Retry-After: {seconds}\r\n{date}Content-Length: {}\r\n\r\n", body.len());
    assert_eq!(format!("{}{}", reply.head, reply.text()), format!("HTTP/1.1 429 Too Many Requests\r\n{head}{body}"));
    advance(&emulator, seconds.saturating_sub(20) * 1000);
    assert_eq!(account_call(&emulator).status, 429);
    advance(&emulator, 20_000);
    assert_eq!(account_call(&emulator).status, 200);
}

#[test]
fn each_key_has_its_own_window() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1}"#);
    assert_eq!(statuses(&emulator, 2), [200, 429]);
    let by_site = || call(&emulator, &[SITE_KEY, SITE]).status;
    assert_eq!([by_site(), by_site()], [200, 429]);
    // All requests without a key of the ledger share one.
    let unknown = || call(&emulator, &[("Authorization", "IST.unknown")]).status;
    assert_eq!([unknown(), unknown(), call(&emulator, &[]).status], [401, 429, 429]);
}

#[test]
fn a_limit_of_one_key_leaves_the_others() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1,"key":"site-only"}"#);
    assert_eq!(statuses(&emulator, 3), [200; 3]);
    let by_site = || call(&emulator, &[SITE_KEY, SITE]).status;
    assert_eq!([by_site(), by_site()], [200, 429]);
    limit(&emulator, r#"{"per_minute":1,"key":"unknown"}"#);
    let unknown = || call(&emulator, &[("Authorization", "IST.unknown")]).status;
    assert_eq!([unknown(), unknown(), account_call(&emulator).status, by_site()], [401, 429, 200, 200]);
}

#[test]
fn both_routes_count_and_other_paths_and_control_do_not() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":2}"#);
    for _ in 0..3 {
        assert_eq!(send(&emulator, "POST", "/other", &[], "{}").status, 404);
        assert_eq!(send(&emulator, "GET", PATH, &[], "").status, 404);
        assert_eq!(emulator.control("state", "{}").status, 200);
    }
    assert_eq!([account_call(&emulator).status, pay(&emulator, r#"{"cost":0}"#).status], [200, 200]);
    assert_eq!([account_call(&emulator).status, pay(&emulator, r#"{"cost":0}"#).status], [429, 429]);
}

#[test]
fn a_request_that_a_fault_answers_does_not_count() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":1}"#);
    emulator.control("fault", r#"{"times":2,"reply":{"status":503}}"#);
    assert_eq!(statuses(&emulator, 4), [503, 503, 200, 429]);
}

#[test]
fn wrong_limits_are_refused_with_a_pointer() {
    let emulator = Emulator::start().unwrap();
    limit(&emulator, r#"{"per_minute":7,"key":"example","retry_after":false}"#);
    for (request, status, pointer) in [
        (r#"{"per_minute":0}"#, 400, "/per_minute"),
        (r#"{"per_minute":100001}"#, 400, "/per_minute"),
        (r#"{"per_minute":-1}"#, 400, "/per_minute"),
        (r#"{"per_minute":1,"key":"no-such-key"}"#, 404, "/key"),
    ] {
        assert_eq!(refused(&emulator, "limit", request), (status, pointer.to_owned()), "{request}");
    }
    let expected = Limit { per_minute: Some(7), key: Some("example".into()), retry_after: Some(false) };
    assert_eq!(emulator.state(&Nothing {}).unwrap().limit, Some(expected));
    limit(&emulator, r#"{"per_minute":100000}"#);
    limit(&emulator, r#"{"per_minute":null}"#);
    assert_eq!(emulator.state(&Nothing {}).unwrap().limit, None);
}

#[test]
fn a_scenario_may_have_a_limit() {
    let mut state = scenario("example").unwrap();
    state.limit = Some(Limit { per_minute: Some(1), key: None, retry_after: None });
    let emulator = Emulator::with(Options { scenario: Some(state.clone().into()), ..Options::default() }).unwrap();
    assert_eq!(statuses(&emulator, 2), [200, 429]);
    emulator.reset(&Default::default()).unwrap();
    assert_eq!(statuses(&emulator, 2), [200, 429]);

    state.limit = Some(Limit { per_minute: Some(0), key: None, retry_after: None });
    let request = serde_json::json!({"scenario": state}).to_string();
    assert_eq!(refused(&emulator, "reset", &request), (400, "/scenario/limit/per_minute".to_owned()));
}

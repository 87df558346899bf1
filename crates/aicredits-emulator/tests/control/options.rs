//! How an emulator is started.

use std::sync::mpsc;
use std::time::Duration;

use aicredits_emulator::{
    AssumptionsChange, ClockChange, ClockMode, Emulator, Fault, NoScope, Nothing, Observer, Options, PATH, Reset,
    StartError, scenario,
};
use serde_json::Value;

use crate::http::send;

/// The status, the code and the pointer of the error.
fn refused(options: &str) -> (u16, String, String) {
    let error = Emulator::from_json(options).map(drop).unwrap_err();
    let json: Value = serde_json::from_str(&error.json()).unwrap();
    let text = |name: &str| json["error"][name].as_str().unwrap_or_default().to_owned();
    assert!(!text("message").is_empty());
    (error.status(), text("code"), text("pointer"))
}

#[test]
fn no_options_are_the_example() {
    for options in ["", "{}", r#"{"scenario":"example"}"#, r#"{"scenario":null,"host":null,"port":0,"tls":false}"#] {
        let emulator = Emulator::from_json(options).unwrap();
        assert_eq!(emulator.setting("account_id"), Some("0a1b2c3d-0000-4000-8000-00000000acc0"), "{options}");
    }
}

#[test]
fn a_wrong_option_is_named() {
    let of = |status, code: &str, pointer: &str| (status, code.to_owned(), pointer.to_owned());
    let cases = [
        (r#"{"scenari":"example"}"#, of(400, "invalid_request", "/scenari")),
        (r#"{"scenario":"exampel"}"#, of(404, "unknown_scenario", "/scenario")),
        (r#"{"scenario":{"version":2}}"#, of(400, "invalid_request", "/scenario/version")),
        (r#"{"scenario":{"version":1,"clock":{"speed":0}}}"#, of(400, "invalid_request", "/scenario/clock/speed")),
        (r#"{"scenario":{"version":1,"keys":[{"nam":"k"}]}}"#, of(400, "invalid_request", "/scenario/keys/0/nam")),
        (r#"{"clock":{"speed":0}}"#, of(400, "invalid_request", "/clock/speed")),
        (r#"{"clock":{"advance_ms":5}}"#, of(400, "invalid_request", "/clock/advance_ms")),
        (r#"{"clock":{"now":"tomorrow"}}"#, of(400, "invalid_request", "/clock/now")),
        (r#"{"port":65536}"#, of(400, "invalid_request", "/port")),
        (r#"{"assumptions":{"no_scope":"429"}}"#, of(400, "invalid_request", "/assumptions/no_scope")),
        (r#"{"faults":[{},{"tims":1}]}"#, of(400, "invalid_request", "/faults/1/tims")),
        (r#"{"control_token":""}"#, of(400, "invalid_request", "/control_token")),
        (r#"{"observer":null}"#, of(400, "invalid_request", "/observer")),
        ("[]", of(400, "invalid_request", "")),
        ("{", of(400, "invalid_request", "")),
        (r#"{"host":"host.invalid"}"#, of(500, "cannot_listen", "")),
    ];
    for (options, expected) in cases {
        assert_eq!(refused(options), expected, "{options}");
    }
}

#[test]
fn options_change_the_scenario_and_a_reset_keeps_them() {
    let options = Options {
        clock: Some(ClockChange {
            now: Some("2030-01-01T00:00:00Z".parse().unwrap()),
            mode: Some(ClockMode::Running),
            speed: Some(60),
            advance_ms: None,
        }),
        assumptions: AssumptionsChange { no_scope: Some(NoScope::Status401), ..AssumptionsChange::default() },
        faults: vec![Fault { fault: Some("mine".into()), reply: Some(Default::default()), ..Fault::default() }],
        ..Options::default()
    };
    let emulator = Emulator::with(options).unwrap();
    for _ in 0..2 {
        let state = emulator.state(&Nothing {}).unwrap();
        assert_eq!((state.clock.mode, state.clock.speed), (ClockMode::Running, 60));
        assert!(state.clock.now >= "2030-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(state.assumptions.no_scope, NoScope::Status401);
        assert_eq!(state.faults[0].fault.as_deref(), Some("mine"));
        emulator.reset(&Reset::default()).unwrap();
    }
}

#[test]
fn each_setting_has_its_name() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(emulator.setting("url"), Some(emulator.url().as_str()));
    assert_eq!(emulator.setting("api_key"), Some(emulator.api_key()));
    assert_eq!(emulator.setting("site_key"), Some(emulator.site_key()));
    assert_eq!(emulator.setting("account_id"), Some(emulator.account_id()));
    assert_eq!(emulator.setting("site_id"), Some(emulator.site_id()));
    assert_eq!(emulator.setting("ca_pem"), None);
    assert_eq!(emulator.setting("URL"), None);
    let bare = Emulator::from_json(r#"{"scenario":{"version":1}}"#).unwrap();
    for name in ["api_key", "site_key", "account_id", "site_id"] {
        assert_eq!(bare.setting(name), None, "{name}");
    }
}

/// The emulator makes the secret of a key without one, and a client needs it.
#[test]
fn the_key_of_a_scenario_without_its_secret_has_the_one_that_the_emulator_made() {
    let mut without = scenario("example").unwrap();
    without.keys[0].secret = "".into();
    let emulator = Emulator::with(Options { scenario: Some(without.into()), ..Options::default() }).unwrap();
    let secret = emulator.state(&Nothing {}).unwrap().keys[0].secret.clone();
    assert_eq!(emulator.setting("api_key"), Some(&*secret));
}

#[test]
fn the_observer_gets_each_request_after_its_reply() {
    let (sender, entries) = mpsc::channel();
    let observer = Observer::new(move |entry| sender.send(entry.clone()).unwrap());
    let emulator = Emulator::with(Options { observer: Some(observer), ..Options::default() }).unwrap();
    let addr = emulator.server().addr();
    send(addr, "GET", "/_emulator/state", &[], "");
    send(addr, "POST", PATH, &[("Authorization", emulator.api_key())], "{}");
    let entry = entries.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!((entry.n, entry.status, entry.ended.is_some()), (1, Some(428), true));
    assert!(!format!("{entry:?}").contains(emulator.api_key()));
    drop(emulator);
    assert_eq!(entries.try_iter().count(), 0);
}

#[test]
fn debug_of_the_options_shows_no_secret() {
    let options = Options {
        scenario: Some(scenario("example").unwrap().into()),
        control_token: Some("open sesame".into()),
        ..Options::default()
    };
    let shown = format!("{options:?}");
    assert!(!shown.contains("sesame") && !shown.contains("IST."), "{shown}");
}

#[test]
fn a_port_in_use_is_a_listen_error() {
    let first = Emulator::start().unwrap();
    let port = first.server().addr().port();
    let error = Emulator::with(Options { port, ..Options::default() }).map(drop).unwrap_err();
    assert!(matches!(error, StartError::Listen(_)), "{error}");
    assert_eq!(error.status(), 500);
    drop(first);
    let again = Emulator::with(Options { port, ..Options::default() }).unwrap();
    assert_eq!(again.server().addr().port(), port);
}

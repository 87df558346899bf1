//! A gate's wrong setting is refused by its name, the first wrong one first.

use std::time::Duration;

use aicredits::{Client, ErrorKind, GATE_SETTINGS, GateBuilder, Scope, Surface, WhenUnavailable};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const NANOSECOND: Duration = Duration::from_nanos(1);
const MOST: u64 = i64::MAX as u64;

type Set = Box<dyn Fn(GateBuilder) -> GateBuilder>;

fn set(how: impl Fn(GateBuilder) -> GateBuilder + 'static) -> Set {
    Box::new(how)
}

fn client(surface: Surface) -> Client {
    Client::builder().api_key("IST.x").account("a").surface(surface).build().unwrap()
}

fn gate() -> GateBuilder {
    client(Surface::Rust).gate()
}

/// Every way in which each setting can be wrong: its name, a part of what is said, how it is set so.
fn wrong() -> Vec<(&'static str, &'static str, Set)> {
    let stale = |age| set(move |gate| gate.when_unavailable(WhenUnavailable::Stale(age)));
    vec![
        ("account_id", "is empty", set(|gate| gate.account(""))),
        ("account_id", "256", set(|gate| gate.account("x".repeat(257)))),
        ("site_id", "byte 1", set(|gate| gate.site("a\r\nX: y"))),
        ("scope", "API key", set(|gate| gate.scope(Scope::Credential))),
        ("max_age", "at least 100 ms and at most a day", set(|gate| gate.max_age(Duration::from_millis(99)))),
        ("max_age", "a day", set(|gate| gate.max_age(DAY + NANOSECOND))),
        ("max_age", "must be at least", set(|gate| gate.max_age(SECOND - NANOSECOND))),
        ("min_interval", "at most an hour", set(|gate| gate.min_interval(HOUR + NANOSECOND).max_age(DAY))),
        ("read_timeout", "more than 0", set(|gate| gate.read_timeout(Duration::ZERO))),
        ("read_timeout", "(35.000000001s) must be at most the client's", {
            set(|gate| gate.read_timeout(Duration::from_secs(35) + NANOSECOND))
        }),
        ("read_timeout", "a day", set(|gate| gate.read_timeout(Duration::MAX))),
        ("visibility_delay", "at most an hour", set(|gate| gate.visibility_delay(HOUR + NANOSECOND))),
        ("visibility_delay", "must be at least", set(|gate| gate.visibility_delay(29 * SECOND).processes(2))),
        ("headroom", "is more than 9223372036854775807", set(|gate| gate.headroom(MOST + 1))),
        ("headroom", "is more than 9223372036854775807", set(|gate| gate.headroom(u64::MAX))),
        ("limit", "is more than 9223372036854775807", set(|gate| gate.limit(MOST + 1))),
        ("processes", "between 1 and 10000", set(|gate| gate.processes(0))),
        ("processes", "between 1 and 10000", set(|gate| gate.processes(10_001))),
        ("reservation_ttl", "at least 1 s and at most a day", set(|gate| gate.reservation_ttl(SECOND - NANOSECOND))),
        ("reservation_ttl", "a day", set(|gate| gate.reservation_ttl(DAY + NANOSECOND))),
        ("exhausted_cooldown", "at most a day", set(|gate| gate.exhausted_cooldown(DAY + NANOSECOND))),
        ("when_unavailable", "below", stale(30 * SECOND - NANOSECOND)),
        ("when_unavailable", "a day", stale(DAY + NANOSECOND)),
    ]
}

#[test]
fn a_wrong_setting_is_refused_by_name_in_the_words_of_the_surface() {
    for surface in [Surface::Rust, Surface::C, Surface::Cpp, Surface::Python, Surface::Go] {
        for (name, fault, set) in wrong() {
            let error = set(client(surface).gate()).build().expect_err(name);
            assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some(name)), "{error}");
            let row = GATE_SETTINGS.iter().find(|row| row.name == name).unwrap();
            let message = error.message();
            let own = row.name_in(surface).unwrap();
            assert!(message.starts_with(&format!("{own} ")), "{surface:?}: {message}");
            assert!(message.contains(fault), "{fault}: {message}");
            let foreign = GATE_SETTINGS
                .iter()
                .map(|row| row.name)
                .find(|name| surface == Surface::Go && name.contains('_') && message.contains(name));
            assert_eq!(foreign, None, "{message}");
        }
    }
}

#[test]
fn every_setting_but_the_switches_can_be_wrong() {
    let mut names: Vec<_> = wrong().iter().map(|(name, ..)| *name).collect();
    names.dedup();
    let rows = GATE_SETTINGS.iter().map(|row| row.name);
    assert!(rows.filter(|name| !["strict", "dry_run"].contains(name)).eq(names));
}

#[test]
fn of_several_wrong_settings_the_first_of_the_table_is_reported() {
    let place = |name: &str| GATE_SETTINGS.iter().position(|row| row.name == name).unwrap();
    let wrong = wrong();
    for (first, fault, set_first) in &wrong {
        for (second, _, set_second) in wrong.iter().filter(|(second, ..)| place(second) > place(first)) {
            // A cross-field rule needs both values to be in range, and the second replaces one of them.
            if *fault == "must be at least" || *second == "visibility_delay" && *first == "min_interval" {
                continue;
            }
            let error = set_first(set_second(gate())).build().unwrap_err();
            assert_eq!(error.setting(), Some(*first), "{first} before {second}: {error}");
        }
    }
}

#[test]
fn rules_over_two_settings_hold_at_their_boundaries() {
    gate().max_age(SECOND).build().unwrap();
    gate().max_age(Duration::from_millis(100)).min_interval(Duration::ZERO).build().unwrap();
    gate().read_timeout(Duration::from_secs(35)).build().unwrap();
    gate().visibility_delay(30 * SECOND).processes(2).build().unwrap();
    gate().visibility_delay(Duration::ZERO).processes(1).build().unwrap();
    gate().when_unavailable(WhenUnavailable::Stale(30 * SECOND)).build().unwrap();
    gate().when_unavailable(WhenUnavailable::Stale(DAY)).build().unwrap();
    let error = gate().visibility_delay(SECOND).processes(2).build().unwrap_err();
    assert_eq!(error.message(), "visibility_delay (1s) must be at least max_age (30s) with more than one of processes");
    let error = gate().max_age(SECOND).min_interval(2 * SECOND).build().unwrap_err();
    assert_eq!(error.message(), "max_age (1s) must be at least min_interval (2s)");
}

#[test]
fn the_widest_settings_are_taken() {
    let widest = gate().max_age(DAY).min_interval(HOUR).visibility_delay(HOUR).headroom(MOST).limit(MOST);
    widest.reservation_ttl(DAY).exhausted_cooldown(DAY).strict(true).dry_run(true).build().unwrap();
    gate()
        .max_age(DAY)
        .visibility_delay(HOUR)
        .processes(1)
        .limit(0)
        .exhausted_cooldown(Duration::ZERO)
        .build()
        .unwrap();
    gate().max_age(SECOND).processes(10_000).build().unwrap();
}

#[test]
fn a_gate_has_its_own_scope_or_its_clients() {
    let gate = client(Surface::Rust).gate().build().unwrap();
    assert_eq!(*gate.scope(), Scope::Account("a".into()));
    let gate = client(Surface::Rust).gate().account("b").site("s").build().unwrap();
    assert_eq!(*gate.scope(), Scope::Site("s".into()), "the last one set counts");

    let without = Client::builder().api_key("IST.x").per_call_scope().build().unwrap();
    let error = without.gate().build().unwrap_err();
    assert_eq!(error.setting(), Some("scope"));
    assert_eq!(error.message(), "scope is not set: the client has none, so the gate names one");
    assert_eq!(*without.gate().site("s").build().unwrap().scope(), Scope::Site("s".into()));
}

use std::time::Duration;

use super::header::{Refusal, check};
use super::*;
use crate::fleet::outcome::FleetAttempt;
use crate::{Attempt, Balance, Error, ErrorKind, Phase, Scope, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn attempts() -> Vec<FleetAttempt> {
    let attempt = |phase, status, id: Option<&str>, started_at: &str| FleetAttempt {
        started_at: at(started_at),
        attempt: Attempt::new(phase, Duration::from_millis(212), status, id.map(str::to_owned)),
    };
    vec![
        attempt(Phase::Connect, None, None, "2026-11-26T06:00:00.000000001Z"),
        attempt(Phase::Reply, Some(200), Some("r\"2"), "2026-11-26T06:00:01Z"),
    ]
}

fn identity(scope: Scope, key: Option<&str>) -> Identity {
    Identity { scope: scope.into(), key: key.map(Into::into) }
}

const REPLY: &str = "{\"topUpCredits\": {\"balance\": 9007199254740993, \"new\": [\"é\\n\"]}}\n";

fn line() -> String {
    let identity = identity(Scope::Site("77d2".into()), Some("acme"));
    let scope = Some(Scope::clone(&identity.scope));
    let (read_at, server_date) = (at("2026-11-26T06:00:01.25Z"), at("2026-11-26T06:00:01Z"));
    let balance = Balance::from_json(REPLY).unwrap();
    let balance = balance.with_origin(scope, Some("r\"2".into()), Some(read_at), Some(server_date));
    Record::line_of_balance(&identity, Some("Shop"), &attempts(), &balance, balance.json())
}

#[test]
fn the_line_of_a_balance() {
    let expected = concat!(
        r#"{"scope":"site","account_id":null,"site_id":"77d2","key":"acme","label":"Shop","status":"ok","#,
        r#""started_at":"2026-11-26T06:00:00.000000001Z","read_at":"2026-11-26T06:00:01.25Z","#,
        r#""server_date":"2026-11-26T06:00:01Z","request_id":"r\"2","attempts":["#,
        r#"{"phase":"CONNECT","duration_ms":212,"started_at":"2026-11-26T06:00:00.000000001Z"},"#,
        r#"{"phase":"REPLY","status":200,"duration_ms":212,"request_id":"r\"2","started_at":"2026-11-26T06:00:01Z"}],"#,
        r#""reply":"{\"topUpCredits\": {\"balance\": 9007199254740993, \"new\": [\"é\\n\"]}}\n"}"#,
        "\n",
    );
    assert_eq!(line(), expected);
    let record = Record::parse(expected.trim_end()).unwrap();
    assert_eq!(record.identity, identity(Scope::Site("77d2".into()), Some("acme")));
    assert_eq!(record.attempts, attempts());
    let read = record.read.unwrap();
    assert_eq!((read.balance.json(), read.read_at), (REPLY, at("2026-11-26T06:00:01.25Z")));
    assert_eq!(
        (read.balance.request_id(), read.balance.server_date()),
        (Some("r\"2"), Some(at("2026-11-26T06:00:01Z")))
    );
}

#[test]
fn the_line_of_a_failure_and_every_scope() {
    let both = Scope::AccountAndSite { account: "a".into(), site: "s".into() };
    for scope in [Scope::Account("a".into()), both, Scope::Site("s".into()), Scope::Credential] {
        let identity = identity(scope, None);
        let error = Error::new(ErrorKind::RateLimited, "429: wait").with_http_status(429);
        let line = Record::line_of_error(&identity, None, &attempts()[..1], &error);
        assert!(
            line.contains(r#""label":null,"status":"rate_limited","http_status":429,"error":"429: wait","started_at""#),
            "{line}"
        );
        let record = Record::parse(&line).unwrap();
        assert_eq!((record.identity, record.attempts.len(), record.read.is_none()), (identity, 1, true));
    }
}

#[test]
fn another_line_is_no_record_and_is_not_shown() {
    let line = line();
    for (old, new, fault) in [
        ("{\"scope\"", "\"scope\"", "it is no JSON object"),
        ("\"scope\":\"site\"", "\"scope\":\"canary\"", "scope does not fit its ids"),
        ("\"scope\":\"site\"", "\"scope\":7", "scope is no text"),
        ("\"account_id\":null", "\"account_id\":\"canary\"", "scope does not fit its ids"),
        ("\"site_id\":\"77d2\"", "\"site_id\":null", "scope does not fit its ids"),
        ("\"status\":\"ok\"", "\"state\":\"ok\"", "status is missing"),
        ("\"read_at\":\"2026", "\"read_at\":\"canary", "read_at is no RFC 3339 date and time"),
        ("\"read_at\"", "\"canary\"", "read_at is missing"),
        ("\"attempts\":[{", "\"attempts\":[7,{", "it is no JSON object"),
        ("\"attempts\"", "\"canary\"", "attempts is no list"),
        ("\"phase\":\"REPLY\"", "\"phase\":\"canary\"", "phase is unknown"),
        ("\"status\":200", "\"status\":99999", "status is no HTTP status"),
        ("\"duration_ms\":212", "\"duration_ms\":-1", "duration_ms is no whole number"),
        ("\"reply\":\"{", "\"reply\":\"canary", "reply is no balance"),
        ("\"reply\"", "\"canary\"", "reply is missing"),
    ] {
        assert!(line.contains(old), "{old}");
        let found = Record::parse(&line.replacen(old, new, 1)).unwrap_err();
        assert!(found.starts_with(fault) && !found.contains("canary"), "{old}: {found}");
    }
    for other in ["", " ", "[]", "{}", "null", "target,label"] {
        Record::parse(other).unwrap_err();
    }
}

#[test]
fn headers() {
    let url = "https://www.wixapis.com";
    let line = header::line(url, at("2026-11-26T06:00:00Z"));
    let begin = r#"{"aicredits_resume":1,"library":""#;
    let end = "\",\"base_url\":\"https://www.wixapis.com\",\"created\":\"2026-11-26T06:00:00Z\"}\n";
    assert!(line.starts_with(begin) && line.ends_with(end), "{line}");
    assert_eq!(check(&line, url), Ok(()));
    assert!((0..line.len()).all(|length| header::is_cut(&line[..length])));
    assert!(!header::is_cut("target,label") && !header::is_cut("{\"scope\":\"site\""));
    let refused = |line: String| check(&line, url).unwrap_err();
    assert_eq!(refused(line.replace("resume\":1", "resume\":2")), Refusal::Foreign("has another version".into()));
    let other = refused(line.replace("www.", "other."));
    assert_eq!(other, Refusal::Foreign("is of another base URL, https://other.wixapis.com".into()));
    for broken in [line.replace("base_url", "url"), line.replace("aicredits_resume", "x"), "[1]".to_owned()] {
        assert_eq!(refused(broken), Refusal::Broken);
    }
}

#[test]
fn ages() {
    let now = at("2026-11-26T06:00:00Z");
    for (then, seconds) in [
        ("2026-11-26T05:59:00Z", Some(60)),
        ("2026-11-26T06:00:00Z", Some(0)),
        ("2026-11-26T06:01:00Z", Some(0)),
        ("2026-11-26T06:01:01Z", None),
        ("2027-11-26T06:00:00Z", None),
    ] {
        assert_eq!(age(at(then), now), seconds.map(Duration::from_secs), "{then}");
    }
    assert!(age(at("0001-01-01T00:00:00Z"), now).unwrap() > Duration::from_secs(1 << 33));
}

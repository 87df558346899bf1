use super::*;
use crate::ErrorKind;
use crate::balance::Credits;
use crate::period::FeaturePeriod;

mod nesting;

const EXAMPLE: &str = r#"{
    "periodicCredits": {"balance": 850, "cap": 1000},
    "topUpCredits": {"balance": 200, "cap": 200},
    "creditBalanceBreakdown": [
        {"subscriptionId": "d7a341c4-196b-46e7-813c-2b0fc1847ec6",
         "usageRules": [{"period": "MONTH", "balance": 850, "cap": 1000, "resetDate": "2026-07-01T00:00:00.000Z"}]},
        {"usageRules": [{"period": "NO_PERIOD", "balance": 200, "cap": 200}]}
    ]}"#;

fn read(json: &str) -> Balance {
    balance(json.into()).unwrap_or_else(|error| panic!("{json}: {error:?}"))
}

fn refuse(json: impl Into<Vec<u8>>) -> DecodeError {
    let json = json.into();
    let shown = String::from_utf8_lossy(&json[..json.len().min(200)]).into_owned();
    balance(json).expect_err(&shown)
}

/// The value in the place of a rule's count, with the path that an error there must have.
fn rule_with(balance: &str) -> String {
    format!(r#"{{"creditBalanceBreakdown":[{{}},{{"usageRules":[{{"balance":{balance}}}]}}]}}"#)
}

const RULE_BALANCE: &str = "creditBalanceBreakdown[1].usageRules[0].balance";

fn only_rule(balance: &Balance) -> crate::UsageRule<'_> {
    balance.credit_balance_breakdown().flat_map(|source| source.usage_rules()).next().unwrap()
}

#[test]
fn the_pages_example_is_read_field_by_field() {
    let balance = read(EXAMPLE);
    assert_eq!(balance.periodic_credits(), Some(Credits { balance: Some(850), cap: Some(1000) }));
    assert_eq!(balance.top_up_credits(), Some(Credits { balance: Some(200), cap: Some(200) }));
    assert_eq!(balance.available(), Some(1050));
    assert_eq!(balance.json(), EXAMPLE);
    assert_eq!(balance.scope(), None);

    let [recurring, top_up] = &balance.credit_balance_breakdown().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(recurring.subscription_id(), Some("d7a341c4-196b-46e7-813c-2b0fc1847ec6"));
    assert_eq!(top_up.subscription_id(), None);

    let [month] = &recurring.usage_rules().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(month.period(), Some(FeaturePeriod::Month));
    assert_eq!((month.balance(), month.cap()), (Some(850), Some(1000)));
    assert_eq!(month.reset_date().unwrap().to_string(), "2026-07-01T00:00:00Z");

    let [once] = &top_up.usage_rules().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(once.period(), Some(FeaturePeriod::NoPeriod));
    assert_eq!((once.balance(), once.cap(), once.reset_date()), (Some(200), Some(200), None));
}

#[test]
fn every_period_and_an_unknown_one() {
    for period in
        FeaturePeriod::KNOWN.into_iter().chain([FeaturePeriod::Unknown("FORTNIGHT"), FeaturePeriod::Unknown("")])
    {
        let json = format!(r#"{{"creditBalanceBreakdown":[{{"usageRules":[{{"period":"{}"}}]}}]}}"#, period.as_str());
        assert_eq!(only_rule(&read(&json)).period(), Some(period));
    }
    let escaped = r#"{"creditBalanceBreakdown":[{"usageRules":[{"period":"\u004dONTH"},{"period":"A\"\u0000B"}]}]}"#;
    let balance = read(escaped);
    let periods: Vec<_> =
        balance.credit_balance_breakdown().flat_map(|source| source.usage_rules()).map(|rule| rule.period()).collect();
    assert_eq!(periods, [Some(FeaturePeriod::Month), Some(FeaturePeriod::Unknown("A\"\0B"))]);
}

#[test]
fn counts_are_accepted_exactly() {
    for (json, count) in
        [("850", 850), ("\"850\"", 850), ("-0", 0), ("850.0", 850), ("1e3", 1000), ("\"1e3\"", 1000), ("-7", -7)]
    {
        assert_eq!(only_rule(&read(&rule_with(json))).balance(), Some(count), "{json}");
        let pool = read(&format!(r#"{{"topUpCredits":{{"cap":{json}}}}}"#)).top_up_credits().unwrap();
        assert_eq!((pool.balance(), pool.cap()), (None, Some(count)), "{json}");
    }
}

#[test]
fn counts_that_are_none_are_refused_by_path() {
    for json in [
        "\" 5\"",
        "\"5x\"",
        "\"\"",
        "true",
        "9223372036854775808",
        "1e400",
        "\"NaN\"",
        "\"00\"",
        "\"+5\"",
        "1.5",
        "9007199254740993.0",
        "{}",
        "[]",
        "[5]",
        "\"\\ud800\"",
    ] {
        let error = refuse(rule_with(json));
        assert_eq!(error.path, RULE_BALANCE, "{json}");
        assert!(!error.reason.contains("expected expected"), "{json}: {}", error.reason);
        assert_eq!(refuse(format!(r#"{{"periodicCredits":{{"cap":{json}}}}}"#)).path, "periodicCredits.cap", "{json}");
    }
    for broken in ["NaN", "00", "+5", "01", ".5", "5.", "1e", "-"] {
        assert_eq!(refuse(rule_with(broken)).path, RULE_BALANCE, "{broken}");
    }
}

#[test]
fn null_is_absence() {
    assert_eq!(only_rule(&read(&rule_with("null"))).balance(), None);
    let nothing = read(r#"{"periodicCredits":null,"topUpCredits":null,"creditBalanceBreakdown":null}"#);
    assert_eq!(nothing, read("{}"));
    assert_eq!(nothing.available(), Some(0));
    let source = r#"{"creditBalanceBreakdown":[{"subscriptionId":null,"usageRules":null},
        {"usageRules":[{"period":null,"balance":null,"cap":null,"resetDate":null}]}]}"#;
    assert_eq!(read(source), read(r#"{"creditBalanceBreakdown":[{},{"usageRules":[{}]}]}"#));
    let pool = read(r#"{"periodicCredits":{"balance":null}}"#);
    assert_eq!((pool.periodic_credits(), pool.available()), (Some(Credits { balance: None, cap: None }), None));
}

#[test]
fn null_as_an_entry_of_a_list_is_refused_by_path() {
    assert_eq!(refuse(r#"{"creditBalanceBreakdown":[{},null]}"#).path, "creditBalanceBreakdown[1]");
    assert_eq!(
        refuse(r#"{"creditBalanceBreakdown":[{"usageRules":[null]}]}"#).path,
        "creditBalanceBreakdown[0].usageRules[0]"
    );
}

#[test]
fn empty_text_is_absence_where_wix_writes_it_so() {
    let balance = read(
        r#"{"creditBalanceBreakdown":[{"subscriptionId":"","usageRules":[{"resetDate":""}]},{"subscriptionId":"no GUID"}]}"#,
    );
    let ids: Vec<_> = balance.credit_balance_breakdown().map(|source| source.subscription_id()).collect();
    assert_eq!(ids, [None, Some("no GUID")]);
    assert_eq!(only_rule(&balance).reset_date(), None);
}

#[test]
fn reset_dates() {
    let with = |date: &str| format!(r#"{{"creditBalanceBreakdown":[{{"usageRules":[{{"resetDate":{date}}}]}}]}}"#);
    for (date, instant) in [
        ("\"2026-07-01T00:00:00.000Z\"", "2026-07-01T00:00:00Z"),
        ("\"2026-07-01T00:00:00Z\"", "2026-07-01T00:00:00Z"),
        ("\"2026-07-01T02:30:00+02:30\"", "2026-07-01T00:00:00Z"),
        ("\"9999-12-31T23:59:59.999999999999Z\"", "9999-12-31T23:59:59.999999999Z"),
        ("\"2016-12-31T23:59:60Z\"", "2017-01-01T00:00:00Z"),
    ] {
        assert_eq!(only_rule(&read(&with(date))).reset_date().unwrap().to_string(), instant, "{date}");
    }
    for garbage in
        ["\"tomorrow\"", "\"2026-02-30T00:00:00Z\"", "1782864000", "{}", "true", "\"10000-01-01T00:00:00Z\"", "\" \""]
    {
        assert_eq!(refuse(with(garbage)).path, "creditBalanceBreakdown[0].usageRules[0].resetDate", "{garbage}");
    }
}

#[test]
fn objects_only_where_the_page_has_objects() {
    for (json, path) in [
        ("[]", ""),
        ("null", ""),
        ("7", ""),
        ("\"x\"", ""),
        ("true", ""),
        (r#"{"periodicCredits":[850,1000]}"#, "periodicCredits"),
        (r#"{"topUpCredits":200}"#, "topUpCredits"),
        (r#"{"topUpCredits":""}"#, "topUpCredits"),
        (r#"{"creditBalanceBreakdown":{}}"#, "creditBalanceBreakdown"),
        (r#"{"creditBalanceBreakdown":[[]]}"#, "creditBalanceBreakdown[0]"),
        (r#"{"creditBalanceBreakdown":[{"usageRules":{}}]}"#, "creditBalanceBreakdown[0].usageRules"),
        (r#"{"creditBalanceBreakdown":[{"usageRules":[["MONTH",1,2]]}]}"#, "creditBalanceBreakdown[0].usageRules[0]"),
        (r#"{"creditBalanceBreakdown":[{"subscriptionId":7}]}"#, "creditBalanceBreakdown[0].subscriptionId"),
        (
            r#"{"creditBalanceBreakdown":[{"usageRules":[{"period":7}]}]}"#,
            "creditBalanceBreakdown[0].usageRules[0].period",
        ),
    ] {
        let error = refuse(json);
        assert_eq!(error.path, path, "{json}");
        assert!(error.reason.contains("expected"), "{json}: {}", error.reason);
    }
}

#[test]
fn an_error_body_with_the_status_of_a_success_is_no_balance() {
    for body in [r#"{"message":"no"}"#, r#"{"details":{}}"#, r#"{"error":"x"}"#, r#"{"errorCode":-100,"x":1}"#] {
        assert!(refuse(body).reason.contains("error body"), "{body}");
    }
    assert_eq!(read(r#"{"message":"besides","topUpCredits":null}"#), read("{}"));
}

/// An absent figure is not 0: the text, `available` and `is_recognized` agree on that.
#[test]
fn a_reply_with_none_of_a_balance_s_fields_is_unknown() {
    for json in [
        r#"{"status":"down for maintenance"}"#,
        r#"{"success":false}"#,
        r#"{"aiCredits":{"periodicCredits":{"balance":5}}}"#,
        r#"{"data":{"periodicCredits":{"balance":5}},"meta":null}"#,
        r#"{"somethingNew":{"deep":[1,2,{"er":1e400}]}}"#,
        r#"{"periodiccredits":{"balance":5}}"#,
        r#"{"PeriodicCredits":{"balance":5}}"#,
        r#"{"periodic_credits":{"balance":5}}"#,
        r#"{"topupCredits":{"balance":5}}"#,
        r#"{"balance":5}"#,
        r#"{"balance":5,"cap":10}"#,
        r#"{"usageRules":[]}"#,
        r#"{"subscriptionId":"s"}"#,
        r#"{"":null}"#,
        r#"{"errors":[{"message":"m"}]}"#,
        r#"{"title":"t","detail":"d","status":503}"#,
    ] {
        let reading = read(json);
        assert!(!reading.is_recognized(), "{json}");
        assert_eq!(reading.available(), None, "{json}");
        assert!(reading.to_string().contains("base URL"), "{json}: {reading}");
        assert_ne!(reading, read("{}"), "{json}");
    }
    for json in [
        "{}",
        " { } ",
        r#"{"topUpCredits":null}"#,
        r#"{"status":"x","periodicCredits":null}"#,
        r#"{"creditBalanceBreakdown":[],"x":1}"#,
        r#"{"creditBalanceBreakdown":null}"#,
    ] {
        let reading = read(json);
        assert!(reading.is_recognized(), "{json}");
        assert_eq!(reading.available(), Some(0), "{json}");
        assert!(reading.to_string().starts_with("recurring: none"), "{json}: {reading}");
    }
}

#[test]
fn a_breakdown_without_pools_makes_no_zero() {
    let rules = r#"[{"usageRules":[{"period":"DAY","balance":5}]}]"#;
    assert_eq!(read(&format!(r#"{{"creditBalanceBreakdown":{rules}}}"#)).available(), None);
    assert_eq!(read(r#"{"creditBalanceBreakdown":[{}]}"#).available(), None);
    let one_pool = format!(r#"{{"creditBalanceBreakdown":{rules},"topUpCredits":{{"balance":2}}}}"#);
    assert_eq!(read(&one_pool).available(), Some(2));
}

#[test]
fn a_duplicate_known_field_is_refused_and_a_duplicate_unknown_one_ignored() {
    for (json, path) in [
        (r#"{"periodicCredits":{},"periodicCredits":null}"#, "periodicCredits"),
        (r#"{"creditBalanceBreakdown":[],"creditBalanceBreakdown":[]}"#, "creditBalanceBreakdown"),
        (r#"{"topUpCredits":{"balance":null,"balance":1}}"#, "topUpCredits.balance"),
        (r#"{"creditBalanceBreakdown":[{"usageRules":[],"usageRules":[]}]}"#, "creditBalanceBreakdown[0].usageRules"),
        (
            r#"{"creditBalanceBreakdown":[{"subscriptionId":"a","subscriptionId":"a"}]}"#,
            "creditBalanceBreakdown[0].subscriptionId",
        ),
        (
            r#"{"creditBalanceBreakdown":[{"usageRules":[{"cap":1,"\u0063ap":1}]}]}"#,
            "creditBalanceBreakdown[0].usageRules[0].cap",
        ),
        (
            r#"{"creditBalanceBreakdown":[{"usageRules":[{"period":"DAY","period":"DAY"}]}]}"#,
            "creditBalanceBreakdown[0].usageRules[0].period",
        ),
        (
            r#"{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"","resetDate":""}]}]}"#,
            "creditBalanceBreakdown[0].usageRules[0].resetDate",
        ),
    ] {
        let error = refuse(json);
        assert_eq!((error.path.as_str(), error.reason.contains("twice")), (path, true), "{json}");
    }
    read(
        r#"{"new":1,"new":2,"periodicCredits":{"x":1,"x":2},"creditBalanceBreakdown":[{"x":1,"x":2,"usageRules":[{"x":1,"x":2}]}]}"#,
    );
}

#[test]
fn input_that_is_not_one_json_value_in_utf8_is_refused() {
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        &b"\xef\xbb\xbf{}"[..],
        &utf16,
        b"\xff\xfe{\0}\0",
        b"{}\0",
        b"{}{}",
        b"{} x",
        b"{",
        b"",
        b"  ",
        b"{\"x\":\"\xff\"}",
        b"<!doctype html>",
        b"{'a':1}",
        b"{\"a\":1,}",
        b"{\"x\":\"a\nb\"}",
    ] {
        let error = refuse(body);
        assert_eq!(error.path, "", "{body:?}");
    }
    assert!(refuse("<html>").reason.contains("HTML"));
    assert!(refuse("").ended_early && refuse(r#"{"topUpCredits":{"bal"#).ended_early);
    let within_a_character = &r#"{"x":"é"#.as_bytes()[..7];
    assert!(refuse(within_a_character).ended_early);
    assert!(!refuse("{}{}").ended_early && !refuse(b"{\"x\":\"\xff").ended_early);
}

#[test]
fn odd_figures_are_kept_and_summed_without_wrapping() {
    let odd = read(r#"{"periodicCredits":{"balance":-5,"cap":0},"topUpCredits":{"balance":20,"cap":10}}"#);
    assert_eq!(odd.available(), Some(15));
    let max = i64::MAX;
    let sum = read(&format!(r#"{{"periodicCredits":{{"balance":{max}}},"topUpCredits":{{"balance":{max}}}}}"#));
    assert_eq!(sum.available(), Some(max));
    let rule = format!(r#"{{"balance":{max},"cap":{max}}}"#);
    let many = read(&format!(r#"{{"creditBalanceBreakdown":[{{"usageRules":[{}]}}]}}"#, vec![rule; 10_000].join(",")));
    let [source] = &many.credit_balance_breakdown().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(
        source.usage_rules().filter(|rule| rule.balance() == Some(max) && rule.cap() == Some(max)).count(),
        10_000
    );
}

#[test]
fn more_than_the_page_allows_is_kept() {
    let rules = [r#"{"period":"DAY","balance":1}"#; 11].join(",");
    let sources = vec![format!(r#"{{"subscriptionId":"s","usageRules":[{rules}]}}"#); 1001].join(",");
    let balance = read(&format!(r#"{{"creditBalanceBreakdown":[{sources}]}}"#));
    assert_eq!(balance.credit_balance_breakdown().len(), 1001);
    assert!(
        balance
            .credit_balance_breakdown()
            .all(|source| source.usage_rules().len() == 11 && source.subscription_id() == Some("s"))
    );
}

#[test]
fn an_error_never_echoes_the_reply() {
    for json in [
        r#"{"periodicCredits":"canary"}"#,
        r#"{"periodicCredits":{"balance":"canary"}}"#,
        r#"{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"canary"}]}]}"#,
        r#"{"creditBalanceBreakdown":"canary"}"#,
        r#"{"canary": canary}"#,
        r#""canary""#,
        "canary",
        r#"{"message":"canary"}"#,
        "<canary>",
    ] {
        let error = crate::Error::from(refuse(json));
        assert!(error.kind() == ErrorKind::Decode && !format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn equality_and_hash_are_of_the_reading() {
    use std::collections::HashSet;
    let spaced = EXAMPLE.replace(": ", ":");
    let more = EXAMPLE.replacen('{', r#"{"somethingNew":1,"#, 1);
    assert_eq!(HashSet::from([read(EXAMPLE), read(&spaced), read(&more)]).len(), 1);
    for (from, to) in [
        ("850", "851"),
        ("MONTH", "MOUTH"),
        ("d7a3", "d7a4"),
        ("07-01", "07-02"),
        (r#""topUpCredits""#, r#""x""#),
        ("200}]}", "200},{}]}"),
    ] {
        assert_ne!(read(EXAMPLE), read(&EXAMPLE.replacen(from, to, 1)), "{from}");
    }
}

#[test]
fn from_json_is_bounded() {
    // No page of it is touched, so it takes no memory: neither looked at nor copied.
    let zeros = |bytes: usize| vec![0; bytes];
    let error = Balance::from_json(zeros(Balance::MAX_JSON_BYTES + 1)).unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("1073741824")), (ErrorKind::TooLarge, true));
    let error = Balance::from_json(zeros(Balance::MAX_JSON_BYTES + 1).as_slice()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // As large as no client reads unless it is set to.
    let spaces = format!("{{}}{}", " ".repeat(9 << 20));
    assert!(Balance::from_json(spaces).is_ok());
}

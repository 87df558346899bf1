use super::*;
use crate::ErrorKind;
use crate::balance::NOT_RECOGNIZED;

const ID: &str = "d7a341c4-196b-46e7-813c-2b0fc1847ec6";

/// At noon of 24 June 2026.
fn read(json: &str) -> Balance {
    let noon = at("2026-06-24T12:00:00Z");
    Balance::from_json(json.replace("ID", ID)).unwrap().with_origin(None, None, Some(noon), Some(noon))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn example() -> Balance {
    read(
        r#"{"periodicCredits": {"balance": 850, "cap": 1000}, "topUpCredits": {"balance": 200, "cap": 200},
        "creditBalanceBreakdown": [
            {"subscriptionId": "ID", "usageRules": [
                {"period": "MONTH", "balance": 850, "cap": 1000, "resetDate": "2026-07-01T00:00:00Z"}]},
            {"usageRules": [{"period": "NO_PERIOD", "balance": 200, "cap": 200}]}]}"#,
    )
}

/// 30 a day within 120 a month, with the day exhausted.
fn free_plan() -> Balance {
    read(
        r#"{"periodicCredits": {"balance": 90, "cap": 120}, "creditBalanceBreakdown": [{"subscriptionId": "ID", "usageRules": [
            {"period": "DAY", "balance": 0, "cap": 30, "resetDate": "2026-06-25T00:00:00Z"},
            {"period": "MONTH", "balance": 90, "cap": 120, "resetDate": "2026-07-01T00:00:00Z"}]}]}"#,
    )
}

fn sentence(balance: &Balance, cost: u64) -> String {
    balance.can_afford(cost).unwrap().to_string()
}

fn bound_rules(balance: &Balance) -> Vec<(usize, usize)> {
    match balance.can_afford(1).unwrap().binding() {
        Binding::Rules(rules) => rules.collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn equality_is_affordable_and_one_more_is_not() {
    let balance = example();
    assert_eq!(balance.spendable(), Some(1050));
    assert_eq!(balance.can_afford(1050).unwrap().answer(), Answer::Yes);
    let one_more = balance.can_afford(1051).unwrap();
    assert_eq!((one_more.answer(), one_more.shortfall()), (Answer::No, Some(1)));
    assert_eq!(balance.affordable(40, 50).unwrap(), Some(26));
}

#[test]
fn the_least_rule_of_a_source_counts() {
    let balance = free_plan();
    assert_eq!((balance.available(), balance.spendable()), (Some(90), Some(0)));
    assert_eq!(balance.spendable_at(at("2026-06-25T00:00:00Z")), Some(30));
    assert_eq!(balance.spendable_at(at("2026-06-24T23:59:59.999999999Z")), Some(0));
    assert_eq!(balance.spendable_at(at("2026-07-01T00:00:00Z")), Some(30));
    assert_eq!(balance.next_reset(), Some(at("2026-06-25T00:00:00Z")));
    assert_eq!(balance.next_reset_after(at("2026-06-25T00:00:00Z")), Some(at("2026-07-01T00:00:00Z")));
    assert_eq!(balance.can_afford(30).unwrap().affordable_at(), Some(at("2026-06-25T00:00:00Z")));
    assert_eq!(balance.can_afford(31).unwrap().affordable_at(), None);
    assert_eq!(bound_rules(&balance), [(0, 0)]);
}

#[test]
fn a_shortage_names_the_binding_rule_whose_reset_comes_first() {
    let balance = example();
    for (cost, says) in [
        (
            1090,
            "40 short: the MONTH rule of subscription ID allows 850 until 2026-07-01T00:00:00Z, and 1 more rule binds",
        ),
        (
            1201,
            "151 short: the MONTH rule of subscription ID allows 850 until 2026-07-01T00:00:00Z, and 1 more rule binds; \
             no known reset brings it",
        ),
    ] {
        assert_eq!(sentence(&balance, cost), says.replace("ID", ID));
    }
    let balance = free_plan();
    for (cost, says) in [
        (30, "30 short: the DAY rule of subscription ID allows 0 until 2026-06-25T00:00:00Z"),
        (31, "31 short: the DAY rule of subscription ID allows 0 until 2026-06-25T00:00:00Z; no known reset brings it"),
    ] {
        assert_eq!(sentence(&balance, cost), says.replace("ID", ID));
    }
}

#[test]
fn a_shortage_names_the_pools_where_they_hold_less() {
    let balance = read(r#"{"periodicCredits": {"balance": 10}}"#);
    let says = "40 short: the pools hold 10 recurring and no top-up credits; no known reset brings it";
    assert_eq!(sentence(&balance, 50), says);
}

#[test]
fn a_later_reset_that_brings_the_credits_is_named() {
    let balance = read(
        r#"{"creditBalanceBreakdown": [
            {"usageRules": [{"period": "DAY", "balance": 0, "cap": 10, "resetDate": "2026-06-25T00:00:00Z"}]},
            {"usageRules": [{"period": "WEEK", "balance": 0, "cap": 10, "resetDate": "2026-06-29T00:00:00Z"}]}]}"#,
    );
    let says = "20 short: the DAY rule of the credits without a subscription allows 0 until 2026-06-25T00:00:00Z, and 1 \
                more rule binds; affordable from 2026-06-29T00:00:00Z";
    assert_eq!(sentence(&balance, 20), says);
}

#[test]
fn a_yes_names_what_is_there() {
    assert_eq!(sentence(&example(), 40), "affordable: 40 of 1050 spendable credits");
    assert_eq!(sentence(&example(), 0), "affordable: a cost of 0 always is");
}

#[test]
fn an_unknown_answer_names_the_missing_count() {
    let of = |breakdown: &str| {
        read(&format!(r#"{{"periodicCredits": {{"balance": 50}}, "creditBalanceBreakdown": [{breakdown}]}}"#))
    };
    let starts = "unknown whether 40 can be spent: at least 0 and at most 50, since ";
    for (breakdown, reason) in [
        (r#"{"subscriptionId": "ID"}"#, "the source of subscription ID has no rules"),
        (
            r#"{"usageRules": [{"period": "DAY"}, {"period": "MONTH", "balance": 90}]}"#,
            "the DAY rule of the credits without a subscription has no balance",
        ),
        (
            r#"{"usageRules": [{"balance": 0, "cap": 90, "resetDate": "2026-06-24T12:00:00Z"}]}, {}"#,
            "the rule without a period of the credits without a subscription should have reset at 2026-06-24T12:00:00Z, \
             and 1 more source is unknown",
        ),
    ] {
        let balance = of(breakdown);
        assert_eq!(balance.can_afford(40).unwrap().answer(), Answer::Unknown);
        assert_eq!(sentence(&balance, 40), format!("{starts}{}", reason.replace("ID", ID)));
        assert_eq!((balance.spendable(), balance.affordable(1, 40).unwrap()), (None, None));
        assert_eq!(balance.can_afford(51).unwrap().answer(), Answer::No);
    }
    let start = "unknown whether 40 can be spent: at least 0, since ";
    for (json, reason) in
        [(r#"{"topUpCredits": {}}"#, "the top-up pool has no balance"), (r#"{"status": "down"}"#, NOT_RECOGNIZED)]
    {
        assert_eq!(sentence(&read(json), 40), format!("{start}{reason}"));
    }
}

#[test]
fn at_least_is_said_where_the_exact_figure_is_unknown() {
    let balance = read(
        r#"{"periodicCredits": {"balance": 50}, "creditBalanceBreakdown": [
            {"usageRules": [{"period": "DAY", "balance": 5}]}, {}]}"#,
    );
    assert_eq!(sentence(&balance, 5), "affordable: 5 of at least 5 spendable credits");
    let says = "at least 10 short: the pools hold 50 recurring and no top-up credits; no known reset brings it";
    assert_eq!(sentence(&balance, 60), says);
}

#[test]
fn server_text_in_a_sentence_is_escaped_and_bounded() {
    let id = "\\u001b[31m".to_owned() + &"x".repeat(1000);
    let json = format!(
        r#"{{"creditBalanceBreakdown": [{{"subscriptionId": "{id}", "usageRules": [{{"period": "\u0007", "balance": 1}}]}}]}}"#
    );
    let said = sentence(&read(&json), 2);
    assert!(said.starts_with("1 short: the \\u{7} rule of subscription \\u{1b}[31mxxx"), "{said}");
    assert!(said.len() < 420 && said.contains("x… allows 1"), "{said}");
}

#[test]
fn a_cost_above_the_limit_is_an_invalid_argument_that_is_named() {
    let balance = example();
    assert_eq!(balance.can_afford(MAX_COST).unwrap().shortfall(), Some(MAX_COST - 1050));
    for (error, name) in [
        (balance.can_afford(MAX_COST + 1).unwrap_err(), "cost"),
        (balance.affordable(u64::MAX, 1).unwrap_err(), "unit_cost"),
        (balance.affordable(1, MAX_COST + 1).unwrap_err(), "wanted"),
    ] {
        assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some(name)));
        let says = format!("{name} must be a whole number from 0 to 9223372036854775807 (2^63 - 1)");
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn one_pass_finds_what_each_date_brings() {
    let balance = read(
        r#"{"creditBalanceBreakdown": [{"usageRules": [
            {"period": "DAY", "balance": 5, "cap": 30, "resetDate": "2026-06-25T00:00:00Z"},
            {"period": "WEEK", "balance": 8, "cap": 3, "resetDate": "2026-06-29T00:00:00Z"},
            {"period": "MONTH", "balance": 90, "cap": 120, "resetDate": "2026-07-01T00:00:00Z"}]},
            {"usageRules": [{"period": "YEAR", "balance": 1, "resetDate": "2027-01-01T00:00:00Z"}]}]}"#,
    );
    let found: Vec<_> = balance.growths().iter().map(|growth| (growth.at.to_string(), growth.by)).collect();
    let expected = [("2026-06-25T00:00:00Z", 3), ("2026-06-29T00:00:00Z", -2), ("2026-07-01T00:00:00Z", -2)];
    assert_eq!(found, expected.map(|(at, by)| (at.to_owned(), by)), "and the year's cap is absent");
    assert_eq!(balance.spendable_at(at("2026-12-31T00:00:00Z")), Some(4));
    assert_eq!(balance.spendable_at(at("2027-01-01T00:00:00Z")), None);
}

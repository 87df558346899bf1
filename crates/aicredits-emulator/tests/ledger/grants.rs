//! Grants, top-ups and adjustments.

use crate::ledger::*;
use aicredits_emulator::{Adjust, Emulator, Grant, GrantRule, Granted, Rule, TopUp};

fn granted(period: &str, cap: i64) -> GrantRule {
    GrantRule { period: period.into(), cap, ..GrantRule::default() }
}

fn grant(rules: impl IntoIterator<Item = GrantRule>) -> Grant {
    Grant { rules: rules.into_iter().collect(), ..Grant::default() }
}

fn dates(emulator: &Emulator, name: &str) -> Vec<Option<String>> {
    let date = |rule: Rule| rule.reset_date.map(|date| date.to_string());
    named(emulator, name).rules.into_iter().map(date).collect()
}

#[test]
fn a_grant_defaults_to_a_full_balance_and_the_next_natural_date() {
    let emulator = with([]);
    let periods = ["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR", "NO_PERIOD", "FORTNIGHT"];
    let name = emulator.grant(&grant(periods.map(|period| granted(period, 30)))).unwrap().allocation;
    assert_eq!(name, "grant-1");
    let expected = [
        "2026-06-24T12:00:01Z",
        "2026-06-24T12:01:00Z",
        "2026-06-24T13:00:00Z",
        "2026-06-25T00:00:00Z",
        "2026-06-29T00:00:00Z",
        "2026-07-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    ];
    let dates = dates(&emulator, &name);
    assert_eq!(dates.iter().flatten().collect::<Vec<_>>(), expected);
    assert_eq!(dates[7..], [None, None]);
    assert_eq!(balances(&emulator, &name), [(30, 30); 9]);
}

#[test]
fn a_natural_date_is_after_now() {
    let mut on_a_monday = state([]);
    on_a_monday.clock.now = at("2029-01-01T00:00:00Z");
    let emulator = started(on_a_monday);
    let periods = ["MILLISECOND", "DAY", "WEEK", "MONTH", "YEAR"];
    let name = emulator.grant(&grant(periods.map(|period| granted(period, 1)))).unwrap().allocation;
    let expected = [
        "2029-01-01T00:00:00.001Z",
        "2029-01-02T00:00:00Z",
        "2029-01-08T00:00:00Z",
        "2029-02-01T00:00:00Z",
        "2030-01-01T00:00:00Z",
    ];
    assert_eq!(dates(&emulator, &name), expected.map(|date| Some(date.to_owned())));
}

#[test]
fn a_grant_has_what_it_says() {
    let emulator = with([]);
    let reset_date = Some(at("2026-06-30T08:00:00Z"));
    let rule = GrantRule { balance: Some(100), reset_date, ..granted("MONTH", 120) };
    let request = Grant {
        account: Some("a".into()),
        site: Some("t".into()),
        subscription: Some("subscription".into()),
        allocation: Some("free".into()),
        counted_rule: Some(1),
        ..grant([granted("DAY", 30), rule])
    };
    assert_eq!(emulator.grant(&request).unwrap(), Granted { allocation: "free".into() });
    let free = named(&emulator, "free");
    assert_eq!((free.site.as_deref(), free.subscription.as_deref()), (Some("t"), Some("subscription")));
    assert_eq!((free.counted_rule, free.rules[1].reset_date), (Some(1), reset_date));
    assert_eq!(balances(&emulator, "free"), [(30, 30), (100, 100)]);
}

#[test]
fn a_wrong_grant_is_refused_by_its_member() {
    let emulator = with([allocation("free", [])]);
    let wrong = |grant: Grant| refused(emulator.grant(&grant));
    let invalid = |pointer| error(400, "invalid_request", pointer);
    let day = || grant([granted("DAY", 1)]);
    let balance = |balance| grant([granted("DAY", 1), GrantRule { balance: Some(balance), ..granted("DAY", 1) }]);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(wrong(grant([])), invalid("/rules"));
    assert_eq!(wrong(grant(std::iter::repeat_n(granted("DAY", 1), 11))), invalid("/rules"));
    assert_eq!(wrong(grant([granted("", 1)])), invalid("/rules/0/period"));
    assert_eq!(wrong(grant([granted("DAY", 1), granted("DAY", -1)])), invalid("/rules/1/cap"));
    assert_eq!(wrong(balance(2)), invalid("/rules/1/balance"));
    assert_eq!(wrong(balance(-1)), invalid("/rules/1/balance"));
    assert_eq!(wrong(Grant { counted_rule: Some(1), ..day() }), invalid("/counted_rule"));
    assert_eq!(wrong(Grant { allocation: text(""), ..day() }), invalid("/allocation"));
    let taken = Grant { allocation: text("free"), ..day() };
    assert_eq!(wrong(taken), error(409, "allocation_exists", "/allocation"));
    assert_eq!(wrong(Grant { account: text("c"), ..day() }), error(404, "unknown_account", "/account"));
    let of_another = Grant { account: text("b"), site: text("s"), ..day() };
    assert_eq!(wrong(of_another), error(404, "unknown_site", "/site"));
    // Refusals change nothing, not even the next name. 10 rules are allowed.
    let most = emulator.grant(&grant(std::iter::repeat_n(granted("DAY", 1), 10))).unwrap();
    assert_eq!(most.allocation, "grant-1");
}

#[test]
fn top_ups_have_the_next_free_name() {
    let emulator = with([allocation("top-up-2", [rule("NO_PERIOD", 1, 1)])]);
    let top_up = |amount| emulator.top_up(&TopUp { amount, ..TopUp::default() });
    assert_eq!(top_up(200).unwrap().allocation, "top-up-1");
    assert_eq!(refused(top_up(-1)), error(400, "invalid_request", "/amount"));
    assert_eq!(top_up(0).unwrap().allocation, "top-up-3");
    assert_eq!(named(&emulator, "top-up-1").rules, [Rule { shown: Some(200), ..rule("NO_PERIOD", 200, 200) }]);
    let of_site = TopUp { site: Some("u".into()), amount: 1, account: None };
    assert_eq!(emulator.top_up(&of_site).unwrap().allocation, "top-up-4");
    assert_eq!(named(&emulator, "top-up-4").site.as_deref(), Some("u"));
}

#[test]
fn an_adjustment_changes_what_it_names() {
    let emulator = with([allocation("free", [rule("DAY", 3, 30), rule("MONTH", 90, 120)])]);
    let adjust = |change: Adjust| emulator.adjust(&Adjust { allocation: "free".into(), ..change }).unwrap();
    adjust(Adjust::default());
    adjust(Adjust { rule: 1, balance: Some(500), ..Adjust::default() });
    assert_eq!(balances(&emulator, "free"), [(3, 3), (500, 500)]);
    adjust(Adjust { balance: Some(-7), cap: Some(0), ..Adjust::default() });
    adjust(Adjust { counted_rule: Some(0), reset_date: Some(at("2026-06-25T00:00:00Z")), ..Adjust::default() });
    let free = named(&emulator, "free");
    assert_eq!((free.rules[0].balance, free.rules[0].cap, free.counted_rule), (-7, 0, Some(0)));
    advance(&emulator, 12 * 3_600_000);
    assert_eq!(balances(&emulator, "free"), [(0, 0), (500, 500)]);
    // A date that has passed resets at once.
    adjust(Adjust { cap: Some(9), reset_date: Some(at("2026-06-01T06:00:00Z")), ..Adjust::default() });
    assert_eq!(balances(&emulator, "free")[0], (9, 9));
    assert_eq!(dates(&emulator, "free")[0].as_deref(), Some("2026-06-25T06:00:00Z"));
}

#[test]
fn a_wrong_adjustment_is_refused_by_its_member() {
    let emulator = with([allocation("free", [rule("DAY", 3, 30)])]);
    let wrong = |name: &str, change: Adjust| refused(emulator.adjust(&Adjust { allocation: name.into(), ..change }));
    let change = || Adjust { balance: Some(1), ..Adjust::default() };
    assert_eq!(wrong("other", change()), error(404, "unknown_allocation", "/allocation"));
    assert_eq!(wrong("free", Adjust { rule: 1, ..change() }), error(404, "unknown_rule", "/rule"));
    assert_eq!(wrong("free", Adjust { cap: Some(-1), ..change() }), error(400, "invalid_request", "/cap"));
    let counted = Adjust { counted_rule: Some(1), ..change() };
    assert_eq!(wrong("free", counted), error(400, "invalid_request", "/counted_rule"));
    assert_eq!(balances(&emulator, "free"), [(3, 3)]);
}

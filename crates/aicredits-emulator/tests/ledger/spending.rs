//! Spends: the order, the split, all or nothing, idempotency keys, sites.

use crate::ledger::*;
use aicredits_emulator::{
    Adjust, AssumptionsChange, ControlError, Emulator, Member, SiteSpendsAccount, Spend, Spent, TopUp,
};
use serde_json::json;

fn spend(emulator: &Emulator, cost: i64) -> Result<Spent, ControlError> {
    emulator.spend(&Spend { cost, ..Spend::default() })
}

fn of_a_site(emulator: &Emulator, site: &str, cost: i64) -> Result<Spent, ControlError> {
    emulator.spend(&Spend { site: Some(site.into()), cost, ..Spend::default() })
}

fn drawn(spent: &Spent) -> Vec<(&str, i64)> {
    spent.drawn.iter().map(|drawn| (drawn.allocation.as_str(), drawn.amount)).collect()
}

#[test]
fn credits_that_reset_soonest_are_spent_first_and_bought_ones_last() {
    let emulator = with([
        allocation("bought", [rule("NO_PERIOD", 10, 10)]),
        allocation("undated", [rule("MONTH", 10, 10)]),
        allocation("year", [dated("YEAR", 10, 10, "2027-01-01T00:00:00Z")]),
        allocation(
            "free",
            [dated("MONTH", 20, 20, "2026-07-01T00:00:00Z"), dated("DAY", 7, 30, "2026-06-25T00:00:00Z")],
        ),
        allocation("equal", [dated("MONTH", 5, 5, "2026-07-01T00:00:00Z")]),
        allocation("bought with a day", [dated("DAY", 3, 3, "2026-06-25T00:00:00Z"), rule("NO_PERIOD", 10, 10)]),
    ]);
    let spent = spend(&emulator, 43).unwrap();
    assert_eq!(
        drawn(&spent),
        [("free", 7), ("equal", 5), ("year", 10), ("undated", 10), ("bought", 10), ("bought with a day", 1)]
    );
    assert_eq!((spent.transaction.as_str(), spent.cost, spent.repeated), ("t1", 43, false));
    // Each rule of an allocation falls by what the allocation gave.
    assert_eq!(balances(&emulator, "free"), [(13, 13), (0, 0)]);
    assert_eq!(balances(&emulator, "bought with a day"), [(2, 2), (9, 9)]);
    assert_eq!(spend(&emulator, 2).unwrap().transaction, "t2");
    assert_eq!(spend(&emulator, 0).unwrap().drawn, []);
}

#[test]
fn a_spend_takes_all_or_nothing_and_says_what_binds() {
    let emulator = with([
        allocation("free", [rule("DAY", 3, 30), rule("MONTH", 90, 120), rule("YEAR", 3, 999)]),
        allocation("empty", [rule("NO_PERIOD", 0, 10)]),
        allocation("without rules", []),
        allocation("below", [rule("NO_PERIOD", -4, 10), rule("DAY", 5, 5)]),
    ]);
    let error = spend(&emulator, 4).unwrap_err();
    assert_eq!((error.status, error.problem.code.as_str()), (409, "insufficient"));
    let binding = json!([
        {"allocation": "free", "rule": 0}, {"allocation": "free", "rule": 2},
        {"allocation": "empty", "rule": 0}, {"allocation": "below", "rule": 0},
    ]);
    assert_eq!(json!(error.details), json!({"cost": 4, "spendable": 3, "binding": binding}));
    assert_eq!(balances(&emulator, "free"), [(3, 3), (90, 90), (3, 3)]);
    // A refusal takes no number, and the rest can still be spent.
    assert_eq!(spend(&emulator, 3).unwrap().transaction, "t1");
    assert_eq!(balances(&emulator, "free"), [(0, 0), (87, 87), (0, 0)]);
    assert_eq!(balances(&emulator, "below"), [(-4, -4), (5, 5)]);
}

#[test]
fn a_wrong_spend_is_refused_by_its_member() {
    let emulator = with([allocation("free", [rule("DAY", 3, 30)])]);
    let wrong = |spend: Spend| refused(emulator.spend(&spend));
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(wrong(Spend { cost: -1, ..Spend::default() }), error(400, "invalid_request", "/cost"));
    assert_eq!(wrong(Spend { account: text("c"), ..Spend::default() }), error(404, "unknown_account", "/account"));
    assert_eq!(wrong(Spend { site: text("v"), ..Spend::default() }), error(404, "unknown_site", "/site"));
    let of_another = Spend { account: text("a"), site: text("u"), ..Spend::default() };
    assert_eq!(wrong(of_another), error(404, "unknown_site", "/site"));
    let unnamed = Spend { idempotency_key: text(""), ..Spend::default() };
    assert_eq!(wrong(unnamed), error(400, "invalid_request", "/idempotency_key"));
    assert_eq!(spend(&emulator, 1).unwrap().transaction, "t1");
}

#[test]
fn an_idempotency_key_spends_once() {
    let emulator = with([allocation("free", [rule("DAY", 30, 30)])]);
    let keyed = |account: &str, cost: i64| {
        let idempotency_key = Some("k1".to_owned());
        emulator.spend(&Spend { account: Some(account.into()), cost, idempotency_key, ..Spend::default() })
    };
    // A refused spend is not remembered.
    assert_eq!(keyed("a", 31).unwrap_err().problem.code, "insufficient");
    let first = keyed("a", 5).unwrap();
    assert_eq!((first.transaction.as_str(), first.repeated), ("t1", false));
    assert_eq!(keyed("a", 5).unwrap(), Spent { repeated: true, ..first });
    let conflict = |spent: Result<Spent, ControlError>| {
        let message = spent.as_ref().unwrap_err().problem.message.clone();
        assert_eq!(refused(spent), error(409, "idempotency_conflict", "/idempotency_key"));
        message
    };
    assert_eq!(conflict(keyed("a", 6)), "the key belongs to t1, which cost 5");
    let site = Spend { site: Some("s".into()), cost: 5, idempotency_key: Some("k1".into()), ..Spend::default() };
    let message = "the key belongs to t1, which was a spend of the account, and this is one of the site s";
    assert_eq!(conflict(emulator.spend(&site)), message);
    assert_eq!(balances(&emulator, "free"), [(25, 25)]);
    // Another account may use the same text.
    emulator.top_up(&TopUp { account: Some("b".into()), amount: 5, ..TopUp::default() }).unwrap();
    assert_eq!(drawn(&keyed("b", 5).unwrap()), [("top-up-1", 5)]);
}

#[test]
fn a_site_spends_its_own_credits_and_the_account_s_if_assumed() {
    let emulator = with([
        allocation("account's", [rule("NO_PERIOD", 10, 10)]),
        of_site("s", allocation("s's", [rule("NO_PERIOD", 10, 10)])),
        of_site("t", allocation("t's", [rule("NO_PERIOD", 10, 10)])),
    ]);
    assert_eq!(drawn(&of_a_site(&emulator, "s", 4).unwrap()), [("s's", 4)]);
    assert_eq!(of_a_site(&emulator, "s", 7).unwrap_err().details["spendable"], 6);
    // A site of another account than the first needs no account.
    assert_eq!(of_a_site(&emulator, "u", 1).unwrap_err().details["spendable"], 0);

    let assumed = Some(SiteSpendsAccount::True);
    emulator.assume(&AssumptionsChange { site_spends_account: assumed, ..AssumptionsChange::default() }).unwrap();
    assert_eq!(drawn(&of_a_site(&emulator, "s", 11).unwrap()), [("account's", 10), ("s's", 1)]);
    assert_eq!(of_a_site(&emulator, "s", 6).unwrap_err().details["spendable"], 5);
    // An account spends the credits of all its sites.
    assert_eq!(drawn(&spend(&emulator, 15).unwrap()), [("s's", 5), ("t's", 10)]);
}

#[test]
fn members_left_out_of_replies_still_decide() {
    let emulator = with([allocation("free", [rule("DAY", 3, 30), rule("MONTH", 90, 120)])]);
    let omit = Some(vec![Member::Balance]);
    emulator.adjust(&Adjust { allocation: "free".into(), omit, ..Adjust::default() }).unwrap();
    assert_eq!(spend(&emulator, 4).unwrap_err().details["spendable"], 3);
}

#[test]
fn sums_of_large_balances_do_not_wrap() {
    let large = |name| allocation(name, [rule("NO_PERIOD", i64::MAX, i64::MAX)]);
    let emulator = with([large("one"), large("two")]);
    assert_eq!(drawn(&spend(&emulator, i64::MAX).unwrap()), [("one", i64::MAX)]);
    assert_eq!(drawn(&spend(&emulator, i64::MAX).unwrap()), [("two", i64::MAX)]);
    assert_eq!(spend(&emulator, 1).unwrap_err().details["spendable"], 0);
}

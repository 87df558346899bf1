//! Accounts: what `account` adds, and what a scenario must be.

use crate::ledger::*;
use aicredits_emulator::{Account, Emulator, Key, Nothing, Options, ScenarioChoice, Site, StartError, State, scenario};

fn site(site: &str) -> Site {
    Site { site: site.into(), label: None }
}

#[test]
fn an_account_is_added_or_extended() {
    let emulator = with([]);
    let add = |account: Account| emulator.account(&account).unwrap().account;
    let label = |label: &str| Some(label.to_owned());
    let shop = Account {
        account: "c".into(),
        label: label("Shop"),
        sites: vec![Site { site: "x".into(), label: label("Front") }],
        allocations: vec![of_site("x", allocation("one", [dated("DAY", 1, 2, "2026-06-25T00:00:00Z")]))],
    };
    assert_eq!(add(shop), "c");
    let sites = vec![site("x"), site("y")];
    let allocations = vec![of_site("y", allocation("two", []))];
    add(Account { account: "c".into(), label: None, sites, allocations });
    let account = emulator.state(&Nothing {}).unwrap().accounts.pop().unwrap();
    assert_eq!((account.account.as_str(), account.label), ("c", label("Shop")));
    assert_eq!(account.sites, [Site { site: "x".into(), label: label("Front") }, site("y")]);
    assert_eq!(account.allocations.len(), 2);
    // The new rule resets as the others do.
    advance(&emulator, 12 * 3_600_000);
    assert_eq!(balances(&emulator, "one"), [(2, 2)]);
}

#[test]
fn a_wrong_account_is_refused_by_its_member() {
    let emulator = with([allocation("free", [])]);
    let wrong = |change: &dyn Fn(&mut Account)| {
        let mut account = Account { account: "c".into(), sites: vec![site("x")], ..Account::default() };
        change(&mut account);
        refused(emulator.account(&account))
    };
    let invalid = |pointer| error(400, "invalid_request", pointer);
    assert_eq!(wrong(&|account| account.account.clear()), invalid("/account"));
    assert_eq!(wrong(&|account| account.account = "é".into()), invalid("/account"));
    assert_eq!(wrong(&|account| account.sites.push(site("x"))), invalid("/sites/1/site"));
    assert_eq!(wrong(&|account| account.sites[0] = site("s")), error(409, "site_taken", "/sites/0/site"));
    let with = |name| move |account: &mut Account| account.allocations = vec![allocation("new", []), name];
    assert_eq!(wrong(&|account| with(allocation("new", []))(account)), invalid("/allocations/1/allocation"));
    let taken = error(409, "allocation_exists", "/allocations/1/allocation");
    assert_eq!(wrong(&|account| with(allocation("free", []))(account)), taken);
    let unknown = error(404, "unknown_site", "/allocations/1/site");
    assert_eq!(wrong(&|account| with(of_site("s", allocation("two", [])))(account)), unknown);
    let rules = || [rule("DAY", 1, 1), rule("DAY", 1, -1)];
    assert_eq!(wrong(&|account| with(allocation("two", rules()))(account)), invalid("/allocations/1/rules/1/cap"));
    // A refusal changes nothing.
    assert_eq!(emulator.state(&Nothing {}).unwrap().accounts.len(), 2);
}

/// The pointer of the error at the start.
fn pointer(change: impl FnOnce(&mut State)) -> String {
    let mut wrong = state([
        allocation("one", [rule("DAY", 1, 1)]),
        of_site("s", allocation("two", [rule("DAY", 1, 1), dated("MONTH", 1, 1, "2026-06-30T00:00:00Z")])),
    ]);
    wrong.keys = vec![
        Key { name: "k".into(), accounts: vec!["a".into()], sites: vec!["s".into(), "u".into()], ..Key::default() },
        Key { name: "l".into(), secret: "IST.l".into(), ..Key::default() },
    ];
    change(&mut wrong);
    let options = Options { scenario: Some(ScenarioChoice::from(wrong)), ..Options::default() };
    match Emulator::with(options) {
        Ok(_) => "none".to_owned(),
        Err(StartError::Options(error)) => {
            assert_eq!((error.status, error.problem.code.as_str()), (400, "invalid_request"), "{error}");
            assert!(!error.to_string().contains("IST."), "{error}");
            // Where the scenario is a part of a request, its place comes first.
            let pointer = error.problem.pointer.unwrap();
            pointer.strip_prefix("/scenario").unwrap_or(&pointer).to_owned()
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_wrong_scenario_is_refused_by_its_member() {
    assert_eq!(pointer(|_| {}), "none");
    assert_eq!(pointer(|state| state.accounts[1].account = "a".into()), "/accounts/1/account");
    assert_eq!(pointer(|state| state.accounts[1].sites.push(site("s"))), "/accounts/1/sites/1/site");
    assert_eq!(pointer(|state| state.accounts[1].account.clear()), "/accounts/1/account");
    assert_eq!(pointer(|state| state.clock.speed = 0), "/clock/speed");

    let allocation = |index: usize, member: &str| format!("/accounts/0/allocations/{index}/{member}");
    let two = |state: &State| state.accounts[0].allocations[1].clone();
    let taken = |state: &mut State| state.accounts[1].allocations = vec![two(state)];
    assert_eq!(pointer(taken), "/accounts/1/allocations/0/allocation");
    let twice = |state: &mut State| state.accounts[0].allocations = vec![two(state), two(state)];
    assert_eq!(pointer(twice), allocation(1, "allocation"));
    let change = |member: &str, change: fn(&mut aicredits_emulator::Allocation)| {
        assert_eq!(pointer(|state| change(&mut state.accounts[0].allocations[1])), allocation(1, member));
    };
    change("allocation", |allocation| allocation.allocation.clear());
    change("site", |allocation| allocation.site = Some("u".into()));
    change("counted_rule", |allocation| allocation.counted_rule = Some(2));
    change("rules", |allocation| allocation.rules = vec![rule("DAY", 1, 1); 11]);
    change("rules/0/cap", |allocation| allocation.rules[0].cap = -1);
    change("rules/0/period", |allocation| allocation.rules[0].period.clear());
    change("rules/0/anchor_day", |allocation| allocation.rules[0].anchor_day = Some(31));
    change("rules/1/anchor_day", |allocation| allocation.rules[1].anchor_day = Some(29));
    change("rules/1/anchor_day", |allocation| allocation.rules[1].anchor_day = Some(32));
    // Allowed are 10 rules, an anchor that comes back, and a balance that adjust made.
    assert_eq!(pointer(|state| state.accounts[0].allocations[1].rules = vec![rule("DAY", 9, 1); 10]), "none");
    assert_eq!(pointer(|state| state.accounts[0].allocations[1].rules[1].anchor_day = Some(31)), "none");
    assert_eq!(pointer(|state| state.accounts[0].allocations[1].rules[1].balance = i64::MIN), "none");

    assert_eq!(pointer(|state| state.keys[1].name = "k".into()), "/keys/1/name");
    assert_eq!(pointer(|state| state.keys[1].name = "unknown".into()), "/keys/1/name");
    assert_eq!(pointer(|state| state.keys[0].secret = "IST.l".into()), "/keys/1/secret");
    assert_eq!(pointer(|state| state.keys[1].secret = "IST.\n".into()), "/keys/1/secret");
    assert_eq!(pointer(|state| state.keys[0].accounts.push("c".into())), "/keys/0/accounts/1");
    assert_eq!(pointer(|state| state.keys[0].sites[1] = "v".into()), "/keys/0/sites/1");
}

#[test]
fn a_file_s_absent_reset_date_is_the_next_natural_one_and_null_is_none() {
    let rules = r#"[{"period": "WEEK", "balance": 1, "cap": 2},
        {"period": "WEEK", "balance": 1, "cap": 2, "reset_date": null}]"#;
    let account = format!(r#"{{"account": "c", "allocations": [{{"allocation": "one", "rules": {rules}}}]}}"#);
    let emulator = with([]);
    assert_eq!(emulator.control("account", &account).status, 200);
    let dates =
        |emulator: &Emulator| named(emulator, "one").rules.iter().map(|rule| rule.reset_date).collect::<Vec<_>>();
    assert_eq!(dates(&emulator), [Some(at("2026-06-29T00:00:00Z")), None]);

    let whole = format!(r#"{{"version": 1, "clock": {{"now": "2030-01-01T00:00:00Z"}}, "accounts": [{account}]}}"#);
    assert_eq!(emulator.control("reset", &format!(r#"{{"scenario": {whole}}}"#)).status, 200);
    assert_eq!(dates(&emulator), [Some(at("2030-01-07T00:00:00Z")), None]);
}

#[test]
fn a_thousand_accounts_have_their_own_credits() {
    let mut large = scenario("example").unwrap();
    large.accounts = (0..1000)
        .map(|number| Account {
            account: format!("account {number}"),
            sites: vec![site(&format!("site {number}"))],
            allocations: vec![allocation(&format!("{number}"), [rule("NO_PERIOD", number, 1000)])],
            ..Account::default()
        })
        .collect();
    large.keys.clear();
    let emulator = started(large);
    for number in [0, 1, 499, 999] {
        let spend = |cost| {
            let account = Some(format!("account {number}"));
            emulator.spend(&aicredits_emulator::Spend { account, cost, ..Default::default() })
        };
        assert_eq!(spend(number + 1).unwrap_err().details["spendable"], number);
        spend(number).unwrap();
        assert_eq!(balances(&emulator, &format!("{number}")), [(0, 0)]);
    }
    assert_eq!(balances(&emulator, "500"), [(500, 500)]);
}

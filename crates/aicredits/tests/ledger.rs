//! The core's `spendable` against the credits that the emulator's ledger lets through. They share no code.
//!
//! `docs/deciding.md` explains the differences that are named here.

#[allow(dead_code, reason = "the tests of gates use all of it")]
#[path = "gate/random.rs"]
mod random;

use aicredits::{Balance, Client};
use aicredits_emulator::{
    Account, Adjust, Allocation, AssumptionsChange, Emulator, Grant, GrantRule, Member, Nothing, Options, Rule,
    SiteSpendsAccount, Spend, Timestamp, TopUp, scenario,
};
use random::Random;

const PERIODS: [&str; 7] = ["HOUR", "DAY", "WEEK", "MONTH", "YEAR", "NO_PERIOD", "FORTNIGHT"];

/// An emulator without credits, and a client of its account.
fn empty() -> (Emulator, Client) {
    let options = Options { scenario: Some("empty".into()), ..Options::default() };
    let emulator = Emulator::with(options).unwrap();
    let client = client(&emulator);
    (emulator, client)
}

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().api_key(emulator.api_key()).account(emulator.account_id());
    builder.base_url(emulator.url()).build().unwrap()
}

/// A client of the account's site.
fn site_client(emulator: &Emulator) -> Client {
    let builder = Client::builder().api_key(emulator.api_key()).site(emulator.site_id());
    builder.base_url(emulator.url()).build().unwrap()
}

fn read(client: &Client) -> Balance {
    client.get_balance().unwrap()
}

/// The most that the ledger lets through, by a spend that no ledger can give.
fn lets_through(emulator: &Emulator, site: Option<&str>) -> i64 {
    let spend = Spend { site: site.map(str::to_owned), cost: i64::MAX, ..Spend::default() };
    emulator.spend(&spend).unwrap_err().details["spendable"].as_i64().unwrap()
}

fn spends(emulator: &Emulator, cost: i64) -> bool {
    emulator.spend(&Spend { cost, ..Spend::default() }).is_ok()
}

fn grant(emulator: &Emulator, site: Option<&str>, rules: &[(&str, i64, i64)]) -> String {
    let rule = |(period, balance, cap): &(&str, i64, i64)| GrantRule {
        period: (*period).into(),
        balance: Some(*balance),
        cap: *cap,
        reset_date: None,
    };
    let rules = rules.iter().map(rule).collect();
    emulator.grant(&Grant { site: site.map(str::to_owned), rules, ..Grant::default() }).unwrap().allocation
}

fn count(random: &mut Random) -> i64 {
    random.up_to(40) as i64
}

#[test]
fn without_charges_in_flight_the_ledger_lets_exactly_spendable_through() {
    for seed in 0..60 {
        println!("seed {seed}");
        let mut random = Random::new(seed);
        let (emulator, client) = empty();
        let (of_site, site) = (site_client(&emulator), emulator.site_id());
        for _ in 0..random.up_to(6) {
            let mut rule = || {
                let (balance, above) = (count(&mut random), count(&mut random));
                (PERIODS[random.up_to(6) as usize], balance, balance + above)
            };
            let rules: Vec<_> = (0..3).map(|_| rule()).collect();
            let rules = &rules[..1 + random.up_to(2) as usize];
            grant(&emulator, [None, Some(site)][random.up_to(1) as usize], rules);
        }
        emulator.top_up(&TopUp { amount: count(&mut random), ..TopUp::default() }).unwrap();
        // The reading stays exact while credits are spent, and after a balance was put above its cap.
        for _ in 0..3 {
            let spendable = read(&client).spendable().unwrap();
            assert_eq!(spendable, lets_through(&emulator, None));
            assert_eq!(read(&of_site).spendable(), Some(lets_through(&emulator, Some(site))));
            assert!(!spends(&emulator, spendable + 1));
            let part = random.up_to(spendable as u64) as i64;
            assert!(spends(&emulator, part));
            assert_eq!(read(&client).spendable(), Some(spendable - part));
            let adjust = Adjust { allocation: "top-up-1".into(), balance: Some(100), ..Adjust::default() };
            emulator.adjust(&adjust).unwrap();
        }
        let last = read(&client).spendable().unwrap();
        assert!(spends(&emulator, last) && !spends(&emulator, 1));
    }
}

#[test]
fn a_charge_in_flight_makes_spendable_too_large() {
    let (emulator, client) = empty();
    grant(&emulator, None, &[("MONTH", 100, 100)]);
    emulator.spend(&Spend { cost: 30, shown_after_ms: Some(3_600_000), ..Spend::default() }).unwrap();
    assert_eq!((read(&client).spendable(), lets_through(&emulator, None)), (Some(100), 70));
}

#[test]
fn an_omitted_balance_makes_spendable_unknown() {
    let (emulator, client) = empty();
    let name = grant(&emulator, None, &[("DAY", 30, 30), ("MONTH", 90, 120)]);
    let omit = Some(vec![Member::Balance]);
    emulator.adjust(&Adjust { allocation: name, omit, ..Adjust::default() }).unwrap();
    assert_eq!((read(&client).spendable(), lets_through(&emulator, None)), (None, 30));
}

#[test]
fn a_thousand_allocations_make_spendable_unknown() {
    let mut state = scenario("empty").unwrap();
    let allocation = |number: usize, balance: i64| {
        let rules = vec![Rule { period: "MONTH".into(), balance, cap: 9, ..Rule::default() }];
        Allocation { allocation: number.to_string(), rules, ..Allocation::default() }
    };
    // 999 are known to be all. Of 1,001 the reply has 1,000.
    state.accounts[0].allocations = (0..999).map(|number| allocation(number, 1)).collect();
    let with = |state| Emulator::with(Options { scenario: Some(state), ..Options::default() }).unwrap();
    let emulator = with(state.clone().into());
    assert_eq!((read(&client(&emulator)).spendable(), lets_through(&emulator, None)), (Some(999), 999));
    state.accounts[0].allocations.extend([allocation(999, 1), allocation(1000, 7)]);
    let emulator = with(state.into());
    assert_eq!((read(&client(&emulator)).spendable(), lets_through(&emulator, None)), (None, 1007));
}

#[test]
fn a_balance_below_0_makes_spendable_too_small() {
    let (emulator, client) = empty();
    let name = grant(&emulator, None, &[("MONTH", 10, 10)]);
    grant(&emulator, None, &[("MONTH", 10, 10)]);
    emulator.adjust(&Adjust { allocation: name, balance: Some(-4), ..Adjust::default() }).unwrap();
    // The pool is 6, and the core never promises more than the pools.
    assert_eq!((read(&client).spendable(), lets_through(&emulator, None)), (Some(6), 10));
}

#[test]
fn an_allocation_without_rules_makes_spendable_unknown() {
    let (emulator, client) = empty();
    grant(&emulator, None, &[("DAY", 5, 5), ("MONTH", 10, 10)]);
    assert_eq!(read(&client).spendable(), Some(5));
    let allocations = vec![Allocation { allocation: "bare".into(), ..Allocation::default() }];
    let account = emulator.account_id().to_owned();
    emulator.account(&Account { account, allocations, ..Account::default() }).unwrap();
    assert_eq!((read(&client).spendable(), lets_through(&emulator, None)), (None, 5));
}

#[test]
fn an_overdue_rule_of_an_unknown_period_makes_spendable_unknown() {
    let (emulator, client) = empty();
    let name = grant(&emulator, None, &[("FORTNIGHT", 5, 20), ("MONTH", 10, 10)]);
    assert_eq!(read(&client).spendable(), Some(5));
    let now: Timestamp = emulator.state(&Nothing {}).unwrap().clock.now;
    emulator.adjust(&Adjust { allocation: name, reset_date: Some(now), ..Adjust::default() }).unwrap();
    assert_eq!((read(&client).spendable(), lets_through(&emulator, None)), (None, 5));
}

#[test]
fn a_site_may_spend_more_than_its_reading_shows() {
    let (emulator, _) = empty();
    let site = emulator.site_id();
    grant(&emulator, Some(site), &[("MONTH", 10, 10)]);
    grant(&emulator, None, &[("MONTH", 50, 50)]);
    let of_site = site_client(&emulator);
    assert_eq!((read(&of_site).spendable(), lets_through(&emulator, Some(site))), (Some(10), 10));
    let assumed = Some(SiteSpendsAccount::True);
    emulator.assume(&AssumptionsChange { site_spends_account: assumed, ..AssumptionsChange::default() }).unwrap();
    assert_eq!((read(&of_site).spendable(), lets_through(&emulator, Some(site))), (Some(10), 60));
}

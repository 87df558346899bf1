//! A ledger for each test, and its reports.

use aicredits_emulator::{
    Account, Allocation, ClockChange, ControlError, Emulator, Nothing, Options, Rule, Site, State, Timestamp, scenario,
};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn rule(period: &str, balance: i64, cap: i64) -> Rule {
    Rule { period: period.into(), balance, cap, ..Rule::default() }
}

pub(crate) fn dated(period: &str, balance: i64, cap: i64, reset_date: &str) -> Rule {
    Rule { reset_date: Some(at(reset_date)), ..rule(period, balance, cap) }
}

pub(crate) fn allocation(name: &str, rules: impl IntoIterator<Item = Rule>) -> Allocation {
    Allocation { allocation: name.into(), rules: rules.into_iter().collect(), ..Allocation::default() }
}

pub(crate) fn of_site(site: &str, allocation: Allocation) -> Allocation {
    Allocation { site: Some(site.into()), ..allocation }
}

/// A scenario at noon of 2026-06-24, a Wednesday. The account `a` has the sites `s` and `t`, and these allocations; the
/// account `b` has the site `u` and nothing else. There are no keys.
pub(crate) fn state(allocations: impl IntoIterator<Item = Allocation>) -> State {
    let site = |site: &str| Site { site: site.into(), label: None };
    let mut state = scenario("example").unwrap();
    state.clock.now = at("2026-06-24T12:00:00Z");
    state.accounts = vec![
        Account {
            account: "a".into(),
            sites: vec![site("s"), site("t")],
            allocations: allocations.into_iter().collect(),
            ..Account::default()
        },
        Account { account: "b".into(), sites: vec![site("u")], ..Account::default() },
    ];
    state.keys.clear();
    state
}

pub(crate) fn started(state: State) -> Emulator {
    Emulator::with(Options { scenario: Some(state.into()), ..Options::default() }).unwrap()
}

pub(crate) fn with(allocations: impl IntoIterator<Item = Allocation>) -> Emulator {
    started(state(allocations))
}

/// An allocation by its name.
pub(crate) fn named(emulator: &Emulator, name: &str) -> Allocation {
    let state = emulator.state(&Nothing {}).unwrap();
    let mut allocations = state.accounts.into_iter().flat_map(|account| account.allocations);
    allocations.find(|allocation| allocation.allocation == name).unwrap()
}

/// The real balance and the one in replies, of each rule.
pub(crate) fn balances(emulator: &Emulator, name: &str) -> Vec<(i64, i64)> {
    named(emulator, name).rules.iter().map(|rule| (rule.balance, rule.shown.unwrap())).collect()
}

pub(crate) fn advance(emulator: &Emulator, milliseconds: u64) {
    emulator.clock(&ClockChange { advance_ms: Some(milliseconds), ..ClockChange::default() }).unwrap();
}

/// An error as status, code and pointer.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, ControlError>) -> (u16, String, Option<String>) {
    let ControlError { status, problem, .. } = result.unwrap_err();
    assert!(!problem.message.is_empty());
    (status, problem.code, problem.pointer)
}

pub(crate) fn error(status: u16, code: &str, pointer: &str) -> (u16, String, Option<String>) {
    (status, code.to_owned(), Some(pointer.to_owned()))
}

pub(crate) fn set_date(emulator: &Emulator, date: Timestamp) {
    emulator.clock(&ClockChange { now: Some(date), ..ClockChange::default() }).unwrap();
}

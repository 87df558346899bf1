//! The emulator's clock moves by ten years, over 1,000 daily rules of one account.

use std::time::Instant;

use aicredits_emulator::{Account, Allocation, ClockChange, Emulator, Nothing, Options, Reset, Rule, scenario};

mod protocol;

const RULES: usize = 1000;
/// From 2026-01-01 to 2036-01-01: two of these years are leap years.
const DAYS: u64 = 3652;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut state = scenario("example")?;
    state.clock.now = "2026-01-01T00:00:00Z".parse()?;
    let tomorrow = Some("2026-01-02T00:00:00Z".parse()?);
    let daily = |n: usize| Allocation {
        allocation: format!("daily {n}"),
        rules: vec![Rule { period: "DAY".into(), balance: 0, cap: 7, reset_date: tomorrow, ..Rule::default() }],
        ..Allocation::default()
    };
    state.keys.clear();
    state.accounts =
        vec![Account { account: "a".into(), allocations: (0..RULES).map(daily).collect(), ..Account::default() }];
    let emulator = Emulator::with(Options { scenario: Some(state.into()), ..Options::default() })?;
    protocol::answer(|count| {
        protocol::times(count, || {
            emulator.reset(&Reset::default()).expect("a scenario");
            let begun = Instant::now();
            let advance_ms = Some(DAYS * 24 * 3600 * 1000);
            let clock = emulator.clock(&ClockChange { advance_ms, ..ClockChange::default() }).expect("a clock");
            let took = begun.elapsed();
            assert_eq!(clock.now.to_string(), "2036-01-01T00:00:00Z");
            let state = emulator.state(&Nothing {}).expect("a state");
            let mut rules = state.accounts[0].allocations.iter().flat_map(|allocation| &allocation.rules);
            assert!(rules.all(|rule| {
                let next = rule.reset_date.map(|date| date.to_string());
                rule.balance == 7 && next.as_deref() == Some("2036-01-02T00:00:00Z")
            }));
            took
        })
    });
    Ok(())
}

//! Ours, from Rust.

use aicredits::{Balance, Client, Credits, UsageRule};

mod protocol;

fn main() {
    let client = Client::from_env().expect("a client");
    protocol::run(|| || check(&client.get_balance().expect("a balance")));
}

/// Checks the eight figures and the date against the page's example.
fn check(balance: &Balance) {
    let pool = |pool: Option<Credits>| pool.map(|pool| (pool.balance(), pool.cap()));
    let expected = [Some((Some(850), Some(1000))), Some((Some(200), Some(200)))];
    assert_eq!([pool(balance.periodic_credits()), pool(balance.top_up_credits())], expected);
    let mut rules = balance.credit_balance_breakdown().flat_map(|source| source.usage_rules());
    let (monthly, bought) = (rules.next().expect("a rule"), rules.next().expect("another"));
    assert!(rules.next().is_none());
    let rule = |rule: UsageRule<'_>| Some((rule.balance(), rule.cap()));
    assert_eq!([rule(monthly), rule(bought)], expected);
    assert_eq!(monthly.reset_date().map(|date| date.unix_seconds()), Some(1_782_864_000));
}

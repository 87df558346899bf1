//! Ours: a balance from the bytes, which it takes over.

use aicredits::Balance;

mod protocol;

fn main() {
    let json = std::fs::read(protocol::setting("BENCH_REPLY")).expect("the reply");
    let balance = Balance::from_json(json.clone()).expect("a balance");
    let rule =
        balance.credit_balance_breakdown().next().and_then(|source| source.usage_rules().next()).expect("a rule");
    assert_eq!((rule.balance(), rule.reset_date().map(|date| date.unix_seconds())), (Some(850), Some(1_782_864_000)));
    protocol::run_prepared(|| json.clone(), |json| Balance::from_json(json).expect("a balance"));
}

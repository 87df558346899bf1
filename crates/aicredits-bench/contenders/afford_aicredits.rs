//! Ours: whether a cost is affordable, from a balance. `BENCH_RESET` also asks from when it is.

use std::hint::black_box;

use aicredits::Balance;

mod protocol;

fn main() {
    let json = std::fs::read(protocol::setting("BENCH_REPLY")).expect("the reply");
    let balance = Balance::from_json(json).expect("a balance");
    let asks_for_reset = std::env::var_os("BENCH_RESET").is_some();
    let cost = u64::try_from(balance.spendable().expect("it is known")).expect("it is not negative") + 1;
    protocol::answer(|count| {
        protocol::times(count, || {
            protocol::timed(|| {
                let affordability = black_box(&balance).can_afford(black_box(cost)).expect("a cost");
                assert!(!affordability.is_yes());
                if asks_for_reset {
                    black_box(affordability.affordable_at());
                }
            })
            .0
        })
    });
}

//! Ours: a reservation and its commit, with a usable reading. `BENCH_SUB_GATES` gates share the reservations.

use std::cell::Cell;

use aicredits::{Client, CreditGate};

mod protocol;

thread_local! {
    static NEXT: Cell<usize> = const { Cell::new(0) };
}

fn main() {
    let gate = Client::from_env().expect("a client").gate().build().expect("a gate");
    let count: usize = std::env::var("BENCH_SUB_GATES").map_or(0, |count| count.parse().expect("a number"));
    let sub_gates: Vec<CreditGate> = (0..count).map(|_| gate.sub_gate(1 << 60).expect("a sub-gate")).collect();
    gate.refresh().expect("a reading");
    protocol::run_batches(|| {
        let gate = match sub_gates.len() {
            0 => &gate,
            count => &sub_gates[NEXT.replace((NEXT.get() + 1) % count)],
        };
        assert!(gate.reserve(1).expect("there are credits").commit());
    });
}

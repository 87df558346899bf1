//! The reference for a gate: a mutex lock, a clock read and an allocation. No gate can do without them.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

mod protocol;

fn main() {
    let ledger = Mutex::new(0_u64);
    protocol::run_batches(|| {
        black_box(Instant::now());
        let reservation = black_box(Box::new([0_u64; 8]));
        *ledger.lock().expect("nobody panics") += reservation[0];
    });
}

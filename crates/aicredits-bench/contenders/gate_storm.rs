//! Ours: a storm of denials. Answers a number of them with the nanoseconds of each denial.

use aicredits::{Client, DenialReason, MAX_COST};

mod protocol;

fn main() {
    let gate = Client::from_env().expect("a client").gate().build().expect("a gate");
    gate.refresh().expect("a reading");
    protocol::answer(|count| {
        protocol::times(count, || {
            let (time, denied) = protocol::timed(|| gate.reserve(MAX_COST));
            let reason = denied.expect_err("nobody has so many").denial().expect("denied").reason();
            assert_eq!(reason, DenialReason::Insufficient);
            time
        })
    });
}

//! Ours: how long a call takes that is never answered.

use std::time::Duration;

use aicredits::{Call, Client, ErrorKind};

mod protocol;

fn main() {
    let client = Client::from_env().expect("a client");
    let timeout = Duration::from_millis(protocol::setting("BENCH_TIMEOUT_MS").parse().expect("milliseconds"));
    protocol::run(|| {
        || {
            let error = client.get_balance_with(&Call::new().timeout(timeout)).expect_err("nobody answers");
            assert_eq!(error.kind(), ErrorKind::Timeout);
        }
    });
}

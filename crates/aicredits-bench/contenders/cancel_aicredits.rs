//! Ours: from cancelling a call that waits for its reply to its return.

use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, Client, ErrorKind};

mod protocol;

/// A call usually waits by then. On a very busy machine it may not, and then there is less to cancel.
const DELAY: Duration = Duration::from_millis(5);

fn main() {
    let client = Client::from_env().expect("a client");
    protocol::answer(|count| {
        protocol::times(count, || {
            let cancel = Cancel::new();
            let call = Call::new().cancelled_by(&cancel);
            thread::scope(|scope| {
                let running = scope.spawn(|| (client.get_balance_with(&call), Instant::now()));
                thread::sleep(DELAY);
                let cancelled = Instant::now();
                cancel.cancel();
                let (result, returned) = running.join().expect("no panic");
                assert_eq!(result.expect_err("nobody answers").kind(), ErrorKind::Cancelled);
                returned.saturating_duration_since(cancelled)
            })
        })
    });
}

//! How much too early a request may come.

use std::time::Duration;

/// Clients and connections are not exact, in real time.
pub(super) const LEAST: Duration = Duration::from_millis(50);

/// How much of a pause a client may leave out: 50 ms, or 5 % if that is more.
pub(super) fn of(pause: Duration) -> Duration {
    LEAST.max(pause / 20)
}

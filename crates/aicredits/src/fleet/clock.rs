//! The clock of a fleet.

use std::time::Duration;

use crate::Timestamp;
use crate::clock::since_boot;

/// The clock of a fleet. Tests pass their own.
pub trait FleetClock: Send + Sync {
    /// The time since the machine started, the time asleep included.
    fn now(&self) -> Duration;

    /// The date, for starts of attempts and ages of balances.
    fn date(&self) -> Timestamp {
        Timestamp::now()
    }

    /// How long a thread waits for this time to pass.
    fn real(&self, time: Duration) -> Duration {
        time
    }

    /// The time of this clock that passes in a time of a server, such as `Retry-After`.
    fn of_server(&self, time: Duration) -> Duration {
        time
    }
}

/// The machine's clock.
pub(super) struct SystemClock;

impl FleetClock for SystemClock {
    fn now(&self) -> Duration {
        since_boot()
    }
}

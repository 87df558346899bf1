//! The clock of a fleet.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The clock of a fleet. Tests pass their own.
pub trait FleetClock: Send + Sync {
    /// The time since the machine started, the time asleep included.
    fn now(&self) -> Duration;

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
        let now = clock_gettime(ClockId::Boottime);
        Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
    }
}

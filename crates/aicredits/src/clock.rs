//! The clock of gates and fleets. It runs on while the machine is asleep.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time since the machine started, the time asleep included.
pub(crate) fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

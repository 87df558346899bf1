//! The clocks of a gate.

use std::time::Duration;

use crate::Timestamp;
use crate::clock::since_boot;

/// Nanoseconds of a gate's clock.
pub(super) type Nanos = u64;

/// The clocks of a gate. Tests pass their own.
pub trait GateClock: Send + Sync {
    /// The time since the machine started, the time asleep included: for ages and intervals.
    fn now(&self) -> Duration;

    /// The date, where no server has named one.
    fn date(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's clocks.
pub(super) struct SystemClock;

impl GateClock for SystemClock {
    fn now(&self) -> Duration {
        since_boot()
    }
}

pub(super) fn nanos(time: Duration) -> Nanos {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The date that lies `nanos` after another, before it if negative. `None` outside the years 1 to 9999.
pub(super) fn shifted(date: Timestamp, nanos: i128) -> Option<Timestamp> {
    let total = i128::from(date.unix_seconds()) * 1_000_000_000 + i128::from(date.subsec_nanoseconds()) + nanos;
    let seconds = i64::try_from(total.div_euclid(1_000_000_000)).ok()?;
    Timestamp::from_unix(seconds, total.rem_euclid(1_000_000_000) as u32)
}

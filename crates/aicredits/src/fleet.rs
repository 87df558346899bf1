//! Fleets: the balances of many accounts and sites, each with one outcome.

mod builder;
mod clock;
mod handle;
mod outcome;
mod plan;
mod progress;
mod schedule;
mod shared;
mod target;
mod worker;

pub use builder::FleetBuilder;
pub use clock::FleetClock;
pub use handle::Fleet;
pub use outcome::{FleetAttempt, FleetOutcome};
pub use progress::FleetProgress;
pub use target::Target;

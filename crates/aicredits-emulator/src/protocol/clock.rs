//! The two times.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// 2026-06-24T00:00:00Z: a week before the reset of the page's example.
const START: Timestamp = Timestamp::constant(1_782_259_200, 0);

/// The calendar (what `Date` says and rules reset by) and the service time (limits, `Retry-After`, delays of charges).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Whether the calendar runs.
    #[serde(default)]
    pub mode: ClockMode,
    /// The calendar's instant, from 0001-01-01T00:00:00Z to 9999-12-30T22:00:00Z.
    #[serde(default = "start", deserialize_with = "super::instant::read")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Instant"))]
    pub now: Timestamp,
    /// How fast service time passes, and the calendar if it runs: 1 to 1,000,000.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub speed: u32,
    /// The service time since the start. `reset` ignores it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 9_223_372_036_854_775_807u64)))]
    pub service_ms: u64,
    /// How many rules have been reset. `reset` ignores it.
    #[serde(default)]
    pub resets: u64,
}

/// The longest step of the clock, more than the calendar has. The sum of some fits into 64 bits.
pub(crate) const LONGEST_ADVANCE_MS: u64 = 1_000_000_000_000_000;

impl Default for Clock {
    fn default() -> Self {
        Self { mode: ClockMode::Frozen, now: START, speed: 1, service_ms: 0, resets: 0 }
    }
}

fn start() -> Timestamp {
    START
}

fn one() -> u32 {
    1
}

/// Whether the calendar runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClockMode {
    /// It does not move, so that every run of a test is the same.
    #[default]
    Frozen,
    /// It runs, at the clock's speed.
    Running,
}

/// Changes the clock: at most one member. Without one it only reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClockChange {
    /// Moves both times forward; at most 10^15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 1_000_000_000_000_000u64)))]
    pub advance_ms: Option<u64>,
    /// Sets the calendar. Setting it back undoes nothing.
    #[serde(default, deserialize_with = "super::instant::read_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Instant>"))]
    pub now: Option<Timestamp>,
    /// Freezes the calendar, or lets it run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ClockMode>,
    /// Sets the speed: 1 to 1,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub speed: Option<u32>,
}

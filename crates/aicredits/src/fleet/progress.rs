use std::time::Duration;

/// How far a fleet has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetProgress {
    /// The targets.
    pub total: usize,
    /// The targets with an outcome.
    pub done: usize,
    /// Those of them without a balance.
    pub failed: usize,
    /// Those with an outcome from the resume file.
    pub resumed: usize,
    /// The longest of the clients' pauses that are left.
    pub paused_for: Option<Duration>,
    /// The attempts of the clients in the last 60 s.
    pub recent_attempts: usize,
    /// The time that is probably left. None before ten outcomes.
    pub time_left: Option<Duration>,
}

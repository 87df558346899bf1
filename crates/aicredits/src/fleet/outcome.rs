use std::sync::Arc;

use super::target::Target;
use crate::{Attempt, Balance, Error, Timestamp};

/// The result for one target of a fleet: a balance or an error.
#[derive(Clone, Debug)]
#[must_use = "it has the balance, or the reason why there is none"]
pub struct FleetOutcome {
    pub(super) index: usize,
    pub(super) target: Target,
    /// The number of the client that asked, and with it of the key.
    pub(super) client: u32,
    pub(super) result: Result<Balance, Error>,
    pub(super) attempts: Arc<[FleetAttempt]>,
    pub(super) ended_at: Timestamp,
    pub(super) is_resumed: bool,
}

/// An attempt for a target, and its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetAttempt {
    pub(super) started_at: Timestamp,
    pub(super) attempt: Attempt,
}

impl FleetOutcome {
    /// The position of the target in the input, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The balance, or the error.
    ///
    /// # Errors
    ///
    /// The error of the last attempt. [`Cancelled`](crate::ErrorKind::Cancelled) and
    /// [`Timeout`](crate::ErrorKind::Timeout) without an attempt are those of the fleet.
    pub fn result(&self) -> Result<&Balance, &Error> {
        self.result.as_ref()
    }

    /// The balance, or the error, without a copy.
    ///
    /// # Errors
    ///
    /// As [`result`](Self::result).
    pub fn into_result(self) -> Result<Balance, Error> {
        self.result
    }

    /// All attempts for this target, the successful one too. Empty if nothing was sent.
    pub fn attempts(&self) -> &[FleetAttempt] {
        &self.attempts
    }

    /// When the first attempt started.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.attempts.first().map(|first| first.started_at)
    }

    /// When the outcome was known.
    pub fn ended_at(&self) -> Timestamp {
        self.ended_at
    }

    /// Whether it is from the [resume file](super::FleetBuilder::resume): an earlier run read it.
    pub fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// The server's id of the last request.
    pub fn request_id(&self) -> Option<&str> {
        self.attempts.last().and_then(|last| last.attempt.request_id())
    }
}

impl FleetAttempt {
    /// When it started.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// How it ended.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

use std::time::Duration;

use crate::phase::Phase;

/// One attempt of a call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    phase: Phase,
    duration: Duration,
    http_status: Option<u16>,
    request_id: Option<String>,
}

impl Attempt {
    pub(crate) fn new(phase: Phase, duration: Duration, http_status: Option<u16>, request_id: Option<String>) -> Self {
        Self { phase, duration, http_status, request_id }
    }

    /// How far it came; [`Phase::Reply`] where the reply itself is the failure.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// How long it took, pauses aside.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The HTTP status, where a reply came.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// The server's id of the request, where a reply told it. Server text, as it came.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

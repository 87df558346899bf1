//! Whether a failed attempt is followed by another, and when.
//!
//! It uses no sockets and no clock: it takes the error of an attempt and returns a pause.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::text::duration;
use crate::{Error, ErrorKind};

/// The retry budget that all calls of a client share.
const BUDGET: u32 = 500;
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The retry limit of a client, and the rest of its retry budget.
#[derive(Debug)]
pub(crate) struct Retries {
    most: u32,
    budget: AtomicU32,
}

/// The retries of one call.
#[derive(Debug)]
pub(crate) struct CallRetries<'a> {
    client: &'a Retries,
    state: RetryState,
    has_one_attempt: bool,
}

/// The retries that a call has begun. A fleet keeps it between the attempts for one target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RetryState {
    begun: u32,
    had_stale: bool,
    last_cost: Option<u32>,
}

/// Another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Again {
    pub(crate) after: Duration,
    /// On a new connection.
    pub(crate) wants_fresh: bool,
}

/// Why there is no other attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Another would fail in the same way, or there were as many as the client allows.
    Done,
    /// The pause before it is longer than what is left of the call's time.
    NoTime(Duration),
    /// The failures of other calls have used up the client's budget.
    NoBudget,
}

impl Stop {
    /// The note in a message, after the failure.
    pub(crate) fn note(self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::NoTime(pause) => {
                Some(format!("; not repeated: a pause of {} exceeds the time that is left", duration(pause)))
            }
            Self::NoBudget => Some("; not repeated: earlier failures used up the client's retry budget".to_owned()),
        }
    }
}

#[derive(Clone, Copy)]
enum Cause {
    Transient,
    Throttled,
}

impl Cause {
    fn of(error: &Error) -> Option<Self> {
        match error.kind() {
            _ if !error.is_transient() => None,
            // Its time is up.
            ErrorKind::Timeout => None,
            ErrorKind::RateLimited => Some(Self::Throttled),
            _ => Some(Self::Transient),
        }
    }

    fn cost(self) -> u32 {
        match self {
            Self::Transient => 14,
            Self::Throttled => 5,
        }
    }

    fn base(self) -> Duration {
        match self {
            Self::Transient => Duration::from_millis(50),
            Self::Throttled => Duration::from_secs(1),
        }
    }
}

impl Retries {
    pub(crate) fn new(most: u32) -> Self {
        Self { most, budget: AtomicU32::new(BUDGET) }
    }

    pub(crate) fn most(&self) -> u32 {
        self.most
    }

    pub(crate) fn of_a_call(&self) -> CallRetries<'_> {
        CallRetries { client: self, state: RetryState::default(), has_one_attempt: false }
    }

    /// The call succeeded after these retries.
    pub(crate) fn succeeded(&self, state: &RetryState) {
        self.give_back(state.last_cost.unwrap_or(1));
    }

    /// Whether and when there is another attempt after one that ended with `error`, with `left` until the deadline.
    /// `jitter` is in [0, 1).
    pub(crate) fn next(
        &self,
        state: &mut RetryState,
        error: &Error,
        left: Duration,
        jitter: f64,
    ) -> Result<Duration, Stop> {
        let cause = Cause::of(error).ok_or(Stop::Done)?;
        if state.begun >= self.most {
            return Err(Stop::Done);
        }
        let ceiling = cause.base().saturating_mul(1 << state.begun.min(16)).min(LONGEST_PAUSE);
        let after = ceiling.mul_f64(jitter).max(error.retry_after().unwrap_or_default());
        // A wait that does not fit is not begun: the error comes at once, with the server's advice.
        if after >= left {
            return Err(Stop::NoTime(after));
        }
        if !self.spend(cause.cost()) {
            return Err(Stop::NoBudget);
        }
        state.begun += 1;
        state.last_cost = Some(cause.cost());
        Ok(after)
    }

    fn spend(&self, cost: u32) -> bool {
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    fn give_back(&self, tokens: u32) {
        // A full budget is the common case, and needs no write that all threads would contend for.
        if self.budget.load(Ordering::Relaxed) < BUDGET {
            let more = |left: u32| Some((left + tokens).min(BUDGET));
            let _ = self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        }
    }
}

impl CallRetries<'_> {
    /// Leaves only the repeat on a stale connection: the caller makes the retries.
    pub(crate) fn have_one_attempt(&mut self, has_one_attempt: bool) {
        self.has_one_attempt = has_one_attempt;
    }

    pub(crate) fn succeeded(&self) {
        if !self.has_one_attempt {
            self.client.succeeded(&self.state);
        }
    }

    /// After an attempt that ended with `error`, with `left` until the call's deadline. `was_stale` means that the
    /// server had closed the idle connection of the attempt. That is not a failure, so the first such retry is free. `jitter` is in [0, 1).
    pub(crate) fn next(&mut self, error: &Error, was_stale: bool, left: Duration, jitter: f64) -> Result<Again, Stop> {
        if was_stale && !self.state.had_stale && (Cause::of(error).is_some() || error.is_request_timeout()) {
            self.state.had_stale = true;
            return Ok(Again { after: Duration::ZERO, wants_fresh: true });
        }
        if self.has_one_attempt {
            return Err(Stop::Done);
        }
        let after = self.client.next(&mut self.state, error, left, jitter)?;
        Ok(Again { after, wants_fresh: false })
    }
}

#[cfg(test)]
mod tests;

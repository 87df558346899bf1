//! When the fleets of a client may make attempts: a rate, and pauses that all of them share.

mod pace;
mod pauses;

pub(crate) use pace::{Pace, Turn, WINDOW};
pub(crate) use pauses::{Admission, Ending, Pauses};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The starts of a client's attempts, and its pauses. Every fleet of the client looks at them, and changes them.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<Limited>);

#[derive(Debug, Default)]
pub(crate) struct Limited {
    pub(crate) pace: Pace,
    pub(crate) pauses: Pauses,
}

impl Limits {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Limited> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

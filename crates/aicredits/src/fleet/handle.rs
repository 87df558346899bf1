use std::fmt;
use std::sync::Arc;
use std::task::Poll;
use std::thread::JoinHandle;

use super::outcome::FleetOutcome;
use super::progress::FleetProgress;
use super::shared::Shared;
use super::worker;
use crate::fork::generation;
use crate::{Call, Error, ErrorKind};

/// Reads the balances of many targets. It is an iterator over the outcomes, in order of completion: one for each target.
///
/// Its threads exist until the last outcome is known, or until it is dropped, which cancels the attempts in flight and
/// waits for their end. At most 1,000 outcomes wait unread; then the threads pause. In a forked child it has no more
/// outcomes.
///
/// ```
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// # let client = aicredits::Client::builder()
/// #     .api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url()).build()?;
/// use aicredits::Target;
///
/// let targets = [Target::account(emulator.account_id()), Target::site("77d2-old").label("gone")];
/// let mut outcomes: Vec<_> = client.get_balances(targets)?.collect();
/// outcomes.sort_by_key(|outcome| outcome.index());
/// assert_eq!(outcomes[0].result().unwrap().available(), Some(1050));
/// assert_eq!(outcomes[1].result().unwrap_err().http_status(), Some(404));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping it cancels it"]
pub struct Fleet {
    shared: Arc<Shared>,
    /// It joins the threads that it starts.
    first: Option<JoinHandle<()>>,
    generation: u64,
}

impl Fleet {
    pub(super) fn start(shared: Shared) -> Result<Self, Error> {
        let shared = Arc::new(shared);
        let mut fleet = Self { shared, first: None, generation: generation() };
        if !fleet.shared.plan.asks.is_empty() {
            fleet.shared.lock().threads = 1;
            let first = worker::start(&fleet.shared);
            fleet.first =
                Some(first.map_err(|error| Error::unexpected(&format!("no thread could be started: {error}")))?);
        }
        Ok(fleet)
    }

    /// The next outcome. It blocks until there is one, and returns `None` once all were read.
    ///
    /// Of the call's settings only [`interrupted_by`](Call::interrupted_by) counts.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::ErrorKind::Cancelled) after an interrupt; the fleet goes on. [`Closed`](crate::ErrorKind::Closed)
    /// once it was stopped, and in a forked child.
    #[doc(hidden)]
    pub fn next_with(&self, call: &Call) -> Result<Option<FleetOutcome>, Error> {
        self.check_process()?;
        self.shared.take(call)
    }

    /// As [`next_with`](Self::next_with), without blocking. If there is no outcome yet, `waker` is called once: when there is
    /// one to read, when all were read, or when the fleet is stopped. It is called in any thread, without a lock.
    ///
    /// # Errors
    ///
    /// [`Closed`](crate::ErrorKind::Closed) once it was stopped, and in a forked child.
    #[doc(hidden)]
    pub fn poll(&self, waker: &Arc<dyn Fn() + Send + Sync>) -> Result<Poll<Option<FleetOutcome>>, Error> {
        self.check_process()?;
        self.shared.poll(waker)
    }

    /// Cancels the attempts in flight, without waiting for their end. It has no more outcomes.
    #[doc(hidden)]
    pub fn stop(&self) {
        if self.is_ours() {
            self.shared.stop();
        }
    }

    fn check_process(&self) -> Result<(), Error> {
        if self.is_ours() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Closed, "the fleet runs in the process that started it, not in its child"))
    }

    /// How far it has come. It never blocks.
    pub fn progress(&self) -> FleetProgress {
        if self.is_ours() { self.shared.progress() } else { FleetProgress::default() }
    }

    /// Events of the resume file that a person should know: a line that a kill had cut was removed, or the file could not be
    /// written any more. Empty without such events.
    pub fn warnings(&self) -> Vec<String> {
        if self.is_ours() { self.shared.warnings() } else { Vec::new() }
    }

    /// Whether this process started it: in a forked child a lock may be held for ever.
    fn is_ours(&self) -> bool {
        self.generation == generation()
    }
}

impl Iterator for Fleet {
    type Item = FleetOutcome;

    fn next(&mut self) -> Option<FleetOutcome> {
        self.next_with(&Call::new()).ok().flatten()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let Some(first) = self.first.take() else { return };
        if self.is_ours() {
            self.shared.stop();
            let _ = first.join();
        } else {
            // The child has no such thread. Another one may have its id by now, and would be detached.
            std::mem::forget(first);
        }
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

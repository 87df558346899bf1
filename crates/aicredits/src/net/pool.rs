//! The connections that wait for their next request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// A connection that has waited longer is closed when the pool is next looked at.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// Oldest first. It holds as many as were in use at once: one is opened only when none is idle, the newest is lent
/// first, and what a burst left over grows old at the front.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<(Instant, Connection)>>);

impl Pool {
    /// The newest connection that is still good.
    pub(super) fn take(&self) -> Option<Connection> {
        loop {
            let (since, mut connection) = self.idle().pop()?;
            if since.elapsed() > MAX_IDLE {
                // The others have waited longer still.
                let old = std::mem::take(&mut *self.idle());
                drop(old);
                return None;
            }
            // Looked at outside of the lock: it is a system call, and other threads want theirs.
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    pub(super) fn put(&self, connection: Connection) {
        let now = Instant::now();
        let mut idle = self.idle();
        idle.push((now, connection));
        let fresh = idle.iter().position(|(since, _)| now.duration_since(*since) <= MAX_IDLE).unwrap_or(0);
        let old: Vec<_> = if fresh == 0 { Vec::new() } else { idle.drain(..fresh).collect() };
        drop(idle);
        drop(old);
    }

    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.idle());
        drop(all);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Instant, Connection)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

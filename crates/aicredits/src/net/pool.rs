//! The connection pool, last in first out.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// A connection that has waited longer is closed when the pool is next looked at.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// Last in, first out. It holds as many connections as were in use at the same time: a new one is opened only if none is
/// idle. After a burst the oldest ones expire.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Oldest first.
    idle: Vec<(Instant, Connection)>,
    is_closed: bool,
}

impl Pool {
    /// The newest connection that is still good at this moment.
    pub(super) fn take(&self, now: Instant) -> Option<Connection> {
        loop {
            let mut state = self.state();
            let (since, mut connection) = state.idle.pop()?;
            if now.saturating_duration_since(since) > MAX_IDLE {
                // The others have waited longer still.
                let old = std::mem::take(&mut state.idle);
                drop(state);
                drop(old);
                return None;
            }
            drop(state);
            // Checked without the lock, because it is a system call.
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection, and closes those that have become too old.
    pub(super) fn put(&self, connection: Connection, now: Instant) {
        let mut state = self.state();
        if state.is_closed {
            drop(state);
            // Dropping it closes it, outside of the lock.
            return;
        }
        state.idle.push((now, connection));
        let is_fresh = |(since, _): &(Instant, Connection)| now.saturating_duration_since(*since) <= MAX_IDLE;
        let fresh = state.idle.iter().position(is_fresh).unwrap_or(0);
        let old: Vec<_> = if fresh == 0 { Vec::new() } else { state.idle.drain(..fresh).collect() };
        drop(state);
        drop(old);
    }

    /// Closes all, and those of calls that are yet to end.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let all = std::mem::take(&mut state.idle);
        drop(state);
        drop(all);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::net::context::Context;
    use crate::net::transport::{Transport, TransportError};

    /// A connection that is quiet or not, and counts itself while it is open.
    #[derive(Debug)]
    struct Fake {
        is_quiet: bool,
        open: Arc<AtomicUsize>,
    }

    impl Transport for Fake {
        fn send(&mut self, _: &[u8], _: &Context) -> Result<(), TransportError> {
            unreachable!("nobody sends here")
        }

        fn receive(&mut self, _: &mut [u8], _: &Context) -> Result<usize, TransportError> {
            unreachable!("nobody receives here")
        }

        fn receive_now(&mut self, _: &mut [u8]) -> Result<Option<usize>, TransportError> {
            unreachable!("nobody receives here")
        }

        fn is_quiet(&mut self) -> bool {
            self.is_quiet
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            self.open.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn connection(is_quiet: bool, open: &Arc<AtomicUsize>) -> Connection {
        open.fetch_add(1, Ordering::SeqCst);
        Connection::new(Box::new(Fake { is_quiet, open: Arc::clone(open) }))
    }

    #[test]
    fn the_newest_good_one_is_reused_and_expired_ones_are_closed() {
        let (pool, open, start) = (Pool::default(), Arc::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        pool.put(connection(true, &open), at(0));
        pool.put(connection(true, &open), at(50));
        pool.put(connection(false, &open), at(55));
        let newest = pool.take(at(56)).unwrap();
        assert_eq!(open.load(Ordering::SeqCst), 2, "the one that is not quiet is closed");
        pool.put(newest, at(61));
        assert_eq!(open.load(Ordering::SeqCst), 1, "the one of 61 seconds ago is closed");
        assert!(pool.take(at(121)).is_some(), "60 seconds are not too long");
        pool.put(connection(true, &open), at(130));
        pool.put(connection(true, &open), at(140));
        assert!(pool.take(at(201)).is_none(), "the newest has waited too long, and so have all");
        assert_eq!(open.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_connection_that_comes_back_after_the_end_is_closed() {
        let (pool, open, now) = (Pool::default(), Arc::default(), Instant::now());
        pool.put(connection(true, &open), now);
        let late = pool.take(now).unwrap();
        pool.put(connection(true, &open), now);
        pool.close();
        pool.put(late, now);
        assert_eq!(open.load(Ordering::SeqCst), 0);
    }
}

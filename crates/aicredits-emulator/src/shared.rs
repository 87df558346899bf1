//! State that the threads of the connections share with the owner of the emulator.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::protocol::{ControlError, Entry, State};
use crate::secret::Secret;
use crate::times::Moment;
use crate::world::World;

/// A callback that gets each request of the API when its reply has ended. Clones are the same callback.
///
/// It is called in the thread of the connection, and may call the emulator.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&Entry) + Send + Sync>);

impl Observer {
    /// Makes one.
    pub fn new(callback: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(callback))
    }

    pub(crate) fn call(&self, entry: &Entry) {
        self.0(entry);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// The reply of an action that succeeded, and whether it changed something.
#[derive(Debug)]
pub(crate) struct Done<T> {
    pub(crate) reply: T,
    pub(crate) is_change: bool,
}

impl<T> Done<T> {
    /// It changed something.
    pub(crate) fn changed(reply: T) -> Self {
        Self { reply, is_change: true }
    }
}

pub(crate) struct Shared {
    world: Mutex<World>,
    changed: Condvar,
    started: Instant,
    is_stopping: AtomicBool,
    /// The scenario of a `reset` without one.
    pub(crate) scenario: State,
    pub(crate) url: OnceLock<String>,
    pub(crate) ca_pem: Option<String>,
    /// Needed for control requests where the address is not loopback.
    pub(crate) control_token: Option<Secret>,
    /// The name given with `host`, which a `Host` header may have.
    pub(crate) host: String,
    pub(crate) addr: OnceLock<SocketAddr>,
    pub(crate) observer: Option<Observer>,
}

/// The start of an emulator, except where it listens.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) scenario: State,
    pub(crate) host: String,
    pub(crate) ca_pem: Option<String>,
    pub(crate) control_token: Option<Secret>,
    pub(crate) observer: Option<Observer>,
}

impl Shared {
    pub(crate) fn new(start: Start) -> Result<Self, ControlError> {
        let Start { scenario, host, ca_pem, control_token, observer } = start;
        Ok(Self {
            world: Mutex::new(World::new(&scenario, Duration::ZERO)?),
            changed: Condvar::new(),
            started: Instant::now(),
            is_stopping: AtomicBool::new(false),
            scenario,
            url: OnceLock::new(),
            ca_pem,
            control_token,
            host,
            addr: OnceLock::new(),
            observer,
        })
    }

    /// The world at this moment. A test that panics under the lock leaves it usable.
    pub(crate) fn world(&self) -> (MutexGuard<'_, World>, Moment) {
        self.world_at(Instant::now())
    }

    /// The world, and the moment of an earlier instant. The world itself is never older than it was.
    pub(crate) fn world_at(&self, instant: Instant) -> (MutexGuard<'_, World>, Moment) {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = world.advance(self.real(instant));
        (world, moment)
    }

    /// Runs an action that can change the world. If it does, no rule of the verdict looks across it.
    pub(crate) fn change<T>(
        &self,
        action: impl FnOnce(&mut World, &Moment) -> Result<Done<T>, ControlError>,
    ) -> Result<T, ControlError> {
        let (mut world, moment) = self.world();
        let done = action(&mut world, &moment)?;
        if done.is_change {
            world.judge.boundary();
        }
        Ok(done.reply)
    }

    /// Ends every wait, because the emulator stops.
    pub(crate) fn stop(&self) {
        // Under the lock, so that no thread is between its look at this and its wait.
        let _world = self.world();
        self.is_stopping.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// The real time since the start.
    pub(crate) fn real(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.started)
    }

    /// The world, once no reply is leaving: a client may act on a reply before its end is written down. It waits for a
    /// second at most.
    pub(crate) fn settled(&self) -> MutexGuard<'_, World> {
        let (world, _) = self.world();
        let is_settling = |world: &mut World| world.journal.is_settling();
        let waited = self.changed.wait_timeout_while(world, Duration::from_secs(1), is_settling);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Another request has come, or a reply has ended.
    pub(crate) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Waits until so many requests have come in all, and returns how many did.
    pub(crate) fn wait_for_requests(&self, count: u64, timeout: Duration) -> u64 {
        let (world, _) = self.world();
        let goes_on = |world: &mut World| world.journal.total() < count && !self.is_stopping.load(Ordering::Relaxed);
        let waited = self.changed.wait_timeout_while(world, timeout, goes_on);
        let (world, _) = waited.unwrap_or_else(PoisonError::into_inner);
        world.journal.total()
    }

    /// The state, with the address.
    pub(crate) fn state(&self) -> State {
        let (world, moment) = self.world();
        State { url: self.url.get().cloned(), ca_pem: self.ca_pem.clone(), ..world.state(&moment) }
    }
}

//! The state that the handles of a gate share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use super::account::AccountId;
use super::clock::{GateClock, Nanos, nanos};
use super::decision::Books;
use super::settings::GateSettings;
use crate::fork::{ForkLocal, PerProcess};
use crate::{Balance, Call, Client, Error, Timestamp};

/// A limit that is not set.
const NO_LIMIT: u64 = u64::MAX;

pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) settings: GateSettings,
    clock: Arc<dyn GateClock>,
    /// The limit for a forked child, whose books start empty.
    limit: AtomicU64,
    books: PerProcess<Mutex<Books>>,
}

/// The books of this process.
pub(super) struct OpenBooks(Arc<ForkLocal<Mutex<Books>>>);

/// A sub-gate.
pub(super) struct SubGate {
    shared: Arc<Shared>,
    limit: AtomicU64,
    account: PerProcess<AccountId>,
}

impl Shared {
    pub(super) fn new(client: Client, settings: GateSettings, clock: Arc<dyn GateClock>) -> Self {
        let limit = AtomicU64::new(settings.limit.unwrap_or(NO_LIMIT));
        Self { client, settings, clock, limit, books: PerProcess::empty() }
    }

    pub(super) fn now(&self) -> Nanos {
        nanos(self.clock.now())
    }

    pub(super) fn date(&self) -> Timestamp {
        self.clock.date()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Makes a reading, as a call of the client.
    pub(super) fn read(
        &self,
        call: &Call,
        timeout: Duration,
        pause: Duration,
        begin: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Balance, Error> {
        let reading = Call {
            scope: Some(Arc::clone(&self.settings.scope)),
            timeout: Some(timeout),
            label: None,
            reservation_ttl: None,
            started: None,
            ..call.clone()
        };
        self.client.read_for_gate(&reading, pause, begin)
    }

    /// A reading with less time than this that times out says nothing of the service.
    pub(super) fn whole_reading(&self) -> Nanos {
        nanos(self.settings.read_timeout) / 2
    }

    pub(super) fn books(&self) -> OpenBooks {
        let limit = || Some(self.limit.load(Ordering::Relaxed)).filter(|limit| *limit != NO_LIMIT);
        OpenBooks(self.books.get_or_make(|| Mutex::new(Books::new(&self.settings, limit()))))
    }

    pub(super) fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
        self.books().lock().ledger.accounts.get_mut(None).limit = Some(limit);
    }
}

/// How often a thread tries to lock the books before it sleeps.
const LOCK_ATTEMPTS: u32 = 32;

impl OpenBooks {
    /// A thread that panicked under the lock leaves sums that are still true: each event changes them at its end.
    ///
    /// The lock is held for less than the time that a thread takes to sleep and wake, so a thread tries again first.
    pub(super) fn lock(&self) -> MutexGuard<'_, Books> {
        for _ in 0..LOCK_ATTEMPTS {
            match self.0.try_lock() {
                Ok(books) => return books,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => thread::yield_now(),
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SubGate {
    pub(super) fn new(shared: &Arc<Shared>, limit: u64) -> Self {
        Self { shared: Arc::clone(shared), limit: AtomicU64::new(limit), account: PerProcess::empty() }
    }

    /// Its account in this process.
    pub(super) fn account(&self) -> AccountId {
        let limit = || self.limit.load(Ordering::Relaxed);
        **self.account.get_or_make(|| self.shared.books().lock().ledger.accounts.add(limit()))
    }

    pub(super) fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
        let account = self.account();
        self.shared.books().lock().ledger.accounts.get_mut(Some(account)).limit = Some(limit);
    }
}

impl Drop for SubGate {
    fn drop(&mut self) {
        if let Some(account) = self.account.get() {
            self.shared.books().lock().ledger.accounts.remove(**account);
        }
    }
}

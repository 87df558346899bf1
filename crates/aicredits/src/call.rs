use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::net::Interrupt;
use crate::{Cancel, Scope};

/// What one call has of its own: a scope, a timeout, a way to end it. What it does not set is the client's.
///
/// ```
/// # use std::time::Duration;
/// let call = aicredits::Call::new().site("77d2…").timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Default)]
#[must_use = "a call is made by Client::get_balance_with"]
pub struct Call {
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) started: Option<Instant>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) interrupt: Option<Interrupt>,
}

impl Call {
    /// A call with the client's own settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for this scope instead of the client's; the whole of it is replaced.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// Asks for this account: [`Scope::Account`].
    pub fn account(self, account_id: impl Into<String>) -> Self {
        self.scope(Scope::Account(account_id.into()))
    }

    /// Asks for this site: [`Scope::Site`].
    pub fn site(self, site_id: impl Into<String>) -> Self {
        self.scope(Scope::Site(site_id.into()))
    }

    /// The total time for this call, instead of the client's. It counts from the call's entry.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The timeout counts from `started` instead of the call's entry. For language bindings that queue calls: an error
    /// then reports the timeout that the user set, and the time that the call waited for its turn.
    #[doc(hidden)]
    pub fn started_at(mut self, started: Instant) -> Self {
        self.started = Some(started);
        self
    }

    /// Ends the call once `cancel` is cancelled.
    pub fn cancelled_by(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }

    /// Asks `interrupt` at least every 50 ms while the call waits, in the call's own thread, and ends the call with
    /// [`Cancelled`](crate::ErrorKind::Cancelled) once it says `true`. For hosts that learn of a signal only by asking.
    ///
    /// A call that need not wait so long does not ask.
    pub fn interrupted_by(mut self, interrupt: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.interrupt = Some(Arc::new(interrupt));
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("scope", &self.scope)
            .field("timeout", &self.timeout)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

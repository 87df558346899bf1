use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::attempt::Attempt;
use crate::balance::Balance;
use crate::cancel::Cancel;
use crate::redact::Redactor;
use crate::scope::Scope;

/// Asked at least every 50 ms, while a call waits, whether the call is to end.
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// Sees the attempts of a call that a fleet makes. Such a call makes one attempt, and the repeats that do not wait: on a new
/// connection for a stale one, and with a renewed credential. The fleet makes the retries.
pub(crate) trait Observer: Send + Sync {
    /// An attempt starts.
    fn started(&self);

    /// It brought a balance, whose raw reply may have the credential.
    fn read(&self, balance: &Balance, redactor: &Redactor);

    /// It ended, with a balance too.
    fn ended(&self, attempt: Attempt);
}

/// The settings of one call: its scope, its timeout, and a way to cancel it. The client's settings are the default.
///
/// A gate's reservation has a label and a time to live too, and no scope: that is the gate's.
///
/// ```
/// # use std::time::Duration;
/// let call = aicredits::Call::new().site("77d2…").timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Default)]
#[must_use = "a method such as Client::get_balance_with makes the call"]
pub struct Call {
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) started: Option<Instant>,
    pub(crate) process_limit: Option<u32>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) interrupt: Option<Interrupt>,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) reservation_ttl: Option<Duration>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl Call {
    /// A call with the client's own settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests this scope. It replaces the whole scope of the client.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// Requests this account: [`Scope::Account`].
    pub fn account(self, account_id: impl Into<String>) -> Self {
        self.scope(Scope::Account(account_id.into()))
    }

    /// Requests this site: [`Scope::Site`].
    pub fn site(self, site_id: impl Into<String>) -> Self {
        self.scope(Scope::Site(site_id.into()))
    }

    /// The total time for this call, instead of the client's. It counts from the call's entry.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Ends the call at this instant, unless the timeout ends it earlier. An instant in the past is valid: the call then
    /// fails with [`Timeout`](crate::ErrorKind::Timeout) and sends nothing.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The timeout counts from `started` instead of the call's entry. For language bindings with their own queue: the
    /// error of a call that times out reports the whole timeout, and how long the call waited in the queue.
    #[doc(hidden)]
    pub fn started_at(mut self, started: Instant) -> Self {
        self.started = Some(started);
        self
    }

    /// The queue before this call was for one of `limit` calls per process, and not for one of the client's
    /// `max_concurrency`. For language bindings with such a limit: the error of a call that times out names the limit.
    #[doc(hidden)]
    pub fn process_limit(mut self, limit: u32) -> Self {
        self.process_limit = Some(limit);
        self
    }

    /// The label of a gate's reservation, such as the name of the job: at most 128 characters, no control characters. It is
    /// in the gate's state, in denials and in log records.
    ///
    /// It is for [`CreditGate::reserve_with`](crate::CreditGate::reserve_with); a call that reads the balance fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into().into());
        self
    }

    /// How long a gate's reservation stays open, instead of the gate's
    /// [`reservation_ttl`](crate::GateBuilder::reservation_ttl): from 1 s to a day.
    ///
    /// It is for [`CreditGate::reserve_with`](crate::CreditGate::reserve_with); a call that reads the balance fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn reservation_ttl(mut self, ttl: Duration) -> Self {
        self.reservation_ttl = Some(ttl);
        self
    }

    /// Ends the call once `cancel` is cancelled.
    pub fn cancelled_by(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }

    /// Polls `interrupt` at least every 50 ms while the call waits, in the call's thread. The call ends with
    /// [`Cancelled`](crate::ErrorKind::Cancelled) once it returns `true`. It is for hosts that must poll for signals.
    ///
    /// A call that waits for less than 50 ms does not poll.
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
            .field("deadline", &self.deadline)
            .field("label", &self.label)
            .field("reservation_ttl", &self.reservation_ttl)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

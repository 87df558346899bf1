//! The one way to make a blocking call: its settings, and how it runs. The operation is a parameter.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aicredits::Error;
use pyo3::prelude::*;

use crate::arguments::{duration, named_scope, set, wrong_type};
use crate::cancel::Cancel;
use crate::scope::Scope;
use crate::{callbacks, logging};

/// Runs an operation of the library in this thread, without the GIL.
///
/// - The operation ends at the deadline of `call`, or when its cancel token is cancelled.
/// - The library waits for a permit if `max_concurrency` calls are in flight.
/// - An exception in one of the user's callbacks is raised here: it ends the call, or is the cause of its error.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    call: &aicredits::Call,
    operation: impl FnOnce(&aicredits::Call) -> Result<T, Error> + Send,
) -> PyResult<T> {
    logging::follow_logging(py)?;
    callbacks::run(py, || operation(call))
}

/// The settings that every call has, from Python's arguments.
pub(crate) struct Settings {
    scope: Option<Scope>,
    timeout: Option<Duration>,
}

impl Settings {
    pub(crate) fn new(
        py: Python<'_>,
        account_id: Option<&Bound<'_, PyAny>>,
        site_id: Option<&Bound<'_, PyAny>>,
        credential_scope: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            scope: named_scope(py, account_id, site_id, credential_scope)?,
            timeout: duration("timeout", timeout)?,
        })
    }

    /// A call of a blocking client. In the main thread, Ctrl-C ends it.
    pub(crate) fn blocking(&self, cancel: Option<&Bound<'_, PyAny>>) -> PyResult<aicredits::Call> {
        Ok(interruptible(cancelled_by(call(self.scope.as_ref(), self.timeout), cancel)?))
    }

    /// A call of AsyncClient. Its timeout counts from here.
    pub(crate) fn queued(self, client: &aicredits::Client) -> QueuedCall {
        let scope = self.scope.or_else(|| client.scope().map(Into::into));
        let timeout = self.timeout.unwrap_or_else(|| client.timeout());
        QueuedCall { is_scoped: true, ..QueuedCall::new(timeout, scope) }
    }
}

/// A call that ends when this Cancel is cancelled.
pub(crate) fn cancelled_by(call: aicredits::Call, cancel: Option<&Bound<'_, PyAny>>) -> PyResult<aicredits::Call> {
    let cancel = cancel.map(|given| given.cast::<Cancel>().map_err(|_| wrong_type("cancel", "a Cancel", given)));
    Ok(set(call, cancel.transpose()?, |call, cancel| call.cancelled_by(&cancel.get().0)))
}

/// A call that Ctrl-C ends, in the main thread.
pub(crate) fn interruptible(call: aicredits::Call) -> aicredits::Call {
    call.interrupted_by(callbacks::is_interrupted)
}

/// One call of AsyncClient, which may wait for a thread.
#[pyclass(frozen, module = "aicredits._native")]
pub(crate) struct QueuedCall {
    started: Instant,
    timeout: Duration,
    scope: Option<Scope>,
    /// Whether the operation takes the scope. The reading of a gate has the gate's.
    is_scoped: bool,
    /// Made when the call runs: it holds a descriptor, and a call that waits for a thread needs none.
    cancel: OnceLock<aicredits::Cancel>,
    /// When the call was refused a thread.
    expired: OnceLock<Instant>,
}

#[pymethods]
impl QueuedCall {
    /// The total time, in seconds.
    #[getter]
    fn timeout(&self) -> f64 {
        self.timeout.as_secs_f64()
    }

    /// The requested scope.
    #[getter]
    fn scope(&self) -> Option<Scope> {
        self.scope.clone()
    }

    /// Ends the call from another thread.
    fn cancel(&self) {
        self.cancel_token().cancel();
    }

    /// Ends the wait for a thread. An operation with this call then fails at once, without blocking: the call timed out,
    /// or the client is closed.
    fn expire(&self) {
        let _ = self.expired.set(Instant::now());
    }
}

impl QueuedCall {
    /// A call for an operation that has its own scope. Its timeout counts from here.
    pub(crate) fn new(timeout: Duration, scope: Option<Scope>) -> Self {
        let (cancel, expired) = (OnceLock::new(), OnceLock::new());
        Self { started: Instant::now(), timeout, scope, is_scoped: false, cancel, expired }
    }

    fn cancel_token(&self) -> &aicredits::Cancel {
        self.cancel.get_or_init(aicredits::Cancel::new)
    }

    /// The call for the library. It handles no signals: those belong to the main thread, which runs the event loop.
    pub(crate) fn call(&self) -> aicredits::Call {
        let scope = self.scope.as_ref().filter(|_| self.is_scoped);
        let call = call(scope, Some(self.timeout)).started_at(self.started);
        let call = call.interrupted_by(callbacks::has_ended);
        match self.expired.get() {
            Some(expired) => call.deadline(*expired),
            None => call.cancelled_by(self.cancel_token()),
        }
    }
}

fn call(scope: Option<&Scope>, timeout: Option<Duration>) -> aicredits::Call {
    let call = set(aicredits::Call::new(), scope, |call, scope| call.scope(scope.into()));
    set(call, timeout, aicredits::Call::timeout)
}

//! A request of AsyncGate: a state machine that never blocks.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aicredits::{Outcome, Step, Wake};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::balance::Balance;
use crate::call::{self, QueuedCall};
use crate::callbacks;
use crate::errors::closed;
use crate::reservation::Reservation;
use crate::scope::Scope;

/// One reserve or refresh of AsyncGate.
#[pyclass(frozen, module = "aicredits._native")]
pub(crate) struct GateRequest {
    state: Mutex<State>,
    wake: Arc<dyn Wake>,
    scope: Scope,
    /// The exception of the credential provider, in its reading.
    cause: Mutex<Option<PyErr>>,
}

/// The request is out of its place while it is used: a step may run Python code, and a reading blocks.
enum State {
    Idle(Box<aicredits::GateRequest>),
    InUse,
    /// The thread that uses the request drops it.
    Closed,
}

/// Calls the Python function that makes another step due.
struct Waker(Py<PyAny>);

impl Wake for Waker {
    fn wake(&self) {
        Python::try_attach(|py| {
            if let Err(error) = callbacks::call(self.0.bind(py), &PyTuple::empty(py)) {
                callbacks::report(py, error);
            }
        });
    }
}

impl GateRequest {
    pub(crate) fn new(request: aicredits::GateRequest, wake: Py<PyAny>, scope: Scope) -> Self {
        Self {
            state: Mutex::new(State::Idle(Box::new(request))),
            wake: Arc::new(Waker(wake)),
            scope,
            cause: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, py: Python<'_>) -> PyResult<Box<aicredits::GateRequest>> {
        let mut state = self.state();
        match mem::replace(&mut *state, State::InUse) {
            State::Idle(request) => return Ok(request),
            other => *state = other,
        }
        // Making an exception runs Python code, which may release the GIL. With the lock held, that could be a deadlock:
        // another thread may wait for the lock with the GIL.
        drop(state);
        Err(closed(py, "request"))
    }

    /// Puts the request back, unless it was closed meanwhile.
    fn put_back(&self, request: Box<aicredits::GateRequest>) {
        let mut state = self.state();
        if matches!(*state, State::InUse) {
            *state = State::Idle(request);
        } else {
            drop(state);
            drop(request);
        }
    }
}

#[pymethods]
impl GateRequest {
    /// The next step: the reservation or the balance, ``"READ"`` or ``"WAIT"``.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mut request = self.take(py)?;
        let step = request.step(&self.wake);
        self.put_back(request);
        match step {
            Step::Read => Ok(PyString::intern(py, "READ").into_any()),
            Step::Wait => Ok(PyString::intern(py, "WAIT").into_any()),
            Step::Done(outcome) => match outcome.map_err(|error| self.raised(py, &error))? {
                Outcome::Reserved(reservation) => Ok(Bound::new(py, Reservation::from(reservation))?.into_any()),
                Outcome::Read(balance) => Ok(Bound::new(py, Balance::from(balance))?.into_any()),
            },
        }
    }

    /// Makes the reading, in a thread of AsyncClient.
    fn read(&self, py: Python<'_>, queued: &Bound<'_, QueuedCall>) -> PyResult<()> {
        let mut request = self.take(py)?;
        let read = call::run(py, &queued.get().call(), |call| {
            request.read(call);
            Ok(callbacks::take_cause())
        });
        self.put_back(request);
        let read = read?;
        let previous = mem::replace(&mut *self.cause.lock().unwrap_or_else(PoisonError::into_inner), read);
        // Freeing an exception may run Python code, so the lock is free by now.
        drop(previous);
        Ok(())
    }

    /// The call of its reading, which ends when the time of the request is over. None if it is over now.
    fn queued_call(&self, py: Python<'_>) -> PyResult<Option<QueuedCall>> {
        let remaining = self.remaining_time(py)?;
        Ok((!remaining.is_zero()).then(|| QueuedCall::new(remaining, Some(self.scope.clone()))))
    }

    /// The time that it may still take, in seconds.
    #[getter]
    fn remaining(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.remaining_time(py)?.as_secs_f64())
    }

    /// The time until another step is due, in seconds, unless it is woken before: until its own time is over, or until
    /// the reader is past its deadline, so that this request can take over.
    #[getter]
    fn patience(&self, py: Python<'_>) -> PyResult<f64> {
        let request = self.take(py)?;
        let patience = request.patience();
        self.put_back(request);
        Ok(patience.as_secs_f64())
    }

    /// The time is over. The next step is the last one.
    fn expire(&self, py: Python<'_>) -> PyResult<()> {
        let mut request = self.take(py)?;
        request.expire();
        self.put_back(request);
        Ok(())
    }

    /// Gives the request up. If it was to make a reading, another caller makes it.
    fn close(&self) {
        let state = mem::replace(&mut *self.state(), State::Closed);
        drop(state);
    }
}

impl GateRequest {
    fn raised(&self, py: Python<'_>, error: &aicredits::Error) -> PyErr {
        let cause = self.cause.lock().unwrap_or_else(PoisonError::into_inner).take();
        callbacks::raised_from(py, error, cause)
    }

    fn remaining_time(&self, py: Python<'_>) -> PyResult<std::time::Duration> {
        let request = self.take(py)?;
        let remaining = request.remaining();
        self.put_back(request);
        Ok(remaining)
    }
}

//! The outcome of one target of a fleet.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyTuple};

use crate::attempt::Attempt;
use crate::balance::Balance;
use crate::errors::raised;
use crate::target::Target;
use crate::timestamp::{self, Timestamp};

/// The result for one target of a fleet: a balance or an error. Immutable and thread-safe.
#[pyclass(frozen, module = "aicredits")]
pub(crate) struct Outcome {
    native: aicredits::FleetOutcome,
    target: Py<Target>,
    balance: PyOnceLock<Py<Balance>>,
    error: PyOnceLock<Py<PyAny>>,
}

impl Outcome {
    pub(crate) fn new(native: aicredits::FleetOutcome, target: Py<Target>) -> Self {
        Self { native, target, balance: PyOnceLock::new(), error: PyOnceLock::new() }
    }
}

#[pymethods]
impl Outcome {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        ("target", "balance", "error")
    }

    /// The position of the target in the input, from 0.
    #[getter]
    fn index(&self) -> usize {
        self.native.index()
    }

    /// The target. For one that was given as a mapping, the Target with its fields.
    #[getter]
    fn target(&self, py: Python<'_>) -> Py<Target> {
        self.target.clone_ref(py)
    }

    /// The balance; None if there is an error.
    #[getter]
    fn balance(&self, py: Python<'_>) -> PyResult<Option<Py<Balance>>> {
        let Ok(balance) = self.native.result() else { return Ok(None) };
        let made = || Py::new(py, Balance::from(balance.clone()));
        self.balance.get_or_try_init(py, made).map(|balance| Some(balance.clone_ref(py)))
    }

    /// The AiCreditsError of the last attempt; None if there is a balance. CancelledError and TimeoutError without an attempt
    /// are those of the fleet.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let error = self.native.result().err()?;
        let made = || raised(py, error).into_value(py).into_any();
        Some(self.error.get_or_init(py, made).clone_ref(py))
    }

    /// The balance. Raises the error if there is one.
    fn result(&self, py: Python<'_>) -> PyResult<Py<Balance>> {
        match self.native.result() {
            Ok(_) => Ok(self.balance(py)?.expect("there is a balance")),
            Err(error) => Err(raised(py, error)),
        }
    }

    /// All attempts for the target, the successful one too. Empty if nothing was sent.
    #[getter]
    fn attempts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let attempts = self.native.attempts().iter().map(|made| Py::new(py, Attempt::from(made.attempt())));
        PyTuple::new(py, attempts.collect::<PyResult<Vec<_>>>()?)
    }

    /// When the first attempt started; None if nothing was sent.
    #[getter]
    fn started_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.native.started_at().map(Timestamp))
    }

    /// When the outcome was known.
    #[getter]
    fn ended_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        Timestamp(self.native.ended_at()).datetime(py)
    }

    /// The server's id of the last request, for Wix's support.
    #[getter]
    fn request_id(&self) -> Option<&str> {
        self.native.request_id()
    }

    fn __repr__(&self) -> String {
        let target = self.native.target();
        let label = target.name().map(|label| format!(" '{}'", aicredits::escape_for_display(label)));
        let result = match self.native.result() {
            Ok(balance) => format!("available {}", crate::object::count(balance.available())),
            Err(error) => format!("{:?}", error.kind()),
        };
        format!("<aicredits.Outcome {}{} {}: {result}>", self.index(), label.unwrap_or_default(), target.scope())
    }
}

//! The figures of a gate.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyTuple};

use crate::attempt::timedelta;
use crate::object::{count, repr};
use crate::timestamp::{self, Timestamp};

/// The figures of a gate at one moment. ``gate.state()`` returns it.
#[pyclass(frozen, module = "aicredits")]
pub(crate) struct GateState {
    /// The credits that the gate would grant: the estimate less the reserved credits less the headroom. None without a
    /// reading.
    #[pyo3(get)]
    grantable: Option<i64>,
    /// The estimate of the remaining credits, before reservations. None without a reading.
    #[pyo3(get)]
    estimate: Option<i64>,
    /// ``spendable`` of the latest reading. None if it is unknown.
    #[pyo3(get)]
    spendable: Option<i64>,
    /// The credits of open reservations.
    #[pyo3(get)]
    reserved: u64,
    age: Option<Duration>,
    /// How many reservations were granted.
    #[pyo3(get)]
    granted: u64,
    /// How many were denied.
    #[pyo3(get)]
    denied: u64,
    /// How many were granted although no reading could decide.
    #[pyo3(get)]
    unchecked: u64,
    /// How many a gate with ``dry_run`` has granted that it would have denied.
    #[pyo3(get)]
    would_be_denied: u64,
    exhausted_since: Option<Timestamp>,
    /// The limit; None if there is none.
    #[pyo3(get)]
    limit: Option<u64>,
    /// The credits that count against the limit: commits and open reservations.
    #[pyo3(get)]
    used: u64,
    /// The open reservations, oldest first.
    #[pyo3(get)]
    reservations: Py<PyTuple>,
}

const FIELDS: [&str; 13] = [
    "grantable",
    "estimate",
    "spendable",
    "reserved",
    "age",
    "granted",
    "denied",
    "unchecked",
    "would_be_denied",
    "exhausted_since",
    "limit",
    "used",
    "reservations",
];

impl GateState {
    pub(crate) fn new(py: Python<'_>, state: &aicredits::GateState) -> PyResult<Self> {
        let open = state.reservations().iter().map(|open| Py::new(py, OpenReservation::from(open)));
        Ok(Self {
            grantable: state.grantable(),
            estimate: state.estimate(),
            spendable: state.spendable(),
            reserved: state.reserved(),
            age: state.age(),
            granted: state.granted(),
            denied: state.denied(),
            unchecked: state.unchecked(),
            would_be_denied: state.would_be_denied(),
            exhausted_since: state.exhausted_since().map(Timestamp),
            limit: state.limit(),
            used: state.used(),
            reservations: PyTuple::new(py, open.collect::<PyResult<Vec<_>>>()?)?.unbind(),
        })
    }
}

#[pymethods]
impl GateState {
    /// The age of the latest reading. None without a reading.
    #[getter]
    fn age<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDelta>>> {
        self.age.map(|age| timedelta(py, age)).transpose()
    }

    /// Since when the gate denies because the vendor refused an action: aware, in UTC. None if it does not.
    #[getter]
    fn exhausted_since<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.exhausted_since)
    }

    fn __str__(&self) -> String {
        let since = self.exhausted_since.map_or_else(String::new, |since| format!(", exhausted since {}", since.0));
        let limit = self.limit.map_or_else(String::new, |limit| format!(", {} of a limit of {limit} used", self.used));
        format!("{} grantable, {} reserved{limit}{since}", count(self.grantable), self.reserved)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELDS)
    }
}

/// An open reservation in the state of a gate.
#[pyclass(frozen, eq, hash, module = "aicredits")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct OpenReservation {
    /// Its label; None if it has none.
    #[pyo3(get)]
    label: Option<String>,
    /// The credits that are still reserved.
    #[pyo3(get)]
    cost: u64,
    age: Duration,
}

const OPEN: [&str; 3] = ["label", "cost", "age"];

impl From<&aicredits::OpenReservation> for OpenReservation {
    fn from(open: &aicredits::OpenReservation) -> Self {
        Self { label: open.label().map(str::to_owned), cost: open.cost(), age: open.age() }
    }
}

#[pymethods]
impl OpenReservation {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        OPEN.into()
    }

    /// The time since it was granted.
    #[getter]
    fn age<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDelta>> {
        timedelta(py, self.age)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &OPEN)
    }
}

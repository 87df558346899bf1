use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyTzInfo};

use crate::object::{parts, repr};

/// An instant in UTC, exactly.
#[pyclass(frozen, eq, ord, hash, module = "aicredits")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Timestamp(pub(crate) aicredits::Timestamp);

const FIELDS: [&str; 2] = ["unix_seconds", "nanoseconds"];

#[pymethods]
impl Timestamp {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        FIELDS.into()
    }

    #[new]
    fn new(unix_seconds: i64, nanoseconds: u32) -> PyResult<Self> {
        let instant = aicredits::Timestamp::from_unix(unix_seconds, nanoseconds);
        instant.map(Self).ok_or_else(|| PyValueError::new_err("no instant of the years 1 to 9999"))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it.
    #[getter]
    fn unix_seconds(&self) -> i64 {
        self.0.unix_seconds()
    }

    /// Nanoseconds after them, below 1,000,000,000.
    #[getter]
    fn nanoseconds(&self) -> u32 {
        self.0.subsec_nanoseconds()
    }

    /// The same as an aware datetime, cut to microseconds.
    pub(crate) fn to_datetime<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let epoch = EPOCH.get_or_try_init(py, || {
            let utc = PyTzInfo::utc(py)?.to_owned();
            PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc)).map(|epoch| epoch.into_any().unbind())
        })?;
        let (seconds, nanoseconds) = (self.unix_seconds(), self.nanoseconds());
        let (days, seconds) = (seconds.div_euclid(86_400) as i32, seconds.rem_euclid(86_400) as i32);
        epoch.bind(py).add(PyDelta::new(py, days, seconds, (nanoseconds / 1000) as i32, false)?)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELDS)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        parts(this, &FIELDS)
    }
}

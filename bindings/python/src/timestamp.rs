use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyTzInfo};

use crate::object::{parts, repr};

/// An instant in UTC, with nanoseconds.
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

    /// An aware datetime in UTC, truncated to microseconds.
    #[pyo3(name = "to_datetime")]
    pub(crate) fn datetime<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        static UTC: PyOnceLock<Py<PyTzInfo>> = PyOnceLock::new();
        let utc = UTC.get_or_try_init(py, || PyTzInfo::utc(py).map(|utc| utc.to_owned().unbind()))?.bind(py);
        // Each fits: the year has at most four digits.
        let ((year, month, day), (hour, minute, second)) = self.0.civil();
        let (date, time) = ((year as i32, month as u8, day as u8), (hour as u8, minute as u8, second as u8));
        PyDateTime::new(py, date.0, date.1, date.2, time.0, time.1, time.2, self.nanoseconds() / 1000, Some(utc))
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

/// An instant that may be absent, as [`Timestamp::datetime`] makes it.
pub(crate) fn datetime(py: Python<'_>, instant: Option<Timestamp>) -> PyResult<Option<Bound<'_, PyDateTime>>> {
    instant.map(|instant| instant.datetime(py)).transpose()
}

//! The data of an error: attempts and field violations.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDelta;

use crate::object::{parts, repr};

/// One attempt of a call that failed.
#[pyclass(frozen, eq, hash, get_all, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Attempt {
    /// The phase in which it failed: ``"CONNECT"``, ``"HEAD"``...; ``"REPLY"`` if the reply itself is the failure.
    phase: String,
    /// Its duration in nanoseconds, without the pause before it.
    duration_ns: u64,
    http_status: Option<u16>,
    request_id: Option<String>,
}

const ATTEMPT: [&str; 4] = ["phase", "duration_ns", "http_status", "request_id"];

#[pymethods]
impl Attempt {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ATTEMPT.into()
    }

    #[new]
    #[pyo3(signature = (phase, duration_ns, http_status=None, request_id=None))]
    fn new(phase: String, duration_ns: u64, http_status: Option<u16>, request_id: Option<String>) -> Self {
        Self { phase, duration_ns, http_status, request_id }
    }

    /// The duration as a timedelta, truncated to microseconds.
    #[getter]
    fn duration<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDelta>> {
        timedelta(py, Duration::from_nanos(self.duration_ns))
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &ATTEMPT)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        parts(this, &ATTEMPT)
    }
}

impl From<&aicredits::Attempt> for Attempt {
    fn from(attempt: &aicredits::Attempt) -> Self {
        Self {
            phase: attempt.phase().to_string().to_uppercase(),
            duration_ns: attempt.duration().as_nanos().try_into().unwrap_or(u64::MAX),
            http_status: attempt.http_status(),
            request_id: attempt.request_id().map(str::to_owned),
        }
    }
}

/// One field of the request that the server refused. All texts are from the server.
#[pyclass(frozen, eq, hash, get_all, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct FieldViolation {
    field: String,
    description: String,
    violated_rule: Option<String>,
}

const FIELD_VIOLATION: [&str; 3] = ["field", "description", "violated_rule"];

#[pymethods]
impl FieldViolation {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        FIELD_VIOLATION.into()
    }

    #[new]
    #[pyo3(signature = (field, description, violated_rule=None))]
    fn new(field: String, description: String, violated_rule: Option<String>) -> Self {
        Self { field, description, violated_rule }
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELD_VIOLATION)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        parts(this, &FIELD_VIOLATION)
    }
}

impl From<&aicredits::FieldViolation> for FieldViolation {
    fn from(violation: &aicredits::FieldViolation) -> Self {
        Self {
            field: violation.field().to_owned(),
            description: violation.description().to_owned(),
            violated_rule: violation.violated_rule().map(str::to_owned),
        }
    }
}

/// A timedelta, limited to the longest one: a server may ask for more.
pub(crate) fn timedelta(py: Python<'_>, time: Duration) -> PyResult<Bound<'_, PyDelta>> {
    const MOST_DAYS: i32 = 999_999_999;
    let days = i32::try_from(time.as_secs() / 86_400).unwrap_or(i32::MAX).min(MOST_DAYS);
    PyDelta::new(py, days, (time.as_secs() % 86_400) as i32, time.subsec_micros() as i32, false)
}

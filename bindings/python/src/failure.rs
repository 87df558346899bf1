//! The core's errors as Python's exceptions, whose classes are in `python/aicredits/_errors.py`.

use aicredits::Error;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::scope::Scope;

/// The exception that tells of an error.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|failed| failed, PyErr::from_value)
}

/// The exception for an argument that cannot even be handed to the library.
pub(crate) fn invalid(py: Python<'_>, message: &str) -> PyErr {
    let exception = || {
        let fields = PyDict::new(py);
        fields.set_item("message", message)?;
        of_kind(py, "InvalidArgument", &fields)
    };
    exception().map_or_else(|failed| failed, PyErr::from_value)
}

fn of_kind<'py>(py: Python<'py>, kind: &str, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    py.import("aicredits._errors")?.call_method1("of_kind", (kind, fields))
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("message", error.message())?;
    fields.set_item("http_status", error.http_status())?;
    fields.set_item("code", error.code())?;
    fields.set_item("description", error.description())?;
    let violations = error.field_violations().iter().map(|it| (it.field(), it.description(), it.violated_rule()));
    fields.set_item("field_violations", violations.collect::<Vec<_>>())?;
    fields.set_item("scope", error.scope().map(Scope::from))?;
    fields.set_item("request_id", error.request_id())?;
    fields.set_item("retry_after", error.retry_after().map(|wait| wait.as_millis()))?;
    let attempts = error
        .attempts()
        .iter()
        .map(|it| (it.phase().to_string().to_uppercase(), it.duration().as_nanos(), it.http_status(), it.request_id()));
    fields.set_item("attempts", attempts.collect::<Vec<_>>())?;
    of_kind(py, &format!("{:?}", error.kind()), &fields)
}

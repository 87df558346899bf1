//! The core's errors as Python's exceptions. Their classes are in `python/aicredits/_errors.py`.

use aicredits::Error;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::attempt::{Attempt, FieldViolation, timedelta};
use crate::denial::Denied;
use crate::scope::Scope;

/// The exception for an error of the core.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    match Denied::new(error) {
        Some(denied) => denial(py, error, denied).unwrap_or_else(|failed| failed),
        None => exception(py, error).map_or_else(|failed| failed, PyErr::from_value),
    }
}

/// A gate's denial. Its cause is the error of the reading that failed, if one did.
fn denial(py: Python<'_>, error: &Error, denied: Denied) -> PyResult<PyErr> {
    let scope = error.scope().map(Scope::from);
    let arguments = (denied, scope, error.is_transient());
    let denial = PyErr::from_value(py.import("aicredits._errors")?.call_method1("of_denial", arguments)?);
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<Error>());
    denial.set_cause(py, cause.map(|cause| raised(py, cause)));
    Ok(denial)
}

/// The exception for an object that was closed.
pub(crate) fn closed(py: Python<'_>, what: &str) -> PyErr {
    let exception = || {
        let fields = PyDict::new(py);
        fields.set_item("message", format!("the {what} is closed"))?;
        of_kind(py, "Closed", &fields)
    };
    exception().map_or_else(|failed| failed, PyErr::from_value)
}

/// The exception for an argument that cannot be passed to the core.
pub(crate) fn invalid(py: Python<'_>, setting: &str, fault: &str) -> PyErr {
    let exception = || {
        let fields = PyDict::new(py);
        fields.set_item("message", format!("{setting} {fault}"))?;
        fields.set_item("setting", setting)?;
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
    let violations = error.field_violations().iter().map(|it| Py::new(py, FieldViolation::from(it)));
    fields.set_item("field_violations", PyTuple::new(py, violations.collect::<PyResult<Vec<_>>>()?)?)?;
    fields.set_item("setting", error.setting())?;
    fields.set_item("scope", error.scope().map(Scope::from))?;
    fields.set_item("request_id", error.request_id())?;
    fields.set_item("retry_after", error.retry_after().map(|wait| timedelta(py, wait)).transpose()?)?;
    let attempts = error.attempts().iter().map(|it| Py::new(py, Attempt::from(it)));
    fields.set_item("attempts", PyTuple::new(py, attempts.collect::<PyResult<Vec<_>>>()?)?)?;
    fields.set_item("is_transient", error.is_transient())?;
    of_kind(py, &format!("{:?}", error.kind()), &fields)
}

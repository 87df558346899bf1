//! The setting `when_unavailable` of a gate.

use std::time::Duration;

use aicredits::WhenUnavailable;
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyString};

use crate::arguments::{duration, wrong_type};
use crate::attempt::timedelta;
use crate::errors::invalid;
use crate::object::{parts, repr};

/// ``when_unavailable=Stale(age)``: the gate grants from the last reading, if that is younger than this age.
///
/// The age is a number of seconds or a timedelta: at least the gate's ``max_age``, at most a day.
#[pyclass(frozen, eq, hash, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Stale {
    age: Duration,
}

const FIELDS: [&str; 1] = ["age"];

#[pymethods]
impl Stale {
    #[classattr]
    fn __match_args__() -> (&'static str,) {
        FIELDS.into()
    }

    #[new]
    fn new(age: &Bound<'_, PyAny>) -> PyResult<Self> {
        // Neither None nor a negative time is an age. The gate checks the range.
        let age = duration("age", Some(age))?.unwrap_or_default();
        Ok(Self { age })
    }

    #[getter]
    fn age<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDelta>> {
        timedelta(py, self.age)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELDS)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        parts(this, &FIELDS)
    }
}

/// ``"deny"``, ``"allow"`` or a Stale.
pub(crate) fn when_unavailable(value: &Bound<'_, PyAny>) -> PyResult<WhenUnavailable> {
    const NAME: &str = "when_unavailable";
    const WANTED: &str = r#""deny", "allow" or a Stale"#;
    if let Ok(stale) = value.cast::<Stale>() {
        return Ok(WhenUnavailable::Stale(stale.get().age));
    }
    let name = value.cast::<PyString>().map_err(|_| wrong_type(NAME, WANTED, value))?;
    match &*name.to_string_lossy() {
        "deny" => Ok(WhenUnavailable::Deny),
        "allow" => Ok(WhenUnavailable::Allow),
        _ => Err(invalid(value.py(), NAME, &format!("must be {WANTED}"))),
    }
}

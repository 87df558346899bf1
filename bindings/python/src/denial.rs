//! The data of a DeniedError.

use aicredits::{Denial, DenialReason, Error};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta};

use crate::attempt::timedelta;
use crate::timestamp::{self, Timestamp};

/// A gate's denial. Its message and its date are made when they are read: a program that is denied often may read neither.
#[pyclass(frozen, module = "aicredits._native")]
pub(crate) struct Denied {
    error: Error,
    denial: Denial,
}

impl Denied {
    /// None if the error is no denial.
    pub(crate) fn new(error: &Error) -> Option<Self> {
        error.denial().map(|denial| Self { error: error.clone(), denial: denial.clone() })
    }
}

#[pymethods]
impl Denied {
    #[getter]
    fn message(&self) -> &str {
        self.error.message()
    }

    /// The name of the member of DenialReason.
    #[getter]
    fn reason(&self) -> &'static str {
        let number = self.denial.reason().number();
        DenialReason::TABLE.iter().find(|row| row.number == number).map_or("", |row| row.name)
    }

    #[getter]
    fn cost(&self) -> u64 {
        self.denial.cost()
    }

    #[getter]
    fn grantable(&self) -> Option<i64> {
        self.denial.grantable()
    }

    #[getter]
    fn shortfall(&self) -> Option<u64> {
        self.denial.shortfall()
    }

    #[getter]
    fn affordable_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.denial.affordable_at().map(Timestamp))
    }

    #[getter]
    fn age<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDelta>>> {
        self.denial.age().map(|age| timedelta(py, age)).transpose()
    }

    #[getter]
    fn label(&self) -> Option<&str> {
        self.denial.label()
    }
}

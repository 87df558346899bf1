//! Counts of credits in arguments: costs, limits, numbers of actions.

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyInt;

use crate::arguments::wrong_type_text;
use crate::errors::invalid;

/// A count of credits: an int, or a number with `__index__`, such as numpy's integers.
///
/// Everything else is an InvalidArgumentError, which is a ValueError too: a float could be a fraction or NaN, and a bool
/// is a mistake.
pub(crate) fn credits(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    const WANTED: &str = "a whole number";
    let not_whole = || invalid(value.py(), name, &wrong_type_text(WANTED, value));
    if !value.is_exact_instance_of::<PyInt>() && value.extract::<bool>().is_ok() {
        return Err(not_whole());
    }
    match value.extract::<u64>() {
        Ok(number) if number <= aicredits::MAX_COST => Ok(number),
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => Err(not_whole()),
        Err(error) if !error.is_instance_of::<PyOverflowError>(value.py()) => Err(error),
        _ => {
            let range = format!("must be a whole number from 0 to {} (2^63 - 1)", aicredits::MAX_COST);
            Err(invalid(value.py(), name, &range))
        }
    }
}

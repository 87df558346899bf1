//! What all data objects have in common: how they show themselves, and how they are pickled.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// `Credits(balance=850, cap=1000)`: as a dataclass would.
pub(crate) fn repr<T>(this: &Bound<'_, T>, fields: &[&str]) -> PyResult<String> {
    let mut shown = Vec::with_capacity(fields.len());
    for field in fields {
        shown.push(format!("{field}={}", this.as_any().getattr(*field)?.repr()?));
    }
    Ok(format!("{}({})", this.as_any().get_type().name()?, shown.join(", ")))
}

/// The class, and the arguments that make an equal object.
pub(crate) fn parts<'py, T>(this: &Bound<'py, T>, fields: &[&str]) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let values = fields.iter().map(|field| this.as_any().getattr(*field)).collect::<PyResult<Vec<_>>>()?;
    Ok((this.as_any().get_type().into_any(), PyTuple::new(this.py(), values)?.into_any()))
}

/// A count; what the reply lacks is "unknown".
pub(crate) fn count(count: Option<i64>) -> String {
    count.map_or_else(|| "unknown".to_owned(), |count| count.to_string())
}

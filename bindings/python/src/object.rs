//! `repr()` and pickling, for all data objects.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The `repr()` of a dataclass: `Credits(balance=850, cap=1000)`.
pub(crate) fn repr<T>(this: &Bound<'_, T>, fields: &[&str]) -> PyResult<String> {
    let mut shown = Vec::with_capacity(fields.len());
    for field in fields {
        shown.push(format!("{field}={}", this.as_any().getattr(*field)?.repr()?));
    }
    Ok(format!("{}({})", this.as_any().get_type().name()?, shown.join(", ")))
}

/// The class, and the arguments that make an equal object: the result of `__reduce__`.
pub(crate) fn parts<'py, T>(this: &Bound<'py, T>, fields: &[&str]) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let values = fields.iter().map(|field| this.as_any().getattr(*field)).collect::<PyResult<Vec<_>>>()?;
    Ok((this.as_any().get_type().into_any(), PyTuple::new(this.py(), values)?.into_any()))
}

/// A count, or "unknown" if the reply has none.
pub(crate) fn count(count: Option<i64>) -> String {
    count.map_or_else(|| "unknown".to_owned(), |count| count.to_string())
}

/// The same number for equal values in each process.
pub(crate) fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

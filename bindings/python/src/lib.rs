//! The native module behind the Python package `aicredits`. What is Python at heart is Python, in `python/aicredits`:
//! the client for asyncio, the exceptions, the enum of periods.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

mod arguments;
mod attempt;
mod balance;
mod breakdown;
mod call;
mod callbacks;
mod cancel;
mod client;
mod errors;
mod export;
mod logging;
mod object;
mod period;
mod provider;
mod scope;
mod timestamp;

/// Server text, made fit to be shown.
#[pyfunction]
fn shown(text: &str) -> String {
    aicredits::shown(text)
}

/// What one interpreter has made is of no use to another in the process. Python itself sees to it since 3.12.
fn in_one_interpreter() -> PyResult<()> {
    static FIRST: AtomicI64 = AtomicI64::new(-1);
    // SAFETY: the module is being imported, so its interpreter is there.
    let this = unsafe { pyo3::ffi::PyInterpreterState_GetID(pyo3::ffi::PyInterpreterState_Get()) };
    match FIRST.compare_exchange(-1, this, Ordering::Relaxed, Ordering::Relaxed) {
        Err(first) if first != this => {
            Err(PyImportError::new_err("module aicredits._native does not support loading in subinterpreters"))
        }
        _ => Ok(()),
    }
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    in_one_interpreter()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<attempt::Attempt>()?;
    module.add_class::<attempt::FieldViolation>()?;
    module.add_class::<balance::Balance>()?;
    module.add_class::<breakdown::CreditBalance>()?;
    module.add_class::<breakdown::Credits>()?;
    module.add_class::<breakdown::UsageRule>()?;
    module.add_class::<cancel::Cancel>()?;
    module.add_class::<call::QueuedCall>()?;
    module.add_class::<client::Client>()?;
    module.add_class::<scope::PerCall>()?;
    module.add("PER_CALL", Py::new(module.py(), scope::PerCall)?)?;
    module.add_class::<scope::Scope>()?;
    module.add_class::<timestamp::Timestamp>()?;
    module.add_function(wrap_pyfunction!(shown, module)?)
}

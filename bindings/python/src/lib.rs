//! The native module of the Python package `aicredits`.
//!
//! The client for asyncio, the exceptions and the enum of periods are Python code, in `python/aicredits`.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

mod affordability;
mod arguments;
mod attempt;
mod balance;
mod breakdown;
mod call;
mod callbacks;
mod cancel;
mod client;
mod credits;
mod denial;
mod errors;
mod export;
mod fleet;
mod fleet_settings;
mod gate;
mod gate_request;
mod gate_settings;
mod gate_state;
mod logging;
mod object;
mod outcome;
mod period;
mod provider;
mod reservation;
mod scope;
mod target;
mod timestamp;
mod when_unavailable;

/// Server text with control characters escaped, at a limited length.
#[pyfunction]
fn escape_for_display(text: &str) -> String {
    aicredits::escape_for_display(text)
}

/// Refuses a second interpreter in the process: objects of one cannot be used in another. Since 3.12, Python does this.
fn refuse_subinterpreters() -> PyResult<()> {
    static FIRST: AtomicI64 = AtomicI64::new(-1);
    // SAFETY: the module is being imported, so this thread has an interpreter.
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
    refuse_subinterpreters()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<affordability::Affordability>()?;
    module.add_class::<attempt::Attempt>()?;
    module.add_class::<attempt::FieldViolation>()?;
    module.add_class::<balance::Balance>()?;
    module.add_class::<breakdown::CreditBalance>()?;
    module.add_class::<breakdown::Credits>()?;
    module.add_class::<breakdown::UsageRule>()?;
    module.add_class::<cancel::Cancel>()?;
    module.add_class::<call::QueuedCall>()?;
    module.add_class::<client::Client>()?;
    module.add_class::<denial::Denied>()?;
    module.add_class::<fleet::Fleet>()?;
    module.add_class::<fleet::Progress>()?;
    module.add_class::<gate::Gate>()?;
    module.add_class::<gate_request::GateRequest>()?;
    module.add_class::<gate_state::GateState>()?;
    module.add_class::<gate_state::OpenReservation>()?;
    module.add_class::<outcome::Outcome>()?;
    module.add_class::<reservation::Reservation>()?;
    module.add_class::<scope::PerCall>()?;
    module.add("PER_CALL", Py::new(module.py(), scope::PerCall)?)?;
    module.add_class::<scope::Scope>()?;
    module.add_class::<target::Target>()?;
    module.add_class::<timestamp::Timestamp>()?;
    module.add_class::<when_unavailable::Stale>()?;
    module.add_function(wrap_pyfunction!(fleet::fleet_context, module)?)?;
    module.add_function(wrap_pyfunction!(escape_for_display, module)?)
}

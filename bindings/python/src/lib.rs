//! The native module behind the Python package `aicredits`. What is Python at heart is Python, in `python/aicredits`:
//! the clients' shells, the exceptions, the enum of periods.

use pyo3::prelude::*;

mod attempt;
mod balance;
mod client;
mod failure;
mod object;
mod period;
mod records;
mod scope;
mod timestamp;

/// Server text, made fit to be shown.
#[pyfunction]
fn shown(text: &str) -> String {
    aicredits::shown(text)
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<attempt::Attempt>()?;
    module.add_class::<attempt::FieldViolation>()?;
    module.add_class::<balance::Balance>()?;
    module.add_class::<balance::CreditBalance>()?;
    module.add_class::<balance::Credits>()?;
    module.add_class::<balance::UsageRule>()?;
    module.add_class::<client::Cancel>()?;
    module.add_class::<client::Client>()?;
    module.add_class::<scope::Scope>()?;
    module.add_class::<timestamp::Timestamp>()?;
    module.add_function(wrap_pyfunction!(shown, module)?)?;
    module.add_function(wrap_pyfunction!(records::set_log, module)?)
}

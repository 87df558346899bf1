//! The second native module of the Python package `aicredits`: the emulator, for tests, and the command.
//!
//! Its Python side is `aicredits.testing` and `aicredits.__main__`. `import aicredits` loads none of it.

use std::alloc::System;
use std::ffi::OsString;

use aicredits_emulator::Verdict;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use zeroizing_alloc::ZeroAlloc;

mod emulator;
mod running;
mod script;

/// A key passes through buffers of TLS and of parsers too. All memory is wiped when it is freed.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// The verdict for people, from the JSON of a reply.
#[pyfunction]
fn verdict_text(reply: &str) -> PyResult<String> {
    let verdict = serde_json::from_str::<Verdict>(reply).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(verdict.text())
}

/// Runs the command `aicredits`, and returns its exit status. The process must end after it.
#[pyfunction]
fn run_command(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| aicredits_cli::main(&args))
}

#[pymodule]
fn _tools(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("ACTIONS", aicredits_emulator::ACTIONS.iter().map(|action| action.name).collect::<Vec<_>>())?;
    module.add("SCENARIOS", aicredits_emulator::SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>())?;
    module.add("PAID_ACTION_PATH", aicredits_emulator::PAID_ACTION_PATH)?;
    module.add_class::<emulator::Emulator>()?;
    module.add_class::<script::Script>()?;
    module.add_function(wrap_pyfunction!(run_command, module)?)?;
    module.add_function(wrap_pyfunction!(verdict_text, module)?)
}

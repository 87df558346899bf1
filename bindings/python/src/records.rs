//! The core's log records, handed to a Python function.

use std::sync::{Arc, Once};

use arc_swap::ArcSwapOption;
use log::{LevelFilter, Log, Metadata, Record};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

struct Sink;

static SINK: Sink = Sink;
/// Read without a lock: one that was held at a fork would hang the child at its first record.
static FUNCTION: ArcSwapOption<Py<PyAny>> = ArcSwapOption::const_empty();

/// Ctrl-C came while Python ran within a call. There it can raise nothing, so it is as if it came a moment later: the
/// call looks for it while it waits, and Python does afterwards.
pub(crate) fn press_again() {
    // SAFETY: it may be called at any time, even without the GIL.
    unsafe { pyo3::ffi::PyErr_SetInterrupt() };
}

impl Log for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aicredits"
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let (level, message) = (record.level() as usize, record.args().to_string());
        if let Some(function) = FUNCTION.load_full() {
            Python::try_attach(|py| {
                match function.call1(py, (level, message)) {
                    Ok(_) => {}
                    Err(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => press_again(),
                    // A record is no reason to end a call.
                    Err(error) => error.write_unraisable(py, None),
                }
            });
        }
    }

    fn flush(&self) {}
}

/// Hands records up to a level, from 0 for none to 4 for each step, to `function(level, message)`.
#[pyfunction]
#[pyo3(signature = (level, function))]
pub(crate) fn set_log(level: usize, function: Option<Py<PyAny>>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It fails only where this library has set one, which is here.
        let _ = log::set_logger(&SINK);
    });
    let levels = [LevelFilter::Off, LevelFilter::Error, LevelFilter::Warn, LevelFilter::Info, LevelFilter::Debug];
    FUNCTION.store(function.map(Arc::new));
    log::set_max_level(levels[level.min(4)]);
}

/// Hands records to `logging`, where the program uses that: importing it takes its time.
pub(crate) fn follow_logging(py: Python<'_>) -> PyResult<()> {
    if py.import("sys")?.getattr("modules")?.contains("logging")? {
        py.import("aicredits._logging")?.call_method0("hand_over")?;
    }
    Ok(())
}

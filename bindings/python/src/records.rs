//! The core's log records, handed to a Python function.

use std::sync::{Arc, Once};

use arc_swap::ArcSwapOption;
use log::{LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

use crate::within;

struct Sink;

static SINK: Sink = Sink;
/// Read without a lock: one that was held at a fork would hang the child at its first record.
static FUNCTION: ArcSwapOption<Py<PyAny>> = ArcSwapOption::const_empty();

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
                let called = (level, message).into_pyobject(py).and_then(|it| within::call(function.bind(py), &it));
                if let Err(error) = called {
                    within::pass_over(py, error);
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

//! The core's log records, passed to Python's `logging`.

use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::callbacks;

struct Sink;

static SINK: Sink = Sink;

/// Two functions of `python/aicredits/_logging.py`: one takes a record, the other returns the logger's level.
///
/// They are read without a lock: a lock held during a fork would block the child at its first record.
static LOGGING: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();

impl Log for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aicredits"
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let (level, message) = (record.level() as usize, record.args().to_string());
        Python::try_attach(|py| {
            let Some((hand_over, _)) = LOGGING.get(py) else { return };
            let called = (level, message).into_pyobject(py).and_then(|it| callbacks::call(hand_over.bind(py), &it));
            if let Err(error) = called {
                callbacks::report(py, error);
            }
        });
    }

    fn flush(&self) {}
}

/// Sets the core's log level to the level of Python's logger. Every call does this when it starts.
///
/// A program that has not imported `logging` gets no records: the import would make a first call slower.
pub(crate) fn follow_logging(py: Python<'_>) -> PyResult<()> {
    let logging = match LOGGING.get(py) {
        Some(logging) => logging,
        None if is_loaded(py)? => LOGGING.get_or_try_init(py, || {
            static ONCE: Once = Once::new();
            ONCE.call_once(|| {
                // It fails only if a logger is set already, and nothing else in this library sets one.
                let _ = log::set_logger(&SINK);
            });
            let module = py.import("aicredits._logging")?;
            Ok::<_, PyErr>((module.getattr("hand_over")?.unbind(), module.getattr("level")?.unbind()))
        })?,
        None => return Ok(()),
    };
    // The core makes no record below this level. The logger still refuses records for other reasons, such as
    // `logging.disable`.
    let level = match logging.1.bind(py).call0()?.extract::<i64>()? {
        ..=10 => LevelFilter::Debug,
        11..=20 => LevelFilter::Info,
        21..=30 => LevelFilter::Warn,
        31..=40 => LevelFilter::Error,
        41.. => LevelFilter::Off,
    };
    log::set_max_level(level);
    Ok(())
}

fn is_loaded(py: Python<'_>) -> PyResult<bool> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    MODULES
        .get_or_try_init(py, || Ok::<_, PyErr>(py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?.unbind()))?
        .bind(py)
        .contains(pyo3::intern!(py, "logging"))
}

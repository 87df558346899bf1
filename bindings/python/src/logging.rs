//! The core's log records, handed to `logging`.

use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::callbacks;

struct Sink;

static SINK: Sink = Sink;

/// What `python/aicredits/_logging.py` has: the function that takes a record, and the one that gives the logger's level.
///
/// Read without a lock: one that was held at a fork would hang the child at its first record.
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
                callbacks::pass_over(py, error);
            }
        });
    }

    fn flush(&self) {}
}

/// Has the core make the records that the logger takes now, at the start of a call. A program that does not use
/// `logging` gets none: importing that takes its time.
pub(crate) fn follow_logging(py: Python<'_>) -> PyResult<()> {
    let logging = match LOGGING.get(py) {
        Some(logging) => logging,
        None if is_loaded(py)? => LOGGING.get_or_try_init(py, || {
            static ONCE: Once = Once::new();
            ONCE.call_once(|| {
                // It fails only where this library has set one, which is here.
                let _ = log::set_logger(&SINK);
            });
            let module = py.import("aicredits._logging")?;
            Ok::<_, PyErr>((module.getattr("hand_over")?.unbind(), module.getattr("level")?.unbind()))
        })?,
        None => return Ok(()),
    };
    // Other records are not even made. That of a level is refused by the logger itself if more than the level counts, as
    // after `logging.disable`.
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

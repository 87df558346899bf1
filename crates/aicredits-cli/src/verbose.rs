//! `--verbose`: the log records of the core on standard error.

use std::time::Instant;

use log::{LevelFilter, Log, Metadata, Record};

use crate::output::note;

struct Logger {
    begun: Instant,
}

/// One line for each record: the seconds since this call, the level, and the message.
pub(crate) fn start() {
    let logger = Box::new(Logger { begun: Instant::now() });
    // No other code in this process sets a logger.
    if log::set_boxed_logger(logger).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

impl Log for Logger {
    /// The records of the HTTP engine are for its developers, and are left out.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aicredits"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let (seconds, level) = (self.begun.elapsed().as_secs_f64(), record.level().as_str().to_ascii_lowercase());
            note(&format!("{seconds:.3} s {level}: {}\n", record.args()));
        }
    }

    fn flush(&self) {}
}

//! Log records.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Once};

use arc_swap::ArcSwapOption;
use ffi_support::boundary::infallible;
use ffi_support::text::Text;
use ffi_support::user_data::UserData;
use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::provider::aicredits_destructor;

/// The level of log records: one of AICREDITS_LOG_OFF and the following. Each level includes the levels before it.
pub type aicredits_log_level = i32;

/// Nothing.
pub const AICREDITS_LOG_OFF: aicredits_log_level = 0;
/// A call that failed for good.
pub const AICREDITS_LOG_ERROR: aicredits_log_level = 1;
/// An attempt that failed.
pub const AICREDITS_LOG_WARN: aicredits_log_level = 2;
/// A retry, or a call that its program ended.
pub const AICREDITS_LOG_INFO: aicredits_log_level = 3;
/// Each step of each call.
pub const AICREDITS_LOG_DEBUG: aicredits_log_level = 4;

/// Returns the name of a level, such as "WARN" for AICREDITS_LOG_WARN. "UNKNOWN" for a number that this version does
/// not know.
///
/// The string is static. Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_log_level_name(level: aicredits_log_level) -> *const c_char {
    let name: &CStr = match level {
        AICREDITS_LOG_OFF => c"OFF",
        AICREDITS_LOG_ERROR => c"ERROR",
        AICREDITS_LOG_WARN => c"WARN",
        AICREDITS_LOG_INFO => c"INFO",
        AICREDITS_LOG_DEBUG => c"DEBUG",
        _ => c"UNKNOWN",
    };
    name.as_ptr()
}

/// A callback that receives log records.
///
/// message is NUL-terminated and has length bytes; it is valid while the callback runs. It never contains a credential.
/// Text from the server in it is escaped.
///
/// It is called on the thread that makes the record; several threads may call it at once. The library holds no lock
/// meanwhile. It must not make a call to the API, and it must return: no exception, longjmp() or thread exit may leave
/// it.
pub type aicredits_log_sink =
    Option<unsafe extern "C" fn(user: *mut c_void, level: aicredits_log_level, message: *const c_char, length: usize)>;

/// Sets the log sink of the process: a callback for the records of all clients, up to a level. It replaces an earlier
/// sink. NULL stops the records. A record begins with the name of its client, if the client has one.
///
/// user is passed to the sink, and may be NULL. destroy may be NULL. Otherwise it is called once with user, when the
/// sink was replaced and is no longer in use, on the thread that used it last.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_log_set(
    level: aicredits_log_level,
    sink: aicredits_log_sink,
    user: *mut c_void,
    destroy: aicredits_destructor,
) {
    infallible((), || {
        static REGISTERED: Once = Once::new();
        // Nobody else in this library registers one.
        REGISTERED.call_once(|| drop(log::set_logger(&LOGGER)));
        let level = match level {
            ..=AICREDITS_LOG_OFF => LevelFilter::Off,
            AICREDITS_LOG_ERROR => LevelFilter::Error,
            AICREDITS_LOG_WARN => LevelFilter::Warn,
            AICREDITS_LOG_INFO => LevelFilter::Info,
            AICREDITS_LOG_DEBUG.. => LevelFilter::Debug,
        };
        // SAFETY: the caller promises that any thread may use them.
        let user_data = unsafe { UserData::new(user, destroy) };
        let given = Arc::new(Sink { sink, user: user_data, level });
        LOGGER.0.store(sink.is_some().then_some(given));
        LOGGER.follow();
    });
}

/// Swapped without a lock: a lock that is held at a fork would hang the child.
struct Logger(ArcSwapOption<Sink>);

impl Logger {
    /// Updates the level and the pointer for leak checkers to the current sink. Several threads may do so at once: the
    /// loop ends only when the sink is still the one that it started with.
    fn follow(&self) {
        // ArcSwap's pointer points into the allocation, where leak checkers do not find it. They find this one.
        static KEPT: AtomicPtr<Arc<Sink>> = AtomicPtr::new(ptr::null_mut());
        loop {
            let sink = self.0.load_full();
            log::set_max_level(sink.as_ref().map_or(LevelFilter::Off, |sink| sink.level));
            let kept = sink.clone().map_or(ptr::null_mut(), |sink| Box::into_raw(Box::new(sink)));
            let before = KEPT.swap(kept, Ordering::AcqRel);
            if !before.is_null() {
                // SAFETY: it came from `Box::into_raw` here, and the thread that swaps it out is its only owner.
                drop(unsafe { Box::from_raw(before) });
            }
            if sink.as_ref().map(Arc::as_ptr) == self.0.load().as_ref().map(Arc::as_ptr) {
                break;
            }
        }
    }
}

static LOGGER: Logger = Logger(ArcSwapOption::const_empty());

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The HTTP engine makes records too, which may contain a credential.
        metadata.target() == "aicredits" && self.0.load().as_ref().is_some_and(|sink| metadata.level() <= sink.level)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if let Some(sink) = self.0.load_full() {
            sink.take(record);
        }
    }

    fn flush(&self) {}
}

/// A sink that C passed, and its user data.
struct Sink {
    sink: aicredits_log_sink,
    user: UserData,
    level: LevelFilter,
}

impl Sink {
    fn take(&self, record: &Record<'_>) {
        let Some(sink) = self.sink else { return };
        let level = match record.level() {
            Level::Error => AICREDITS_LOG_ERROR,
            Level::Warn => AICREDITS_LOG_WARN,
            Level::Info => AICREDITS_LOG_INFO,
            Level::Debug | Level::Trace => AICREDITS_LOG_DEBUG,
        };
        let message = Text::new(&record.args().to_string());
        // SAFETY: the caller promises that it may be called with this user, and that it returns.
        unsafe { sink(self.user.pointer(), level, message.as_ptr(), message.len()) };
    }
}

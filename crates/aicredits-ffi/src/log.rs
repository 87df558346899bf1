//! What the library tells of its work.

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

/// How much is told: AICREDITS_LOG_OFF and the following, each with all before it.
pub type aicredits_log_level = i32;

/// Nothing.
pub const AICREDITS_LOG_OFF: aicredits_log_level = 0;
/// A call that failed for good.
pub const AICREDITS_LOG_ERROR: aicredits_log_level = 1;
/// An attempt that failed.
pub const AICREDITS_LOG_WARN: aicredits_log_level = 2;
/// That a call is tried again, or was ended by its program.
pub const AICREDITS_LOG_INFO: aicredits_log_level = 3;
/// Each step of each call.
pub const AICREDITS_LOG_DEBUG: aicredits_log_level = 4;

/// The name of a level: "WARN" for AICREDITS_LOG_WARN; "UNKNOWN" for any number that this version does not know.
///
/// The string is static. Any thread; does not block.
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

/// A function that takes a record: its level, and its message, NUL-terminated, with its length. The message lives while
/// the function runs. It never holds a credential, and server text in it is escaped.
///
/// It is called on the thread that the record tells of, by several threads at once if several make calls. No lock is
/// held meanwhile. It must not make a call of its own, and it must return: no exception, longjmp() or thread exit may
/// pass it.
pub type aicredits_log_sink =
    Option<unsafe extern "C" fn(user: *mut c_void, level: aicredits_log_level, message: *const c_char, length: usize)>;

/// Sends the records of all clients, up to this level, to a function. There is one sink a process: it replaces an
/// earlier one; NULL for none. A record begins with the name of its client, where that has one.
///
/// user is passed to it as it stands, and may be NULL. destroy may be NULL; otherwise it is called once with user, when
/// the sink has been replaced and no record is under way to it, by whichever thread was the last to use it. Any thread;
/// does not block.
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

/// Swapped without a lock, so that a fork never leaves the child with one that is held.
struct Logger(ArcSwapOption<Sink>);

impl Logger {
    /// Brings what depends on the sink up to it, also where several threads set one at once: whoever overwrites what a
    /// later one did finds the later sink afterwards, and goes round again.
    fn follow(&self) {
        // The swapped pointer leads behind the counts, where tools that look for leaks do not see it. This one they do.
        static KEPT: AtomicPtr<Arc<Sink>> = AtomicPtr::new(ptr::null_mut());
        loop {
            let sink = self.0.load_full();
            log::set_max_level(sink.as_ref().map_or(LevelFilter::Off, |sink| sink.level));
            let kept = sink.clone().map_or(ptr::null_mut(), |sink| Box::into_raw(Box::new(sink)));
            let before = KEPT.swap(kept, Ordering::AcqRel);
            if !before.is_null() {
                // SAFETY: it came from `Box::into_raw` here, and whoever swaps it out is its one owner.
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
        // The HTTP engine beneath has records too, which are not ours to vouch for.
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
        // SAFETY: the caller vouches that it may be called with this user, and that it returns.
        unsafe { sink(self.user.pointer(), level, message.as_ptr(), message.len()) };
    }
}

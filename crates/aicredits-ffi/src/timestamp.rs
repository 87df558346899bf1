//! An instant.

use std::ffi::c_char;
use std::time::Duration;

use aicredits::Timestamp;
use ffi_support::boundary::infallible;
use ffi_support::text;

/// Whole milliseconds, rounded down.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An instant in UTC, in the years 1 to 9999. Plain data.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct aicredits_timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it.
    pub unix_seconds: i64,
    /// Nanoseconds after unix_seconds, below 1,000,000,000.
    pub nanoseconds: u32,
    /// Zero.
    pub reserved: u32,
}

impl From<Timestamp> for aicredits_timestamp {
    fn from(timestamp: Timestamp) -> Self {
        Self { unix_seconds: timestamp.unix_seconds(), nanoseconds: timestamp.subsec_nanoseconds(), reserved: 0 }
    }
}

impl aicredits_timestamp {
    /// None if C passed no instant in the years 1 to 9999.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        Timestamp::from_unix(self.unix_seconds, self.nanoseconds)
    }
}

/// A buffer of this size holds any text of aicredits_timestamp_text() and its NUL.
pub const AICREDITS_TIMESTAMP_TEXT_SIZE: usize = 40;

const _: () = assert!(AICREDITS_TIMESTAMP_TEXT_SIZE > "-292277022657-01-27T08:29:52.999999999Z".len());

/// Writes an instant as RFC 3339 text, such as "2026-07-01T00:00:00Z".
///
/// A fraction of a second has up to nine digits, without zeros at the end. All instants of the library are in the years
/// 1 to 9999. An instant before the year 0 or after 9999 has a sign and as many digits as it needs, as in ISO 8601.
///
/// buffer has room for size bytes; AICREDITS_TIMESTAMP_TEXT_SIZE is always enough. A text that does not fit is cut, and
/// ends with a NUL. buffer may be NULL if size is 0.
///
/// Returns the length of the whole text in bytes, without the NUL. Returns 0 if timestamp is NULL, if its nanoseconds
/// are not below 1,000,000,000, or if buffer is NULL and size is not 0. Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_timestamp_text(
    timestamp: Option<&aicredits_timestamp>,
    buffer: *mut c_char,
    size: usize,
) -> usize {
    infallible(0, || {
        let text = timestamp.and_then(|at| aicredits::text_of_unix(at.unix_seconds, at.nanoseconds));
        // SAFETY: the caller passes NULL or this many bytes that may be written.
        unsafe { text::write_to(buffer, size, &text.unwrap_or_default()) }
    })
}

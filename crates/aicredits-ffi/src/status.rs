//! What became of a call.

use std::ffi::c_char;

use aicredits::ErrorKind;

/// What became of a call: AICREDITS_STATUS_OK, which is 0, or why it failed. The numbers are never reused; a later
/// version may add to them, so treat one that you do not know as a failure.
pub type aicredits_status = i32;

/// The call did what it says.
pub const AICREDITS_STATUS_OK: aicredits_status = 0;
/// A setting or an argument is wrong; the message names it.
pub const AICREDITS_STATUS_INVALID_ARGUMENT: aicredits_status = 1;
/// HTTP 401: the key is missing, wrong or withdrawn.
pub const AICREDITS_STATUS_UNAUTHORIZED: aicredits_status = 2;
/// HTTP 403: the key lacks access to what was asked for. Wix also answers some wrong keys so.
pub const AICREDITS_STATUS_FORBIDDEN: aicredits_status = 3;
/// HTTP 404.
pub const AICREDITS_STATUS_NOT_FOUND: aicredits_status = 4;
/// Any other HTTP 4xx.
pub const AICREDITS_STATUS_BAD_REQUEST: aicredits_status = 5;
/// HTTP 429: too many requests.
pub const AICREDITS_STATUS_RATE_LIMITED: aicredits_status = 6;
/// Any HTTP 5xx.
pub const AICREDITS_STATUS_SERVER: aicredits_status = 7;
/// DNS, refused, unreachable, a proxy that refuses, or the connection was lost before the reply was whole.
pub const AICREDITS_STATUS_NETWORK: aicredits_status = 8;
/// A certificate or the TLS handshake.
pub const AICREDITS_STATUS_TLS: aicredits_status = 9;
/// What came is not the HTTP that was asked for: a malformed head, an encoding, a redirect.
pub const AICREDITS_STATUS_PROTOCOL: aicredits_status = 10;
/// A complete reply that is no balance; the message has the path of the field at fault.
pub const AICREDITS_STATUS_DECODE: aicredits_status = 11;
/// The reply's head or body is over its limit.
pub const AICREDITS_STATUS_TOO_LARGE: aicredits_status = 12;
/// The call's time is up.
pub const AICREDITS_STATUS_TIMEOUT: aicredits_status = 13;
/// The call was cancelled.
pub const AICREDITS_STATUS_CANCELLED: aicredits_status = 14;
/// The client is closed.
pub const AICREDITS_STATUS_CLOSED: aicredits_status = 15;
/// A credit gate refused.
pub const AICREDITS_STATUS_DENIED: aicredits_status = 16;
/// A bug in the library was caught. Its message is on standard error too, where Rust prints each panic.
pub const AICREDITS_STATUS_PANIC: aicredits_status = 17;
/// Something that should not be able to happen. Please report it.
pub const AICREDITS_STATUS_UNEXPECTED: aicredits_status = 18;

/// The name of a status: "UNAUTHORIZED" for AICREDITS_STATUS_UNAUTHORIZED; "UNKNOWN" for a number that this version
/// does not know.
///
/// The string is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_status_name(status: aicredits_status) -> *const c_char {
    let name = match status {
        AICREDITS_STATUS_OK => c"OK",
        AICREDITS_STATUS_INVALID_ARGUMENT => c"INVALID_ARGUMENT",
        AICREDITS_STATUS_UNAUTHORIZED => c"UNAUTHORIZED",
        AICREDITS_STATUS_FORBIDDEN => c"FORBIDDEN",
        AICREDITS_STATUS_NOT_FOUND => c"NOT_FOUND",
        AICREDITS_STATUS_BAD_REQUEST => c"BAD_REQUEST",
        AICREDITS_STATUS_RATE_LIMITED => c"RATE_LIMITED",
        AICREDITS_STATUS_SERVER => c"SERVER",
        AICREDITS_STATUS_NETWORK => c"NETWORK",
        AICREDITS_STATUS_TLS => c"TLS",
        AICREDITS_STATUS_PROTOCOL => c"PROTOCOL",
        AICREDITS_STATUS_DECODE => c"DECODE",
        AICREDITS_STATUS_TOO_LARGE => c"TOO_LARGE",
        AICREDITS_STATUS_TIMEOUT => c"TIMEOUT",
        AICREDITS_STATUS_CANCELLED => c"CANCELLED",
        AICREDITS_STATUS_CLOSED => c"CLOSED",
        AICREDITS_STATUS_DENIED => c"DENIED",
        AICREDITS_STATUS_PANIC => c"PANIC",
        AICREDITS_STATUS_UNEXPECTED => c"UNEXPECTED",
        _ => c"UNKNOWN",
    };
    name.as_ptr()
}

pub(crate) fn of(kind: ErrorKind) -> aicredits_status {
    match kind {
        ErrorKind::InvalidArgument => AICREDITS_STATUS_INVALID_ARGUMENT,
        ErrorKind::Unauthorized => AICREDITS_STATUS_UNAUTHORIZED,
        ErrorKind::Forbidden => AICREDITS_STATUS_FORBIDDEN,
        ErrorKind::NotFound => AICREDITS_STATUS_NOT_FOUND,
        ErrorKind::BadRequest => AICREDITS_STATUS_BAD_REQUEST,
        ErrorKind::RateLimited => AICREDITS_STATUS_RATE_LIMITED,
        ErrorKind::Server => AICREDITS_STATUS_SERVER,
        ErrorKind::Network => AICREDITS_STATUS_NETWORK,
        ErrorKind::Tls => AICREDITS_STATUS_TLS,
        ErrorKind::Protocol => AICREDITS_STATUS_PROTOCOL,
        ErrorKind::Decode => AICREDITS_STATUS_DECODE,
        ErrorKind::TooLarge => AICREDITS_STATUS_TOO_LARGE,
        ErrorKind::Timeout => AICREDITS_STATUS_TIMEOUT,
        ErrorKind::Cancelled => AICREDITS_STATUS_CANCELLED,
        ErrorKind::Closed => AICREDITS_STATUS_CLOSED,
        ErrorKind::Denied => AICREDITS_STATUS_DENIED,
        ErrorKind::Panic => AICREDITS_STATUS_PANIC,
        // The core marks its kinds as open; one that is new there has no number yet.
        _ => AICREDITS_STATUS_UNEXPECTED,
    }
}

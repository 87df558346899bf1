//! The error.

use std::error::Error as _;
use std::ffi::c_char;

use aicredits::Error;
use ffi_support::boundary::{ErrorHandle, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{Text, borrowed_slice, borrowed_text};
use once_cell::race::OnceBox;

use crate::attempt::{OwnedAttempts, aicredits_attempt};
use crate::denial::aicredits_denial;
use crate::failure::Failure;
use crate::field_violation::{OwnedViolations, aicredits_field_violation};
use crate::scope::{OwnedScope, aicredits_scope};
use crate::status::{
    self, AICREDITS_STATUS_INVALID_ARGUMENT, AICREDITS_STATUS_PANIC, AICREDITS_STATUS_UNEXPECTED, aicredits_status,
};

/// The reason why a call failed. It never contains a credential.
///
/// Functions that can fail return it. Free it with aicredits_error_free(). It never changes. Thread-safe. All values
/// that are read from it are borrowed: they are valid until it is freed. Texts and arrays are made when they are first
/// read, and kept until then.
pub struct aicredits_error {
    status: aicredits_status,
    source: Source,
    // Made at first use, as the texts of a balance: a program that a gate denies often may read none of them.
    message: OnceBox<Text>,
    setting: OnceBox<Option<Text>>,
    detail: OnceBox<Detail>,
    denial: OnceBox<Option<aicredits_denial>>,
    cause: OnceBox<Option<aicredits_error>>,
    _counted: Counted,
}

/// Where the error comes from.
enum Source {
    Core(Error),
    /// An argument that this layer refuses, or a panic that it caught.
    Layer {
        message: String,
        setting: Option<&'static str>,
    },
}

/// The fields that only the core's errors have, in the form in which C borrows them.
#[derive(Default)]
struct Detail {
    code: Option<Text>,
    description: Option<Text>,
    field_violations: OwnedViolations,
    scope: Option<OwnedScope>,
    request_id: Option<Text>,
    retry_after_ms: Option<u64>,
    attempts: OwnedAttempts,
}

impl From<&Error> for Detail {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().map(Text::new),
            description: error.description().map(Text::new),
            field_violations: error.field_violations().into(),
            scope: error.scope().map(Into::into),
            request_id: error.request_id().map(Text::new),
            retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            attempts: error.attempts().into(),
        }
    }
}

impl ErrorHandle for aicredits_error {
    type Failure = Failure;

    fn of_panic(message: &str) -> Self {
        let message = format!("a bug in libaicredits, please report it: {message}");
        Self::new(AICREDITS_STATUS_PANIC, Source::Layer { message, setting: None })
    }

    fn status(&self) -> aicredits_status {
        self.status
    }
}

impl From<Failure> for aicredits_error {
    fn from(failure: Failure) -> Self {
        let (message, setting) = match failure {
            Failure::Core(error) => return Self::from(error),
            Failure::Argument(fault) => (fault.to_string(), None),
            Failure::Setting(name, fault) => (fault.to_string(), Some(name)),
            Failure::Target(index, fault) => (format!("targets[{index}].{fault}"), Some("targets")),
        };
        Self::new(AICREDITS_STATUS_INVALID_ARGUMENT, Source::Layer { message, setting })
    }
}

impl From<Error> for aicredits_error {
    fn from(error: Error) -> Self {
        Self::new(status::of(error.kind()), Source::Core(error))
    }
}

impl aicredits_error {
    fn new(status: aicredits_status, source: Source) -> Self {
        Self {
            status,
            source,
            message: OnceBox::new(),
            setting: OnceBox::new(),
            detail: OnceBox::new(),
            denial: OnceBox::new(),
            cause: OnceBox::new(),
            _counted: Counted::new(),
        }
    }

    fn core(&self) -> Option<&Error> {
        match &self.source {
            Source::Core(error) => Some(error),
            Source::Layer { .. } => None,
        }
    }

    fn message(&self) -> &Text {
        self.message.get_or_init(|| {
            Box::new(Text::new(match &self.source {
                Source::Core(error) => error.message(),
                Source::Layer { message, .. } => message,
            }))
        })
    }

    fn setting(&self) -> Option<&Text> {
        let setting = self.setting.get_or_init(|| {
            let name = match &self.source {
                Source::Core(error) => error.setting(),
                Source::Layer { setting, .. } => *setting,
            };
            Box::new(name.map(Text::new))
        });
        setting.as_ref()
    }

    fn detail(&self) -> &Detail {
        self.detail.get_or_init(|| Box::new(self.core().map(Detail::from).unwrap_or_default()))
    }

    fn denial(&self) -> Option<&aicredits_denial> {
        let denial = self.denial.get_or_init(|| Box::new(self.core().and_then(Error::denial).map(Into::into)));
        denial.as_ref()
    }

    fn cause(&self) -> Option<&Self> {
        let cause = self.cause.get_or_init(|| {
            let cause = self.core().and_then(|error| error.source()?.downcast_ref::<Error>());
            Box::new(cause.cloned().map(Self::from))
        });
        cause.as_ref()
    }
}

/// Frees an error. After that, no value that was read from it may be used.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_free(error: Option<Box<aicredits_error>>) {
    infallible((), || drop(error));
}

/// Returns the status of the call that failed.
///
/// Thread-safe. Does not block. Returns AICREDITS_STATUS_UNEXPECTED if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_status(error: Option<&aicredits_error>) -> aicredits_status {
    infallible(AICREDITS_STATUS_UNEXPECTED, || error.map_or(AICREDITS_STATUS_UNEXPECTED, |error| error.status))
}

/// Returns the message, in one line: what happened, to which request and for which scope, and what to do. Text from the
/// server in it is escaped and limited in length, so it can be shown on a terminal.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_message(error: Option<&aicredits_error>, length: *mut usize) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.map(aicredits_error::message), length))
}

/// Returns the HTTP status. 0 if no reply came.
///
/// Thread-safe. Does not block. Returns 0 if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_http_status(error: Option<&aicredits_error>) -> u32 {
    infallible(0, || error.and_then(|error| error.core()?.http_status()).map_or(0, u32::from))
}

/// Returns Wix's application code, such as "PERMISSION_DENIED". NULL if there is none. The text is from the server and
/// is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_code(error: Option<&aicredits_error>, length: *mut usize) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.detail().code.as_ref()), length))
}

/// Returns the server's description of the failure. NULL if there is none. The text is from the server and is not
/// escaped: before you show it on a terminal, pass it to aicredits_text_escape().
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_description(
    error: Option<&aicredits_error>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.detail().description.as_ref()), length))
}

/// Returns the fields of the request that the server refused, as an array. NULL if the server names none.
///
/// *count is the number of fields; count may be NULL. Borrowed from the error. Thread-safe. Does not block. Returns
/// NULL, and 0 in *count, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_field_violations(
    error: Option<&aicredits_error>,
    count: *mut usize,
) -> *const aicredits_field_violation {
    infallible(std::ptr::null(), || {
        borrowed_slice(error.map(|error| error.detail().field_violations.violations()), count)
    })
}

/// Returns the name of the setting to correct, such as "api_key"; its length goes to *length.
///
/// The name is the same in every language: that of the setter without "aicredits_config_set_" or "aicredits_call_set_", and
/// without a unit at its end ("timeout"). It is there if a setting is wrong or missing, and if a reply exceeds
/// "max_reply_bytes". NULL and 0 otherwise.
///
/// length may be NULL. Borrowed from the error. Thread-safe. Does not block. NULL and 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_setting(error: Option<&aicredits_error>, length: *mut usize) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(aicredits_error::setting), length))
}

/// Returns the scope of the request. NULL if no call was made.
///
/// Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_scope(error: Option<&aicredits_error>) -> *const aicredits_scope {
    infallible(std::ptr::null(), || {
        let scope = error.and_then(|error| error.detail().scope.as_ref());
        scope.map_or(std::ptr::null(), |scope| std::ptr::from_ref(scope.view()))
    })
}

/// Returns the server's id of the request, to quote in questions to Wix. NULL if there is none. The text is from the
/// server and is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_request_id(
    error: Option<&aicredits_error>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.detail().request_id.as_ref()), length))
}

/// Returns how many milliseconds the server asks to wait before the next call (Retry-After). NULL if it does not say.
///
/// Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_retry_after_ms(error: Option<&aicredits_error>) -> *const u64 {
    infallible(std::ptr::null(), || {
        error.and_then(|error| error.detail().retry_after_ms.as_ref()).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Returns whether the same call may succeed later: after a failed or lost connection, a timeout, or HTTP 429, 500,
/// 502, 503 or 504. False for a network failure that lasts, such as a proxy that refuses the user's password. A gate's
/// denial is transient if its reason is AICREDITS_DENIAL_REASON_UNAVAILABLE.
///
/// Thread-safe. Does not block. Returns false if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_is_transient(error: Option<&aicredits_error>) -> bool {
    infallible(false, || error.is_some_and(|error| error.core().is_some_and(Error::is_transient)))
}

/// Returns the attempts of the call, as an array in their order. NULL if there was none.
///
/// *count is the number of attempts; count may be NULL. Borrowed from the error. Thread-safe. Does not block. Returns
/// NULL, and 0 in *count, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_attempts(
    error: Option<&aicredits_error>,
    count: *mut usize,
) -> *const aicredits_attempt {
    infallible(std::ptr::null(), || borrowed_slice(error.map(|error| error.detail().attempts.attempts()), count))
}

/// Returns why a gate denied a reservation. NULL if the status is not AICREDITS_STATUS_DENIED.
///
/// Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_denial(error: Option<&aicredits_error>) -> *const aicredits_denial {
    infallible(std::ptr::null(), || {
        error.and_then(aicredits_error::denial).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Returns the error that caused this one: for AICREDITS_DENIAL_REASON_UNAVAILABLE, the error of the gate's failed
/// reading. NULL if there is none.
///
/// Borrowed from the error: do not free it. Thread-safe. Does not block. Returns NULL if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_cause(error: Option<&aicredits_error>) -> *const aicredits_error {
    infallible(std::ptr::null(), || error.and_then(aicredits_error::cause).map_or(std::ptr::null(), std::ptr::from_ref))
}

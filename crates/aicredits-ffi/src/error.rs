//! The error.

use std::ffi::c_char;

use aicredits::{Error, FieldViolation};
use ffi_support::boundary::{ErrorHandle, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{Text, borrowed_slice, borrowed_text};

use crate::attempt::{OwnedAttempts, aicredits_attempt};
use crate::failure::Failure;
use crate::model::{AICREDITS_HAS_VIOLATED_RULE, bit};
use crate::scope::{OwnedScope, aicredits_scope};
use crate::status::{
    self, AICREDITS_STATUS_INVALID_ARGUMENT, AICREDITS_STATUS_PANIC, AICREDITS_STATUS_UNEXPECTED, aicredits_status,
};

/// The reason why a call failed. It never contains a credential.
///
/// Functions that can fail return it. Free it with aicredits_error_free(). It never changes. Thread-safe. All values
/// that are read from it are borrowed: they are valid until it is freed.
pub struct aicredits_error {
    status: aicredits_status,
    message: Text,
    http_status: u32,
    code: Option<Text>,
    description: Option<Text>,
    field_violations: Box<[aicredits_field_violation]>,
    /// Pointed to by the violations.
    _texts: Vec<Text>,
    setting: Option<Text>,
    scope: Option<OwnedScope>,
    request_id: Option<Text>,
    retry_after_ms: Option<u64>,
    is_transient: bool,
    attempts: OwnedAttempts,
    _counted: Counted,
}

/// One field of the request that the server refused. All texts are from the server and not escaped: before you show
/// them on a terminal, pass them to aicredits_text_escape().
///
/// Plain data, borrowed from its error. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_field_violation {
    /// AICREDITS_HAS_VIOLATED_RULE.
    pub present: u32,
    /// The field's path in the request, NUL-terminated; empty if the server does not name it.
    pub field: *const c_char,
    /// Its length in bytes, without the NUL.
    pub field_length: usize,
    /// The reason, NUL-terminated; empty if the server gives none.
    pub description: *const c_char,
    /// Its length in bytes, without the NUL.
    pub description_length: usize,
    /// The rule's name, such as "REQUIRED_FIELD", NUL-terminated; NULL if absent.
    pub violated_rule: *const c_char,
    /// Its length in bytes, without the NUL.
    pub violated_rule_length: usize,
    /// Zero.
    pub reserved: [u64; 2],
}

impl ErrorHandle for aicredits_error {
    type Failure = Failure;

    fn of_panic(message: &str) -> Self {
        let message = format!("a bug in libaicredits, please report it: {message}");
        Self::of_this_layer(AICREDITS_STATUS_PANIC, message)
    }

    fn status(&self) -> aicredits_status {
        self.status
    }
}

impl From<Failure> for aicredits_error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Core(error) => Self::from(error),
            Failure::Argument(fault) => Self::of_this_layer(AICREDITS_STATUS_INVALID_ARGUMENT, fault.to_string()),
            Failure::Setting(name, fault) => Self {
                setting: Some(Text::new(name)),
                ..Self::of_this_layer(AICREDITS_STATUS_INVALID_ARGUMENT, fault.to_string())
            },
        }
    }
}

impl aicredits_error {
    fn of_this_layer(status: aicredits_status, message: String) -> Self {
        Self {
            status,
            message: Text::new(&message),
            http_status: 0,
            code: None,
            description: None,
            field_violations: Box::default(),
            _texts: Vec::new(),
            setting: None,
            scope: None,
            request_id: None,
            retry_after_ms: None,
            is_transient: false,
            attempts: OwnedAttempts::default(),
            _counted: Counted::new(),
        }
    }
}

impl From<Error> for aicredits_error {
    fn from(error: Error) -> Self {
        let mut texts = Vec::new();
        let mut keep = |text: &str| {
            let text = Text::new(text);
            let borrowed = (text.as_ptr(), text.len());
            // The text owns heap memory: the address stays the same when the text is moved.
            texts.push(text);
            borrowed
        };
        let mut violation = |violation: &FieldViolation| {
            let (field, field_length) = keep(violation.field());
            let (description, description_length) = keep(violation.description());
            let (violated_rule, violated_rule_length) =
                violation.violated_rule().map_or((std::ptr::null(), 0), &mut keep);
            aicredits_field_violation {
                present: bit(violation.violated_rule(), AICREDITS_HAS_VIOLATED_RULE),
                field,
                field_length,
                description,
                description_length,
                violated_rule,
                violated_rule_length,
                reserved: [0; 2],
            }
        };
        let field_violations = error.field_violations().iter().map(&mut violation).collect();
        Self {
            status: status::of(error.kind()),
            message: Text::new(error.message()),
            http_status: error.http_status().map_or(0, u32::from),
            code: error.code().map(Text::new),
            description: error.description().map(Text::new),
            field_violations,
            _texts: texts,
            setting: error.setting().map(Text::new),
            scope: error.scope().map(Into::into),
            request_id: error.request_id().map(Text::new),
            retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            is_transient: error.is_transient(),
            attempts: error.attempts().into(),
            _counted: Counted::new(),
        }
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
    infallible(std::ptr::null(), || borrowed_text(error.map(|error| &error.message), length))
}

/// Returns the HTTP status. 0 if no reply came.
///
/// Thread-safe. Does not block. Returns 0 if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_http_status(error: Option<&aicredits_error>) -> u32 {
    infallible(0, || error.map_or(0, |error| error.http_status))
}

/// Returns Wix's application code, such as "PERMISSION_DENIED". NULL if there is none. The text is from the server and
/// is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_code(error: Option<&aicredits_error>, length: *mut usize) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.code.as_ref()), length))
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
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.description.as_ref()), length))
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
    infallible(std::ptr::null(), || borrowed_slice(error.map(|error| &*error.field_violations), count))
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
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.setting.as_ref()), length))
}

/// Returns the scope of the request. NULL if no call was made.
///
/// Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_scope(error: Option<&aicredits_error>) -> *const aicredits_scope {
    infallible(std::ptr::null(), || {
        let scope = error.and_then(|error| error.scope.as_ref());
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
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.request_id.as_ref()), length))
}

/// Returns how many milliseconds the server asks to wait before the next call (Retry-After). NULL if it does not say.
///
/// Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_retry_after_ms(error: Option<&aicredits_error>) -> *const u64 {
    infallible(std::ptr::null(), || {
        error.and_then(|error| error.retry_after_ms.as_ref()).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Returns whether the same call may succeed later: after a failed or lost connection, a timeout, or HTTP 429, 500,
/// 502, 503 or 504. False for a network failure that lasts, such as a proxy that refuses the user's password.
///
/// Thread-safe. Does not block. Returns false if error is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_is_transient(error: Option<&aicredits_error>) -> bool {
    infallible(false, || error.is_some_and(|error| error.is_transient))
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
    infallible(std::ptr::null(), || borrowed_slice(error.map(|error| error.attempts.attempts()), count))
}

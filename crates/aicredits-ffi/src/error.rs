//! The error.

use std::ffi::c_char;

use aicredits::{Error, FieldViolation};
use ffi_support::boundary::{ErrorHandle, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{Text, borrowed_slice, borrowed_text};

use crate::attempt::{LentAttempts, aicredits_attempt};
use crate::failure::Failure;
use crate::model::{AICREDITS_HAS_VIOLATED_RULE, bit};
use crate::scope::{LentScope, aicredits_scope};
use crate::status::{
    self, AICREDITS_STATUS_INVALID_ARGUMENT, AICREDITS_STATUS_PANIC, AICREDITS_STATUS_UNEXPECTED, aicredits_status,
};

/// Why a call failed. It never shows a credential.
///
/// Shared by as many threads as wish: it never changes. Everything that is read from it is borrowed, and lives until it
/// is freed by aicredits_error_free().
pub struct aicredits_error {
    status: aicredits_status,
    message: Text,
    http_status: u32,
    code: Option<Text>,
    description: Option<Text>,
    field_violations: Box<[aicredits_field_violation]>,
    /// Pointed to by the violations.
    _texts: Vec<Text>,
    scope: Option<LentScope>,
    request_id: Option<Text>,
    retry_after_ms: Option<u64>,
    is_transient: bool,
    attempts: LentAttempts,
    _counted: Counted,
}

/// One field of the request that the server refused. All of it is server text: aicredits_text_escape() makes it fit for
/// a terminal.
///
/// Plain data, borrowed from its error. Its layout is fixed for a SONAME.
#[repr(C)]
pub struct aicredits_field_violation {
    /// AICREDITS_HAS_VIOLATED_RULE.
    pub present: u32,
    /// The field's path in the request, NUL-terminated; empty where the server does not tell.
    pub field: *const c_char,
    /// Its length in bytes, without the NUL.
    pub field_length: usize,
    /// What is wrong with it, NUL-terminated; empty where the server does not tell.
    pub description: *const c_char,
    /// Its length in bytes, without the NUL.
    pub description_length: usize,
    /// The rule's name, such as "REQUIRED_FIELD", NUL-terminated; NULL where absent.
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
            scope: None,
            request_id: None,
            retry_after_ms: None,
            is_transient: false,
            attempts: LentAttempts::default(),
            _counted: Counted::new(),
        }
    }
}

impl From<Error> for aicredits_error {
    fn from(error: Error) -> Self {
        let mut texts = Vec::new();
        let mut keep = |text: &str| {
            let text = Text::new(text);
            let lent = (text.as_ptr(), text.len());
            // The text owns heap memory, so moving it moves nothing that was lent.
            texts.push(text);
            lent
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
            scope: error.scope().map(Into::into),
            request_id: error.request_id().map(Text::new),
            retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            is_transient: error.is_transient(),
            attempts: error.attempts().into(),
            _counted: Counted::new(),
        }
    }
}

/// Frees an error: what was read from it must not be used any more. NULL is fine. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_free(error: Option<Box<aicredits_error>>) {
    infallible((), || drop(error));
}

/// The status that the failed call returned. AICREDITS_STATUS_UNEXPECTED for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_status(error: Option<&aicredits_error>) -> aicredits_status {
    infallible(AICREDITS_STATUS_UNEXPECTED, || error.map_or(AICREDITS_STATUS_UNEXPECTED, |error| error.status))
}

/// The whole story in one line: what happened, what to do, for which scope and request; its length goes to *length.
/// Text from the server stands in it escaped and bounded, so it is fit for a terminal.
///
/// Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_message(error: Option<&aicredits_error>, length: *mut usize) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.map(|error| &error.message), length))
}

/// The HTTP status; 0, which is none, where no reply came. 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_http_status(error: Option<&aicredits_error>) -> u32 {
    infallible(0, || error.map_or(0, |error| error.http_status))
}

/// Wix's own code, such as "PERMISSION_DENIED"; its length goes to *length. NULL and 0 where there is none. Server
/// text, as it came: aicredits_text_escape() makes it fit for a terminal.
///
/// Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_code(error: Option<&aicredits_error>, length: *mut usize) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.code.as_ref()), length))
}

/// What the server says of the failure; its length goes to *length. NULL and 0 where it says nothing. Server text, as
/// it came: aicredits_text_escape() makes it fit for a terminal.
///
/// Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_description(
    error: Option<&aicredits_error>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.description.as_ref()), length))
}

/// Which fields of the request the server refused, and why: an array, and how many there are in *count. NULL and 0
/// where it names none.
///
/// Borrowed from the error. count may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_field_violations(
    error: Option<&aicredits_error>,
    count: *mut usize,
) -> *const aicredits_field_violation {
    infallible(std::ptr::null(), || borrowed_slice(error.map(|error| &*error.field_violations), count))
}

/// The scope that was asked for; NULL where no call was made.
///
/// Borrowed from the error. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_scope(error: Option<&aicredits_error>) -> *const aicredits_scope {
    infallible(std::ptr::null(), || {
        let scope = error.and_then(|error| error.scope.as_ref());
        scope.map_or(std::ptr::null(), |scope| std::ptr::from_ref(scope.view()))
    })
}

/// The server's id of the request, to quote when asking Wix about it; its length goes to *length. NULL and 0 where
/// there is none. Server text, as it came: aicredits_text_escape() makes it fit for a terminal.
///
/// Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_request_id(
    error: Option<&aicredits_error>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(error.and_then(|error| error.request_id.as_ref()), length))
}

/// How many milliseconds the server asks to wait before the next call; NULL where it does not say.
///
/// Borrowed from the error. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_retry_after_ms(error: Option<&aicredits_error>) -> *const u64 {
    infallible(std::ptr::null(), || {
        error.and_then(|error| error.retry_after_ms.as_ref()).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Whether an equal call may succeed later: after a lost or failed connection, a timeout, HTTP 429, 500, 502, 503 or
/// 504. It is false for a network failure that lasts, such as a proxy that refuses the user's password.
///
/// False for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_error_is_transient(error: Option<&aicredits_error>) -> bool {
    infallible(false, || error.is_some_and(|error| error.is_transient))
}

/// What was tried, in order: an array, and how many there are in *count. NULL and 0 where nothing was.
///
/// Borrowed from the error. count may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_error_attempts(
    error: Option<&aicredits_error>,
    count: *mut usize,
) -> *const aicredits_attempt {
    infallible(std::ptr::null(), || borrowed_slice(error.map(|error| error.attempts.attempts()), count))
}

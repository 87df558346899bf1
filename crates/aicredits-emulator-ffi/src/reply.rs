//! The reply.

use std::ffi::c_char;

use aicredits_emulator::ControlReply;
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{ErrorHandle, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{self, Text, borrowed_text};
use once_cell::race::OnceBox;
use zeroize::Zeroizing;

use crate::document::Value;

/// The status of a reply that is a panic.
pub(crate) const PANIC: i32 = 500;

/// A reply: one JSON document. Why a call failed is a reply, too:
/// {"error":{"code":"unknown_account","message":"...","pointer":"/account"}}.
///
/// Free it with aicredits_emulator_reply_free(). It never changes, and it does not depend on its emulator: it may be freed
/// after it. Thread-safe. All texts that are read from it are borrowed: they are valid until it is freed.
pub struct aicredits_emulator_reply {
    status: i32,
    json: Zeroizing<Text>,
    // Made at first use: a test that only looks at the status reads nothing.
    document: OnceBox<Value>,
    _counted: Counted,
}

impl aicredits_emulator_reply {
    pub(crate) fn new(status: i32, json: &str) -> Self {
        let json = Zeroizing::new(Text::new(json));
        Self { status, json, document: OnceBox::new(), _counted: Counted::new() }
    }

    /// A document that is one text.
    pub(crate) fn of_text(status: i32, text: &str) -> Self {
        Self::new(status, &serde_json::to_string(text).expect("a text always serialises"))
    }

    /// A refusal in the form of the control protocol.
    pub(crate) fn of_problem(status: i32, code: &str, message: &str) -> Self {
        let message = serde_json::to_string(message).expect("a text always serialises");
        Self::new(status, &format!(r#"{{"error":{{"code":"{code}","message":{message}}}}}"#))
    }

    fn at(&self, pointer: &str) -> Option<&Value> {
        let document = self.document.get_or_init(|| {
            // The emulator wrote it, so it is JSON.
            Box::new(serde_json::from_str(self.json.as_str()).unwrap_or(Value::Other))
        });
        document.at(pointer)
    }
}

impl From<ControlReply> for aicredits_emulator_reply {
    fn from(reply: ControlReply) -> Self {
        let json = Zeroizing::new(reply.json);
        Self::new(reply.status.into(), &json)
    }
}

impl From<ArgumentFault> for aicredits_emulator_reply {
    fn from(fault: ArgumentFault) -> Self {
        Self::of_problem(400, "invalid_argument", &fault.to_string())
    }
}

impl ErrorHandle for aicredits_emulator_reply {
    type Failure = Self;

    fn of_panic(message: &str) -> Self {
        let message = format!("a bug in libaicredits_emulator, please report it: {message}");
        Self::of_problem(PANIC, "panic", &message)
    }

    fn status(&self) -> i32 {
        self.status
    }
}

/// Returns the whole reply, as JSON. It is the body that the same request has over HTTP, byte for byte.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the reply. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if reply is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_emulator_reply_json(
    reply: Option<&aicredits_emulator_reply>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(reply.map(|reply| &*reply.json), length))
}

/// Reads an integer of the reply, such as "/drawn/0/amount". true is 1 and false is 0.
///
/// pointer is a JSON Pointer (RFC 6901), NUL-terminated: the names and indexes on the way, each with a slash before it.
/// In a name, "~1" is a slash and "~0" a tilde. value may be NULL: the result then says whether the integer is there.
///
/// Returns true, and the integer in *value. Returns false, and 0 in *value, if there is no integer of that range.
/// Thread-safe. Does not block. Returns false if reply or pointer is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_emulator_reply_integer(
    reply: Option<&aicredits_emulator_reply>,
    pointer: *const c_char,
    value: *mut i64,
) -> bool {
    infallible(false, || {
        let found = match at(reply, pointer) {
            Some(Value::Integer(integer)) => Some(*integer),
            _ => None,
        };
        if !value.is_null() {
            // SAFETY: not NULL, so the caller promises that it points to an int64_t that may be written.
            unsafe { value.write(found.unwrap_or_default()) };
        }
        found.is_some()
    })
}

/// Returns a text of the reply, such as "/keys/0/secret", without quotation marks and escapes. NULL if there is no text.
///
/// pointer is a JSON Pointer, as for aicredits_emulator_reply_integer(). *length is the length in bytes, without the NUL;
/// length may be NULL.
///
/// Borrowed from the reply. Thread-safe. Does not block. Returns NULL, and 0 in *length, if reply or pointer is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_emulator_reply_text(
    reply: Option<&aicredits_emulator_reply>,
    pointer: *const c_char,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        let found = match at(reply, pointer) {
            Some(Value::Text(text)) => Some(&**text),
            _ => None,
        };
        borrowed_text(found, length)
    })
}

/// Returns how many elements an array of the reply has, such as "/requests", or how many members an object has. 0 if
/// there is neither.
///
/// pointer is a JSON Pointer, as for aicredits_emulator_reply_integer(). "" is the whole reply. Thread-safe. Does not
/// block. Returns 0 if reply or pointer is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_emulator_reply_count(
    reply: Option<&aicredits_emulator_reply>,
    pointer: *const c_char,
) -> usize {
    infallible(0, || at(reply, pointer).map_or(0, Value::count))
}

/// Frees a reply, and wipes its memory: a reply may have the secret of a key. After that, no text that was read from it
/// may be used.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_emulator_reply_free(reply: Option<Box<aicredits_emulator_reply>>) {
    infallible((), || drop(reply));
}

/// `pointer` is NULL, or NUL-terminated.
fn at(reply: Option<&aicredits_emulator_reply>, pointer: *const c_char) -> Option<&Value> {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    let pointer = unsafe { text::copy("pointer", pointer) }.ok()?;
    reply?.at(&pointer)
}

//! Server text, made fit to be shown.

use std::ffi::c_char;

use ffi_support::boundary::infallible;
use ffi_support::text;

/// A buffer of this size holds any text of aicredits_text_escape() and its NUL.
pub const AICREDITS_TEXT_SIZE: usize = 4096;

/// Enough for what is shown, with one character more, and another that this cuts.
const LOOKED_AT: usize = 4 * (aicredits::SHOWN_CHARACTERS + 2);

// A character is at most 10 bytes, as one that is escaped; and there is the mark, and the NUL.
const _: () = assert!(AICREDITS_TEXT_SIZE > 10 * (aicredits::SHOWN_CHARACTERS + 1));

/// Escapes text from the server, so that it can be shown on a terminal or written to a log.
///
/// Control characters and invisible characters are written by their numbers, such as "\u{1b}". A text of more than 300
/// characters is cut after 300, and gets a mark.
///
/// text points to length bytes of UTF-8, which need no NUL at the end; bytes that are not UTF-8 are replaced. A NULL
/// text is empty. buffer has room for size bytes; AICREDITS_TEXT_SIZE is always enough. A result that does not fit is
/// cut after a whole character, and ends with a NUL. buffer may be NULL if size is 0.
///
/// Returns the length of the whole result in bytes, without the NUL. Returns 0 if buffer is NULL and size is not 0.
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_text_escape(
    text: *const c_char,
    length: usize,
    buffer: *mut c_char,
    size: usize,
) -> usize {
    infallible(0, || {
        // SAFETY: the caller passes NULL or this many bytes that may be read.
        let bytes = unsafe { text::borrow_bytes(text, length.min(LOOKED_AT)) };
        let shown = aicredits::escape_for_display(&String::from_utf8_lossy(bytes));
        // SAFETY: the caller passes NULL or this many bytes that may be written.
        unsafe { text::write_to(buffer, size, &shown) }
    })
}

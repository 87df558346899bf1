//! Server text, made fit to be shown.

use std::ffi::c_char;

use ffi_support::boundary::infallible;
use ffi_support::text;

/// Room for any text that aicredits_text_escape() writes, and its NUL.
pub const AICREDITS_TEXT_SIZE: usize = 4096;

/// Enough for what is shown, with one character more, and another that this cuts.
const LOOKED_AT: usize = 4 * (aicredits::SHOWN_CHARACTERS + 2);

// A character is at most 10 bytes, as one that is escaped; and there is the mark, and the NUL.
const _: () = assert!(AICREDITS_TEXT_SIZE > 10 * (aicredits::SHOWN_CHARACTERS + 1));

/// Makes server text fit to be shown: whatever could act on a terminal or hide in a log is escaped by its number, as in a
/// string literal of Rust, and of a text of more than 300 characters the first 300 are left, with a mark.
///
/// text is UTF-8 of length bytes, which needs no NUL; what is not UTF-8 in it is replaced. The result goes to buffer
/// with a NUL, cut to a whole character where size bytes are too few; AICREDITS_TEXT_SIZE always is enough. Returns the
/// length of the whole result in bytes, without the NUL. buffer may be NULL where size is 0; otherwise nothing is done,
/// and 0 returned. A NULL text is empty. Any thread; does not block.
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
        let shown = aicredits::shown(&String::from_utf8_lossy(bytes));
        // SAFETY: the caller passes NULL or this many bytes that may be written.
        unsafe { text::write_to(buffer, size, &shown) }
    })
}

//! Strings, arrays and bytes, in and out.

use std::ffi::{CStr, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt;

use zeroize::Zeroize;

use crate::argument::ArgumentFault;

/// A string that C can borrow: NUL-terminated. Its length is known, since it may contain a NUL.
#[derive(Debug)]
pub struct Text(Box<[u8]>);

impl Text {
    /// Copies a string.
    pub fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Self(bytes.into_boxed_slice())
    }

    /// The first byte. The pointer is valid while this value exists.
    pub fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    /// Without the terminating NUL.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.len()]).unwrap_or_default()
    }

    /// In bytes, without the terminating NUL.
    #[allow(clippy::len_without_is_empty, reason = "nothing asks whether it is empty")]
    pub fn len(&self) -> usize {
        self.0.len() - 1
    }
}

impl Zeroize for Text {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Returns a borrowed string to C. The length goes to `length`, unless that is NULL.
pub fn borrowed(text: Option<(*const c_char, usize)>, length: *mut usize) -> *const c_char {
    let (pointer, bytes) = text.unwrap_or((std::ptr::null(), 0));
    if !length.is_null() {
        // SAFETY: not NULL, so the caller promises that it points to a size_t that may be written.
        unsafe { length.write(bytes) };
    }
    pointer
}

/// As [`borrowed`], for a [`Text`].
pub fn borrowed_text(text: Option<&Text>, length: *mut usize) -> *const c_char {
    borrowed(text.map(|text| (text.as_ptr(), text.len())), length)
}

/// Returns a borrowed array to C, NULL if it is empty. The number of elements goes to `count`, unless that is NULL.
pub fn borrowed_slice<T>(slice: Option<&[T]>, count: *mut usize) -> *const T {
    if !count.is_null() {
        // SAFETY: not NULL, so the caller promises that it points to a size_t that may be written.
        unsafe { count.write(slice.map_or(0, <[T]>::len)) };
    }
    slice.filter(|slice| !slice.is_empty()).map_or(std::ptr::null(), <[T]>::as_ptr)
}

/// Writes a text and a NUL to a buffer of the caller. A text that does not fit is cut after a whole character.
///
/// Returns the length of the whole text. Returns 0, and writes nothing, if `buffer` is NULL and `size` is not 0.
///
/// # Safety
///
/// `buffer` is NULL, or points to `size` bytes that may be written.
pub unsafe fn write_to(buffer: *mut c_char, size: usize, text: &str) -> usize {
    if size == 0 {
        return text.len();
    }
    if buffer.is_null() {
        return 0;
    }
    let end = (0..size.min(text.len() + 1)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    // SAFETY: the caller's promise, and `end` is below `size`.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr().cast(), end);
        buffer.add(end).write(0);
    }
    text.len()
}

/// Longer strings are refused. The limits of each setting are lower.
const MAX_STRING_BYTES: usize = 1 << 20;

/// Copies a NUL-terminated UTF-8 string.
///
/// # Safety
///
/// `text` is NULL, or a NUL-terminated string.
pub unsafe fn copy(name: &'static str, text: *const c_char) -> Result<String, ArgumentFault> {
    if text.is_null() {
        return Err(ArgumentFault::is_null(name));
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    if text.count_bytes() > MAX_STRING_BYTES {
        return Err(ArgumentFault { name, fault: "is longer than 1 MiB" });
    }
    text.to_str().map(str::to_owned).map_err(|_| ArgumentFault { name, fault: "is not UTF-8" })
}

/// Borrows a NUL-terminated UTF-8 string of any length.
///
/// # Safety
///
/// `text` is NULL, or a NUL-terminated string that stays while the result is used.
pub unsafe fn borrow<'t>(name: &'static str, text: *const c_char) -> Result<&'t str, ArgumentFault> {
    if text.is_null() {
        return Err(ArgumentFault::is_null(name));
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| ArgumentFault { name, fault: "is not UTF-8" })
}

/// Copies a NUL-terminated string, and replaces bytes that are not UTF-8. NULL gives `None`.
///
/// # Safety
///
/// `text` is NULL, or a NUL-terminated string.
pub unsafe fn copy_lossy(text: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())?;
    Some(String::from_utf8_lossy(&text[..text.len().min(MAX_STRING_BYTES)]).into_owned())
}

/// Borrows bytes. NULL gives an empty slice.
///
/// # Safety
///
/// `bytes` is NULL, or points to `length` bytes that may be read while the result is used.
pub unsafe fn borrow_bytes<'b>(bytes: *const c_char, length: usize) -> &'b [u8] {
    if bytes.is_null() {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) }
}

/// Copies bytes. The caller compares the length with a limit first: a slice cannot have any length.
///
/// # Safety
///
/// `bytes` is NULL, or points to `length` bytes that may be read.
pub unsafe fn copy_bytes(name: &'static str, bytes: *const c_char, length: usize) -> Result<Vec<u8>, ArgumentFault> {
    match (bytes.is_null(), length) {
        (true, 0) => Ok(Vec::new()),
        (true, _) => Err(ArgumentFault::is_null(name)),
        (false, _) => {
            let mut copy = Vec::new();
            if copy.try_reserve_exact(length).is_err() {
                return Err(ArgumentFault { name, fault: "is larger than the memory that is left" });
            }
            // SAFETY: the caller's promise.
            copy.extend_from_slice(unsafe { borrow_bytes(bytes, length) });
            Ok(copy)
        }
    }
}

/// Copies variables, such as those of `environ`. Entries without `=` are left out.
///
/// # Safety
///
/// `environment` is NULL or an array of NUL-terminated strings that ends with NULL.
pub unsafe fn copy_environment(
    name: &'static str,
    environment: *const *const c_char,
) -> Result<Vec<(OsString, OsString)>, ArgumentFault> {
    if environment.is_null() {
        return Err(ArgumentFault::is_null(name));
    }
    let mut variables = Vec::new();
    for place in 0.. {
        // SAFETY: the caller's promise; the loop ends at the NULL.
        let entry = unsafe { environment.add(place).read() };
        if entry.is_null() {
            break;
        }
        // SAFETY: the caller's promise.
        let entry = unsafe { CStr::from_ptr(entry) }.to_bytes();
        if let Some(equals) = entry.iter().position(|&byte| byte == b'=') {
            let text = |bytes| OsStr::from_bytes(bytes).to_owned();
            variables.push((text(&entry[..equals]), text(&entry[equals + 1..])));
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_a_nul_and_ends_with_one() {
        let text = Text::new("a\0b");
        let mut length = 0;
        let pointer = borrowed_text(Some(&text), &raw mut length);
        assert_eq!(length, 3);
        // SAFETY: the pointer leads to the text and its NUL.
        assert_eq!(unsafe { borrow_bytes(pointer, length + 1) }, b"a\0b\0");
        assert!(borrowed_text(None, &raw mut length).is_null());
        assert_eq!(length, 0);
        assert!(borrowed_slice::<u8>(Some(&[]), std::ptr::null_mut()).is_null());
    }

    #[test]
    fn a_string_that_cannot_be_copied_is_named() {
        let long = std::ffi::CString::new(vec![b'x'; MAX_STRING_BYTES + 1]).unwrap();
        // SAFETY: each is NULL or a NUL-terminated string.
        let fault = |text: *const c_char| unsafe { copy("name", text) }.unwrap_err().to_string();
        assert_eq!(fault(std::ptr::null()), "name is NULL");
        assert_eq!(fault(c"\xff".as_ptr()), "name is not UTF-8");
        assert_eq!(fault(long.as_ptr()), "name is longer than 1 MiB");
        // SAFETY: as above.
        let borrowed = |text: *const c_char| unsafe { borrow("name", text) }.map_err(|fault| fault.to_string());
        assert_eq!(borrowed(std::ptr::null()).unwrap_err(), "name is NULL");
        assert_eq!(borrowed(c"\xff".as_ptr()).unwrap_err(), "name is not UTF-8");
        assert_eq!(borrowed(long.as_ptr()).unwrap().len(), MAX_STRING_BYTES + 1);
        // SAFETY: as above.
        assert_eq!(unsafe { copy("name", c"x".as_ptr()) }.unwrap(), "x");
        // SAFETY: as above.
        assert_eq!(unsafe { copy_lossy(c"\xff".as_ptr()) }.unwrap(), "\u{fffd}");
    }

    #[test]
    fn variables_without_an_equals_sign_are_left_out() {
        let entries = [c"A=1".as_ptr(), c"odd".as_ptr(), c"B=x=y".as_ptr(), std::ptr::null()];
        // SAFETY: the array ends with NULL.
        let variables = unsafe { copy_environment("environment", entries.as_ptr()) }.unwrap();
        assert_eq!(variables, [("A".into(), "1".into()), ("B".into(), "x=y".into())]);
    }
}

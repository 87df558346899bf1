//! Strings, in and out.

use std::ffi::{CStr, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt;

use crate::boundary::Failure;

/// A string that C may borrow: NUL-terminated, with the length beside it since it may hold a NUL.
pub(crate) struct Text(Box<[u8]>);

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Self(bytes.into_boxed_slice())
    }

    pub(crate) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len() - 1
    }
}

/// Lends a string out: the pointer is returned, the length goes to `length` unless that is NULL.
pub(crate) fn lend(text: Option<(*const c_char, usize)>, length: *mut usize) -> *const c_char {
    let (pointer, bytes) = text.unwrap_or((std::ptr::null(), 0));
    if !length.is_null() {
        // SAFETY: not NULL, so the caller vouches that it points to a size_t that may be written.
        unsafe { length.write(bytes) };
    }
    pointer
}

pub(crate) fn lend_text(text: Option<&Text>, length: *mut usize) -> *const c_char {
    lend(text.map(|text| (text.as_ptr(), text.len())), length)
}

/// Lends an array out, likewise.
pub(crate) fn lend_slice<T>(slice: Option<&[T]>, count: *mut usize) -> *const T {
    if !count.is_null() {
        // SAFETY: not NULL, so the caller vouches that it points to a size_t that may be written.
        unsafe { count.write(slice.map_or(0, <[T]>::len)) };
    }
    slice.filter(|slice| !slice.is_empty()).map_or(std::ptr::null(), <[T]>::as_ptr)
}

/// More than any string that a client takes. The core has its own limits, which are lower.
const MAX_STRING_BYTES: usize = 1 << 20;

/// Copies a NUL-terminated UTF-8 string.
///
/// # Safety
///
/// `text` is NULL or a NUL-terminated string.
pub(crate) unsafe fn copy(name: &'static str, text: *const c_char) -> Result<String, Failure> {
    if text.is_null() {
        return Err(Failure::Argument { name, fault: "is NULL" });
    }
    // SAFETY: by this function's own contract.
    let text = unsafe { CStr::from_ptr(text) };
    if text.count_bytes() > MAX_STRING_BYTES {
        return Err(Failure::Argument { name, fault: "is longer than 1 MiB" });
    }
    text.to_str().map(str::to_owned).map_err(|_| Failure::Argument { name, fault: "is not UTF-8" })
}

/// Copies a NUL-terminated string, with what is not UTF-8 in it replaced; none from NULL.
///
/// # Safety
///
/// `text` is NULL or a NUL-terminated string.
pub(crate) unsafe fn copy_lossy(text: *const c_char) -> Option<String> {
    // SAFETY: by this function's own contract.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())?;
    Some(String::from_utf8_lossy(&text[..text.len().min(MAX_STRING_BYTES)]).into_owned())
}

/// Borrows bytes; none from NULL.
///
/// # Safety
///
/// `bytes` is NULL or leads to this many bytes that may be read, for as long as the result is used.
pub(crate) unsafe fn borrow_bytes<'b>(bytes: *const c_char, length: usize) -> &'b [u8] {
    if bytes.is_null() {
        return &[];
    }
    // SAFETY: by this function's own contract.
    unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) }
}

/// Copies bytes. The caller has compared the length with a limit before: a slice cannot be of any length.
///
/// # Safety
///
/// `bytes` is NULL or leads to this many bytes that may be read.
pub(crate) unsafe fn copy_bytes(name: &'static str, bytes: *const c_char, length: usize) -> Result<Vec<u8>, Failure> {
    match (bytes.is_null(), length) {
        (true, 0) => Ok(Vec::new()),
        (true, _) => Err(Failure::Argument { name, fault: "is NULL" }),
        (false, _) => {
            let mut copy = Vec::new();
            if copy.try_reserve_exact(length).is_err() {
                return Err(Failure::Argument { name, fault: "is larger than the memory that is left" });
            }
            // SAFETY: by this function's own contract.
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
pub(crate) unsafe fn copy_environment(
    name: &'static str,
    environment: *const *const c_char,
) -> Result<Vec<(OsString, OsString)>, Failure> {
    if environment.is_null() {
        return Err(Failure::Argument { name, fault: "is NULL" });
    }
    let mut variables = Vec::new();
    for place in 0.. {
        // SAFETY: by this function's own contract; the loop ends at the NULL.
        let entry = unsafe { environment.add(place).read() };
        if entry.is_null() {
            break;
        }
        // SAFETY: by this function's own contract.
        let entry = unsafe { CStr::from_ptr(entry) }.to_bytes();
        if let Some(equals) = entry.iter().position(|&byte| byte == b'=') {
            let text = |bytes| OsStr::from_bytes(bytes).to_owned();
            variables.push((text(&entry[..equals]), text(&entry[equals + 1..])));
        }
    }
    Ok(variables)
}

//! The version.

use std::ffi::{CStr, c_char};

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version holds no NUL"),
};

/// The version of the library that is loaded, such as "1.2.3". AICREDITS_VERSION is that of this header.
///
/// The string is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_version() -> *const c_char {
    VERSION.as_ptr()
}

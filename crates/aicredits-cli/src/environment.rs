//! The variables that the command itself reads. The core reads its own.

use std::ffi::OsString;

/// A variable that is set to nothing is unset, as it is for the core.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

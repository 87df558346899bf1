//! Which peer of a connection a cause lies with, and the settings for it.

use std::fmt;

use crate::settings::{Setting, optional};

/// Which peer of a connection a cause lies with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Server,
    Proxy,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Proxy => "proxy",
        })
    }
}

/// The settings that name trusted authorities.
pub(crate) fn authorities() -> String {
    format!("{}{}", Setting::CaFile, optional(format_args!(", {}", Setting::CaPem)))
}

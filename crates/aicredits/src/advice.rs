//! From a cause, and the side that it is on, to words: what happened, and what helps. The surface's names of settings
//! come in where a message is rendered ([`crate::settings`]).

mod side;
mod status;
mod tls;

pub(crate) use side::Side;
pub(crate) use status::error_for_status;
pub(crate) use tls::{handshake, pem};

use crate::settings::{Setting, optional};
use crate::{Error, ErrorKind};

/// The error of a reply that is larger than the client's limit in bytes.
pub(crate) fn reply_too_large(limit: usize) -> Error {
    let setting = optional(format_args!(" (setting: {})", Setting::MaxReplyBytes));
    Error::new(ErrorKind::TooLarge, format!("the reply is larger than {limit} bytes{setting}"))
        .with_setting(Setting::MaxReplyBytes.row().name)
}

/// The error of a machine whose certificate authorities cannot be read. `variable` names their files; without one they
/// are the system's. `fault` is the first one that was found.
pub(crate) fn no_authorities(variable: Option<&str>, fault: Option<&str>) -> Error {
    let why = fault.map(|fault| format!(" ({fault})")).unwrap_or_default();
    let ca_file = Setting::CaFile;
    let message = match variable {
        Some(variable) => {
            format!("{variable} is set and leads to no certificate{why}; correct it, unset it, or set {ca_file}")
        }
        None => {
            format!("the system's certificate authorities cannot be read{why}; correct that, or set {ca_file}")
        }
    };
    Error::new(ErrorKind::Tls, message)
}

/// The words for a proxy's answer to CONNECT, and whether another attempt would end in the same way. `setting` is the
/// setting or the variable that names the proxy.
pub(crate) fn proxy_status(status: u16, has_password: bool, setting: &str) -> (String, bool) {
    let advice = match status {
        300..=399 => format!("it redirects, which is no answer to CONNECT; check {setting}"),
        401 | 407 if has_password => format!("check the user and the password in {setting}"),
        401 | 407 => format!("it wants a user and a password: http://user:password@host:port in {setting}"),
        403 => "it does not allow connections to this host and port; its operator can".to_owned(),
        400 | 404 | 405 | 501 | 505 => format!("it may be no HTTP proxy, or it allows no CONNECT; check {setting}"),
        429 => "it wants fewer connections".to_owned(),
        511 => "the network wants a log-in first, as in a hotel".to_owned(),
        502 | 504 => "it cannot reach the server; the call can be repeated".to_owned(),
        500 | 503 => "the call can be repeated".to_owned(),
        _ => format!("its operator knows why; or check {setting}"),
    };
    (advice, !matches!(status, 500 | 502 | 503 | 504))
}

#[cfg(test)]
mod tests;

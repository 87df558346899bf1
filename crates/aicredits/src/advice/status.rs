//! The error that a reply with a failure's status becomes: what the server says, and what helps.

use std::time::Duration;

use crate::server_error::ServerError;
use crate::settings::Setting;
use crate::text::escape_for_display;
use crate::{Error, ErrorKind};

/// The status decides the kind, whatever the body says. `location` is where a redirect leads.
pub(crate) fn error_for_status(
    status: u16,
    server: ServerError,
    retry_after: Option<Duration>,
    location: Option<&str>,
) -> Error {
    let (kind, advice) = meaning(status, server.code.as_deref(), location);
    let mut message = match reason_phrase(status) {
        Some(reason) => format!("{status} {reason}"),
        None => format!("HTTP status {status}"),
    };
    if let Some(description) = &server.description {
        message += &format!(": {}", escape_for_display(description));
    }
    if let Some(code) = &server.code {
        message += &format!(" [{}]", escape_for_display(code));
    }
    if let Some(excerpt) = &server.excerpt {
        message += &format!("; it says: {excerpt}");
    }
    for violation in server.field_violations.iter().take(3) {
        message += &format!("; {violation}");
    }
    match retry_after {
        Some(wait) if !wait.is_zero() => message += &format!("; the server asks to wait {} s", wait.as_secs()),
        Some(_) if kind == ErrorKind::RateLimited => {
            message += "; the server asks for no wait: the call can be repeated"
        }
        _ => message += &format!("; {advice}"),
    }
    Error::new(kind, message).with_http_status(status).with_server_error(server, retry_after)
}

fn reason_phrase(status: u16) -> Option<&'static str> {
    http::StatusCode::from_u16(status).ok()?.canonical_reason()
}

/// The kind and the words for a status of the server. Wix's code is more exact than the status.
pub(super) fn meaning(status: u16, code: Option<&str>, location: Option<&str>) -> (ErrorKind, String) {
    let kind = ErrorKind::of_http_status(status);
    let of_code = code.filter(|_| (400..=599).contains(&status)).and_then(|code| by_code(status, code));
    let of_location = || location.filter(|url| !url.is_empty() && (300..=399).contains(&status)).map(redirect);
    (kind, of_code.or_else(of_location).unwrap_or_else(|| by_status(status)))
}

fn by_code(status: u16, code: &str) -> Option<String> {
    Some(match (status, code) {
        (428, "REQUEST_NOT_ELIGIBLE") => {
            "the credits are used up, or those that a rule allows for now; an equal call fails until a reset or a top-up"
                .to_owned()
        }
        (400..=499, "RESOURCE_EXHAUSTED") if status != 429 => {
            "a quota is used up; an equal call fails until it is renewed".to_owned()
        }
        (400..=499, "ACCOUNT_TOKEN_REQUIRED") => format!("the server wants an account: set {}", Setting::Account),
        (400..=499, "SITE_TOKEN_REQUIRED" | "MISSING_METASITE_ID") => {
            format!("the server wants a site: set {}", Setting::Site)
        }
        _ => return None,
    })
}

/// A redirect is not followed: it would take the key to another server.
fn redirect(location: &str) -> String {
    format!("it leads to {}, and is not followed; check {}", escape_for_display(location), Setting::BaseUrl)
}

fn by_status(status: u16) -> String {
    let base_url = Setting::BaseUrl;
    match status {
        401 => "check that the API key is whole and still valid".to_owned(),
        402 => "the server wants a payment: check the plan and the credits of the account".to_owned(),
        403 => "check that the key has access to what was asked for".to_owned(),
        404 => format!("check the id that was asked for, and {base_url}"),
        405 | 501 => format!("this server does not offer the call; check {base_url}"),
        407 => "a proxy in between wants a user and a password".to_owned(),
        408 => "the server did not get the request in time".to_owned(),
        413 | 414 | 431 => "the server does not take a request of this size".to_owned(),
        426 | 505 => format!("this server does not speak HTTP/1.1; check {base_url}"),
        429 => "wait a minute before the next call".to_owned(),
        511 => "the network wants a log-in first, as in a hotel".to_owned(),
        400..=499 => "the server did not accept the request".to_owned(),
        500 | 502 | 503 | 504 => "the call can be repeated".to_owned(),
        520..=530 => "a gateway in front of the server cannot reach it; it is the operator's to correct".to_owned(),
        505..=599 => "the server failed, and does not say that a later call can succeed".to_owned(),
        _ => "only 200 is a balance; is a proxy or portal in between?".to_owned(),
    }
}

//! Wix's error bodies, in the shapes that were seen.

use std::borrow::Cow;

use serde::Serialize;

use super::reply::ApiReply;
use crate::protocol::{Route, Shape};

/// Why a request does not get what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The standard body: `message` and an application error.
    Application { status: u16, code: &'static str, message: &'static str },
    /// A body that does not fit the schema.
    Validation(Vec<Violation>),
    /// Too many requests. The seconds are `Retry-After`.
    Limited { retry_after: Option<u64> },
    /// No route for this method: nothing.
    NoMethod,
    /// No route for this path: a gateway's page.
    NoPath,
}

/// A member of a request's body that does not fit. The empty field is the whole body.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Violation {
    pub(crate) field: &'static str,
    pub(crate) description: &'static str,
    pub(crate) violated_rule: &'static str,
}

impl Refusal {
    /// The application error that goes with a status.
    pub(crate) fn standard(status: u16, message: &'static str) -> Self {
        Self::Application { status, code: code(status, Route::Balance), message }
    }

    pub(crate) fn reply(self) -> ApiReply {
        match self {
            Self::Application { status, code, message } => application_error(status, code, message),
            Self::Validation(violations) => validation_error(400, &violations),
            Self::Limited { retry_after } => {
                let reply = of_shape(429, Shape::ApplicationError, Route::Balance);
                retry_after.into_iter().fold(reply, |reply, seconds| reply.header("Retry-After", seconds.to_string()))
            }
            Self::NoMethod => ApiReply::empty(404),
            Self::NoPath => page(404),
        }
    }
}

/// An error as Wix or its gateway sends it with this status. A reply that is no error has an empty body.
pub(super) fn of_status(status: u16, route: Route) -> ApiReply {
    let shape = match status {
        500 => Shape::ErrorCode,
        502 | 504 => Shape::Html,
        400.. => Shape::ApplicationError,
        _ => Shape::Empty,
    };
    of_shape(status, shape, route)
}

/// An error with this status and a body of this shape.
pub(super) fn of_shape(status: u16, shape: Shape, route: Route) -> ApiReply {
    let (message, details) = (message(status), NoMembers {});
    match shape {
        Shape::ApplicationError => application_error(status, code(status, route), message),
        Shape::ValidationError => {
            let violation = Violation { field: "field", description: "is invalid", violated_rule: "FORMAT" };
            validation_error(status, &[violation])
        }
        Shape::SystemError => {
            let details = Details::SystemError { error_code: code(status, route) };
            let code = Some(code(status, route).into());
            ApiReply { code, ..json(status, &Detailed { message, details }) }
        }
        Shape::DetailsEmpty => json(status, &Detailed { message: "", details }),
        Shape::MessageOnly => json(status, &MessageOnly { message }),
        Shape::ErrorCode => json(status, &ErrorCode { message, error_code: -100 }),
        Shape::Oauth => json(status, &Oauth { error: oauth_error(status), error_description: message }),
        Shape::Html => page(status),
        Shape::Empty => ApiReply::empty(status),
    }
}

/// The application code that goes with a status.
fn code(status: u16, route: Route) -> &'static str {
    match (status, route) {
        (400, _) => "INVALID_ARGUMENT",
        (401, _) => "UNAUTHENTICATED",
        (403, _) => "PERMISSION_DENIED",
        (404, _) => "NOT_FOUND",
        (409, _) => "ALREADY_EXISTS",
        (428, Route::Balance) => "MISSING_METASITE_ID",
        (428, Route::PaidAction) => "REQUEST_NOT_ELIGIBLE",
        (429, _) => "RESOURCE_EXHAUSTED",
        (400..=499, _) => "FAILED_PRECONDITION",
        _ => "INTERNAL_ERROR",
    }
}

fn message(status: u16) -> &'static str {
    match status {
        400 => "The request is invalid",
        401 => "The request has no valid credential",
        403 => "This credential has no access",
        404 => "There is nothing with this id",
        409 => "The request is in conflict with an earlier one",
        428 => "The request does not meet a precondition",
        429 => "Too many requests. Try again in a minute",
        503 => "The service is unavailable",
        _ => "An error occurred",
    }
}

/// RFC 6749, section 5.2, and for a server's errors section 4.1.2.1.
fn oauth_error(status: u16) -> &'static str {
    match status {
        401 => "invalid_client",
        403 => "unauthorized_client",
        503 => "temporarily_unavailable",
        500.. => "server_error",
        _ => "invalid_request",
    }
}

fn application_error(status: u16, code: &'static str, message: &'static str) -> ApiReply {
    let details = Details::ApplicationError { code, description: message, data: NoMembers {} };
    ApiReply { code: Some(code.into()), ..json(status, &Detailed { message, details }) }
}

fn validation_error(status: u16, violations: &[Violation]) -> ApiReply {
    let line = |violation: &Violation| format!("\n{} {}", violation.field, violation.description).replace("\n ", "\n");
    let message: String = violations.iter().map(line).collect();
    let message = format!("request is invalid:{message}");
    json(status, &Detailed { message: &message, details: Details::ValidationError { field_violations: violations } })
}

/// A gateway's page.
fn page(status: u16) -> ApiReply {
    let reason = match status {
        404 => Cow::from("404 Not Found"),
        502 => "502 Bad Gateway".into(),
        503 => "503 Service Unavailable".into(),
        504 => "504 Gateway Timeout".into(),
        _ => status.to_string().into(),
    };
    let page =
        format!("<!DOCTYPE html>\n<html><head><title>{reason}</title></head><body><h1>{reason}</h1></body></html>\n");
    ApiReply::new(status, "text/html", page)
}

fn json(status: u16, body: &impl Serialize) -> ApiReply {
    ApiReply::json(status, serde_json::to_vec(body).expect("text always serialises"))
}

#[derive(Serialize)]
struct Detailed<'a, D> {
    message: &'a str,
    details: D,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "the names are Wix's")]
enum Details<'a> {
    ApplicationError { code: &'a str, description: &'a str, data: NoMembers },
    ValidationError { field_violations: &'a [Violation] },
    SystemError { error_code: &'a str },
}

#[derive(Serialize)]
struct NoMembers {}

#[derive(Serialize)]
struct MessageOnly<'a> {
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorCode<'a> {
    message: &'a str,
    error_code: i32,
}

#[derive(Serialize)]
struct Oauth<'a> {
    error: &'a str,
    error_description: &'a str,
}

//! Wix's error bodies, in the shapes that were seen.

use serde::Serialize;

use super::ApiReply;

/// Why a request gets no balance.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The standard body: `message` and an application error.
    Application { status: u16, code: &'static str, message: &'static str },
    /// A body that does not fit the schema.
    Validation { violation: &'static str },
    /// No route for this method: nothing.
    NoMethod,
    /// No route for this path: a gateway's page.
    NoPath,
}

impl Refusal {
    pub(crate) fn standard(status: u16, message: &'static str) -> Self {
        Self::Application { status, code: code(status), message }
    }

    pub(crate) fn no_context() -> Self {
        let message = "The request names neither an account (wix-account-id) nor a site (wix-site-id)";
        Self::Application { status: 428, code: "MISSING_METASITE_ID", message }
    }

    pub(crate) fn reply(&self) -> ApiReply {
        match *self {
            Self::Application { status, code, message } => {
                let error = ApplicationError { code, description: message, data: NoData {} };
                json(status, message, Details::ApplicationError(error))
            }
            Self::Validation { violation } => {
                let violation = FieldViolation { field: "", description: violation, violated_rule: "FORMAT" };
                let message = format!("request is invalid:\n{}", violation.description);
                json(400, &message, Details::ValidationError { field_violations: [violation] })
            }
            Self::NoMethod => ApiReply::empty(404),
            Self::NoPath => ApiReply::new(404, "text/html", NOT_FOUND_PAGE),
        }
    }
}

const NOT_FOUND_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>\n";

/// The application code that goes with a status.
fn code(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        400 => "INVALID_ARGUMENT",
        428 => "FAILED_PRECONDITION",
        _ => "INTERNAL_ERROR",
    }
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    details: Details,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Details {
    ApplicationError(ApplicationError),
    #[serde(rename_all = "camelCase")]
    ValidationError {
        field_violations: [FieldViolation; 1],
    },
}

#[derive(Serialize)]
struct ApplicationError {
    code: &'static str,
    description: &'static str,
    data: NoData,
}

#[derive(Serialize)]
struct NoData {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldViolation {
    field: &'static str,
    description: &'static str,
    violated_rule: &'static str,
}

fn json(status: u16, message: &str, details: Details) -> ApiReply {
    let body = serde_json::to_vec(&Body { message, details }).expect("text always serialises");
    ApiReply::json(status, body)
}

//! Errors of the control protocol.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Why an action was refused. It changed nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlError {
    /// The HTTP status that the same request has: 400, 404 or 409.
    pub status: u16,
    /// The code, the sentence and the place.
    pub problem: Problem,
    /// Further members of the reply.
    pub details: Map<String, Value>,
}

/// A code for programs, a sentence for people, and the place in the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `unknown_account`, …
    pub code: String,
    /// The problem, and its solution.
    pub message: String,
    /// A JSON Pointer (RFC 6901) to the member of the request, if one is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

/// The body of a reply that is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// The error.
    pub error: Problem,
    /// Further members.
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(with = "Details"))]
    pub details: Map<String, Value>,
}

/// The further members of the code `insufficient`. No other code has any.
#[cfg(feature = "schema")]
#[derive(Serialize, schemars::JsonSchema)]
struct Details {
    /// The cost of the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<i64>,
    /// The credits that can be spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    spendable: Option<i64>,
    /// The rules that let no more through.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<Vec<super::Binding>>,
}

impl ControlError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        let problem = Problem { code: code.to_owned(), message: message.into(), pointer: None };
        Self { status, problem, details: Map::new() }
    }

    /// A member of the request is wrong.
    pub(crate) fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message).at(pointer)
    }

    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.problem.pointer = Some(pointer.into());
        self
    }

    /// The same, if what is wrong is a part of what this pointer names.
    pub(crate) fn within(mut self, pointer: &str) -> Self {
        self.problem.pointer = Some(format!("{pointer}{}", self.problem.pointer.unwrap_or_default()));
        self
    }

    /// The same in a scenario: a conflict with its other parts is a mistake in it.
    pub(crate) fn in_a_scenario(mut self) -> Self {
        (self.status, self.problem.code) = (400, "invalid_request".to_owned());
        self
    }

    /// Adds a member to the reply.
    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("numbers and text always serialise");
        self.details.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let body = ErrorBody { error: self.problem.clone(), details: self.details.clone() };
        serde_json::to_vec(&body).expect("numbers and text always serialise")
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { code, message, pointer } = &self.problem;
        write!(f, "{} {code}: {message}", self.status)?;
        pointer.as_ref().map_or(Ok(()), |pointer| write!(f, " (at {pointer})"))
    }
}

impl Error for ControlError {}

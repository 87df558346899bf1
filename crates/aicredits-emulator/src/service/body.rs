//! The body of a request.

use serde_json::{Map, Value};

use super::errors::{Refusal, Violation};
use crate::protocol::EmptyBody;

/// The members of a request's body.
pub(super) fn members(body: &[u8], empty_body: EmptyBody) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() && empty_body == EmptyBody::Accepted {
        return Ok(Map::new());
    }
    let description = match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => return Ok(members),
        Ok(_) => "the body must be a JSON object",
        Err(_) => "the body must be valid JSON",
    };
    Err(Refusal::Validation(vec![Violation { field: "", description, violated_rule: "FORMAT" }]))
}

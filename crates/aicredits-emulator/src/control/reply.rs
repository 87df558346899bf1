//! The reply to an action.

use crate::protocol::ControlError;

/// The reply to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlReply {
    /// The HTTP status that the same request has: 200, or 400, 404, 409.
    pub status: u16,
    /// One JSON object.
    pub json: String,
}

impl From<ControlError> for ControlReply {
    fn from(error: ControlError) -> Self {
        Self { status: error.status, json: String::from_utf8(error.body()).expect("JSON is UTF-8") }
    }
}

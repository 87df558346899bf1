//! The one control handler: a request in, a reply out, over HTTP and in the process.

mod actions;
mod handlers;
pub(crate) mod http;

pub use actions::{ACTIONS, Action};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::protocol::ControlError;
use crate::read;
use crate::shared::Shared;

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

/// Runs an action. The same bytes come over HTTP.
pub(crate) fn run(shared: &Shared, action: &str, request: &str) -> ControlReply {
    match ACTIONS.iter().find(|known| known.name == action) {
        Some(known) => (known.run)(shared, request).unwrap_or_else(ControlReply::from),
        None => unknown_action().into(),
    }
}

fn unknown_action() -> ControlError {
    let names: Vec<_> = ACTIONS.iter().map(|action| action.name).collect();
    ControlError::new(404, "unknown_action", format!("there is no such action; there are {}", names.join(", ")))
}

/// Reads the request, runs the handler and writes the reply.
fn answer<Q: DeserializeOwned, R: Serialize>(
    shared: &Shared,
    request: &str,
    handler: impl FnOnce(&Shared, Q) -> Result<R, ControlError>,
) -> Result<ControlReply, ControlError> {
    let reply = handler(shared, read::read(request)?)?;
    let json = serde_json::to_string(&reply).expect("numbers and text always serialise");
    Ok(ControlReply { status: 200, json })
}

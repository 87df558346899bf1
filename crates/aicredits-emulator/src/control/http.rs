//! The control protocol over HTTP, and its guards.

use super::run;
use crate::script::{Reply, Request};
use crate::shared::Shared;

/// The path that all control requests begin with.
const PREFIX: &str = "/_emulator/";

/// The reply to a control request. `None`: it is none.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Option<Reply> {
    let path = request.target.split('?').next().unwrap_or_default();
    if path == crate::service::PAID_ACTION_PATH {
        return None;
    }
    let action = path.strip_prefix(PREFIX)?;
    let reply = run(shared, action, &String::from_utf8_lossy(&request.body));
    Some(Reply::json(reply.status, reply.json))
}

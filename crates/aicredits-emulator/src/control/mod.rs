//! The one control handler: a request in, a reply out, over HTTP and in the process.

mod actions;
mod documents;
mod handlers;
pub(crate) mod http;
pub(crate) mod page;
mod query;
mod reply;

pub use actions::{ACTIONS, Action};
pub(crate) use actions::{run, with_actions};
pub use documents::{OPENAPI, SCENARIO_SCHEMA};
pub use reply::ControlReply;

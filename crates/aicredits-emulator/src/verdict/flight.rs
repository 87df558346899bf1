//! A request in flight.

use std::sync::Arc;

use crate::protocol::Route;
use crate::script::Outline;

/// A request that is not answered yet.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) connection: u64,
    pub(super) lineage: u64,
    pub(super) credential: u64,
    pub(super) epoch: u64,
    pub(super) era: u64,
    pub(super) scope: u64,
    pub(super) route: Route,
    pub(super) label: Arc<str>,
    pub(super) cost: Option<i64>,
    /// The earlier refusal that a refusal of this one would repeat.
    pub(super) repeats: Option<u64>,
    pub(super) reply: Outline,
    pub(super) not_eligible: bool,
}

impl Flight {
    /// Whether it is a balance that is about to be answered.
    pub(super) fn is_answered_read(&self) -> bool {
        self.route == Route::Balance && self.reply.status == Some(200)
    }
}

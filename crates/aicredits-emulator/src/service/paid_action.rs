//! The paid action: it charges credits, or answers as Wix does when they do not suffice.

use super::{ApiReply, Refusal};
use crate::script::Request;
use crate::times::Moment;
use crate::world::World;

pub(super) fn answer(_world: &mut World, _moment: &Moment, _request: &Request) -> Result<ApiReply, Refusal> {
    Err(Refusal::NoPath)
}

//! `keep_alive`: connections opened for requests that needed none.

use std::collections::VecDeque;
use std::sync::Arc;

use super::reached::Reached;
use super::row::{Reply, Row, Seen};

/// Requests over all lineages.
#[derive(Debug, Default)]
pub(super) struct Connections {
    row: Row,
    /// Those of the row that are the first on their connections.
    opening: VecDeque<(u64, Arc<str>)>,
    epoch: Option<u64>,
    /// Connections that cannot be used again: a client has to replace them.
    ended: u64,
    /// Connections opened in this epoch by requests that followed each other.
    count: u64,
    opened: Reached,
}

impl Connections {
    pub(super) fn arrived(&mut self, seen: Seen, is_new: bool, label: &Arc<str>) {
        let is_first = self.epoch != Some(seen.epoch);
        if is_first {
            (self.epoch, self.count) = (Some(seen.epoch), 0);
        }
        if is_new {
            self.opening.push_back((seen.n, Arc::clone(label)));
        }
        let n = seen.n;
        self.row.arrived(seen);
        let oldest = self.row.seen.front().map_or(n, |oldest| oldest.n);
        while self.opening.front().is_some_and(|(opening, _)| *opening < oldest) {
            self.opening.pop_front();
        }
        if is_first {
            self.follows(n);
        }
        self.judge();
    }

    /// `was_ended`: the connection cannot be used again, and not by the client's choice.
    pub(super) fn answered(&mut self, n: u64, reply: Reply, was_ended: bool) {
        self.ended += u64::from(was_ended);
        self.opened.answered(n, reply.status);
        self.row.answered(n, reply);
        self.judge();
    }

    pub(super) fn opened(&self) -> &Reached {
        &self.opened
    }

    fn judge(&mut self) {
        while let Some(second) = self.row.next_serial().map(|(_, _, second)| second.n) {
            self.follows(second);
        }
    }

    /// A request came while no other one was in flight.
    fn follows(&mut self, n: u64) {
        let Some((_, label)) = self.opening.iter().find(|(opening, _)| *opening == n) else { return };
        if self.ended > 0 {
            self.ended -= 1;
            return;
        }
        self.count += 1;
        self.opened.record(self.count, n, label, None);
    }
}

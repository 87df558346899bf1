//! A lineage: a request and its repeats.

use std::sync::Arc;
use std::time::Duration;

use super::attempts::Run;
use super::reached::Reached;
use super::row::{Reply, Row, Seen};

/// The last requests of a lineage.
#[derive(Debug)]
pub(super) struct Lineage {
    /// For the evidence.
    pub(super) label: Arc<str>,
    pub(super) row: Row,
    /// The last request that was answered 200.
    pub(super) got: Option<Got>,
    run: Run,
    /// How many of the row the run has counted.
    counted: usize,
}

/// A request that was answered 200.
#[derive(Clone, Copy, Debug)]
pub(super) struct Got {
    pub(super) n: u64,
    pub(super) epoch: u64,
    pub(super) at: Duration,
}

impl Lineage {
    pub(super) fn new(label: Arc<str>) -> Self {
        Self { label, row: Row::default(), got: None, run: Run::default(), counted: 0 }
    }

    pub(super) fn arrived(&mut self, seen: Seen, attempts: &mut Reached) {
        let Some(oldest) = self.row.arrived(seen) else { return };
        match self.counted.checked_sub(1) {
            Some(counted) => self.counted = counted,
            None => self.run.count(&oldest, &self.label, attempts),
        }
    }

    pub(super) fn answered(&mut self, n: u64, reply: Reply, attempts: &mut Reached) {
        if let Some(seen) = self.row.answered(n, reply)
            && reply.status == Some(200)
        {
            self.got = Some(Got { n, epoch: seen.epoch, at: reply.at });
        }
        // In the order of arrival, whatever the order of the replies.
        while let Some(next) = self.row.seen.get(self.counted).filter(|seen| seen.reply.is_some()) {
            self.run.count(next, &self.label, attempts);
            self.counted += 1;
        }
    }
}

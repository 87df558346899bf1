//! `max_attempts`: how many requests of a lineage come in a row without a 200.

use std::sync::Arc;
use std::time::Duration;

use super::reached::Reached;
use super::row::Seen;

/// After so long without a request of the lineage, a new call begins.
const QUIET: Duration = Duration::from_secs(10);

/// The requests without a 200 so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    length: u64,
    epoch: u64,
    /// When the last of them arrived or was answered.
    until: Duration,
}

impl Run {
    /// Counts the next request of the lineage. One that is not answered has no 200 either.
    pub(super) fn count(&mut self, seen: &Seen, label: &Arc<str>, attempts: &mut Reached) {
        if seen.epoch != self.epoch || seen.arrived.saturating_sub(self.until) >= QUIET {
            self.length = 0;
        }
        self.epoch = seen.epoch;
        self.until = self.until.max(seen.reply.map_or(seen.arrived, |reply| reply.at));
        let status = seen.reply.and_then(|reply| reply.status);
        if status == Some(200) {
            self.length = 0;
            return;
        }
        self.length += 1;
        attempts.record(self.length, seen.n, label, status);
    }
}

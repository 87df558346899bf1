//! The journal: bounded in count and in bytes. It holds no secret.

use crate::protocol::{Entry, Journal, JournalQuery};

#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: std::collections::VecDeque<Entry>,
    total: u64,
    dropped: u64,
}

impl Log {
    /// How many requests came.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Writes down a request, and returns its number.
    pub(crate) fn begin(&mut self, mut entry: Entry) -> u64 {
        self.total += 1;
        entry.n = self.total;
        self.entries.push_back(entry);
        self.total
    }

    /// The entry of this number, for what becomes known later. `None` if it is no longer held.
    pub(crate) fn entry(&mut self, n: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.n;
        self.entries.get_mut(usize::try_from(n.checked_sub(first)?).ok()?)
    }

    pub(crate) fn list(&self, query: &JournalQuery) -> Journal {
        let requests = self.entries.iter().filter(|entry| entry.n > query.after).cloned().collect();
        Journal { requests, total: self.total, dropped: self.dropped }
    }
}

//! The journal: bounded in count and in bytes. It holds no secret.

mod packed;

use std::collections::{BTreeMap, VecDeque};

use crate::protocol::{Ended, Entry, Journal, JournalQuery};
use packed::Packed;

/// How many requests the journal holds.
const LIMIT: usize = 10_000;
/// How many bytes it holds, its own structures included.
const BYTES: usize = 16 << 20;
/// How many bytes of a body it holds.
pub(crate) const BODY_BYTES: usize = 64 << 10;

#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Packed>,
    bytes: usize,
    total: u64,
    dropped: u64,
    /// Requests whose replies leave now, and their connections.
    leaving: BTreeMap<u64, u64>,
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
        if entry.body.len() > BODY_BYTES {
            let boundary = (0..=BODY_BYTES).rev().find(|at| entry.body.is_char_boundary(*at));
            entry.body.truncate(boundary.unwrap_or(0));
            entry.body.shrink_to_fit();
        }
        let packed = Packed::of(entry);
        self.bytes += packed.bytes();
        self.entries.push_back(packed);
        self.keep_bounds();
        self.total
    }

    /// Adds what the reply will be. `change` leaves the request's texts alone. `is_prompt`: the whole reply leaves without a
    /// pause.
    pub(crate) fn replying(&mut self, n: u64, is_prompt: bool, change: impl FnOnce(&mut Entry)) {
        let Some(packed) = self.packed(n) else { return };
        let before = packed.bytes();
        change(&mut packed.entry);
        let (after, connection) = (packed.bytes(), packed.entry.connection);
        self.bytes = self.bytes + after - before;
        if is_prompt {
            self.leaving.insert(n, connection);
        }
        self.keep_bounds();
    }

    /// Adds how the reply ended, and returns the entry. `None`: it is no longer held.
    pub(crate) fn ended(&mut self, n: u64, ended: Ended, replied_ms: u64) -> Option<&Packed> {
        self.leaving.remove(&n);
        let packed = self.packed(n)?;
        (packed.entry.ended, packed.entry.replied_ms) = (Some(ended), Some(replied_ms));
        Some(packed)
    }

    /// A connection closed. None of its replies is leaving.
    pub(crate) fn disconnected(&mut self, connection: u64) {
        self.leaving.retain(|_, leaving| *leaving != connection);
    }

    /// Whether a reply leaves now: the client may have it, while its end is not written down.
    pub(crate) fn is_settling(&self) -> bool {
        !self.leaving.is_empty()
    }

    pub(crate) fn list(&self, query: &JournalQuery) -> Journal {
        let first = self.entries.front().map_or(1, |packed| packed.entry.n);
        let skipped = usize::try_from(query.after.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        let entries = self.entries.iter().skip(skipped).map(Packed::unpack).filter(|entry| is_meant(query, entry));
        let requests = entries.take(query.limit.unwrap_or(usize::MAX)).collect();
        Journal { requests, total: self.total, dropped: self.dropped }
    }

    fn packed(&mut self, n: u64) -> Option<&mut Packed> {
        let first = self.entries.front()?.entry.n;
        self.entries.get_mut(usize::try_from(n.checked_sub(first)?).ok()?)
    }

    /// The newest request stays: none has more bytes than the journal.
    fn keep_bounds(&mut self) {
        while self.entries.len() > LIMIT || (self.bytes > BYTES && self.entries.len() > 1) {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
            self.dropped += 1;
        }
    }
}

fn is_meant(query: &JournalQuery, entry: &Entry) -> bool {
    let JournalQuery { after, limit: _, route, key, account, site, status } = query;
    entry.n > *after
        && (route.is_none() || *route == entry.route)
        && (key.is_none() || *key == entry.key)
        && (account.is_none() || *account == entry.account)
        && (site.is_none() || *site == entry.site)
        && (status.is_none() || *status == entry.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Route;

    fn with_body(length: usize) -> Entry {
        Entry { body: "x".repeat(length), body_bytes: length as u64, ..Entry::default() }
    }

    fn all(log: &Log) -> Journal {
        log.list(&JournalQuery::default())
    }

    #[test]
    fn it_holds_10_000_requests_and_counts_the_others() {
        let mut log = Log::default();
        for _ in 0..LIMIT {
            log.begin(Entry::default());
        }
        assert_eq!((all(&log).requests.len(), all(&log).dropped), (LIMIT, 0));
        assert_eq!(log.begin(Entry::default()), 10_001);
        let journal = all(&log);
        assert_eq!((journal.requests.len(), journal.dropped, journal.total), (LIMIT, 1, 10_001));
        assert_eq!(journal.requests[0].n, 2);
    }

    #[test]
    fn it_holds_16_mib() {
        let mut log = Log::default();
        for _ in 0..1_000 {
            log.begin(with_body(BODY_BYTES));
        }
        assert!(log.bytes <= BYTES);
        assert!(log.bytes > BYTES - 2 * BODY_BYTES, "it holds as much as it may");
        let journal = all(&log);
        assert_eq!(journal.requests.len() as u64 + journal.dropped, 1_000);
        assert_eq!(log.entries.iter().map(Packed::bytes).sum::<usize>(), log.bytes);
    }

    #[test]
    fn later_parts_count_too() {
        let mut log = Log::default();
        log.begin(Entry::default());
        log.begin(Entry::default());
        log.replying(2, false, |entry| entry.fault = Some("x".repeat(BYTES)));
        assert_eq!((all(&log).requests.len(), all(&log).dropped), (1, 1), "the newest stays");
    }

    #[test]
    fn a_body_is_cut_at_64_kib_between_characters() {
        let mut log = Log::default();
        log.begin(with_body(BODY_BYTES));
        log.begin(with_body(BODY_BYTES + 1));
        let body = format!("x{}", "\u{e9}".repeat(BODY_BYTES));
        log.begin(Entry { body_bytes: body.len() as u64, body, ..Entry::default() });
        let lengths: Vec<_> =
            all(&log).requests.iter().map(|entry| (entry.body.len(), entry.body_bytes as usize)).collect();
        assert_eq!(lengths, [(65_536, 65_536), (65_536, 65_537), (65_535, 131_073)]);
    }

    #[test]
    fn a_query_selects() {
        let mut log = Log::default();
        for n in 1..=6 {
            let text = |wanted: u64| (n == wanted).then(|| "it".to_owned());
            let route = if n == 1 { Some(Route::PaidAction) } else { Some(Route::Balance) };
            log.begin(Entry { route, key: text(2), account: text(3), site: text(4), ..Entry::default() });
        }
        log.replying(5, false, |entry| entry.status = Some(429));
        let it = || Some("it".to_owned());
        let numbers = |query: JournalQuery| log.list(&query).requests.iter().map(|entry| entry.n).collect::<Vec<_>>();
        assert_eq!(numbers(JournalQuery { route: Some(Route::PaidAction), ..Default::default() }), [1]);
        assert_eq!(numbers(JournalQuery { key: it(), ..Default::default() }), [2]);
        assert_eq!(numbers(JournalQuery { account: it(), ..Default::default() }), [3]);
        assert_eq!(numbers(JournalQuery { site: it(), ..Default::default() }), [4]);
        assert_eq!(numbers(JournalQuery { status: Some(429), ..Default::default() }), [5]);
        assert_eq!(numbers(JournalQuery { after: 4, ..Default::default() }), [5, 6]);
        assert_eq!(numbers(JournalQuery { after: 1, limit: Some(2), ..Default::default() }), [2, 3]);
        let balance = JournalQuery { route: Some(Route::Balance), after: 2, limit: Some(1), ..Default::default() };
        assert_eq!(numbers(balance), [3]);
        assert_eq!(numbers(JournalQuery { after: u64::MAX, ..Default::default() }), [0; 0]);
    }

    #[test]
    fn it_knows_which_replies_are_leaving() {
        let mut log = Log::default();
        for connection in [7, 8, 9] {
            log.begin(Entry { connection, ..Entry::default() });
        }
        log.replying(1, true, |entry| entry.status = Some(200));
        log.replying(2, false, |_| {});
        log.replying(3, true, |_| {});
        assert!(log.is_settling());
        assert_eq!(log.ended(1, Ended::Complete, 5).unwrap().unpack().replied_ms, Some(5));
        log.disconnected(9);
        assert!(!log.is_settling(), "a delayed reply is not waited for");
        assert!(log.ended(4, Ended::Gone, 5).is_none());
    }
}

//! The requests that a server remembers: bounded in count and in bytes, so that a server can run for days.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use super::buffer::wipe;
use super::request::Request;

/// How many requests the journal holds. Beyond that the oldest are dropped.
pub const JOURNAL_LIMIT: usize = 10_000;
/// How many bytes the journal holds, its own structures included. Beyond that the oldest requests are dropped.
pub const JOURNAL_BYTES: usize = 16 << 20;
/// How many bytes of a body the journal holds. [`Request::body_bytes`] has the length of the whole.
pub const JOURNAL_BODY_BYTES: usize = 64 << 10;

#[derive(Default)]
pub(super) struct Journal {
    requests: VecDeque<Arc<Request>>,
    bytes: usize,
    dropped: usize,
}

impl Journal {
    pub(super) fn push(&mut self, request: &Arc<Request>) {
        let mut kept = Arc::clone(request);
        if kept.body.len() > JOURNAL_BODY_BYTES {
            let mut cut = Request::clone(request);
            let mut whole = mem::take(&mut cut.body);
            cut.body = whole[..JOURNAL_BODY_BYTES].to_vec();
            wipe(&mut whole);
            kept = Arc::new(cut);
        }
        self.bytes += bytes_of(&kept);
        self.requests.push_back(kept);
        // The newest request stays: none has more bytes than the journal.
        while self.requests.len() > JOURNAL_LIMIT || self.bytes > JOURNAL_BYTES {
            let Some(oldest) = self.requests.pop_front() else { break };
            self.bytes -= bytes_of(&oldest);
            self.dropped += 1;
        }
    }

    /// Oldest first.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Arc<Request>> {
        self.requests.iter()
    }

    pub(super) fn dropped(&self) -> usize {
        self.dropped
    }
}

fn bytes_of(request: &Request) -> usize {
    let headers = request.headers.iter().map(|(name, value)| size_of::<(String, String)>() + name.len() + value.len());
    let texts = request.method.len() + request.target.len() + request.body.len();
    size_of::<Request>() + texts + headers.sum::<usize>()
}

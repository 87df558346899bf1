//! The rules about all requests of a key: `max_per_minute` and `shared_pause`.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;

use super::evidence::{Line, time};
use super::findings::Findings;
use super::reached::Reached;
use super::row::{REMEMBERED, Reply};
use super::tolerance;
use crate::protocol::VerdictRule;
use crate::script::RetryAfter;
use crate::times::Moment;

/// The window of a rate, less a tolerance, and the pause after a 429 without `Retry-After`, in service time.
const MINUTE: Duration = Duration::from_secs(60);
/// A request that arrives so soon after the 429 may have been in flight, in real time.
const GRACE: Duration = Duration::from_millis(250);
/// How many arrivals of a key are remembered.
const ARRIVALS: usize = 65_536;

#[derive(Debug)]
pub(super) struct Keys {
    keys: LruCache<u64, Key>,
    per_minute: Reached,
}

impl Default for Keys {
    fn default() -> Self {
        Self { keys: LruCache::unbounded(), per_minute: Reached::default() }
    }
}

#[derive(Debug, Default)]
struct Key {
    epoch: u64,
    in_flight: u64,
    window: Window,
    pause: Option<Pause>,
}

/// The arrivals of the last minute.
#[derive(Debug, Default)]
struct Window {
    /// In service time.
    arrivals: VecDeque<Duration>,
    /// The number of the oldest of them.
    oldest: u64,
    /// For each arrival: the last later one that is not counted for it, because as many requests were in flight.
    pending: BinaryHeap<Reverse<(u64, u64)>>,
    /// The last arrival for which a later one counts.
    full: Option<u64>,
}

/// The pause after the first 429.
#[derive(Debug)]
struct Pause {
    n: u64,
    label: Arc<str>,
    /// In real time.
    from: Duration,
    /// In service time, less the tolerance.
    until: Duration,
}

impl Keys {
    /// `speed`: of the service time. Returns whether a key was forgotten.
    #[expect(clippy::too_many_arguments, reason = "a request, and where its finding goes")]
    pub(super) fn arrived(
        &mut self,
        credential: u64,
        epoch: u64,
        n: u64,
        label: &Arc<str>,
        moment: &Moment,
        speed: u32,
        findings: &mut Findings,
    ) -> bool {
        let key = self.keys.get_or_insert_mut(credential, Key::default);
        key.enter(epoch);
        if let Some(pause) = &key.pause
            && moment.real > pause.from + GRACE
            && moment.service < pause.until
        {
            findings.add(VerdictRule::SharedPause, credential, || {
                let passed = time(moment.real.saturating_sub(pause.from));
                let line = |n, label, status| Line { n, label: Arc::clone(label), status };
                let lines = vec![line(pause.n, &pause.label, Some(429)), line(n, label, None)];
                (lines, format!("request {n} came {passed} after request {} of its key was answered 429", pause.n))
            });
        }
        // A client that is exact by its own times is not by those of the server.
        let length = MINUTE.saturating_sub(tolerance::LEAST.saturating_mul(speed));
        let figure = key.window.arrived(moment.service, length, key.in_flight);
        self.per_minute.record(figure, n, label, None);
        key.in_flight += 1;
        self.forget(moment.service)
    }

    /// `epoch`: that of the request's arrival.
    pub(super) fn answered(&mut self, credential: u64, epoch: u64, n: u64, label: &Arc<str>, reply: &Reply) {
        self.per_minute.answered(n, reply.status);
        let Some(key) = self.keys.peek_mut(&credential) else { return };
        key.in_flight = key.in_flight.saturating_sub(1);
        if key.epoch != epoch {
            return;
        }
        let wait = match reply.retry_after {
            RetryAfter::None => Some(MINUTE),
            RetryAfter::Seconds(seconds) => Some(Duration::from_secs(seconds).saturating_mul(reply.speed)),
            // The calendar may be frozen, so nobody knows when it is over.
            RetryAfter::Other => None,
        };
        let is_over = key.pause.as_ref().is_none_or(|pause| reply.service >= pause.until);
        if let (Some(429), Some(wait), true) = (reply.status, wait, is_over) {
            // The tolerance is of the client's time.
            let tolerance = tolerance::of(wait / reply.speed).saturating_mul(reply.speed);
            let until = reply.service.saturating_add(wait.saturating_sub(tolerance));
            key.pause = Some(Pause { n, label: Arc::clone(label), from: reply.at, until });
        }
    }

    pub(super) fn per_minute(&self) -> &Reached {
        &self.per_minute
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Forgets what no rule needs any more, and the least recently used key if there are too many.
    fn forget(&mut self, now: Duration) -> bool {
        let is_needless = |key: &Key| {
            let last = key.window.arrivals.back().copied().unwrap_or_default();
            key.in_flight == 0
                && now.saturating_sub(last) >= MINUTE
                && key.pause.as_ref().is_none_or(|pause| now >= pause.until)
        };
        let is_last_needless = self.keys.peek_lru().is_some_and(|(_, key)| is_needless(key));
        let forgets = self.keys.len() > REMEMBERED;
        if forgets || is_last_needless {
            self.keys.pop_lru();
        }
        forgets && !is_last_needless
    }
}

impl Key {
    fn enter(&mut self, epoch: u64) {
        if self.epoch != epoch {
            (self.epoch, self.window, self.pause) = (epoch, Window::default(), None);
        }
    }
}

impl Window {
    /// The largest limit that this arrival breaks, and 1. For a limit of n, the arrivals after the n-th of a window count
    /// from the one on that is later than as many as were in flight when the n-th arrived.
    fn arrived(&mut self, at: Duration, length: Duration, in_flight: u64) -> u64 {
        let at = self.arrivals.back().map_or(at, |last| at.max(*last));
        let is_old = |arrival: &Duration| at - *arrival >= length;
        while self.arrivals.len() == ARRIVALS || self.arrivals.front().is_some_and(is_old) {
            self.arrivals.pop_front();
            self.oldest += 1;
        }
        let this = self.oldest + self.arrivals.len() as u64;
        self.arrivals.push_back(at);
        while let Some(Reverse((until, arrival))) = self.pending.peek().copied()
            && until < this
        {
            self.full = self.full.max(Some(arrival));
            self.pending.pop();
        }
        self.pending.push(Reverse((this + in_flight, this)));
        let full = self.full.filter(|full| *full >= self.oldest);
        full.map_or(1, |full| full - self.oldest + 2)
    }
}

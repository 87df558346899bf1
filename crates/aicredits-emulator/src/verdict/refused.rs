//! `continued_after_428`: paid actions that are sent, and refused, after one was refused for lack of credits.

use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;

use super::evidence::{Line, time};
use super::findings::Findings;
use super::flight::Flight;
use super::row::REMEMBERED;
use crate::protocol::VerdictRule;

/// A request that arrives so soon after the refusal may have been in flight.
const GRACE: Duration = Duration::from_millis(250);
/// How many refusals of a scope are remembered.
const LAST: usize = 8;

/// The refusals of each account or site since its balance was last read.
#[derive(Debug)]
pub(super) struct Refusals {
    scopes: LruCache<u64, Vec<Refusal>>,
    /// Changes whenever they are forgotten.
    era: u64,
}

#[derive(Debug)]
struct Refusal {
    n: u64,
    label: Arc<str>,
    cost: i64,
    at: Duration,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { scopes: LruCache::unbounded(), era: 0 }
    }
}

impl Refusals {
    pub(super) fn era(&self) -> u64 {
        self.era
    }

    /// The refusal that a request of this cost would repeat.
    pub(super) fn repeated(&self, scope: u64, cost: i64, arrived: Duration) -> Option<u64> {
        let refusals = self.scopes.peek(&scope)?;
        let repeated = refusals.iter().find(|refusal| refusal.cost <= cost && arrived > refusal.at + GRACE)?;
        Some(repeated.n)
    }

    /// A balance of the scope was answered.
    pub(super) fn was_read(&mut self, scope: u64, at: Duration) {
        if let Some(refusals) = self.scopes.peek_mut(&scope) {
            refusals.retain(|refusal| refusal.at > at);
        }
    }

    /// A paid action was refused. Returns whether a scope was forgotten for it.
    pub(super) fn refused(&mut self, n: u64, flight: &Flight, at: Duration, findings: &mut Findings) -> bool {
        let Some(cost) = flight.cost.filter(|_| flight.era == self.era) else { return false };
        let refusals = self.scopes.get_or_insert_mut(flight.scope, Vec::new);
        if let Some(first) = refusals.iter().find(|refusal| Some(refusal.n) == flight.repeats) {
            findings.add(VerdictRule::ContinuedAfter428, flight.scope, || {
                let line = |n, label| Line { n, label: Arc::clone(label), status: Some(428) };
                let message = format!(
                    "paid action {n} was sent for {cost} and refused, {} after paid action {} for {} was, without a new \
                     balance between",
                    time(at.saturating_sub(first.at)),
                    first.n,
                    first.cost
                );
                (vec![line(first.n, &first.label), line(n, &flight.label)], message)
            });
        }
        // An earlier refusal of at most this cost says as much.
        if refusals.iter().all(|refusal| refusal.cost > cost) {
            if refusals.len() == LAST {
                refusals.remove(0);
            }
            refusals.push(Refusal { n, label: Arc::clone(&flight.label), cost, at });
        }
        let forgets = self.scopes.len() > REMEMBERED;
        if forgets {
            self.scopes.pop_lru();
        }
        forgets
    }

    pub(super) fn clear(&mut self) {
        self.era += 1;
        if !self.scopes.is_empty() {
            self.scopes.clear();
        }
    }
}

//! Refusals for lack of credits, and when the credits may have come back. `continued_after_428`: paid actions that are sent,
//! and refused, after one was refused.

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

/// The refusals of each account or site with paid actions.
#[derive(Debug)]
pub(super) struct Refusals {
    scopes: LruCache<u64, Scope>,
    /// Changes when a rule resets or an action changes something: credits may be there again.
    era: u64,
}

#[derive(Debug, Default)]
struct Scope {
    /// Those that may still count.
    refusals: Vec<Refusal>,
    /// When its balance was last answered.
    read: Option<Duration>,
}

#[derive(Debug)]
struct Refusal {
    n: u64,
    label: Arc<str>,
    cost: i64,
    at: Duration,
    era: u64,
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

    /// A paid action arrives. Returns whether a scope was forgotten for it.
    pub(super) fn arrived(&mut self, scope: u64) -> bool {
        self.scopes.get_or_insert(scope, Scope::default);
        let forgets = self.scopes.len() > REMEMBERED;
        if forgets {
            self.scopes.pop_lru();
        }
        forgets
    }

    /// Whether a refusal of an era, answered at this time, no longer counts: since then a rule was reset, credits were added,
    /// or the balance of the scope was answered. A scope that was forgotten may have been read.
    pub(super) fn is_over(&self, scope: u64, era: u64, at: Duration) -> bool {
        let was_read = |scope: &Scope| scope.read.is_some_and(|read| read >= at);
        era != self.era || self.scopes.peek(&scope).is_none_or(was_read)
    }

    /// The refusal that a request of this cost would repeat.
    pub(super) fn repeated(&self, scope: u64, cost: i64, arrived: Duration) -> Option<u64> {
        let mut refusals = self.scopes.peek(&scope)?.refusals.iter().filter(|refusal| refusal.era == self.era);
        let repeated = refusals.find(|refusal| refusal.cost <= cost && arrived > refusal.at + GRACE)?;
        Some(repeated.n)
    }

    /// A balance of the scope was answered.
    pub(super) fn was_read(&mut self, scope: u64, at: Duration) {
        if let Some(scope) = self.scopes.peek_mut(&scope) {
            scope.read = scope.read.max(Some(at));
            scope.refusals.retain(|refusal| refusal.at > at);
        }
    }

    /// A paid action was refused.
    pub(super) fn refused(&mut self, n: u64, flight: &Flight, at: Duration, findings: &mut Findings) {
        if self.is_over(flight.scope, flight.era, at) {
            return;
        }
        let (Some(cost), Some(scope)) = (flight.cost, self.scopes.get_mut(&flight.scope)) else { return };
        let refusals = &mut scope.refusals;
        refusals.retain(|refusal| refusal.era == self.era);
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
            refusals.push(Refusal { n, label: Arc::clone(&flight.label), cost, at, era: self.era });
        }
    }

    /// No refusal so far counts any more.
    pub(super) fn clear(&mut self) {
        self.era += 1;
    }
}

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use log::Level;

use super::decision::Query;
use super::ledger::Grant;
use super::shared::{Shared, SubGate};
use crate::MAX_COST;
use crate::fork::generation;

/// Credits that a gate has set aside for one action. Thread-safe.
///
/// It ends once:
///
/// - with [`commit`](Self::commit), [`commit_actual`](Self::commit_actual) or [`commit_part`](Self::commit_part): the action ran;
/// - with [`release`](Self::release): the action certainly did not run;
/// - with [`report_exhausted`](Self::report_exhausted): the vendor refused the action for lack of credits.
///
/// A reservation that is dropped, or older than its time to live, is unresolved: nobody knows whether the action was
/// charged. It then counts like a commit in the estimate, and not against a limit.
///
/// The first commit counts, even if the reservation has expired or was released. Any other end after the first does
/// nothing, and returns false. The exception is the first `report_exhausted` after an expiry: it returns false too, but the
/// gate denies from then on.
///
/// An end never fails and never blocks.
#[must_use = "a dropped reservation counts as spent"]
pub struct Reservation {
    shared: Arc<Shared>,
    sub_gate: Option<Arc<SubGate>>,
    grant: Grant,
    unit_cost: u64,
    label: Option<Arc<str>>,
    /// The process that was granted it.
    generation: u64,
    /// The credits that no end has accounted for. Changed under the lock.
    left: AtomicU64,
    /// One of the states below. Changed under the lock.
    state: AtomicU8,
    /// When it became unresolved: when it was abandoned, or else when it expires. Changed under the lock.
    unresolved: AtomicU64,
}

/// Open, or unresolved: the ledger knows.
const OPEN: u8 = 0;
const RELEASED: u8 = 1;
const COMMITTED: u8 = 2;
/// Unresolved, and then reported as refused.
const REFUSED: u8 = 3;

/// The cost of an action that ran.
#[derive(Clone, Copy)]
enum Commit {
    AtCost,
    Actual(u64),
    Part(u64),
}

impl Reservation {
    pub(super) fn new(shared: &Arc<Shared>, sub_gate: Option<&Arc<SubGate>>, query: &Query, grant: Grant) -> Self {
        Self {
            shared: Arc::clone(shared),
            sub_gate: sub_gate.map(Arc::clone),
            grant,
            unit_cost: query.ask.unit_cost,
            label: query.label.clone(),
            generation: generation(),
            left: AtomicU64::new(grant.cost),
            state: AtomicU8::new(OPEN),
            unresolved: AtomicU64::new(grant.key.deadline),
        }
    }

    /// The credits that are still reserved.
    pub fn cost(&self) -> u64 {
        if self.is_open() { self.left.load(Ordering::Acquire) } else { 0 }
    }

    /// How many actions it is for: more than 1 only from [`reserve_up_to`](crate::CreditGate::reserve_up_to).
    pub fn count(&self) -> u64 {
        self.grant.count
    }

    /// The credits that one action costs.
    pub fn unit_cost(&self) -> u64 {
        self.unit_cost
    }

    /// The label, for logs and [`GateState`](crate::GateState).
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        if self.state.load(Ordering::Acquire) != OPEN {
            return false;
        }
        // In a forked child it is a copy, which never expires.
        self.is_inherited() || {
            let now = self.shared.now();
            let books = self.shared.books();
            let mut books = books.lock();
            books.ledger.advance(now);
            books.ledger.get(self.grant.key).is_some()
        }
    }

    /// The action ran, at its reserved cost. False if it was committed before.
    pub fn commit(&self) -> bool {
        self.end_with(Commit::AtCost)
    }

    /// The action ran, at this cost, which may be less or more than was reserved.
    ///
    /// A cost above 2^63 - 1 is an error of the program: the reserved cost counts instead, with a `warn`.
    pub fn commit_actual(&self, cost: u64) -> bool {
        self.end_with(Commit::Actual(cost))
    }

    /// A part of the action ran, at this cost. The rest stays reserved.
    ///
    /// A cost above 2^63 - 1 is an error of the program: what is left of the reserved cost counts instead, with a `warn`.
    pub fn commit_part(&self, cost: u64) -> bool {
        self.end_with(Commit::Part(cost))
    }

    /// The action certainly did not run. Its credits are free at once.
    pub fn release(&self) -> bool {
        self.give_back(false)
    }

    /// The vendor refused the action for lack of credits (Wix: HTTP 428 `REQUEST_NOT_ELIGIBLE`). Releases the
    /// reservation. The gate and its sub-gates then deny until new credits show.
    ///
    /// The first report after the reservation has expired returns false, but the gate denies then too.
    pub fn report_exhausted(&self) -> bool {
        self.give_back(true)
    }

    /// Leaves it unresolved, as a drop does. For bindings whose objects outlive their use.
    #[doc(hidden)]
    pub fn abandon(&self) {
        if self.state.load(Ordering::Acquire) == OPEN && !self.is_inherited() {
            let now = self.shared.now();
            let books = self.shared.books();
            let mut books = books.lock();
            books.ledger.advance(now);
            if let Some(at) = books.ledger.abandon(self.grant.key) {
                self.unresolved.store(at, Ordering::Release);
            }
        }
    }

    fn is_inherited(&self) -> bool {
        self.generation != generation()
    }

    fn end_with(&self, commit: Commit) -> bool {
        let now = self.shared.now();
        let account = self.sub_gate.as_deref().map(SubGate::account);
        let late = {
            let books = self.shared.books();
            let mut books = books.lock();
            books.ledger.advance(now);
            let ledger = &mut books.ledger;
            let state = self.state.load(Ordering::Acquire);
            if state == COMMITTED {
                return false;
            }
            let left = self.left.load(Ordering::Acquire);
            let (actual, rest) = match commit {
                // An end never fails, and a cost that no balance can hold would use up every limit for ever.
                Commit::AtCost => (left, None),
                Commit::Actual(actual) if actual > MAX_COST => (left, None),
                Commit::Part(actual) if actual > MAX_COST => (left, Some(0)),
                Commit::Actual(actual) => (actual, None),
                Commit::Part(actual) => (actual, Some(left.saturating_sub(actual))),
            };
            let is_inherited = self.is_inherited();
            // The number of an inherited one may be another's here.
            let is_done = state == OPEN
                && !is_inherited
                && match rest {
                    None => ledger.commit(self.grant.key, Some(actual)),
                    Some(_) => ledger.commit_part(self.grant.key, actual).is_some(),
                };
            match state {
                _ if is_done => {}
                OPEN | REFUSED if !is_inherited => {
                    let ended = self.unresolved.load(Ordering::Acquire);
                    ledger.spend_unresolved(self.grant.key, ended, account, left, actual, rest.is_none());
                }
                _ => ledger.spend(account, actual),
            }
            self.left.store(rest.unwrap_or(0), Ordering::Release);
            if rest.is_none() {
                self.state.store(COMMITTED, Ordering::Release);
            }
            (!is_done && !is_inherited).then_some((state, actual))
        };
        if let Commit::Actual(cost) | Commit::Part(cost) = commit
            && cost > MAX_COST
        {
            let label = Label(self.label());
            self.shared.client.record(
                Level::Warn,
                format_args!(
                    "the reservation{label} was committed at {cost} credits, which is no cost: its reserved cost counts"
                ),
            );
        }
        if let Some((state, actual)) = late {
            let (end, label) = (if state == RELEASED { "was released" } else { "has expired" }, Label(self.label()));
            self.shared.client.record(
                Level::Warn,
                format_args!("the reservation{label} was committed after it {end}: {actual} credits, which count now"),
            );
        }
        true
    }

    fn give_back(&self, is_exhausted: bool) -> bool {
        let now = self.shared.now();
        let books = self.shared.books();
        let mut books = books.lock();
        books.ledger.advance(now);
        if self.state.load(Ordering::Acquire) != OPEN {
            return false;
        }
        let is_inherited = self.is_inherited();
        let was_open = !is_inherited && books.ledger.release(self.grant.key);
        // A refusal is news, even of an action whose reservation has expired.
        if is_exhausted && (is_inherited || self.grant.era == books.ledger.exhaustion.era()) {
            let starts = books.flight.starts();
            books.ledger.report_exhausted(starts);
        }
        if was_open || is_inherited {
            self.state.store(RELEASED, Ordering::Release);
        } else if is_exhausted {
            // A second report is no news.
            self.state.store(REFUSED, Ordering::Release);
        }
        was_open || is_inherited
    }
}

/// Nobody knows whether the action ran.
impl Drop for Reservation {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// ` "label"`, or nothing.
struct Label<'a>(Option<&'a str>);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |label| write!(f, " {label:?}"))
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("cost", &self.cost()).field("label", &self.label()).finish_non_exhaustive()
    }
}

use std::fmt;

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
/// An end never fails and never blocks.
#[must_use = "a dropped reservation counts as spent"]
pub struct Reservation(());

impl Reservation {
    /// The credits that are still reserved.
    pub fn cost(&self) -> u64 {
        0
    }

    /// How many actions it is for: more than 1 only from [`reserve_up_to`](crate::CreditGate::reserve_up_to).
    pub fn count(&self) -> u64 {
        0
    }

    /// The credits that one action costs.
    pub fn unit_cost(&self) -> u64 {
        0
    }

    /// The label, for logs and [`GateState`](crate::GateState).
    pub fn label(&self) -> Option<&str> {
        None
    }

    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        let () = self.0;
        false
    }

    /// The action ran, at its reserved cost. False if the reservation had been committed before.
    pub fn commit(&self) -> bool {
        false
    }

    /// The action ran, at this cost, which may be less or more.
    pub fn commit_actual(&self, cost: u64) -> bool {
        let _ = cost;
        false
    }

    /// A part of the action ran, at this cost. The rest stays reserved.
    pub fn commit_part(&self, cost: u64) -> bool {
        let _ = cost;
        false
    }

    /// The action certainly did not run. Its credits are free at once.
    pub fn release(&self) -> bool {
        false
    }

    /// The vendor refused the action for lack of credits (Wix: HTTP 428 `REQUEST_NOT_ELIGIBLE`). Releases the reservation.
    pub fn report_exhausted(&self) -> bool {
        false
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("cost", &self.cost()).field("label", &self.label()).finish_non_exhaustive()
    }
}

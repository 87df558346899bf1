use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::constant::constants;
use crate::timestamp::Timestamp;

constants! {
    /// Why a credit gate denied a reservation.
    DenialReason {
        Limit = 1, "LIMIT", "The limit of the gate or the sub-gate does not allow it. No reading changes that.";
        Exhausted = 2, "EXHAUSTED", "The vendor refused an action for lack of credits, and nothing has shown new credits since.";
        Unavailable = 3, "UNAVAILABLE", "No reading could decide: it failed, or it lacks a count. The cause has the error of the failed reading.";
        Insufficient = 4, "INSUFFICIENT", "The reading shows too few credits.";
    }
}

/// Why a [`CreditGate`](crate::CreditGate) did not grant a reservation: the data of an error of kind
/// [`Denied`](crate::ErrorKind::Denied), from [`Error::denial`](crate::Error::denial).
///
/// `Display` is one sentence. The sentence and the date of [`affordable_at`](Self::affordable_at) are computed when asked.
#[derive(Clone)]
pub struct Denial {
    pub(crate) reason: DenialReason,
    pub(crate) cost: u64,
    pub(crate) grantable: Option<i64>,
    pub(crate) age: Option<Duration>,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) outlook: Arc<dyn Outlook>,
}

/// The parts of a denial that are made when they are asked for, from the reading that decided.
pub(crate) trait Outlook: Send + Sync {
    /// When the cost becomes affordable, as far as it is known.
    fn affordable_at(&self, denial: &Denial) -> Option<Timestamp>;

    /// Writes the sentence.
    fn explain(&self, denial: &Denial, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Denial {
    /// Why the reservation was denied.
    pub fn reason(&self) -> DenialReason {
        self.reason
    }

    /// The credits that the caller asked for; of one action with
    /// [`reserve_up_to`](crate::CreditGate::reserve_up_to).
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// The credits that the gate could grant at that moment. It is negative if more is reserved than is there. `None` if
    /// it is unknown.
    pub fn grantable(&self) -> Option<i64> {
        self.grantable
    }

    /// The credits that are missing: the cost less what could be granted, a negative figure counted as 0. `None` if it is
    /// unknown.
    pub fn shortfall(&self) -> Option<u64> {
        let grantable = u64::try_from(self.grantable?.max(0)).unwrap_or_default();
        self.cost.checked_sub(grantable).filter(|&short| short > 0)
    }

    /// When the gate can grant the cost, if nobody else spends: the earlier of a known reset that brings the credits and
    /// the end of the visibility delay of commits that suffice. `None` if no known event brings them.
    pub fn affordable_at(&self) -> Option<Timestamp> {
        self.outlook.affordable_at(self)
    }

    /// The age of the reading that decided. `None` if there was no reading.
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// The label of the reservation that was asked for.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outlook.explain(self, f)
    }
}

impl fmt::Debug for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Denial")
            .field("reason", &self.reason)
            .field("cost", &self.cost)
            .field("grantable", &self.grantable)
            .field("age", &self.age)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

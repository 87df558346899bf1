use std::fmt;
use std::sync::Arc;

use super::request::{GateRequest, Want};
use super::reservation::Reservation;
use super::settings::GateSettings;
use super::state::GateState;
use crate::{Balance, Call, Client, Error, Scope};

/// Grants actions that cost credits, so that callers which run at once do not spend the same credits twice.
///
/// One gate serves one scope of a client. Make one and share it. Thread-safe. A clone is another handle to the same gate.
///
/// A balance is a hint: other programs spend from the same pool, a charge may show late, and the vendor's refusal is
/// final. Report a refusal with [`Reservation::report_exhausted`].
#[derive(Clone)]
pub struct CreditGate(Arc<Inner>);

struct Inner {
    client: Client,
    scope: Arc<Scope>,
}

impl CreditGate {
    pub(super) fn new(client: Client, settings: GateSettings) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner { client, scope: settings.scope })))
    }

    /// Reserves credits for an action. It never waits for credits, but it may wait for a reading: at most for
    /// `read_timeout`.
    ///
    /// # Errors
    ///
    /// [`Denied`](crate::ErrorKind::Denied), with [`Error::denial`]. Otherwise [`Cancelled`](crate::ErrorKind::Cancelled),
    /// [`Closed`](crate::ErrorKind::Closed) or [`InvalidArgument`](crate::ErrorKind::InvalidArgument), whatever
    /// `when_unavailable` is.
    pub fn reserve(&self, cost: u64) -> Result<Reservation, Error> {
        self.reserve_with(cost, &Call::new())
    }

    /// As [`reserve`](Self::reserve), with the settings of one call: its label, its reservation's time to live, its
    /// timeout and its cancel token.
    pub fn reserve_with(&self, cost: u64, call: &Call) -> Result<Reservation, Error> {
        let _ = (cost, call, &self.0.client);
        Err(Error::unexpected("not built yet"))
    }

    /// As [`reserve`](Self::reserve), but it never blocks and makes no reading.
    pub fn reserve_now(&self, cost: u64) -> Result<Reservation, Error> {
        self.reserve_now_with(cost, &Call::new())
    }

    /// As [`reserve_now`](Self::reserve_now), with the settings of one call.
    pub fn reserve_now_with(&self, cost: u64, call: &Call) -> Result<Reservation, Error> {
        self.reserve_with(cost, call)
    }

    /// Reserves as many of `wanted` equal actions as fit, in one step. [`Reservation::count`] says how many.
    pub fn reserve_up_to(&self, unit_cost: u64, wanted: u64) -> Result<Reservation, Error> {
        self.reserve_up_to_with(unit_cost, wanted, &Call::new())
    }

    /// As [`reserve_up_to`](Self::reserve_up_to), with the settings of one call.
    pub fn reserve_up_to_with(&self, unit_cost: u64, wanted: u64, call: &Call) -> Result<Reservation, Error> {
        self.reserve_with(unit_cost.saturating_mul(wanted), call)
    }

    /// Reads the balance now, for event loops and warm-up.
    pub fn refresh(&self) -> Result<Balance, Error> {
        self.refresh_with(&Call::new())
    }

    /// As [`refresh`](Self::refresh), with the settings of one call.
    pub fn refresh_with(&self, call: &Call) -> Result<Balance, Error> {
        let _ = call;
        Err(Error::unexpected("not built yet"))
    }

    /// A reserve as a state machine that never blocks, for bindings and event loops.
    #[doc(hidden)]
    pub fn request(&self, want: Want, call: &Call) -> Result<GateRequest, Error> {
        let _ = (want, call);
        Err(Error::unexpected("not built yet"))
    }

    /// Reports that the vendor refused an action for lack of credits, without a reservation.
    pub fn report_exhausted(&self) {}

    /// A gate with its own limit that draws on this one.
    pub fn sub_gate(&self, limit: u64) -> Result<Self, Error> {
        let _ = limit;
        Err(Error::unexpected("not built yet"))
    }

    /// Sets the limit.
    pub fn set_limit(&self, limit: u64) -> Result<(), Error> {
        let _ = limit;
        Err(Error::unexpected("not built yet"))
    }

    /// The figures of this moment.
    pub fn state(&self) -> GateState {
        GateState::default()
    }

    /// The reading in force.
    pub fn balance(&self) -> Option<Balance> {
        None
    }

    /// Whose credits the gate grants.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }
}

impl fmt::Debug for CreditGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreditGate").field("scope", &self.0.scope).finish_non_exhaustive()
    }
}

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::clock::{GateClock, Nanos, nanos};
use super::decision::{Decision, Progress, Query};
use super::ledger::Ask;
use super::request::GateRequest;
use super::reservation::Reservation;
use super::settings::{GateSettings, ReserveSettings};
use super::shared::{OpenBooks, Shared, SubGate};
use super::state::GateState;
use super::step::{Outcome, Step, Want};
use super::verdict;
use super::wake::Wake;
use super::waker::ThreadWaker;
use crate::client::GateClaim;
use crate::decide::check_cost;
use crate::settings::Setting;
use crate::{Balance, Call, Cancel, Client, Error, ErrorKind, Scope, Timestamp};

/// Grants actions that cost credits, so that callers which run at once do not spend the same credits twice.
///
/// One gate serves one scope of a client. Make one and share it. Thread-safe. A clone is another handle to the same gate.
///
/// It grants up to the last reading of the balance, less what was committed and what is reserved. It makes a new reading
/// when the last one is too old or shows too few credits: in the thread of one caller, while the others wait for it.
///
/// A balance is a hint: other programs spend from the same pool, a charge may show late, and the vendor's refusal is
/// final. Report a refusal with [`Reservation::report_exhausted`].
///
/// ```
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// # let client = aicredits::Client::builder()
/// #     .api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url()).build()?;
/// # fn generate_image() -> Result<(), String> { Ok(()) }
/// let gate = client.gate().headroom(10).build()?;
/// match gate.reserve(40) {
///     Ok(reservation) => {
///         generate_image()?;
///         reservation.commit();
///     }
///     Err(error) if error.denial().is_some() => println!("not now: {error}"),
///     Err(error) => return Err(error.into()),
/// }
/// # assert_eq!(gate.state().grantable(), Some(1050 - 40 - 10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CreditGate {
    shared: Arc<Shared>,
    sub_gate: Option<Arc<SubGate>>,
    /// Held by the gate and its sub-gates, and by no reservation: so a program that has lost its gate can make another.
    _claim: Arc<GateClaim>,
}

impl CreditGate {
    pub(super) fn new(client: Client, settings: GateSettings, clock: Arc<dyn GateClock>) -> Result<Self, Error> {
        if client.is_closed() {
            return Err(Error::closed());
        }
        let Some(claim) = client.claim_gate(&settings.scope) else {
            return Err(Setting::GateScope.error(format_args!(
                "has a gate already ({}): share the first one, since two gates would grant the same credits twice",
                settings.scope
            )));
        };
        Ok(Self { shared: Arc::new(Shared::new(client, settings, clock)), sub_gate: None, _claim: claim })
    }

    /// Reserves credits for an action. It never waits for credits, but it may wait for readings: at most for two, and at most
    /// for `read_timeout` in all. A cost of 0 is granted at once.
    ///
    /// # Errors
    ///
    /// - [`Denied`](crate::ErrorKind::Denied), with [`Error::denial`];
    /// - [`Cancelled`](crate::ErrorKind::Cancelled), [`Closed`](crate::ErrorKind::Closed) or
    ///   [`InvalidArgument`](crate::ErrorKind::InvalidArgument), whatever `when_unavailable` is. A call from a credential
    ///   provider or a log callback of the same client is an `InvalidArgument` too.
    pub fn reserve(&self, cost: u64) -> Result<Reservation, Error> {
        self.reserve_with(cost, &Call::new())
    }

    /// As [`reserve`](Self::reserve), with the settings of one call: its label, its reservation's time to live, its
    /// timeout and its cancel token.
    pub fn reserve_with(&self, cost: u64, call: &Call) -> Result<Reservation, Error> {
        self.reserve_or_read(Want::Cost(cost), call)
    }

    /// As [`reserve`](Self::reserve), but it never blocks and makes no reading.
    ///
    /// Its reason is [`Insufficient`](crate::DenialReason::Insufficient) only by a reading that was requested less than
    /// `min_interval` ago. Otherwise a lack of credits is [`Unavailable`](crate::DenialReason::Unavailable).
    pub fn reserve_now(&self, cost: u64) -> Result<Reservation, Error> {
        self.reserve_now_with(cost, &Call::new())
    }

    /// As [`reserve_now`](Self::reserve_now), with the settings of one call.
    pub fn reserve_now_with(&self, cost: u64, call: &Call) -> Result<Reservation, Error> {
        let query = self.query(Want::Cost(cost), call)?.map(|query| Query { may_read: false, ..query });
        self.decide_at_once(&query)?.unwrap_or_else(|| Err(Error::unexpected("a reading was asked for")))
    }

    /// Reserves as many of `wanted` equal actions as fit, in one step. [`Reservation::count`] says how many.
    ///
    /// If none fits, the error is [`Denied`](crate::ErrorKind::Denied). If some fit, it makes no reading to find more.
    pub fn reserve_up_to(&self, unit_cost: u64, wanted: u64) -> Result<Reservation, Error> {
        self.reserve_up_to_with(unit_cost, wanted, &Call::new())
    }

    /// As [`reserve_up_to`](Self::reserve_up_to), with the settings of one call.
    pub fn reserve_up_to_with(&self, unit_cost: u64, wanted: u64, call: &Call) -> Result<Reservation, Error> {
        self.reserve_or_read(Want::UpTo { unit_cost, wanted }, call)
    }

    /// Reads the balance now, for event loops and warm-up.
    ///
    /// It waits for a reading in flight instead of making a second one. A reading that was requested less than
    /// `min_interval` ago is the result.
    ///
    /// # Errors
    ///
    /// Those of [`Client::get_balance`]. After a failure it returns that error at once until the next reading may start.
    pub fn refresh(&self) -> Result<Balance, Error> {
        self.refresh_with(&Call::new())
    }

    /// As [`refresh`](Self::refresh), with the settings of one call.
    pub fn refresh_with(&self, call: &Call) -> Result<Balance, Error> {
        let entered = Instant::now();
        match self.run(self.query(Want::Refresh, call)?, call, entered)? {
            Outcome::Read(balance) => Ok(balance),
            Outcome::Reserved(_) => Err(Error::unexpected("a refresh reserved credits")),
        }
    }

    /// A reserve that does not block: `None` if it needs a reading. For bindings whose preparation of a blocking call costs
    /// more than a decision.
    #[doc(hidden)]
    pub fn reserve_at_once(&self, want: Want, call: &Call) -> Result<Option<Reservation>, Error> {
        self.decide_at_once(&self.query(want, call)?)?.transpose()
    }

    /// A reserve as a state machine that never blocks, for bindings and event loops.
    #[doc(hidden)]
    pub fn request(&self, want: Want, call: &Call) -> Result<GateRequest, Error> {
        let query = self.query(want, call)?;
        Ok(self.start(query, call, Instant::now()))
    }

    /// Reports that the vendor refused an action for lack of credits, without a reservation.
    pub fn report_exhausted(&self) {
        let now = self.now();
        let books = self.books();
        let mut books = books.lock();
        books.ledger.advance(now);
        let starts = books.flight.starts();
        books.ledger.report_exhausted(starts);
    }

    /// A gate with its own limit that grants from this one: for a visitor, a tenant or a job. A sub-gate has no sub-gates.
    ///
    /// Each reservation counts in both gates. Commits count for the life of the sub-gate, which is in memory.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if this is a sub-gate, or if the limit is above 2^63 - 1.
    pub fn sub_gate(&self, limit: u64) -> Result<Self, Error> {
        self.check_limit(limit)?;
        if self.sub_gate.is_some() {
            return Err(Error::invalid_argument("sub_gate", "has no sub-gates: make them from the gate itself"));
        }
        let sub_gate = Some(Arc::new(SubGate::new(&self.shared, limit)));
        Ok(Self { shared: Arc::clone(&self.shared), sub_gate, _claim: Arc::clone(&self._claim) })
    }

    /// Sets the limit. Commits before this call count against it. Below what is used, the gate denies until the limit is
    /// raised; open reservations stay.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the limit is above 2^63 - 1.
    pub fn set_limit(&self, limit: u64) -> Result<(), Error> {
        self.check_limit(limit)?;
        match &self.sub_gate {
            None => self.shared.set_limit(limit),
            Some(sub_gate) => sub_gate.set_limit(limit),
        }
        Ok(())
    }

    /// The figures of this moment.
    pub fn state(&self) -> GateState {
        let (now, date) = (self.now(), self.date());
        let account = self.account();
        let books = self.books();
        let mut books = books.lock();
        let now = books.ledger.advance(now);
        GateState::new(&books.ledger, account, now, date)
    }

    /// The reading in force.
    pub fn balance(&self) -> Option<Balance> {
        let reading = self.books().lock().ledger.estimate.reading().map(Arc::clone);
        reading.map(|reading| reading.balance.clone())
    }

    /// Whose credits the gate grants.
    pub fn scope(&self) -> &Scope {
        &self.shared.settings.scope
    }

    /// How many requests wait for a reading.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.books().lock().flight.waiting()
    }

    fn check_limit(&self, limit: u64) -> Result<(), Error> {
        let fault = Setting::Limit.kind().credits_fault(limit);
        fault.map_or(Ok(()), |fault| Err(self.worded(Setting::Limit.error(fault))))
    }

    fn worded(&self, error: Error) -> Error {
        error.worded_for(self.shared.client.surface())
    }

    fn now(&self) -> Nanos {
        self.shared.now()
    }

    fn date(&self) -> Timestamp {
        self.shared.date()
    }

    fn books(&self) -> OpenBooks {
        self.shared.books()
    }

    fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    fn account(&self) -> Option<super::account::AccountId> {
        self.sub_gate.as_deref().map(SubGate::account)
    }

    /// Checks what is asked for. `None` asks for a reading.
    fn query(&self, want: Want, call: &Call) -> Result<Option<Query>, Error> {
        self.checked(want, call).map_err(|error| self.worded(error))
    }

    fn checked(&self, want: Want, call: &Call) -> Result<Option<Query>, Error> {
        if self.shared.client.is_calling() {
            return Err(Error::invalid_argument(
                "reserve",
                "must not be called by the client's credential provider or log callback",
            ));
        }
        let ReserveSettings { label, reservation_ttl } = ReserveSettings::checked(call, &self.shared.settings)?;
        if call.cancel.as_ref().is_some_and(Cancel::is_cancelled) {
            return Err(Error::new(ErrorKind::Cancelled, "the call was cancelled before it started"));
        }
        let ask = match want {
            Want::Refresh => return Ok(None),
            Want::Cost(cost) => {
                check_cost("cost", cost)?;
                Ask { unit_cost: cost, wanted: 1 }
            }
            Want::UpTo { unit_cost, wanted } => {
                check_cost("unit_cost", unit_cost)?;
                check_cost("wanted", wanted)?;
                Ask { unit_cost, wanted }
            }
        };
        let (account, ttl) = (self.account(), nanos(reservation_ttl));
        let may_read = !self.shared.settings.is_dry_run;
        Ok(Some(Query { account, ask, ttl, label, may_read }))
    }

    /// As [`reserve_with`](Self::reserve_with) and [`reserve_up_to_with`](Self::reserve_up_to_with), for bindings.
    #[doc(hidden)]
    pub fn reserve_or_read(&self, want: Want, call: &Call) -> Result<Reservation, Error> {
        let query = self.query(want, call)?;
        if let Some(decided) = self.decide_at_once(&query)? {
            return decided;
        }
        match self.run(query, call, Instant::now())? {
            Outcome::Reserved(reservation) => Ok(reservation),
            Outcome::Read(_) => Err(Error::unexpected("a reserve made a reading")),
        }
    }

    /// The decision, unless it needs a reading. It makes no descriptor and takes the lock once.
    fn decide_at_once(&self, query: &Option<Query>) -> Result<Option<Result<Reservation, Error>>, Error> {
        let Some(query) = query else { return Ok(None) };
        if self.is_closed() {
            return Err(Error::closed());
        }
        let now = self.now();
        let decision = {
            let books = self.books();
            let mut books = books.lock();
            let now = books.ledger.advance(now);
            let progress = Progress { entered: books.flight.starts(), ..Progress::default() };
            books.decide(query, &progress, now)
        };
        match decision {
            Decision::Reading => Ok(None),
            decision => Ok(Some(verdict::reservation(&self.shared, self.sub_gate.as_ref(), query, decision))),
        }
    }

    fn start(&self, query: Option<Query>, call: &Call, entered: Instant) -> GateRequest {
        let left = |end: Instant| end.saturating_duration_since(entered);
        // A binding's queue may have delayed the call since it started.
        let started = call.started.unwrap_or(entered);
        let of_call = call.timeout.map(|timeout| left(started + timeout));
        let of_deadline = call.deadline.map(left);
        let most = self.shared.settings.read_timeout;
        let timeout = of_call.into_iter().chain(of_deadline).fold(most, Ord::min);
        let deadline = self.now().saturating_add(nanos(timeout));
        GateRequest::new(&self.shared, self.sub_gate.as_ref(), query, call, deadline, timeout)
    }

    /// Blocks until the request is done.
    fn run(&self, query: Option<Query>, call: &Call, entered: Instant) -> Result<Outcome, Error> {
        let mut request = self.start(query, call, entered);
        let mut context = None;
        loop {
            let waker = ThreadWaker::new();
            let wake: Arc<dyn Wake> = Arc::clone(&waker) as Arc<dyn Wake>;
            match request.step(&wake) {
                Step::Done(result) => return result,
                Step::Read => request.read(call),
                Step::Wait => {
                    let context = context.get_or_insert_with(|| {
                        let call = Call { started: None, ..call.clone() };
                        self.shared.client.waiting(&call, request.timeout(), entered)
                    });
                    let patience = request.patience();
                    if !waker.wait(context, patience).map_err(|error| self.worded(error))? {
                        request.expire();
                    }
                }
            }
        }
    }
}

impl fmt::Debug for CreditGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreditGate").field("scope", self.scope()).finish_non_exhaustive()
    }
}

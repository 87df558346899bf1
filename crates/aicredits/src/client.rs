use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

use crate::credential::CredentialSource;
use crate::execution::Execution;
use crate::fork::{ForkLocal, PerProcess};
use crate::http::Http;
use crate::net::Context;
use crate::pacing::Limits;
use crate::retry::Retries;
use crate::settings::{Setting, Surface};
use crate::{Balance, Call, Error, Scope, pasted};

/// A client of the API. Create it once and keep it: its connection pool keeps connections alive between calls.
///
/// Thread-safe. A clone is another handle to the same client.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: Http,
    credential: CredentialSource,
    /// None with `per_call_scope`.
    scope: Option<Arc<Scope>>,
    timeout: Duration,
    retries: Retries,
    /// The language (Rust, C, Go, …) whose names of settings the messages use.
    surface: Surface,
    /// The gates of this process, by scope.
    gates: PerProcess<Mutex<Gates>>,
    /// Of the fleets of this process.
    limits: PerProcess<Limits>,
}

type Gates = Vec<(Arc<Scope>, Weak<GateClaim>)>;

/// The one live gate for a client and a scope holds it.
pub(crate) struct GateClaim(());

thread_local! {
    /// The clients whose calls run in this thread: more than one if a credential provider makes a call.
    static CALLING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// While it lives, the thread may be in a callback of its client.
pub(crate) struct Calling(());

impl Drop for Calling {
    fn drop(&mut self) {
        let _ = CALLING.try_with(|calling| calling.borrow_mut().pop());
    }
}

impl Client {
    pub(crate) fn new(
        http: Http,
        credential: CredentialSource,
        scope: Option<Arc<Scope>>,
        timeout: Duration,
        retries: Retries,
        surface: Surface,
    ) -> Self {
        let (gates, limits) = (PerProcess::empty(), PerProcess::empty());
        Self(Arc::new(Inner { http, credential, scope, timeout, retries, surface, gates, limits }))
    }

    /// The current AI credit balance of the client's scope. Blocks, at most for the client's timeout.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind) of a call. The error has the scope. If the server answered, it also has the
    /// request id.
    ///
    /// ```
    /// # let emulator = aicredits_emulator::Emulator::start()?;
    /// let client = aicredits::Client::builder()
    ///     .api_key(emulator.api_key())
    ///     .account(emulator.account_id())
    ///     .base_url(emulator.url())
    ///     .build()?;
    /// let balance = client.get_balance()?;
    /// assert_eq!(balance.available(), Some(1050));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_balance(&self) -> Result<Balance, Error> {
        self.get_balance_with(&Call::new())
    }

    /// As [`get_balance`](Self::get_balance), with the settings of one call.
    ///
    /// # Errors
    ///
    /// The errors of [`get_balance`](Self::get_balance), and [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if
    /// the call's scope or timeout is wrong, or if it has a setting of a reservation.
    pub fn get_balance_with(&self, call: &Call) -> Result<Balance, Error> {
        self.execute(call, |execution| execution.run())
    }

    /// The error for a `call` that times out while the credential provider runs. Does not block.
    ///
    /// Language bindings use it to end a call whose provider still blocks a thread.
    #[doc(hidden)]
    pub fn credential_timeout(&self, call: &Call) -> Error {
        // It is unknown how much of the time the call waited in the binding's queue.
        let call = Call { started: None, ..call.clone() };
        self.execute(&call, |execution| Ok(execution.credential_timeout())).unwrap_or_else(|error| error)
    }

    fn execute<T>(&self, call: &Call, work: impl FnOnce(Execution<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.execute_unworded(call, work).map_err(|error| error.worded_for(self.0.surface))
    }

    fn execute_unworded<T>(
        &self,
        call: &Call,
        work: impl FnOnce(Execution<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Inner { http, credential: source, scope, timeout, retries, surface, .. } = &*self.0;
        let entered = Instant::now();
        let timeout = call.timeout.unwrap_or(*timeout);
        let scope = match (&call.scope, scope) {
            (Some(scope), _) => {
                check_scope(scope, source, Setting::CALL_IDS)?;
                scope
            }
            (None, Some(scope)) => scope,
            (None, None) => {
                return Err(Setting::CallScope.error("is not set: the client has none, so each call names one"));
            }
        };
        if let Some(fault) = Setting::CallTimeout.kind().time_fault(timeout) {
            return Err(Setting::CallTimeout.error(fault));
        }
        refuse_reservation_settings(call)?;

        let _calling = self.enter();
        let connections = http.connections();
        let context = http.begin(&connections, call, timeout, entered);
        let execution = Execution::new(http, source, retries, scope, &connections, &context, *surface);
        work(execution.observed_by(call.observer.as_deref()))
    }

    /// Ends the calls in flight, in every thread, and closes the connections. These calls and later ones fail with
    /// [`Closed`](crate::ErrorKind::Closed). It does not block.
    ///
    /// Dropping the client closes the connections too. In a forked child, `close` ends only the child's calls.
    pub fn close(&self) {
        self.0.http.close();
    }

    /// The default timeout of a call.
    pub fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// How many calls may be in flight at once. Bindings with their own queue read it.
    pub fn max_concurrency(&self) -> usize {
        self.0.http.max_concurrency()
    }

    /// The reading of a gate. It begins after a pause, which is part of the call, and calls `begin` then.
    pub(crate) fn read_for_gate(
        &self,
        call: &Call,
        pause: Duration,
        begin: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Balance, Error> {
        self.execute(call, |execution| {
            execution.pause(pause)?;
            begin()?;
            execution.run()
        })
    }

    /// The state of a call that only waits, within `timeout` from `entered`.
    pub(crate) fn waiting(&self, call: &Call, timeout: Duration, entered: Instant) -> Context {
        self.0.http.begin(&self.0.http.connections(), call, timeout, entered)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.http.is_closed()
    }

    /// The calls of this client that this thread makes until the result is dropped may run the caller's code.
    pub(crate) fn enter(&self) -> Calling {
        CALLING.with_borrow_mut(|calling| calling.push(Arc::as_ptr(&self.0).addr()));
        Calling(())
    }

    /// Whether this thread is in a call of this client: the caller is its credential provider or its log callback.
    pub(crate) fn is_calling(&self) -> bool {
        let address = Arc::as_ptr(&self.0).addr();
        CALLING.try_with(|calling| calling.borrow().contains(&address)).unwrap_or(false)
    }

    /// Writes a log record, which names the client. The caller holds no lock.
    pub(crate) fn record(&self, level: log::Level, what: fmt::Arguments<'_>) {
        let _calling = self.enter();
        self.0.http.record(level, what);
    }

    /// For the first gate of a scope. `None` if there is one, also if a forked child inherited it.
    pub(crate) fn claim_gate(&self, scope: &Arc<Scope>) -> Option<Arc<GateClaim>> {
        let gates = self.0.gates.get_or_inherit(|parents| Mutex::new(parents.map_or_else(Gates::new, inherited)));
        let mut gates = gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|(_, claim)| claim.strong_count() > 0);
        if gates.iter().any(|(claimed, _)| claimed == scope) {
            return None;
        }
        let claim = Arc::new(GateClaim(()));
        gates.push((Arc::clone(scope), Arc::downgrade(&claim)));
        Some(claim)
    }

    /// The rate and the pauses of this process's fleets.
    pub(crate) fn limits(&self) -> Arc<ForkLocal<Limits>> {
        self.0.limits.get_or_make(Limits::default)
    }

    pub(crate) fn base_url(&self) -> String {
        self.0.http.base_url()
    }

    /// For the calls of a fleet, which makes the retries.
    pub(crate) fn retries(&self) -> &Retries {
        &self.0.retries
    }

    /// Whether both are handles to the same client.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The language whose names of settings the messages use.
    pub(crate) fn surface(&self) -> Surface {
        self.0.surface
    }

    /// Refuses a scope that no call of this client could ask for.
    pub(crate) fn check_scope(&self, scope: &Scope, ids: [Setting; 2]) -> Result<(), Error> {
        check_scope(scope, &self.0.credential, ids)
    }

    /// The default scope of a call, to share.
    pub(crate) fn shared_scope(&self) -> Option<&Arc<Scope>> {
        self.0.scope.as_ref()
    }

    /// The default scope of a call. `None` with [`per_call_scope`](crate::ClientBuilder::per_call_scope).
    pub fn scope(&self) -> Option<&Scope> {
        self.0.scope.as_deref()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.0.http)
            .field("credential", &self.0.credential)
            .field("scope", &self.0.scope)
            .field("timeout", &self.0.timeout)
            .field("max_retries", &self.0.retries.most())
            .finish()
    }
}

/// The gates that were there at the fork. None if another thread was making one at that moment: its lock is never released.
fn inherited(gates: &Mutex<Gates>) -> Gates {
    match gates.try_lock() {
        Ok(gates) => gates.clone(),
        Err(TryLockError::Poisoned(gates)) => gates.into_inner().clone(),
        Err(TryLockError::WouldBlock) => Gates::new(),
    }
}

/// Refuses the settings that only a gate's reservation has.
pub(crate) fn refuse_reservation_settings(call: &Call) -> Result<(), Error> {
    let given = [(Setting::Label, call.label.is_some()), (Setting::CallReservationTtl, call.reservation_ttl.is_some())];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((setting, _)) => Err(setting.error("is set, but only a gate's reservation has one")),
        None => Ok(()),
    }
}

pub(crate) fn check_scope(scope: &Scope, credential: &CredentialSource, ids: [Setting; 2]) -> Result<(), Error> {
    check_ids(scope, ids)?;
    if *scope == Scope::Credential && credential.is_api_key() {
        return Err(Setting::Scope
            .error("cannot be left to the credential: an API key has no context; name an account or a site"));
    }
    Ok(())
}

/// Refuses an id that would break the header that contains it. Runs before any socket opens.
pub(crate) fn check_ids(scope: &Scope, [account, site]: [Setting; 2]) -> Result<(), Error> {
    let ids = [(account, scope.account_id()), (site, scope.site_id())];
    for (setting, id) in ids.into_iter().filter_map(|(setting, id)| Some((setting, id?))) {
        if let Some(fault) = pasted::fault(pasted::Kind::Id, id, setting.kind().max_bytes()) {
            return Err(setting.error(fault));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_would_break_a_header_are_refused_by_name() {
        for (id, fault) in
            [("", "is empty"), ("a b", "byte 1"), ("a\r\nX: y", "byte 1"), ("ü", "byte 0"), (&"x".repeat(257), "256")]
        {
            let account = check_ids(&Scope::Account(id.into()), Setting::IDS).unwrap_err().to_string();
            assert!(account.contains("account_id") && account.contains(fault), "{account}");
            let both = Scope::AccountAndSite { account: "a".into(), site: id.into() };
            let site = check_ids(&both, Setting::IDS).unwrap_err().to_string();
            assert!(site.contains("site_id") && site.contains(fault), "{site}");
        }
        check_ids(&Scope::Account("8b1c0c4e-0000-4000-8000-000000000000".into()), Setting::IDS).unwrap();
        check_ids(&Scope::Credential, Setting::IDS).unwrap();
    }
}

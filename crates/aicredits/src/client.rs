use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::balance::Origin;
use crate::contract::Setting;
use crate::credential::{Credential, CredentialSource};
use crate::http::Http;
use crate::net::Context;
use crate::retry::Retries;
use crate::server_error::ServerError;
use crate::{Attempt, Balance, Call, ClientBuilder, Error, ErrorKind, Phase, Scope, Timestamp, decode};

const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks Wix what is left. Made once and used for long: it keeps its connections open between calls.
///
/// A client is shared by as many threads as wish; a clone is another handle on the same client.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: Http,
    credential: CredentialSource,
    scope: Arc<Scope>,
    timeout: Duration,
    retries: Retries,
}

impl Client {
    /// A new client's settings. A key and a scope are needed; the rest has defaults.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from `WIX_API_KEY`, either of `WIX_ACCOUNT_ID` and `WIX_SITE_ID`, and `AICREDITS_BASE_URL` if set.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) names what is wrong or missing.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().from_env().build()
    }

    pub(crate) fn new(
        http: Http,
        credential: CredentialSource,
        scope: Arc<Scope>,
        timeout: Duration,
        retries: Retries,
    ) -> Self {
        Self(Arc::new(Inner { http, credential, scope, timeout, retries }))
    }

    /// The current AI credit balance of the client's scope. Blocks, at most for the client's timeout.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind) that tells of a call; the error names the scope and, once the server has
    /// answered, the request id.
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

    /// As [`get_balance`](Self::get_balance), with a scope or a timeout of the call's own.
    ///
    /// # Errors
    ///
    /// Those of [`get_balance`](Self::get_balance); [`InvalidArgument`](crate::ErrorKind::InvalidArgument) where the
    /// call's scope or timeout is wrong.
    pub fn get_balance_with(&self, call: &Call) -> Result<Balance, Error> {
        let Inner { http, credential: source, scope, timeout, retries } = &*self.0;
        let started = Instant::now();
        let timeout = call.timeout.unwrap_or(*timeout);
        if let Some(scope) = &call.scope {
            check_scope(scope, source)?;
        }
        check_timeout(timeout)?;
        let scope = call.scope.as_ref().unwrap_or(scope);

        let context = http.begin(scope, started, timeout, call);
        let mut attempts = Vec::new();
        let ended = |error: Error, attempts| error.with_request(scope, None, attempts);
        let before = |error| ended(error, Vec::new());
        context.check().map_err(before)?;
        context.enter_phase(Phase::Credential);
        let mut credential = source.credential().map_err(before)?;
        context.check().map_err(before)?;

        let mut retries = retries.of_a_call();
        let (mut wants_fresh, mut was_renewed) = (false, false);
        loop {
            let begun = Instant::now();
            context.begin_attempt(&credential, wants_fresh);
            let Failed { error, request_id } = match self.attempt(scope, &credential, &context) {
                Ok(balance) => {
                    retries.succeeded();
                    return Ok(balance);
                }
                Err(failed) => failed,
            };
            attempts.push(Attempt::new(&error, context.phase(), begun.elapsed(), request_id.clone()));
            if error.http_status() == Some(401) && !was_renewed {
                was_renewed = true;
                context.enter_phase(Phase::Credential);
                match source.newer_than(&credential) {
                    Ok(Some(newer)) => {
                        credential = newer;
                        context.check().map_err(|error| ended(error, attempts.clone()))?;
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => return Err(error.with_http_status(401).with_request(scope, request_id, attempts)),
                }
            }
            let again = match context.check() {
                Ok(left) => retries.next(&error, context.was_stale(), left, jitter()),
                // Out of time: what the last attempt says tells more.
                Err(over) if over.kind() == ErrorKind::Timeout => None,
                Err(over) => return Err(ended(over, attempts)),
            };
            let Some(again) = again else { return Err(error.with_request(scope, request_id, attempts)) };
            context.enter_phase(Phase::Pause);
            if !again.after.is_zero()
                && let Err(error) = context.pause(again.after)
            {
                return Err(ended(error, attempts));
            }
            wants_fresh = again.wants_fresh;
        }
    }

    fn attempt(&self, scope: &Arc<Scope>, credential: &Credential, context: &Arc<Context>) -> Result<Balance, Failed> {
        let reply = self.0.http.send(scope, credential, context).map_err(|error| Failed { error, request_id: None })?;
        let fail =
            |error: Error| Failed { error: error.with_http_status(reply.status), request_id: reply.request_id.clone() };
        if reply.status != 200 {
            let body = match reply.body {
                // The status would tell nobody that the call was ended on purpose.
                Err(error) if matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed) => {
                    return Err(fail(error));
                }
                body => body.unwrap_or_default(),
            };
            return Err(fail(Error::from_status(
                reply.status,
                ServerError::parse(&body, credential),
                reply.retry_after,
            )));
        }
        let body = reply.body.map_err(fail)?;
        let mut balance = decode::balance(body).map_err(|error| {
            // A reply without a length ends where the connection does, so one that ends early was cut.
            let cut = error.ended_early && !reply.has_length;
            fail(if cut { Error::connection_lost(&error.reason) } else { Error::from(error) })
        })?;
        balance.origin = Some(Origin {
            scope: Arc::clone(scope),
            request_id: reply.request_id,
            fetched_at: Timestamp::now(),
            server_date: reply.date,
        });
        Ok(balance)
    }

    /// Ends the calls that run, in every thread, and closes the connections. These calls and later ones fail with
    /// [`Closed`](crate::ErrorKind::Closed). It does not block.
    ///
    /// A client that is dropped needs no closing. In a forked child it ends the child's calls alone.
    pub fn close(&self) {
        self.0.http.close();
    }

    /// The scope that calls ask for unless they name their own.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
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

/// An attempt that brought no balance.
struct Failed {
    error: Error,
    request_id: Option<String>,
}

/// In [0, 1), and different in each process: workers forked from one parent shall not retry in step.
fn jitter() -> f64 {
    let seed = RandomState::new().hash_one((std::process::id(), Timestamp::now()));
    (seed >> 11) as f64 / (1_u64 << 53) as f64
}

pub(crate) fn check_scope(scope: &Scope, credential: &CredentialSource) -> Result<(), Error> {
    scope.check()?;
    if *scope == Scope::Credential && credential.is_api_key() {
        return Err(Setting::Scope.error(
            "cannot be left to the credential: an API key has no context of its own; name an account or a site",
        ));
    }
    Ok(())
}

pub(crate) fn check_timeout(timeout: Duration) -> Result<(), Error> {
    if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
        return Err(Setting::Timeout.error("is not more than 0 and at most a day"));
    }
    Ok(())
}

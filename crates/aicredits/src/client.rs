use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::balance::Origin;
use crate::contract::Setting;
use crate::credential::{Credential, CredentialSource};
use crate::http::{Http, Reply, Request};
use crate::server_error::ServerError;
use crate::{Balance, Call, ClientBuilder, Error, ErrorKind, Scope, Timestamp, decode};

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

    pub(crate) fn new(http: Http, credential: CredentialSource, scope: Arc<Scope>, timeout: Duration) -> Self {
        Self(Arc::new(Inner { http, credential, scope, timeout }))
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
        let Inner { credential, scope, timeout, .. } = &*self.0;
        let timeout = call.timeout.unwrap_or(*timeout);
        if let Some(scope) = &call.scope {
            check_scope(scope, credential)?;
        }
        check_timeout(timeout)?;
        let scope = call.scope.as_ref().unwrap_or(scope);

        let deadline = Instant::now() + timeout;
        let (credential, reply) = self.exchange(scope, deadline, timeout)?;
        let fail = |error: Error| error.with_http_status(reply.status).with_request(scope, reply.request_id.clone());
        if reply.status != 200 {
            let body = reply.body.unwrap_or_default();
            return Err(fail(Error::from_status(
                reply.status,
                ServerError::parse(&body, &credential),
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

    /// Asks once, and after a 401 once more where the supplier has another credential by then.
    fn exchange(
        &self,
        scope: &Arc<Scope>,
        deadline: Instant,
        timeout: Duration,
    ) -> Result<(Arc<Credential>, Reply), Error> {
        let Inner { http, credential: source, .. } = &*self.0;
        let of_call = |error: Error| error.with_request(scope, None);
        let send = |credential: &Arc<Credential>| {
            if deadline <= Instant::now() {
                let message = format!("the credential supplier took all of {timeout:?}");
                return Err(Error::new(ErrorKind::Timeout, message));
            }
            http.send(&Request { credential, scope, deadline, timeout })
        };

        let credential = source.credential().map_err(of_call)?;
        let reply = send(&credential).map_err(of_call)?;
        if reply.status != 401 {
            return Ok((credential, reply));
        }
        let of_reply = |error: Error| error.with_http_status(401).with_request(scope, reply.request_id.clone());
        match source.newer_than(&credential).map_err(of_reply)? {
            None => Ok((credential, reply)),
            Some(newer) => send(&newer).map_err(of_call).map(|reply| (newer, reply)),
        }
    }

    /// The scope that calls ask for unless they name their own.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", self.0.http.endpoint())
            .field("credential", &self.0.credential)
            .field("scope", &self.0.scope)
            .field("timeout", &self.0.timeout)
            .finish()
    }
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

//! One call: its permit, its credential, its attempts and the pauses between them.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::Level;

use crate::advice::error_for_status;
use crate::balance::NOT_RECOGNIZED;
use crate::balance::Origin;
use crate::call::Observer;
use crate::credential::{Credential, CredentialSource};
use crate::http::Http;
use crate::net::{ConnectionManager, Context};
use crate::retry::{CallRetries, Retries};
use crate::server_error::ServerError;
use crate::settings::Surface;
use crate::{Attempt, Balance, Error, ErrorKind, Phase, Scope, Timestamp, decode, text};

pub(crate) struct Execution<'a> {
    http: &'a Http,
    source: &'a CredentialSource,
    retries: CallRetries<'a>,
    scope: &'a Arc<Scope>,
    connections: &'a ConnectionManager,
    context: &'a Context,
    surface: Surface,
    observer: Option<&'a dyn Observer>,
    attempts: Vec<Attempt>,
}

/// An attempt without a balance.
struct FailedAttempt {
    error: Error,
    request_id: Option<String>,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        http: &'a Http,
        source: &'a CredentialSource,
        retries: &'a Retries,
        scope: &'a Arc<Scope>,
        connections: &'a ConnectionManager,
        context: &'a Context,
        surface: Surface,
    ) -> Self {
        let retries = retries.of_a_call();
        Self { http, source, retries, scope, connections, context, surface, observer: None, attempts: Vec::new() }
    }

    /// For a call of a fleet, which sees the attempts and makes the retries.
    pub(crate) fn observed_by(mut self, observer: Option<&'a dyn Observer>) -> Self {
        self.retries.have_one_attempt(observer.is_some());
        self.observer = observer;
        self
    }

    /// Runs the call. Every error gets the scope, the request id and the attempts here.
    pub(crate) fn run(mut self) -> Result<Balance, Error> {
        self.attempt_until_done().map_err(|failed| self.fail(failed))
    }

    /// Waits before the first attempt.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), Error> {
        self.context.enter_phase(Phase::Pause);
        if time.is_zero() { Ok(()) } else { self.context.pause(time) }
    }

    /// The error of a call that times out while the credential provider runs.
    pub(crate) fn credential_timeout(mut self) -> Error {
        self.context.enter_phase(Phase::Credential);
        let error = self.context.timeout_error();
        self.fail(error.into())
    }

    fn fail(&mut self, FailedAttempt { error, request_id }: FailedAttempt) -> Error {
        let error =
            error.worded_for(self.surface).with_request(self.scope, request_id, std::mem::take(&mut self.attempts));
        let level = match error.kind() {
            // Somebody wanted it so.
            ErrorKind::Cancelled | ErrorKind::Closed => Level::Info,
            _ => Level::Error,
        };
        self.context.record(level, format_args!("the call failed: {error}"));
        error
    }

    fn attempt_until_done(&mut self) -> Result<Balance, FailedAttempt> {
        let _permit = self.connections.acquire_permit(self.context)?;
        let mut credential = self.first_credential()?;
        let (mut wants_fresh, mut may_renew) = (false, true);
        loop {
            let begun = Instant::now();
            self.context.begin_attempt();
            if let Some(observer) = self.observer {
                observer.started();
            }
            let failed = match self.attempt(&credential, wants_fresh) {
                Ok(mut balance) => {
                    balance.origin.attempted_at = Some(begun);
                    self.retries.succeeded();
                    let took = begun.elapsed();
                    self.record_success(&balance, took);
                    if let Some(observer) = self.observer {
                        observer.read(&balance, credential.redactor());
                        let id = balance.request_id().map(str::to_owned);
                        observer.ended(Attempt::new(Phase::Reply, took, Some(200), id));
                    }
                    return Ok(balance);
                }
                Err(FailedAttempt { error, request_id }) => {
                    FailedAttempt { error: error.worded_for(self.surface), request_id }
                }
            };
            self.note(&failed, begun.elapsed());

            if failed.error.http_status() == Some(401)
                && std::mem::take(&mut may_renew)
                && let Some(newer) = self.newer_credential(&credential, &failed)?
            {
                credential = newer;
                continue;
            }
            let left = match self.context.check() {
                Ok(left) => left,
                // Out of time: the last attempt's error is more useful.
                Err(over) if over.kind() == ErrorKind::Timeout => return Err(failed),
                Err(over) => return Err(over.into()),
            };
            let was_stale = self.context.was_stale(&failed.error);
            let again = match self.retries.next(&failed.error, was_stale, left, jitter()) {
                Ok(again) => again,
                Err(stop) => {
                    let FailedAttempt { error, request_id } = failed;
                    return Err(FailedAttempt { error: error.with_note(stop.note()), request_id });
                }
            };
            self.context.enter_phase(Phase::Pause);
            if !again.after.is_zero() {
                self.context.record(Level::Info, format_args!("another attempt in {:?}", again.after));
                self.context.pause(again.after)?;
            }
            wants_fresh = again.wants_fresh;
        }
    }

    fn first_credential(&self) -> Result<Arc<Credential>, FailedAttempt> {
        self.context.enter_phase(Phase::Credential);
        let credential = self.source.credential();
        self.ask_again();
        // If the call has ended meanwhile, its reason is more useful than the provider's error.
        self.context.check()?;
        Ok(credential?)
    }

    /// User code ran, and the interrupt may have come meanwhile.
    fn ask_again(&self) {
        if self.source.is_provider() {
            self.context.ask_again();
        }
    }

    /// The provider's new credential after a 401, if it differs.
    fn newer_credential(
        &self,
        refused: &Credential,
        failed: &FailedAttempt,
    ) -> Result<Option<Arc<Credential>>, FailedAttempt> {
        self.context.enter_phase(Phase::Credential);
        let newer = self.source.newer_than(refused);
        self.ask_again();
        match self.context.check() {
            Ok(_) => newer.map_err(|error| FailedAttempt {
                error: error.with_http_status(401),
                request_id: failed.request_id.clone(),
            }),
            // As above: the 401 is more useful.
            Err(over) if over.kind() == ErrorKind::Timeout => Ok(None),
            Err(over) => Err(over.into()),
        }
    }

    fn attempt(&self, credential: &Credential, wants_fresh: bool) -> Result<Balance, FailedAttempt> {
        let reply = self
            .http
            .send(self.scope, credential, wants_fresh, self.connections, self.context)
            .map_err(|error| FailedAttempt { error, request_id: None })?;
        let fail = |error: Error| FailedAttempt {
            error: error.with_http_status(reply.status),
            request_id: reply.request_id.clone(),
        };
        if reply.status != 200 {
            let body = match reply.body {
                // The status would hide that the caller ended the call.
                Err(error) if matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed) => {
                    return Err(fail(error));
                }
                body => body.unwrap_or_default(),
            };
            return Err(fail(error_for_status(
                reply.status,
                ServerError::parse(&body, credential.redactor()),
                reply.retry_after,
                reply.location.as_deref(),
            )));
        }
        let mut body = reply.body.map_err(fail)?;
        let mut balance = decode::balance(std::mem::take(&mut *body)).map_err(|error| {
            // Without a length, the body ends with the connection. A body that ends early was cut.
            if error.ended_early && !reply.has_length {
                self.context.enter_phase(Phase::Body);
                return fail(Error::connection_lost(&error.reason));
            }
            fail(Error::from(error))
        })?;
        // Redacted here, so that no later code can show the credential.
        balance.redact(credential.redactor());
        balance.origin = Origin {
            scope: Some(Arc::clone(self.scope)),
            request_id: reply.request_id,
            fetched_at: Some(Timestamp::now()),
            server_date: reply.date,
            attempted_at: None,
        };
        Ok(balance)
    }

    fn note(&mut self, failed: &FailedAttempt, took: Duration) {
        let FailedAttempt { error, request_id } = failed;
        let phase = self.context.phase();
        let attempt = Attempt::new(phase, took, error.http_status(), request_id.clone());
        if let Some(observer) = self.observer {
            observer.ended(attempt.clone());
        }
        self.attempts.push(attempt);
        let (number, scope) = (self.attempts.len(), self.scope);
        self.context.record(
            Level::Warn,
            format_args!("attempt {number} failed after {took:?} (phase: {phase}; {scope}): {error}"),
        );
    }

    fn record_success(&self, balance: &Balance, took: Duration) {
        if !balance.is_recognized() {
            let id = text::escape_for_display(balance.request_id().unwrap_or("none"));
            self.context.record(Level::Warn, format_args!("{NOT_RECOGNIZED} ({}; request {id})", self.scope));
        }
        if log::log_enabled!(target: "aicredits", Level::Debug) {
            let (number, scope) = (self.attempts.len() + 1, self.scope);
            let id = text::escape_for_display(balance.request_id().unwrap_or("none"));
            self.context.record(
                Level::Debug,
                format_args!("attempt {number} brought a balance in {took:?} ({scope}; request {id})"),
            );
        }
    }
}

impl From<Error> for FailedAttempt {
    fn from(error: Error) -> Self {
        Self { error, request_id: None }
    }
}

/// In [0, 1), and different in each process: workers forked from one parent must not retry at the same time.
pub(crate) fn jitter() -> f64 {
    let seed = RandomState::new().hash_one((std::process::id(), Timestamp::now()));
    (seed >> 11) as f64 / (1_u64 << 53) as f64
}

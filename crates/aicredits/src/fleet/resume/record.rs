//! A line with the outcome of a target.

use std::sync::Arc;
use std::time::Duration;

use super::json::{Members, Object};
use crate::fleet::outcome::FleetAttempt;
use crate::fleet::table::kind_name;
use crate::fleet::target::scope_name;
use crate::{Attempt, Balance, Error, Phase, Scope, Timestamp};

const OK: &str = "ok";

/// The same request in another run: its scope, and the name of its client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) scope: Arc<Scope>,
    pub(crate) key: Option<Arc<str>>,
}

/// A line of the file.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) identity: Identity,
    pub(crate) attempts: Vec<FleetAttempt>,
    /// None for a failure.
    pub(crate) read: Option<Read>,
}

/// A balance that was read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) balance: Balance,
    pub(crate) read_at: Timestamp,
}

impl Record {
    /// The line of a balance, with the raw reply without the credential.
    pub(crate) fn line_of_balance(
        identity: &Identity,
        label: Option<&str>,
        attempts: &[FleetAttempt],
        balance: &Balance,
        reply: &str,
    ) -> String {
        let line = begin(identity, label, OK)
            .instant("started_at", attempts.first().map(FleetAttempt::started_at))
            .instant("read_at", balance.fetched_at())
            .instant("server_date", balance.server_date())
            .text("request_id", balance.request_id())
            .raw("attempts", Some(&list(attempts)));
        line.text("reply", Some(reply)).end() + "\n"
    }

    /// The line of a failure.
    pub(crate) fn line_of_error(
        identity: &Identity,
        label: Option<&str>,
        attempts: &[FleetAttempt],
        error: &Error,
    ) -> String {
        let line = begin(identity, label, &kind_name(error.kind()))
            .number("http_status", error.http_status().map(u64::from))
            .text("error_code", error.code())
            .text("error", Some(error.message()))
            .instant("started_at", attempts.first().map(FleetAttempt::started_at))
            .text("request_id", error.request_id());
        line.raw("attempts", Some(&list(attempts))).end() + "\n"
    }

    /// Reads a line. The fault says what is wrong, and shows no value.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut members = Members::parse(line)?;
        let id = |name| members.text(name).map(|id| id.map(str::to_owned));
        let scope = match (members.required_text("scope")?, id("account_id")?, id("site_id")?) {
            ("account", Some(account), None) => Scope::Account(account),
            ("site", None, Some(site)) => Scope::Site(site),
            ("account_and_site", Some(account), Some(site)) => Scope::AccountAndSite { account, site },
            ("credential", None, None) => Scope::Credential,
            _ => return Err("scope does not fit its ids".to_owned()),
        };
        let identity = Identity { scope: Arc::new(scope), key: members.text("key")?.map(Into::into) };
        let read = match members.required_text("status")? {
            OK => Some(read(&members, &identity.scope)?),
            _ => None,
        };
        let attempts = members.take_array("attempts")?.into_iter().map(attempt).collect::<Result<_, _>>()?;
        Ok(Self { identity, attempts, read })
    }
}

fn begin(identity: &Identity, label: Option<&str>, status: &str) -> Object {
    Object::new()
        .text("scope", Some(scope_name(&identity.scope)))
        .text_or_null("account_id", identity.scope.account_id())
        .text_or_null("site_id", identity.scope.site_id())
        .text_or_null("key", identity.key.as_deref())
        .text_or_null("label", label)
        .text("status", Some(status))
}

fn list(attempts: &[FleetAttempt]) -> String {
    let object = |FleetAttempt { started_at, attempt }: &FleetAttempt| {
        Object::new()
            .text("phase", Some(&attempt.phase().name().to_ascii_uppercase()))
            .number("status", attempt.http_status().map(u64::from))
            .number("duration_ms", Some(attempt.duration().as_millis() as u64))
            .text("request_id", attempt.request_id())
            .instant("started_at", Some(*started_at))
            .end()
    };
    format!("[{}]", attempts.iter().map(object).collect::<Vec<_>>().join(","))
}

fn read(members: &Members, scope: &Arc<Scope>) -> Result<Read, String> {
    let (read_at, server_date) = (members.required_instant("read_at")?, members.instant("server_date")?);
    let request_id = members.text("request_id")?.map(str::to_owned);
    let balance = Balance::from_json(members.required_text("reply")?).map_err(|_| "reply is no balance".to_owned())?;
    let balance = balance.with_origin(Some(Scope::clone(scope)), request_id, Some(read_at), server_date);
    Ok(Read { balance, read_at })
}

fn attempt(value: serde_json::Value) -> Result<FleetAttempt, String> {
    let members = Members::of(value)?;
    let name = members.required_text("phase")?;
    let phase = Phase::ALL.iter().copied().find(|phase| phase.name().eq_ignore_ascii_case(name));
    let phase = phase.ok_or_else(|| "phase is unknown".to_owned())?;
    let status = members.number("status")?.map(u16::try_from).transpose();
    let status = status.map_err(|_| "status is no HTTP status".to_owned())?;
    let duration = Duration::from_millis(members.number("duration_ms")?.unwrap_or(0));
    let request_id = members.text("request_id")?.map(str::to_owned);
    let started_at = members.required_instant("started_at")?;
    Ok(FleetAttempt { started_at, attempt: Attempt::new(phase, duration, status, request_id) })
}

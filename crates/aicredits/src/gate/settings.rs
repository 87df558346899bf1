//! The checked settings of a gate and of a reservation.

use std::sync::Arc;
use std::time::Duration;

use super::when_unavailable::WhenUnavailable;
use crate::settings::{Setting, given};
use crate::{Call, Client, Error, Scope};

/// The settings of a gate, within their limits.
#[derive(Clone, Debug)]
pub(super) struct GateSettings {
    pub(super) scope: Arc<Scope>,
    /// At least `min_interval`.
    pub(super) max_age: Duration,
    pub(super) min_interval: Duration,
    /// At most the client's timeout.
    pub(super) read_timeout: Duration,
    /// At least `max_age` if there are several processes.
    pub(super) visibility_delay: Duration,
    /// At most `i64::MAX`, as is `limit`.
    pub(super) headroom: u64,
    pub(super) limit: Option<u64>,
    /// At least 1.
    pub(super) processes: u32,
    pub(super) reservation_ttl: Duration,
    pub(super) exhausted_cooldown: Duration,
    /// Also with several processes.
    pub(super) is_strict: bool,
    pub(super) when_unavailable: WhenUnavailable,
    pub(super) is_dry_run: bool,
}

/// The settings of one reserve, within their limits. The call's timeout and its ways to end it stay in the [`Call`].
#[derive(Clone, Debug)]
pub(super) struct ReserveSettings {
    pub(super) label: Option<Arc<str>>,
    pub(super) reservation_ttl: Duration,
}

impl ReserveSettings {
    /// The checks follow the order of the settings in the table.
    pub(super) fn checked(call: &Call, gate: &GateSettings) -> Result<Self, Error> {
        if call.scope.is_some() {
            return Err(Setting::CallScope.error("is set, but a reservation has its gate's scope"));
        }
        if let Some(fault) = call.timeout.and_then(|timeout| Setting::CallTimeout.kind().time_fault(timeout)) {
            return Err(Setting::CallTimeout.error(fault));
        }
        let label = call.label.clone();
        if let Some(fault) = label.as_ref().and_then(|label| Setting::Label.kind().text_fault(label)) {
            return Err(Setting::Label.error(fault));
        }
        let reservation_ttl = match call.reservation_ttl {
            Some(ttl) => given::time(Setting::CallReservationTtl, Some(ttl))?,
            None => gate.reservation_ttl,
        };
        Ok(Self { label, reservation_ttl })
    }
}

/// The gate's scope, or the client's.
pub(super) fn scope(given: Option<&Scope>, client: &Client) -> Result<Arc<Scope>, Error> {
    match (given, client.shared_scope()) {
        (Some(scope), _) => {
            client.check_scope(scope, Setting::GATE_IDS)?;
            Ok(Arc::new(scope.clone()))
        }
        (None, Some(scope)) => Ok(Arc::clone(scope)),
        (None, None) => Err(Setting::GateScope.error("is not set: the client has none, so the gate names one")),
    }
}

/// The client's timeout bounds it, so a default that is longer becomes that.
pub(super) fn read_timeout(given: Option<Duration>, of_client: Duration) -> Result<Duration, Error> {
    let read_timeout = given::time(Setting::ReadTimeout, given)?;
    match given {
        None => Ok(read_timeout.min(of_client)),
        Some(given) if given > of_client => Err(Setting::ReadTimeout
            .error(format_args!("({given:?}) must be at most the client's {} ({of_client:?})", Setting::Timeout))),
        Some(_) => Ok(read_timeout),
    }
}

/// A reading that may be stale is older than one that is not.
pub(super) fn when_unavailable(given: WhenUnavailable, max_age: Duration) -> Result<WhenUnavailable, Error> {
    let WhenUnavailable::Stale(age) = given else { return Ok(given) };
    if age < max_age {
        return Err(Setting::WhenUnavailable
            .error(format_args!("has an age ({age:?}) below {} ({max_age:?})", Setting::MaxAge)));
    }
    match Setting::MaxAge.kind().time_fault(age) {
        Some(fault) => Err(Setting::WhenUnavailable.error(format_args!("has an age ({age:?}) that {fault}"))),
        None => Ok(given),
    }
}

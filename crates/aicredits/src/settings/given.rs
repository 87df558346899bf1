//! Checks given values by the limits in their rows, and takes the defaults from there.

use std::time::Duration;

use super::kind::Kind;
use super::table::Setting;
use crate::Error;

/// The given time or the default, within the limits.
pub(crate) fn time(setting: Setting, given: Option<Duration>) -> Result<Duration, Error> {
    let default = match setting.kind() {
        Kind::Time { default: Some(default), .. } => default,
        _ => Duration::ZERO,
    };
    let time = given.unwrap_or(default);
    setting.kind().time_fault(time).map_or(Ok(time), |fault| Err(setting.error(fault)))
}

/// As [`time`], for a count of credits. `None` if it is not given and has no default.
pub(crate) fn credits(setting: Setting, given: Option<u64>) -> Result<Option<u64>, Error> {
    let Kind::Credits { default } = setting.kind() else { return Ok(given) };
    let credits = given.or(default);
    let fault = credits.and_then(|credits| setting.kind().credits_fault(credits));
    fault.map_or(Ok(credits), |fault| Err(setting.error(fault)))
}

/// As [`time`], for a count.
pub(crate) fn count(setting: Setting, given: Option<u32>) -> Result<u32, Error> {
    let default = match setting.kind() {
        Kind::Count { default, .. } => default,
        _ => 0,
    };
    let count = given.unwrap_or(default);
    setting.kind().number_fault(count as usize).map_or(Ok(count), |fault| Err(setting.error(fault)))
}

//! The validation of a fault. Each error has a JSON Pointer into the fault.

use crate::protocol::{ControlError, Fault, FaultMatch, FaultReply, Framing, Shape};

/// The longest name.
const NAME_LENGTH: usize = 100;
/// The longest pause: a day.
const PAUSE_MS: u64 = 24 * 3600 * 1000;
/// The furthest date of `Retry-After`: about 30 years.
const DATE_S: i64 = 1_000_000_000;
/// Each change may make a body longer.
const MANGLES: usize = 10;

type Checked = Result<(), ControlError>;

pub(super) fn check(fault: &Fault) -> Checked {
    let is_name = |name: &String| (1..=NAME_LENGTH).contains(&name.len()) && !name.contains(char::is_control);
    require(fault.fault.as_ref().is_none_or(is_name), "/fault", "a name has 1 to 100 bytes and no control character")?;
    require(fault.times != Some(0), "/times", "a fault happens at least once; null means until it is cleared")?;
    match (&fault.reply, fault.connect) {
        (None, None) => Err(ControlError::invalid("", "a fault has a member `reply` or `connect`")),
        (Some(_), Some(_)) => Err(ControlError::invalid("/connect", "a fault has either `reply` or `connect`")),
        (None, Some(_)) => check_connection(fault),
        (Some(reply), None) => {
            let why = "the chance of a reply is a member of `reply`";
            require(fault.probability.is_none(), "/probability", why)?;
            require(fault.seed.is_none(), "/seed", why)?;
            check_reply(reply).map_err(|error| error.within("/reply"))
        }
    }
}

/// A connection is accepted before its first request.
fn check_connection(fault: &Fault) -> Checked {
    let FaultMatch { route, key, account, site, skip: _ } = &fault.matches;
    check_probability(fault.probability)?;
    let why = "a new connection has no request yet: `connect` matches by `skip` alone";
    require(route.is_none(), "/match/route", why)?;
    require(key.is_none(), "/match/key", why)?;
    require(account.is_none(), "/match/account", why)?;
    require(site.is_none(), "/match/site", why)
}

fn check_reply(reply: &FaultReply) -> Checked {
    if let Some(status) = reply.status {
        require((100..=599).contains(&status), "/status", "a status is 100 to 599")?;
        require_no_body(status, reply)?;
    }
    for (index, (name, value)) in reply.headers.iter().enumerate() {
        require(is_token(name), &format!("/headers/{index}/0"), "this is no name of a header")?;
        let why = "the value of a header has no control character except tab";
        require(
            !value.contains(|one: char| one.is_ascii_control() && one != '\t'),
            &format!("/headers/{index}/1"),
            why,
        )?;
    }
    require(reply.body.is_none() || reply.shape.is_none(), "/shape", "a reply has either `body` or `shape`")?;
    let both = reply.retry_after_s.is_some() && reply.retry_after_date_s.is_some();
    require(!both, "/retry_after_date_s", "a reply has either `retry_after_s` or `retry_after_date_s`")?;
    let near = reply.retry_after_date_s.is_none_or(|seconds| (-DATE_S..=DATE_S).contains(&seconds));
    require(near, "/retry_after_date_s", "a date is at most 1,000,000,000 seconds away")?;
    require(reply.delay_ms <= PAUSE_MS, "/delay_ms", "a pause is at most 86,400,000 ms")?;
    require(reply.drip_ms <= PAUSE_MS, "/drip_ms", "a pause is at most 86,400,000 ms")?;
    require(reply.mangle.len() <= MANGLES, "/mangle", "a body is changed at most 10 times")?;
    check_probability(reply.probability)
}

fn check_probability(probability: Option<f64>) -> Checked {
    let is_share = probability.is_none_or(|share| (0.0..=1.0).contains(&share));
    require(is_share, "/probability", "a probability is 0 to 1")
}

/// HTTP gives these statuses no body. A client would take it for the next reply.
fn require_no_body(status: u16, reply: &FaultReply) -> Checked {
    if !matches!(status, 100..=199 | 204 | 304) {
        return Ok(());
    }
    let why = "a reply with this status has no body";
    require(reply.body.as_ref().is_none_or(String::is_empty), "/body", why)?;
    require(reply.shape.is_none_or(|shape| shape == Shape::Empty), "/shape", why)?;
    require(reply.framing.is_none_or(|framing| framing == Framing::Length), "/framing", why)
}

/// A token of RFC 9110.
fn is_token(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

fn require(holds: bool, pointer: &str, message: &str) -> Checked {
    if holds { Ok(()) } else { Err(ControlError::invalid(pointer, message)) }
}

//! Faults, and the requests that they happen to.

use serde::{Deserialize, Serialize};

use super::Route;

/// A fault. Faults are tried in their order, and the first that matches counts down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Its name, unique: 1 to 100 bytes. `None` in a request: the emulator makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// How many more requests it happens to, 1 or more. `None` (null): until it is cleared. Absent: 1.
    #[serde(default = "once")]
    pub times: Option<u64>,
    /// The requests that it happens to. Default: all of the API's routes.
    #[serde(default, rename = "match", skip_serializing_if = "FaultMatch::is_any")]
    pub matches: FaultMatch,
    /// The reply in place of the real one, or changes of it. Either this or `connect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<FaultReply>,
    /// The fate of a new connection. It matches by `skip` alone: a connection has no request yet.
    ///
    /// Without TLS, a connection whose first request is a control request is spared, and does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<Connect>,
    /// With `connect`: the share of new connections that it happens to, 0 to 1. The others do not count. `None`: 1. A reply
    /// has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub probability: Option<f64>,
    /// With `connect`: the seed of chance. `None`: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Fault {
    /// Whether it happens to every new connection until it is cleared.
    pub(crate) fn ends_all_connections(&self) -> bool {
        self.connect.is_some() && self.times.is_none() && self.probability.is_none_or(|share| share >= 1.0)
    }
}

fn once() -> Option<u64> {
    Some(1)
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            fault: None,
            times: once(),
            matches: FaultMatch::default(),
            reply: None,
            connect: None,
            probability: None,
            seed: None,
        }
    }
}

/// Which requests a fault happens to. An absent member matches every request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaultMatch {
    /// The route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// The name of the key. `unknown`: all keys that the ledger does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value of `wix-account-id`, compared as the assumption `id_case` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The value of `wix-site-id`, compared as `id_case` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// How many matching requests (or connections) pass first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u64,
}

impl FaultMatch {
    fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A faulty reply. Without a status the real reply is made: a paid action charges. Then the other members change it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FaultReply {
    /// The status: 100 to 599. With one, the request has no effect.
    ///
    /// Without `body` and `shape` an error has the body that Wix or its gateway sends with this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 599)))]
    pub status: Option<u16>,
    /// Headers, each a name and a value. They replace the emulator's own of the same name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body. Either this or `shape`. It is `application/json` unless `headers` says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body has a shape that was seen at Wix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// `Retry-After` in the client's seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// `Retry-After` as a date, so many seconds after the reply's `Date`; at most 1,000,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_date_s: Option<i64>,
    /// A pause before the reply, in real time; at most a day.
    #[serde(skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
    /// A pause between the bytes of the reply, in real time; at most a day.
    #[serde(skip_serializing_if = "is_zero")]
    pub drip_ms: u64,
    /// How many bytes of the reply are sent, head included. Then the connection ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_at: Option<u64>,
    /// How the connection ends after the reply, or after what `cut_at` leaves of it. `None`: it stays open after a whole
    /// reply, and closes after a cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// How the body is framed. `None`: by its length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// Changes of the body and of the head, in this order; at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mangle: Vec<Mangle>,
    /// The share of matching requests that it happens to, 0 to 1. The others do not count. `None`: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub probability: Option<f64>,
    /// The seed of chance. `None`: 0. The same seed and the same requests have the same faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// The shape of an error body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is named after its distinctive member")]
pub enum Shape {
    ApplicationError,
    ValidationError,
    SystemError,
    DetailsEmpty,
    MessageOnly,
    ErrorCode,
    Oauth,
    Html,
    Empty,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// In good order.
    Close,
    /// With a reset.
    Reset,
}

/// How a body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// `Content-Length`.
    Length,
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The end of the connection.
    Close,
}

/// A change of a body or of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mangle {
    /// The second half is missing; the framing fits.
    Truncate,
    /// Every seventh byte is 0xff, from the first, so that it is neither JSON nor UTF-8.
    Garble,
    /// The first period is `FORTNIGHT`, which no client knows.
    UnknownEnum,
    /// Each object ends with a member that no client knows.
    UnknownField,
    /// Counts are JSON strings.
    NumbersAsText,
    /// `x-wix-request-id` comes twice, the second time with another value.
    DoubleRequestId,
}

/// The fate of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Connect {
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// Nothing is ever answered.
    Mute,
}

/// The reply to `fault`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FaultAdded {
    /// Its name.
    pub fault: String,
}

/// Clears a fault. `None`: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClearFaults {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// The reply to `clear_faults`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cleared {
    /// How many were cleared.
    pub cleared: u64,
}

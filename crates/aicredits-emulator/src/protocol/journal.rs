//! The journal of requests.

use serde::{Deserialize, Serialize};

/// A route of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// GetBalance.
    Balance,
    /// The emulator's paid action.
    PaidAction,
}

/// Which requests to list. An absent member lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct JournalQuery {
    /// Only requests with a larger number.
    pub after: u64,
    /// At most so many, the oldest first. `None`: all that the journal has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Only this route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// Only this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only this value of `wix-account-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only this value of `wix-site-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Only this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// The requests, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Journal {
    /// Those that were asked for.
    pub requests: Vec<Entry>,
    /// How many requests came in all.
    pub total: u64,
    /// How many the journal no longer has. It holds 10,000 requests and 16 MiB.
    pub dropped: u64,
}

/// A request and its reply. It has no value of `Authorization`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its number, from 1.
    pub n: u64,
    /// When its first byte came, in real time since the emulator started.
    pub arrived_ms: u64,
    /// When the last byte of the reply was handed to the system.
    pub replied_ms: Option<u64>,
    /// The calendar's instant.
    pub date: String,
    /// The connection, counted from 0.
    pub connection: u64,
    /// Its place on the connection, counted from 0.
    pub on_connection: u64,
    /// The method.
    pub method: String,
    /// The target, with the query.
    pub target: String,
    /// `1.1` or `1.0`.
    pub version: String,
    /// The route. `None`: none of the API's.
    pub route: Option<Route>,
    /// The name of the key, or `unknown`. `None`: the request had no `Authorization`.
    pub key: Option<String>,
    /// The value of `wix-account-id`.
    pub account: Option<String>,
    /// The value of `wix-site-id`.
    pub site: Option<String>,
    /// The headers, names in lower case. Each character of a value is one byte (ISO 8859-1). `authorization` has the name of the key.
    pub headers: Vec<(String, String)>,
    /// The body, cut at 64 KiB. If it is not UTF-8, each byte is one character (ISO 8859-1), so that nothing is lost.
    ///
    /// The secret of a key is replaced with `(secret)` here, in `target` and in headers.
    pub body: String,
    /// The length of the whole body.
    pub body_bytes: u64,
    /// The status of the reply.
    pub status: Option<u16>,
    /// Its `x-wix-request-id`.
    pub request_id: Option<String>,
    /// The name of the fault that happened to it.
    pub fault: Option<String>,
    /// How its reply ended. `None`: it has not ended.
    pub ended: Option<Ended>,
}

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The whole reply was handed to the system.
    Complete,
    /// A fault cut it, or reset the connection before a body without a length had its end.
    Cut,
    /// The client left before.
    Gone,
}

/// Separates the calls before it from those after it, for the verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The reply to `mark`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Marked {
    /// How many requests came so far.
    pub n: u64,
}

/// Waits until so many requests have come in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// How many.
    pub requests: u64,
    /// The longest wait, in real time; at most 10 minutes.
    #[serde(default = "five_seconds")]
    #[cfg_attr(feature = "schema", schemars(range(max = 600_000)))]
    pub timeout_ms: u64,
}

fn five_seconds() -> u64 {
    5000
}

/// The reply to `wait`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waited {
    /// Whether so many came in time.
    pub reached: bool,
    /// How many came.
    pub total: u64,
}

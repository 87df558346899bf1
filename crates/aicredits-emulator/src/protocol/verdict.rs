//! The verdict on a client.

use serde::{Deserialize, Serialize};

/// A rule of the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictRule {
    /// A request was repeated after a final status.
    RetriedFinal,
    /// A request came before `Retry-After` was over.
    IgnoredRetryAfter,
    /// A key was seen outside of `Authorization`.
    KeyOutsideHeader,
    /// A request had both `wix-account-id` and `wix-site-id`.
    BothScopeHeaders,
    /// A paid action was sent after one was refused for lack of credits, and was refused too.
    ContinuedAfter428,
    /// A reading began while another one of its lineage was unanswered.
    SingleFlight,
    /// More requests of a key came in a minute than allowed.
    MaxPerMinute,
    /// A request of a key came in the pause after a 429.
    SharedPause,
    /// A balance was asked for again after it was answered.
    AskedOnce,
    /// A request was tried more often than allowed.
    MaxAttempts,
    /// More connections were opened than allowed for requests that followed each other.
    KeepAlive,
}

/// What to judge by. The first five rules are always on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerdictQuery {
    /// Rules to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<VerdictRule>,
    /// Rules that need to know what the client promises.
    pub require: Require,
}

/// The rules that are off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "each is the rule of its name, with its limit")]
pub struct Require {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub single_flight: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_minute: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared_pause: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub asked_once: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_alive: Option<u64>,
}

/// The verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether nothing was found.
    pub good: bool,
    /// Whether the emulator could keep all lineages. If not, a finding may be missing.
    pub complete: bool,
    /// What was found, by rule; at most 100 in all.
    pub findings: Vec<Finding>,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: VerdictRule,
    /// How often.
    pub count: u64,
    /// The numbers of the requests of the first time.
    pub requests: Vec<u64>,
    /// One sentence.
    pub message: String,
    /// A line for each of these requests.
    pub evidence: Vec<String>,
}

//! The verdict on a client.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A rule of the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    #[serde(rename = "continued_after_428")]
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

/// The rules to judge by. The first five rules are always on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// Whether nothing was found.
    pub good: bool,
    /// Whether the emulator could keep all lineages. If not, a finding may be missing.
    pub complete: bool,
    /// The findings, by rule; at most 100 in all.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// The verdict for people: each finding with its evidence, and what to do if it is none. It ends without a line break.
    pub fn text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.findings.len() {
            0 => f.write_str("the verdict on the client: no findings")?,
            1 => f.write_str("the verdict on the client: 1 finding")?,
            count => write!(f, "the verdict on the client: {count} findings")?,
        }
        for finding in &self.findings {
            write!(f, "\n{finding}")?;
        }
        if self.findings.iter().any(|finding| finding.rule.is_about_repeats()) {
            f.write_str("\ntwo workers that do not share their errors? leave the rule out with allow")?;
        }
        if self.findings.iter().any(|finding| finding.rule.is_about_calls()) {
            f.write_str("\ntwo calls of your test? put mark() between them")?;
        }
        if !self.complete {
            f.write_str("\nthe client sent more than the emulator remembers: findings may be missing")?;
        }
        Ok(())
    }
}

impl VerdictRule {
    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::RetriedFinal => "retried_final",
            Self::IgnoredRetryAfter => "ignored_retry_after",
            Self::KeyOutsideHeader => "key_outside_header",
            Self::BothScopeHeaders => "both_scope_headers",
            Self::ContinuedAfter428 => "continued_after_428",
            Self::SingleFlight => "single_flight",
            Self::MaxPerMinute => "max_per_minute",
            Self::SharedPause => "shared_pause",
            Self::AskedOnce => "asked_once",
            Self::MaxAttempts => "max_attempts",
            Self::KeepAlive => "keep_alive",
        }
    }

    /// Whether a finding may be requests of independent workers: to the server, the second looks like a repeat of the first.
    fn is_about_repeats(self) -> bool {
        matches!(self, Self::RetriedFinal | Self::IgnoredRetryAfter)
    }

    /// Whether a finding may be two calls that a test makes on purpose.
    fn is_about_calls(self) -> bool {
        !matches!(self, Self::KeyOutsideHeader | Self::BothScopeHeaders)
    }
}

impl fmt::Display for VerdictRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The findings of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule.
    pub rule: VerdictRule,
    /// How often it happened to the same request or key. A rule's first finding also counts what the list has no room for.
    pub count: u64,
    /// The numbers of the requests of the first time.
    pub requests: Vec<u64>,
    /// One sentence.
    pub message: String,
    /// A line for each of these requests: its number, the status of its reply, and what it asked.
    pub evidence: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.message)?;
        if self.count > 1 {
            write!(f, " ({} times in all)", self.count)?;
        }
        self.evidence.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::VerdictRule::*;

    #[test]
    fn the_name_of_a_rule_is_that_in_json() {
        for rule in [
            RetriedFinal,
            IgnoredRetryAfter,
            KeyOutsideHeader,
            BothScopeHeaders,
            ContinuedAfter428,
            SingleFlight,
            MaxPerMinute,
            SharedPause,
            AskedOnce,
            MaxAttempts,
            KeepAlive,
        ] {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        }
    }
}

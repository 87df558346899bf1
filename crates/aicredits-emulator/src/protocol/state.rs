//! The state of an emulator. A scenario file has the same members.

use std::fmt;

use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Assumptions, Clock, Fault};
use crate::secret::Secret;

/// The version of the scenario file and of the state.
pub const VERSION: u32 = 1;

/// Everything that an emulator knows. [`reset`](crate::Emulator::reset) accepts it, and a scenario file is one.
///
/// `url`, `ca_pem` and `requests` are for reading. `reset` ignores them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Always 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1)))]
    pub version: u32,
    /// A sentence that describes the scenario.
    #[serde(default)]
    pub about: Option<String>,
    /// The base URL of the emulator.
    #[serde(default)]
    pub url: Option<String>,
    /// The certificate authority of the emulator, if it serves TLS.
    #[serde(default)]
    pub ca_pem: Option<String>,
    /// The two times.
    #[serde(default)]
    pub clock: Clock,
    /// How long after a charge the balance shows it, in service time.
    #[serde(default)]
    pub shown_after_ms: u64,
    /// Every credential that is accepted.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// The accounts. The first one is meant where a request names none.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// Choices where the API is not documented.
    #[serde(default)]
    pub assumptions: Assumptions,
    /// The rate limit.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// The faults that are left, in their order.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// How many requests came.
    #[serde(default)]
    pub requests: u64,
}

/// A credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name in the journal. Unique.
    pub name: String,
    /// The value of the `Authorization` header. A scenario may leave it out; then the emulator makes one from the name.
    #[serde(default)]
    pub secret: Secret,
    /// The accounts to which it has account-level access.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// The sites to which it has site-level access.
    #[serde(default)]
    pub sites: Vec<String>,
    /// Whether it has a context for requests that name neither account nor site: its first account, or else its first site.
    #[serde(default)]
    pub carries_context: bool,
    /// A revoked key is refused as an unknown one.
    #[serde(default)]
    pub revoked: bool,
}

/// Adds a key, or changes the key of this name. An absent member leaves what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the members are those of `Key`")]
pub struct KeyChange {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carries_context: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<bool>,
}

/// The reply to `key`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyAdded {
    /// Its name.
    pub name: String,
    /// Its secret.
    pub secret: Secret,
}

/// An account: its sites, and its allocations of credits. As a request it adds an account, or extends the one of this id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// A GUID, as `wix-account-id` names it.
    pub account: String,
    /// A name for people.
    #[serde(default)]
    pub label: Option<String>,
    /// Its sites.
    #[serde(default)]
    pub sites: Vec<Site>,
    /// Its allocations of credits, in the order of the breakdown.
    #[serde(default)]
    pub allocations: Vec<Allocation>,
}

/// The reply to `account`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountAdded {
    /// Its id.
    pub account: String,
}

/// A site of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// A GUID, as `wix-site-id` names it.
    pub site: String,
    /// A name for people.
    #[serde(default)]
    pub label: Option<String>,
}

/// Credits with the rules that apply to them together: an entry of `creditBalanceBreakdown`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// Its name in the emulator. Unique.
    pub allocation: String,
    /// Its subscription.
    #[serde(default)]
    pub subscription: Option<String>,
    /// The site that these credits belong to. `None`: they belong to the account.
    #[serde(default)]
    pub site: Option<String>,
    /// The index of the rule by which it counts in an aggregate. `None`: as [`Assumptions::aggregate`] says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_rule: Option<usize>,
    /// Its rules, in the order of the reply; at most 10.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// One rule of an allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `DAY`, `MONTH`, `NO_PERIOD`, or a word that no client knows yet.
    pub period: String,
    /// The credits left under this rule: what a spend is judged by. A state may have more than `cap` or less than 0.
    pub balance: i64,
    /// The balance in replies: charges of the last `shown_after_ms` are not yet in it. `reset` ignores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<i64>,
    /// The balance after a reset, 0 or more.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub cap: i64,
    /// The time of the next reset. `None` (null): the rule never resets. Absent in a file: the next full hour, midnight,
    /// Monday, first of a month or first of January, UTC, as the period says; a parsed file has `BY_PERIOD` there.
    #[serde(default = "by_period", deserialize_with = "super::instant::read_option")]
    #[serde(skip_serializing_if = "is_by_period")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Instant>"))]
    pub reset_date: Option<Timestamp>,
    /// The day of the month that the rule resets on, if the month of `reset_date` has no such day: 1 to 31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31)))]
    pub anchor_day: Option<i8>,
    /// Members that replies leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omit: Vec<Member>,
}

/// The reset date of a rule in a file that names none. The emulator replaces it at the start, by the next date that fits the
/// period and the clock of then.
pub const BY_PERIOD: Timestamp = Timestamp::MIN;

fn by_period() -> Option<Timestamp> {
    Some(BY_PERIOD)
}

/// Then it is absent in a file again.
fn is_by_period(date: &Option<Timestamp>) -> bool {
    *date == by_period()
}

/// A member of a rule in a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of the API's page")]
pub enum Member {
    Period,
    Balance,
    Cap,
    ResetDate,
}

/// A rate limit: a sliding window of 60 s of service time for each key. A refused request does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["per_minute"])))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The most requests of a key in a minute: 1 to 100,000. `None` (null): no limit. JSON must have this member.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100_000)))]
    pub per_minute: Option<u32>,
    /// The name of the only key that it applies to; `unknown`: all that the ledger does not have. `None`: each key.
    #[serde(default)]
    pub key: Option<String>,
    /// Whether a 429 has `Retry-After`. `None`: as [`Assumptions::retry_after_on_429`] says.
    #[serde(default)]
    pub retry_after: Option<bool>,
}

/// `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Starts again with a scenario. `None`: the one that the emulator started with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// The scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioChoice>,
}

/// A scenario by name, or whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ScenarioChoice {
    /// The name of one that comes with the emulator: see [`SCENARIOS`](crate::SCENARIOS).
    Name(String),
    /// A scenario, or a state.
    Whole(Box<State>),
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ScenarioChoice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ScenarioChoice".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A scenario by name, or whole.",
            "anyOf": [{"type": "string"}, generator.subschema_for::<State>()],
        })
    }
}

/// By hand, because an error in an untagged enum does not say what is wrong or where.
impl<'de> Deserialize<'de> for ScenarioChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrWhole;

        impl<'de> Visitor<'de> for NameOrWhole {
            type Value = ScenarioChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a scenario, or one")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<ScenarioChoice, E> {
                Ok(ScenarioChoice::from(name))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ScenarioChoice, A::Error> {
                State::deserialize(MapAccessDeserializer::new(map)).map(ScenarioChoice::from)
            }
        }

        deserializer.deserialize_any(NameOrWhole)
    }
}

impl From<&str> for ScenarioChoice {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<State> for ScenarioChoice {
    fn from(state: State) -> Self {
        Self::Whole(Box::new(state))
    }
}

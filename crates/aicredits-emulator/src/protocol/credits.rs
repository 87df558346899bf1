//! Granting and spending credits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Member;

/// Adds an allocation of credits to an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The account. `None`: the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The site that the credits belong to. `None`: they belong to the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Its subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// Its name. `None`: the emulator makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<String>,
    /// The index of the rule by which it counts in an aggregate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_rule: Option<usize>,
    /// Its rules: 1 to 10.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 10)))]
    pub rules: Vec<GrantRule>,
}

/// A rule of new credits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantRule {
    /// `DAY`, `MONTH`, `NO_PERIOD`, or a word that no client knows yet.
    pub period: String,
    /// The balance after a reset, 0 or more.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub cap: i64,
    /// The credits left, 0 to `cap`. `None`: `cap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub balance: Option<i64>,
    /// The time of the next reset. `None`: the next midnight, Monday, first of a month or first of January, UTC.
    #[serde(default, deserialize_with = "super::instant::read_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Instant>"))]
    pub reset_date: Option<Timestamp>,
}

/// Adds credits that were bought once: an allocation with one `NO_PERIOD` rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopUp {
    /// The account. `None`: the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The site that the credits belong to. `None`: they belong to the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// How many, 0 or more.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub amount: i64,
}

/// The reply to `grant` and `top_up`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Granted {
    /// The name of the allocation.
    pub allocation: String,
}

/// Changes a rule. Its real and its shown balance become `balance`, which may be above its cap or below 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// The name of the allocation.
    pub allocation: String,
    /// The index of the rule.
    #[serde(default)]
    pub rule: usize,
    /// Its balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    /// Its cap, 0 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub cap: Option<i64>,
    /// The time of its next reset.
    #[serde(default, deserialize_with = "super::instant::read_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Instant>"))]
    pub reset_date: Option<Timestamp>,
    /// The members that replies leave out from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omit: Option<Vec<Member>>,
    /// The index of the rule by which the allocation counts in an aggregate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_rule: Option<usize>,
}

/// Spends credits, as a paid action does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spend {
    /// The account. `None`: the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The site that spends. `None`: the account does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// How many credits, 0 or more.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub cost: i64,
    /// A spend with the key of an earlier one of the account spends nothing, and has the earlier reply. It must have the
    /// earlier cost and site too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// When the balance shows this charge, in service time. `None`: as the scenario says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_after_ms: Option<u64>,
}

/// The reply to `spend`. If the credits do not suffice, the error's members are `cost`, `spendable` and `binding`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spent {
    /// Its number: `t1`, `t2`, ….
    pub transaction: String,
    /// The cost.
    pub cost: i64,
    /// The allocations that gave.
    pub drawn: Vec<Drawn>,
    /// Whether it was spent earlier, with the same idempotency key.
    pub repeated: bool,
}

/// The part of an allocation in a spend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drawn {
    /// The name of the allocation.
    pub allocation: String,
    /// Its number of credits.
    pub amount: i64,
}

/// A rule that lets no more through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Binding {
    /// The name of the allocation.
    pub allocation: String,
    /// The index of the rule.
    pub rule: usize,
}

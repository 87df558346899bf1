//! The body of a balance: the values of a scope's sources, in the form of the API's page.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::ledger::{Rule, Source};

/// The page's `maxItems`.
const BREAKDOWN_LIMIT: usize = 1000;

/// The body of a reply. Its members have the order of the page's example.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Balance<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    periodic_credits: Option<Pool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_up_credits: Option<Pool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credit_balance_breakdown: Vec<CreditBalance<'a>>,
}

#[derive(Serialize)]
struct Pool {
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreditBalance<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_id: Option<&'a str>,
    usage_rules: Vec<UsageRule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageRule<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "date")]
    reset_date: Option<Timestamp>,
}

impl<'a> Balance<'a> {
    pub(crate) fn of(sources: &[&'a Source]) -> Self {
        let (top_up, periodic): (Vec<_>, Vec<_>) =
            sources.iter().filter_map(|source| counted_rule(source)).partition(|rule| is_one_time(rule));
        Self {
            periodic_credits: pool(&periodic),
            top_up_credits: pool(&top_up),
            credit_balance_breakdown: sources
                .iter()
                .take(BREAKDOWN_LIMIT)
                .map(|source| credit_balance(source))
                .collect(),
        }
    }
}

fn credit_balance(source: &Source) -> CreditBalance<'_> {
    CreditBalance {
        subscription_id: source.subscription_id.as_deref(),
        usage_rules: source.rules.iter().map(usage_rule).collect(),
    }
}

fn usage_rule(rule: &Rule) -> UsageRule<'_> {
    UsageRule { period: rule.period.as_deref(), balance: rule.balance, cap: rule.cap, reset_date: rule.reset_date }
}

/// The rule by which a source counts in an aggregate.
fn counted_rule(source: &Source) -> Option<&Rule> {
    match source.counted_rule {
        Some(index) => source.rules.get(index),
        None => source.rules.iter().max_by_key(|rule| length(rule)),
    }
}

fn is_one_time(rule: &Rule) -> bool {
    rule.period.as_deref() == Some("NO_PERIOD")
}

/// The rank of a rule's period, from short to long.
fn length(rule: &Rule) -> Option<usize> {
    const FROM_SHORT_TO_LONG: [&str; 9] =
        ["MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR", "NO_PERIOD"];
    FROM_SHORT_TO_LONG.iter().position(|period| rule.period.as_deref() == Some(*period))
}

fn pool(rules: &[&Rule]) -> Option<Pool> {
    (!rules.is_empty()).then(|| Pool {
        balance: sum(rules.iter().map(|rule| rule.balance)),
        cap: sum(rules.iter().map(|rule| rule.cap)),
    })
}

/// A sum without one of its terms would be misleading, so it is left out.
fn sum(mut terms: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    terms.try_fold(0_i64, |sum, term| Some(sum.saturating_add(term?)))
}

/// With three fraction digits, as on the page.
fn date<S: Serializer>(date: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(&format_args!("{date:.3}")),
        None => serializer.serialize_none(),
    }
}

//! The body of a balance: the values of a scope's allocations, in the form of the API's page.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::credits;
use crate::protocol::{Aggregate, Allocation, Member, Rule};

/// The page's `maxItems`.
const BREAKDOWN_LIMIT: usize = 1000;

/// The body of a reply. Its members have the order of the page's example.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Balance<'a> {
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
    pub(super) fn of(allocations: &[&'a Allocation], assumed: Aggregate) -> Self {
        let counted = allocations.iter().flat_map(|allocation| counted_rules(allocation, assumed));
        let (top_up, periodic): (Vec<_>, Vec<_>) = counted.partition(|rule| is_one_time(rule));
        Self {
            periodic_credits: pool(&periodic),
            top_up_credits: pool(&top_up),
            credit_balance_breakdown: allocations
                .iter()
                .take(BREAKDOWN_LIMIT)
                .map(|allocation| credit_balance(allocation))
                .collect(),
        }
    }
}

fn credit_balance(allocation: &Allocation) -> CreditBalance<'_> {
    CreditBalance {
        subscription_id: allocation.subscription.as_deref(),
        usage_rules: allocation.rules.iter().map(usage_rule).collect(),
    }
}

fn usage_rule(rule: &Rule) -> UsageRule<'_> {
    let shows = |member| !rule.omit.contains(&member);
    UsageRule {
        period: Some(rule.period.as_str()).filter(|_| shows(Member::Period)),
        balance: Some(rule.shown.unwrap_or(rule.balance)).filter(|_| shows(Member::Balance)),
        cap: Some(rule.cap).filter(|_| shows(Member::Cap)),
        reset_date: rule.reset_date.filter(|_| shows(Member::ResetDate)),
    }
}

/// The rules by which an allocation counts in the aggregates.
fn counted_rules(allocation: &Allocation, assumed: Aggregate) -> &[Rule] {
    let rules = &allocation.rules;
    let index = match (allocation.counted_rule, assumed) {
        (Some(index), _) => Some(index),
        (None, Aggregate::LongestPeriod) => credits::longest_rule(allocation),
        (None, Aggregate::SumOfRules) => return rules,
    };
    index.and_then(|index| rules.get(index..=index)).unwrap_or_default()
}

fn is_one_time(rule: &Rule) -> bool {
    rule.period == credits::NO_PERIOD
}

fn pool(rules: &[&Rule]) -> Option<Pool> {
    (!rules.is_empty()).then(|| Pool {
        balance: sum(rules.iter().map(|rule| usage_rule(rule).balance)),
        cap: sum(rules.iter().map(|rule| usage_rule(rule).cap)),
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

//! The reply as the Rust peers read it.

use serde::Deserialize;

#[derive(Deserialize, PartialEq, Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply<'a> {
    periodic_credits: Option<Credits>,
    top_up_credits: Option<Credits>,
    #[serde(borrow, default)]
    credit_balance_breakdown: Vec<Source<'a>>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Credits {
    balance: Option<i64>,
    cap: Option<i64>,
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(rename_all = "camelCase")]
struct Source<'a> {
    subscription_id: Option<&'a str>,
    #[serde(borrow, default)]
    usage_rules: Vec<Rule<'a>>,
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    period: Option<&'a str>,
    balance: Option<i64>,
    cap: Option<i64>,
    reset_date: Option<&'a str>,
}

impl Reply<'_> {
    /// Checks the eight figures and the date against the page's example.
    #[allow(dead_code, reason = "not each program has the example")]
    pub(crate) fn check(&self) {
        let [Source { usage_rules: monthly, .. }, Source { usage_rules: bought, .. }] =
            &self.credit_balance_breakdown[..]
        else {
            panic!("the example has two sources");
        };
        let pools = [self.periodic_credits.as_ref(), self.top_up_credits.as_ref()].map(Option::unwrap);
        let figures = pools.map(|pool| (pool.balance, pool.cap));
        let ([monthly], [bought]) = (&monthly[..], &bought[..]) else { panic!("the example has a rule a source") };
        let expected = [(Some(850), Some(1000)), (Some(200), Some(200))];
        assert_eq!(figures, expected);
        assert_eq!([(monthly.balance, monthly.cap), (bought.balance, bought.cap)], expected);
        assert_eq!(monthly.reset_date, Some("2026-07-01T00:00:00.000Z"));
    }
}

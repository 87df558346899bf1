//! A reading as a plain value, and the same reading as a [`Balance`].

use aicredits::{Balance, Timestamp};

/// 2026-06-24T12:00:30Z. Other instants are seconds before or after it, in the same minute.
const NOW: i64 = 1_782_302_430;

/// Absent, present without a balance, or with one.
pub(crate) type Pool = Option<Option<i64>>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) recurring: Pool,
    pub(crate) top_up: Pool,
    /// The rules of each source; `None` without a breakdown.
    pub(crate) sources: Option<Vec<Vec<Rule>>>,
    /// Whether the server's date is known. It is [`NOW`] then.
    pub(crate) has_date: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) period: Option<&'static str>,
    pub(crate) balance: Option<i64>,
    pub(crate) cap: Option<i64>,
    /// In seconds after [`NOW`], from -30 to 29.
    pub(crate) reset: Option<i64>,
}

pub(crate) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW + seconds, 0).unwrap()
}

pub(crate) fn seconds(instant: Timestamp) -> i64 {
    assert_eq!(instant.subsec_nanoseconds(), 0);
    instant.unix_seconds() - NOW
}

impl Reading {
    pub(crate) fn balance(&self) -> Balance {
        let mut members = Vec::new();
        for (name, pool) in [("periodicCredits", self.recurring), ("topUpCredits", self.top_up)] {
            match pool {
                None => {}
                Some(None) => members.push(format!(r#""{name}": {{"cap": 7}}"#)),
                Some(Some(balance)) => members.push(format!(r#""{name}": {{"balance": {balance}}}"#)),
            }
        }
        if let Some(sources) = &self.sources {
            let source = |rules: &Vec<Rule>| format!(r#"{{"usageRules": [{}]}}"#, joined(rules.iter().map(Rule::json)));
            members.push(format!(r#""creditBalanceBreakdown": [{}]"#, joined(sources.iter().map(source))));
        }
        let balance = Balance::from_json(format!("{{{}}}", members.join(","))).unwrap();
        balance.with_origin(None, None, None, self.has_date.then(|| instant(0)))
    }
}

impl Rule {
    fn json(&self) -> String {
        let period = self.period.map(|period| format!(r#""period": "{period}""#));
        let balance = self.balance.map(|balance| format!(r#""balance": {balance}"#));
        let cap = self.cap.map(|cap| format!(r#""cap": {cap}"#));
        let reset = self.reset.map(|reset| format!(r#""resetDate": "2026-06-24T12:00:{:02}Z""#, 30 + reset));
        format!("{{{}}}", joined([period, balance, cap, reset].into_iter().flatten()))
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

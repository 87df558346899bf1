//! A balance as CSV, with one row for each rule.

use aicredits::{Balance, CreditBalance, Scope, UsageRule, csv_text, escape_for_display};
use csv::{Terminator, WriterBuilder};

/// The columns of Python's `to_records()`. Later versions only append to them.
const COLUMNS: [&str; 16] = [
    "target",
    "label",
    "account_id",
    "site_id",
    "source",
    "subscription_id",
    "rule",
    "period",
    "balance",
    "cap",
    "reset_date",
    "read_at",
    "periodic_balance",
    "periodic_cap",
    "top_up_balance",
    "top_up_cap",
];

/// With a header, as in RFC 4180. An absent value is empty. For a terminal, texts are escaped.
pub(crate) fn csv(balance: &Balance, for_terminal: bool) -> Vec<u8> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let mut write = |row: &[String]| writer.write_record(row).expect("a Vec takes all, and rows are of one length");
    write(&COLUMNS.map(str::to_owned));
    for (place, source) in balance.credit_balance_breakdown().enumerate() {
        for (rule_place, rule) in source.usage_rules().enumerate() {
            write(&row(balance, (place, source), (rule_place, rule), for_terminal));
        }
    }
    writer.into_inner().expect("a Vec takes all")
}

fn row(
    balance: &Balance,
    (place, source): (usize, CreditBalance<'_>),
    (rule_place, rule): (usize, UsageRule<'_>),
    for_terminal: bool,
) -> [String; COLUMNS.len()] {
    let text = |text: Option<&str>| match text {
        Some(text) if for_terminal => csv_text(&escape_for_display(text)).into_owned(),
        Some(text) => csv_text(text).into_owned(),
        None => String::new(),
    };
    let (periodic, top_up) = (balance.periodic_credits(), balance.top_up_credits());
    [
        "0".to_owned(),
        String::new(),
        text(balance.scope().and_then(Scope::account_id)),
        text(balance.scope().and_then(Scope::site_id)),
        place.to_string(),
        text(source.subscription_id()),
        rule_place.to_string(),
        text(rule.period().map(|period| period.as_str())),
        or_empty(rule.balance()),
        or_empty(rule.cap()),
        or_empty(rule.reset_date()),
        or_empty(balance.fetched_at()),
        or_empty(periodic.and_then(|pool| pool.balance())),
        or_empty(periodic.and_then(|pool| pool.cap())),
        or_empty(top_up.and_then(|pool| pool.balance())),
        or_empty(top_up.and_then(|pool| pool.cap())),
    ]
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_are_no_formulas() {
        let json = r#"{"topUpCredits":{"balance":-1},"creditBalanceBreakdown":[{},{"subscriptionId":"=a,\"b\"",
            "usageRules":[{"period":"MONTH","balance":-5,"resetDate":"2026-07-01T00:00:00Z"},{"period":"@X"}]}]}"#;
        let csv = csv(&Balance::from_json(json).unwrap(), false);
        let lines: Vec<_> = std::str::from_utf8(&csv).unwrap().split("\r\n").collect();
        assert_eq!(lines[0], COLUMNS.join(","));
        assert_eq!(lines[1], r#"0,,,,1,"'=a,""b""",0,MONTH,-5,,2026-07-01T00:00:00Z,,,,-1,"#);
        assert_eq!(lines[2], r#"0,,,,1,"'=a,""b""",1,'@X,,,,,,,-1,"#);
        assert_eq!(lines[3..], [""]);
    }
}

//! A balance as text for a terminal, with colours. The text depends only on the balance, the time and the width.

use aicredits::{Balance, CreditBalance, Timestamp, escape_for_display};
use anstyle::Style;

use crate::layout::Layout;
use crate::line::Line;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The most sources of a reply, by the API's page.
const MAX_SOURCES: usize = 1000;

/// The whole page. Each line has at most `width` columns, if its words allow that. `server` is shown if it is not Wix's.
pub(crate) fn balance(balance: &Balance, server: Option<&str>, now: Option<Timestamp>, width: usize) -> String {
    let pools = [Line::pool("recurring", balance.periodic_credits()), Line::pool("top-up", balance.top_up_credits())];
    let sources: Vec<Source> = balance.credit_balance_breakdown().map(|source| Source::new(source, now)).collect();
    let lines = || pools.iter().chain(sources.iter().flat_map(|source| &source.lines));
    let layout = Layout::new(width, lines());

    let mut page = String::new();
    if let Some(scope) = balance.scope() {
        for (name, id) in [("account", scope.account_id()), ("site", scope.site_id()), ("server", server)] {
            if let Some(id) = id {
                layout.named(&mut page, name, &escape_for_display(id), BOLD);
            }
        }
        page.push('\n');
    }
    pools.iter().for_each(|line| layout.line(&mut page, line));
    if !sources.is_empty() {
        page.push('\n');
    }
    for source in &sources {
        match &source.subscription_id {
            Some(id) => layout.named(&mut page, "subscription", id, BOLD),
            None => page += &format!("{BOLD}no subscription{BOLD:#}\n"),
        }
        if source.lines.is_empty() {
            page += "  no rules\n";
        }
        source.lines.iter().for_each(|line| layout.line(&mut page, line));
    }
    if sources.len() >= MAX_SOURCES {
        page += &format!("\nThe reply is at its limit of {MAX_SOURCES} sources: there may be more.\n");
    }
    if let Some(id) = balance.request_id() {
        page.push('\n');
        layout.named(&mut page, "request", &escape_for_display(id), DIM);
    }
    page
}

/// A reply for a terminal: the same JSON, with control characters as escapes.
pub(crate) fn json_for_terminal(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        // Valid JSON has other ASCII control characters only between its tokens, as whitespace.
        let harmless = character.is_ascii() && character != '\u{7f}';
        if harmless || escape_for_display(character.encode_utf8(&mut [0; 4])).starts_with(character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out += &format!("\\u{unit:04x}");
            }
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

struct Source {
    subscription_id: Option<String>,
    lines: Vec<Line>,
}

impl Source {
    fn new(source: CreditBalance<'_>, now: Option<Timestamp>) -> Self {
        Self {
            subscription_id: source.subscription_id().map(escape_for_display),
            lines: source.usage_rules().map(|rule| Line::rule(rule, now)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn plain(json: &str, width: usize) -> String {
        let now = "2026-06-24T00:00:00Z".parse().ok();
        let page = balance(&Balance::from_json(json).unwrap(), None, now, width);
        anstream::adapter::strip_str(&page).to_string()
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let json = r#"{"periodicCredits":{"balance":-850,"cap":1000},"topUpCredits":{},"creditBalanceBreakdown":[
            {"usageRules":[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00Z"},
                {"period":"A_LONG_PERIOD_THAT_IS_CUT","balance":1,"resetDate":"2026-06-01T00:00:00Z"}]}]}"#;
        for width in 20..=200 {
            for line in plain(json, width).lines() {
                assert!(line.width() <= width, "{width}: {line:?}");
                assert_eq!(line, line.trim_end(), "{width}");
            }
        }
    }

    #[test]
    fn counts_of_any_length_are_never_cut() {
        let json = r#"{"periodicCredits":{"balance":-9223372036854775808,"cap":9223372036854775807}}"#;
        for width in [1, 20, 40, 80] {
            assert!(plain(json, width).contains("-9,223,372,036,854,775,808 of 9,223,372,036,854,775,807"), "{width}");
        }
    }

    #[test]
    fn an_unknown_period_takes_the_columns_of_a_label() {
        let label = |period: &str| {
            let json = format!(r#"{{"creditBalanceBreakdown":[{{"usageRules":[{{"period":"{period}"}}]}}]}}"#);
            plain(&json, 80).lines().last().unwrap().split("  ").nth(1).unwrap().to_owned()
        };
        assert_eq!(label("SIXTEEN_COLUMNS_"), "SIXTEEN_COLUMNS_");
        assert_eq!(label("SEVENTEEN_COLUMNS"), "SEVENTEEN_COLUM…");
        assert_eq!(label("信用信用信用信用信用"), "信用信用信用信…");
        assert_eq!(label(r"\u001b[2J"), r"\u{1b}[2J");
    }

    #[test]
    fn json_for_a_terminal_is_the_same_json_and_does_nothing_to_it() {
        let json = "{\"a\":\t\"caf\u{e9}\u{9b}2J \u{202e}\u{7f} \u{1f600}\"}\r\n";
        let shown = json_for_terminal(json);
        assert_eq!(shown, "{\"a\":\t\"caf\u{e9}\\u009b2J \\u202e\\u007f \u{1f600}\"}\r\n");
        assert_eq!(json_for_terminal("{}"), "{}\n");
    }
}

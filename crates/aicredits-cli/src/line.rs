//! A line of the page: a pool or a rule, with its counts and its reset.

use aicredits::{Credits, FeaturePeriod, Timestamp, UsageRule};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::reset::Reset;

/// A longer name of an unknown period is cut.
const MAX_LABEL: usize = 16;

/// A pool or a rule.
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) credits: Option<Counts>,
    pub(crate) reset: Option<Reset>,
}

pub(crate) struct Counts {
    pub(crate) balance: Option<i64>,
    pub(crate) cap: Option<i64>,
}

impl Line {
    pub(crate) fn pool(label: &str, credits: Option<Credits>) -> Self {
        let credits = credits.map(|credits| Counts { balance: credits.balance(), cap: credits.cap() });
        Self { label: label.to_owned(), credits, reset: None }
    }

    pub(crate) fn rule(rule: UsageRule<'_>, now: Option<Timestamp>) -> Self {
        let label = match rule.period() {
            None => "unknown".to_owned(),
            Some(FeaturePeriod::NoPeriod) => "one-time".to_owned(),
            // Display escapes the server's text.
            Some(unknown @ FeaturePeriod::Unknown(_)) => cut(&unknown.to_string()),
            Some(known) => known.as_str().to_ascii_lowercase(),
        };
        Self {
            label,
            credits: Some(Counts { balance: rule.balance(), cap: rule.cap() }),
            reset: rule.reset_date().map(|date| Reset::new(date, now)),
        }
    }
}

impl Counts {
    /// A count that the reply lacks is unknown: neither 0 nor unlimited.
    pub(crate) fn texts(&self) -> (String, String) {
        let text = |count: Option<i64>| count.map_or_else(|| "unknown".to_owned(), grouped);
        (text(self.balance), text(self.cap))
    }
}

/// `-1,234,567`.
fn grouped(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = String::from(if count < 0 { "-" } else { "" });
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn cut(label: &str) -> String {
    if label.width() <= MAX_LABEL {
        return label.to_owned();
    }
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width < MAX_LABEL
    };
    label.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (-999, "-999"),
            (1000, "1,000"),
            (-1000, "-1,000"),
            (12_345, "12,345"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
            (i64::MAX, "9,223,372,036,854,775,807"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }
}

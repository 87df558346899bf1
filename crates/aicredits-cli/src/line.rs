//! A line of the page: a pool or a rule, with its counts and its reset.

use aicredits::{Credits, FeaturePeriod, Timestamp, UsageRule, grouped};
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

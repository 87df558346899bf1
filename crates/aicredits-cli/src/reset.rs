//! The reset of a rule, as an instant and relative to now.

use aicredits::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `resets in 7 days, 2026-07-01 00:00 UTC`, or `due since 2026-07-01 00:00 UTC`, in two parts that fit on separate
/// lines.
pub(crate) struct Reset {
    pub(crate) lead: String,
    pub(crate) glue: &'static str,
    pub(crate) date: String,
    pub(crate) is_due: bool,
}

impl Reset {
    pub(crate) fn new(reset_date: Timestamp, now: Option<Timestamp>) -> Self {
        let date = date(reset_date);
        match now {
            Some(now) if reset_date <= now => Self { lead: "due since".into(), glue: " ", date, is_due: true },
            Some(now) => {
                let seconds = reset_date.unix_seconds() - now.unix_seconds();
                Self { lead: format!("resets in {}", span(seconds)), glue: ", ", date, is_due: false }
            }
            None => Self { lead: "resets".into(), glue: " ", date, is_due: false },
        }
    }

    pub(crate) fn one_line(&self) -> String {
        format!("{}{}{}", self.lead, self.glue, self.date)
    }
}

/// To the minute, or with seconds if they are not 0.
fn date(instant: Timestamp) -> String {
    // In RFC 3339 with UTC each part has a fixed position.
    let text = instant.to_string();
    let (date, time) = (&text[..10], &text[11..19]);
    format!("{date} {} UTC", time.strip_suffix(":00").unwrap_or(time))
}

/// Rounded to the largest unit with at least two of it: `47 hours`, `2 days`.
pub(crate) fn span(seconds: i64) -> String {
    let rounded = |unit: i64| (seconds + unit / 2) / unit;
    let (count, unit) = if seconds < 2 * MINUTE {
        (seconds.max(1), "second")
    } else if rounded(MINUTE) < 120 {
        (rounded(MINUTE), "minute")
    } else if rounded(HOUR) < 48 {
        (rounded(HOUR), "hour")
    } else {
        (rounded(DAY), "day")
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn spans_are_rounded_to_a_unit_of_which_there_are_two() {
        for (seconds, text) in [
            (0, "1 second"),
            (1, "1 second"),
            (119, "119 seconds"),
            (2 * MINUTE, "2 minutes"),
            (150, "3 minutes"),
            (119 * MINUTE, "119 minutes"),
            (2 * HOUR - 1, "2 hours"),
            (47 * HOUR, "47 hours"),
            (48 * HOUR - 1, "2 days"),
            (7 * DAY, "7 days"),
            (7 * DAY - 11 * HOUR, "7 days"),
            (7 * DAY - 13 * HOUR, "6 days"),
            (3_652_058 * DAY, "3652058 days"),
        ] {
            assert_eq!(span(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn a_reset_that_is_not_after_now_is_due() {
        let now = Some(at("2026-06-24T00:00:00Z"));
        let told = |date: &str| Reset::new(at(date), now).one_line();
        assert_eq!(told("2026-07-01T00:00:00.000Z"), "resets in 7 days, 2026-07-01 00:00 UTC");
        assert_eq!(told("2026-06-24T00:00:00.5Z"), "resets in 1 second, 2026-06-24 00:00 UTC");
        assert_eq!(told("2026-06-24T00:00:00Z"), "due since 2026-06-24 00:00 UTC");
        assert_eq!(told("2026-06-01T12:30:15Z"), "due since 2026-06-01 12:30:15 UTC");
        assert_eq!(Reset::new(at("9999-12-31T23:59:59Z"), None).one_line(), "resets 9999-12-31 23:59:59 UTC");
    }
}

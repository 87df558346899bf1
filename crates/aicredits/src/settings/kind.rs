//! The kinds of values that settings take, and their limits.

use std::time::Duration;

use crate::text::grouped;

/// The kind of value that a setting takes, with its default and its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Its own types in each language: a function, a choice between scopes, a list of variables.
    Special,
    /// A function that returns text.
    Provider(Length),
    /// Off by default.
    Flag,
    /// A whole number.
    #[allow(missing_docs, reason = "the names say it")]
    Count { default: u32, min: u32, max: u32 },
    /// A size in bytes, at least 1.
    #[allow(missing_docs, reason = "the names say it")]
    Bytes { default: usize, max: usize },
    /// A time. Without `min` it is more than 0. A call without one has its client's or its gate's.
    #[allow(missing_docs, reason = "the names say it")]
    Time { default: Option<Duration>, min: Option<Duration>, max: Duration },
    /// A count of credits, from 0 to 2^63 - 1.
    #[allow(missing_docs, reason = "the names say it")]
    Credits { default: Option<u64> },
    /// Text.
    Text(Length),
    /// The id of an account or a site.
    Id(Length),
    /// A path.
    Path,
    /// PEM text, with the most bytes of it.
    Pem(usize),
}

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// As long as its syntax allows.
    Any,
    /// In bytes.
    Bytes(usize),
    /// In characters.
    Characters(usize),
}

pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Wix's ids are GUIDs of 36 characters.
pub(super) const MAX_ID: Length = Length::Bytes(256);
/// The largest count of credits, as balances are signed.
pub(crate) const MAX_CREDITS: u64 = i64::MAX as u64;

impl Kind {
    /// The longest text in bytes.
    pub(crate) const fn max_bytes(self) -> usize {
        match self {
            Self::Text(Length::Bytes(max))
            | Self::Id(Length::Bytes(max))
            | Self::Provider(Length::Bytes(max))
            | Self::Pem(max) => max,
            _ => usize::MAX,
        }
    }

    /// The longest text in characters.
    pub(crate) const fn max_characters(self) -> usize {
        match self {
            Self::Text(Length::Characters(max)) => max,
            _ => usize::MAX,
        }
    }

    /// The fault of a count or a size, as text that follows the name of its setting.
    pub(crate) fn number_fault(self, number: usize) -> Option<String> {
        match self {
            Self::Count { min: 0, max, .. } if number > max as usize => Some(format!("is more than {max}")),
            Self::Count { min, max, .. } if !(min as usize..=max as usize).contains(&number) => {
                Some(format!("is not between {min} and {max}"))
            }
            Self::Bytes { max, .. } if !(1..=max).contains(&number) => {
                Some(format!("is not between 1 byte and {}", bytes(max)))
            }
            _ => None,
        }
    }

    /// The fault of a time, as text that follows the name of its setting.
    pub(crate) fn time_fault(self, time: Duration) -> Option<String> {
        match self {
            Self::Time { min: None, max, .. } if time.is_zero() || time > max => {
                Some(format!("must be more than 0 and at most {}", duration(max)))
            }
            Self::Time { min: Some(Duration::ZERO), max, .. } if time > max => {
                Some(format!("must be at most {}", duration(max)))
            }
            Self::Time { min: Some(min), max, .. } if !(min..=max).contains(&time) => {
                Some(format!("must be at least {} and at most {}", duration(min), duration(max)))
            }
            _ => None,
        }
    }

    /// The fault of a count of credits, as text that follows the name of its setting.
    pub(crate) fn credits_fault(self, credits: u64) -> Option<String> {
        match self {
            Self::Credits { .. } if credits > MAX_CREDITS => Some(format!("is more than {MAX_CREDITS}")),
            _ => None,
        }
    }

    /// The fault of a short text without control characters, as text that follows the name of its setting.
    pub(crate) fn text_fault(self, text: &str) -> Option<String> {
        let max = self.max_characters();
        let is_fine = text.chars().count() <= max && !text.chars().any(char::is_control);
        (!is_fine).then(|| format!("is longer than {max} characters or has control characters"))
    }

    /// The default as documents say it: "35 s". Empty if there is none.
    pub fn default_text(self) -> String {
        match self {
            Self::Flag => "off".to_owned(),
            Self::Count { default, .. } => grouped(default.into()),
            Self::Bytes { default, .. } => bytes(default),
            Self::Time { default: Some(default), .. } => duration(default),
            Self::Credits { default: Some(default) } => default.to_string(),
            _ => String::new(),
        }
    }

    /// The limits as documents say them: "1 to 4,096". Empty if there are none.
    pub fn range_text(self) -> String {
        match self {
            Self::Count { min, max, .. } => format!("{} to {}", grouped(min.into()), grouped(max.into())),
            Self::Bytes { max, .. } => format!("1 byte to {}", bytes(max)),
            Self::Time { min: None, max, .. } => format!("more than 0, at most {}", duration(max)),
            Self::Time { min: Some(min), max, .. } => format!("{} to {}", duration(min), duration(max)),
            Self::Credits { .. } => format!("0 to {}", grouped(MAX_CREDITS as i64)),
            Self::Text(Length::Bytes(max)) | Self::Id(Length::Bytes(max)) => {
                format!("at most {} bytes", grouped(max as i64))
            }
            Self::Text(Length::Characters(max)) => format!("at most {} characters", grouped(max as i64)),
            Self::Pem(max) => format!("at most {}", bytes(max)),
            _ => String::new(),
        }
    }
}

fn bytes(count: usize) -> String {
    const UNITS: [(u32, &str); 3] = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match UNITS.iter().find(|(shift, _)| count >> shift > 0 && count.trailing_zeros() >= *shift) {
        Some((shift, unit)) => format!("{} {unit}", count >> shift),
        None => format!("{} bytes", grouped(count as i64)),
    }
}

fn duration(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (0, 0) => "0".to_owned(),
        (0, milliseconds) => format!("{milliseconds} ms"),
        (86_400, _) => "a day".to_owned(),
        (seconds, _) if seconds > 86_400 && seconds.is_multiple_of(86_400) => format!("{} days", seconds / 86_400),
        (3_600, _) => "an hour".to_owned(),
        (seconds, _) if seconds > 60 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        (seconds, _) => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_checked_and_written_from_the_same_row() {
        let count = Kind::Count { default: 64, min: 1, max: 4096 };
        assert_eq!(count.number_fault(4096), None);
        assert_eq!(count.number_fault(0).as_deref(), Some("is not between 1 and 4096"));
        assert_eq!((count.default_text().as_str(), count.range_text().as_str()), ("64", "1 to 4,096"));
        let retries = Kind::Count { default: 2, min: 0, max: 10 };
        assert_eq!(retries.number_fault(11).as_deref(), Some("is more than 10"));
        let size = Kind::Bytes { default: 8 << 20, max: 1 << 30 };
        assert_eq!(size.number_fault(0).as_deref(), Some("is not between 1 byte and 1 GiB"));
        assert_eq!((size.default_text().as_str(), size.range_text().as_str()), ("8 MiB", "1 byte to 1 GiB"));
        let time = Kind::Time { default: Some(Duration::from_secs(35)), min: None, max: DAY };
        assert_eq!(time.time_fault(Duration::ZERO).as_deref(), Some("must be more than 0 and at most a day"));
        assert_eq!(time.time_fault(Duration::from_nanos(1)), None);
        assert_eq!((time.default_text().as_str(), time.range_text().as_str()), ("35 s", "more than 0, at most a day"));
        let tenth = Duration::from_millis(100);
        let age = Kind::Time { default: Some(Duration::from_secs(600)), min: Some(tenth), max: DAY };
        assert_eq!(age.time_fault(Duration::ZERO).as_deref(), Some("must be at least 100 ms and at most a day"));
        assert_eq!((age.time_fault(tenth), age.time_fault(DAY)), (None, None));
        assert_eq!((age.default_text().as_str(), age.range_text().as_str()), ("10 min", "100 ms to a day"));
        let month = Kind::Time { default: None, min: None, max: DAY * 30 };
        assert_eq!(month.range_text(), "more than 0, at most 30 days");
        let pause = Kind::Time { default: Some(Duration::ZERO), min: Some(Duration::ZERO), max: HOUR };
        assert_eq!(pause.time_fault(DAY).as_deref(), Some("must be at most an hour"));
        assert_eq!(pause.time_fault(Duration::ZERO), None);
        assert_eq!((pause.default_text().as_str(), pause.range_text().as_str()), ("0", "0 to an hour"));
        let credits = Kind::Credits { default: None };
        assert_eq!(credits.credits_fault(MAX_CREDITS), None);
        assert_eq!(credits.credits_fault(MAX_CREDITS + 1).as_deref(), Some("is more than 9223372036854775807"));
        assert_eq!(credits.range_text(), "0 to 9,223,372,036,854,775,807");
        let text = Kind::Text(Length::Characters(2));
        assert_eq!(text.text_fault("éé"), None);
        assert!(text.text_fault("abc").is_some() && text.text_fault("\n").is_some());
        assert_eq!(Kind::Pem(16 << 20).range_text(), "at most 16 MiB");
    }
}

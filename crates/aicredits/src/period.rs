use std::fmt;

/// How often the credits under a rule replenish.
///
/// The page names nine periods. Wix may add to them without notice, so any other text is kept as it came:
/// [`Unknown`](Self::Unknown), never an error.
///
/// ```
/// use aicredits::FeaturePeriod;
///
/// assert_eq!(FeaturePeriod::from_name("MONTH"), FeaturePeriod::Month);
/// assert_eq!(FeaturePeriod::from_name("FORTNIGHT").as_str(), "FORTNIGHT");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeaturePeriod<'a> {
    /// One-time credits, which don't reset.
    NoPeriod,
    /// Every millisecond.
    Millisecond,
    /// Every second.
    Second,
    /// Every minute.
    Minute,
    /// Every hour.
    Hour,
    /// Every day.
    Day,
    /// Every week.
    Week,
    /// Every month.
    Month,
    /// Every year.
    Year,
    /// A period that this version does not know, as the server spelt it.
    Unknown(&'a str),
}

impl<'a> FeaturePeriod<'a> {
    /// The page's nine periods, in its order.
    pub const KNOWN: [FeaturePeriod<'static>; 9] = [
        FeaturePeriod::NoPeriod,
        FeaturePeriod::Millisecond,
        FeaturePeriod::Second,
        FeaturePeriod::Minute,
        FeaturePeriod::Hour,
        FeaturePeriod::Day,
        FeaturePeriod::Week,
        FeaturePeriod::Month,
        FeaturePeriod::Year,
    ];

    /// The period of this wire name; [`Unknown`](Self::Unknown) where the page has no such name.
    pub fn from_name(name: &'a str) -> Self {
        match name {
            "NO_PERIOD" => Self::NoPeriod,
            "MILLISECOND" => Self::Millisecond,
            "SECOND" => Self::Second,
            "MINUTE" => Self::Minute,
            "HOUR" => Self::Hour,
            "DAY" => Self::Day,
            "WEEK" => Self::Week,
            "MONTH" => Self::Month,
            "YEAR" => Self::Year,
            other => Self::Unknown(other),
        }
    }

    /// The wire name: `MONTH`, or the text of an unknown one.
    ///
    /// Text of an unknown period is the server's: escape it before it reaches a terminal. `Display` does.
    pub fn as_str(self) -> &'a str {
        match self {
            Self::NoPeriod => "NO_PERIOD",
            Self::Millisecond => "MILLISECOND",
            Self::Second => "SECOND",
            Self::Minute => "MINUTE",
            Self::Hour => "HOUR",
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Year => "YEAR",
            Self::Unknown(text) => text,
        }
    }
}

/// The wire name; of an unknown period an escaped and bounded form.
impl fmt::Display for FeaturePeriod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::text::shown(self.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_periods() {
        for period in FeaturePeriod::KNOWN {
            assert_eq!(FeaturePeriod::from_name(period.as_str()), period);
        }
        assert_eq!(FeaturePeriod::from_name("FORTNIGHT"), FeaturePeriod::Unknown("FORTNIGHT"));
        assert_eq!(FeaturePeriod::from_name("month"), FeaturePeriod::Unknown("month"));
        assert_eq!(FeaturePeriod::from_name("FORT\u{1b}[31mNIGHT").to_string(), "FORT\\u{1b}[31mNIGHT");
    }
}

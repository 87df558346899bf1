use std::fmt;

use crate::constant::Constant;

/// The enum, with its table as `TABLE`.
macro_rules! periods {
    ($(#[$meta:meta])* $($variant:ident = $number:literal, $name:literal, $summary:literal;)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FeaturePeriod<'a> {
            $(#[doc = $summary] $variant,)+
            /// A period that this version does not know, with the server's text.
            Unknown(&'a str),
        }

        impl<'a> FeaturePeriod<'a> {
            /// The page's periods, in its order.
            pub const KNOWN: [FeaturePeriod<'static>; FeaturePeriod::TABLE.len()] = [$(FeaturePeriod::$variant,)+];

            /// The known periods, in the order of their numbers.
            #[doc(hidden)]
            pub const TABLE: &'static [Constant] = &[$(Constant { name: $name, number: $number, summary: $summary },)+];

            /// The period of this wire name; [`Unknown`](Self::Unknown) where the page has no such name.
            pub fn from_name(name: &'a str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    other => Self::Unknown(other),
                }
            }

            /// The wire name: `MONTH`, or the text of an unknown one.
            ///
            /// Text of an unknown period is the server's: escape it before it reaches a terminal. `Display` does.
            pub fn as_str(self) -> &'a str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Unknown(text) => text,
                }
            }

            /// Its number in the C ABI; 0 for one that this version does not know.
            #[doc(hidden)]
            #[inline]
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unknown(_) => 0,
                }
            }
        }
    };
}

periods! {
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
    NoPeriod = 1, "NO_PERIOD", "One-time credits, which do not reset.";
    Millisecond = 2, "MILLISECOND", "Every millisecond.";
    Second = 3, "SECOND", "Every second.";
    Minute = 4, "MINUTE", "Every minute.";
    Hour = 5, "HOUR", "Every hour.";
    Day = 6, "DAY", "Every day.";
    Week = 7, "WEEK", "Every week.";
    Month = 8, "MONTH", "Every month.";
    Year = 9, "YEAR", "Every year.";
}

/// The wire name; of an unknown period an escaped and bounded form.
impl fmt::Display for FeaturePeriod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::text::escape_for_display(self.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_each_other_from_1() {
        let numbers = FeaturePeriod::KNOWN.map(FeaturePeriod::number);
        assert!(numbers.into_iter().eq(1..=numbers.len() as i32), "PeriodCode depends on it");
    }

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

//! The plain structs of a balance.

use std::ffi::{CStr, c_char};

use aicredits::{Credits, FeaturePeriod};

use crate::timestamp::aicredits_timestamp;

/// In `present`: the field "balance" is there.
pub const AICREDITS_HAS_BALANCE: u32 = 1;
/// In `present`: the field "cap" is there.
pub const AICREDITS_HAS_CAP: u32 = 2;
/// In `present`: the field "period" is there, and so are its name and length.
pub const AICREDITS_HAS_PERIOD: u32 = 4;
/// In `present`: the field "reset_date" is there.
pub const AICREDITS_HAS_RESET_DATE: u32 = 8;
/// In `present`: the field "subscription_id" is there, and so is its length.
pub const AICREDITS_HAS_SUBSCRIPTION_ID: u32 = 16;
/// In `present`: the field "violated_rule" is there, and so is its length.
pub const AICREDITS_HAS_VIOLATED_RULE: u32 = 32;

/// A period after which the credits under a rule replenish: one of AICREDITS_PERIOD_NO_PERIOD and the following. Wix
/// may add periods without notice: such a period is AICREDITS_PERIOD_UNKNOWN, and its name is in period_name.
pub type aicredits_period = i32;

/// A period that this version does not know.
pub const AICREDITS_PERIOD_UNKNOWN: aicredits_period = 0;
/// One-time credits, which don't reset.
pub const AICREDITS_PERIOD_NO_PERIOD: aicredits_period = 1;
/// Every millisecond.
pub const AICREDITS_PERIOD_MILLISECOND: aicredits_period = 2;
/// Every second.
pub const AICREDITS_PERIOD_SECOND: aicredits_period = 3;
/// Every minute.
pub const AICREDITS_PERIOD_MINUTE: aicredits_period = 4;
/// Every hour.
pub const AICREDITS_PERIOD_HOUR: aicredits_period = 5;
/// Every day.
pub const AICREDITS_PERIOD_DAY: aicredits_period = 6;
/// Every week.
pub const AICREDITS_PERIOD_WEEK: aicredits_period = 7;
/// Every month.
pub const AICREDITS_PERIOD_MONTH: aicredits_period = 8;
/// Every year.
pub const AICREDITS_PERIOD_YEAR: aicredits_period = 9;

/// The wire name of a period: "MONTH" for AICREDITS_PERIOD_MONTH; "UNKNOWN" for AICREDITS_PERIOD_UNKNOWN and any number
/// that this version does not know.
///
/// The string is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_period_name(period: aicredits_period) -> *const c_char {
    name(period).as_ptr()
}

fn name(period: aicredits_period) -> &'static CStr {
    match period {
        AICREDITS_PERIOD_NO_PERIOD => c"NO_PERIOD",
        AICREDITS_PERIOD_MILLISECOND => c"MILLISECOND",
        AICREDITS_PERIOD_SECOND => c"SECOND",
        AICREDITS_PERIOD_MINUTE => c"MINUTE",
        AICREDITS_PERIOD_HOUR => c"HOUR",
        AICREDITS_PERIOD_DAY => c"DAY",
        AICREDITS_PERIOD_WEEK => c"WEEK",
        AICREDITS_PERIOD_MONTH => c"MONTH",
        AICREDITS_PERIOD_YEAR => c"YEAR",
        _ => c"UNKNOWN",
    }
}

/// A pool of credits: the remaining credits, and the maximum. A count whose bit in `present` is 0 is unknown: it is
/// neither 0 nor unlimited.
///
/// Plain data, borrowed from its balance. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_credits {
    /// AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP.
    pub present: u32,
    /// Remaining credits currently available.
    pub balance: i64,
    /// Maximum credits: per period in the recurring pool, in total in the top-up pool. It may be 0.
    pub cap: i64,
    /// Zero.
    pub reserved: [u64; 2],
}

/// One rule for the use of a source's credits. A field whose bit in `present` is 0 is absent.
///
/// Plain data, borrowed from its balance. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_usage_rule {
    /// AICREDITS_HAS_PERIOD, AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP, AICREDITS_HAS_RESET_DATE.
    pub present: u32,
    /// How often the credits under this rule replenish.
    pub period: aicredits_period,
    /// The period's name as the server wrote it, NUL-terminated; NULL if absent. The name of an unknown period is text
    /// from the server: before you show it on a terminal, pass it to aicredits_text_escape().
    pub period_name: *const c_char,
    /// Its length in bytes, without the NUL.
    pub period_name_length: usize,
    /// Remaining credits available under this rule.
    pub balance: i64,
    /// Maximum credits allowed under this rule per period. It may be 0.
    pub cap: i64,
    /// The time at which this rule's balance resets to its cap.
    pub reset_date: aicredits_timestamp,
    /// Zero.
    pub reserved: [u64; 2],
}

/// One source of credits: a separate allocation, and the rules for its use. A field whose bit in `present` is 0 is
/// absent.
///
/// Plain data, borrowed from its balance. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_credit_balance {
    /// AICREDITS_HAS_SUBSCRIPTION_ID.
    pub present: u32,
    /// GUID of the allocation's subscription, NUL-terminated; NULL for credits without one. The text is from the
    /// server, and may be something else than a GUID: before you show it on a terminal, pass it to
    /// aicredits_text_escape().
    pub subscription_id: *const c_char,
    /// Its length in bytes, without the NUL.
    pub subscription_id_length: usize,
    /// The rules for its use, in the order of the reply; NULL if there are none. All of them apply, such as a daily
    /// limit within a monthly allocation.
    pub usage_rules: *const aicredits_usage_rule,
    /// How many there are.
    pub usage_rule_count: usize,
    /// Zero.
    pub reserved: [u64; 2],
}

impl From<Credits> for aicredits_credits {
    fn from(credits: Credits) -> Self {
        Self {
            present: bit(credits.balance(), AICREDITS_HAS_BALANCE) | bit(credits.cap(), AICREDITS_HAS_CAP),
            balance: credits.balance().unwrap_or_default(),
            cap: credits.cap().unwrap_or_default(),
            reserved: [0; 2],
        }
    }
}

/// The bit of a field, where it is there.
pub(crate) fn bit<T>(field: Option<T>, bit: u32) -> u32 {
    if field.is_some() { bit } else { 0 }
}

/// The number of a period, and its name where that is static.
pub(crate) fn period(period: FeaturePeriod<'_>) -> (aicredits_period, Option<&'static CStr>) {
    let number = match period {
        FeaturePeriod::NoPeriod => AICREDITS_PERIOD_NO_PERIOD,
        FeaturePeriod::Millisecond => AICREDITS_PERIOD_MILLISECOND,
        FeaturePeriod::Second => AICREDITS_PERIOD_SECOND,
        FeaturePeriod::Minute => AICREDITS_PERIOD_MINUTE,
        FeaturePeriod::Hour => AICREDITS_PERIOD_HOUR,
        FeaturePeriod::Day => AICREDITS_PERIOD_DAY,
        FeaturePeriod::Week => AICREDITS_PERIOD_WEEK,
        FeaturePeriod::Month => AICREDITS_PERIOD_MONTH,
        FeaturePeriod::Year => AICREDITS_PERIOD_YEAR,
        // The core marks its periods as open; one that is new there has no number yet, but it has its name.
        _ => return (AICREDITS_PERIOD_UNKNOWN, None),
    };
    (number, Some(name(number)))
}

//! How a balance keeps its sources and rules: small records with ranges of its text.

use std::ops::Range;

use crate::period::FeaturePeriod;
use crate::timestamp::Timestamp;

#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) subscription_id: Option<Range<u32>>,
    pub(crate) rules: Range<u32>,
}

/// A rule in 40 bytes: there may be 10,000 of them, and fresh memory costs more than decoding into it.
#[derive(Clone)]
pub(crate) struct Rule {
    balance: i64,
    cap: i64,
    reset_seconds: i64,
    reset_nanoseconds: u32,
    period: PeriodCode,
    has: u8,
}

const HAS_BALANCE: u8 = 1;
const HAS_CAP: u8 = 2;
const HAS_RESET_DATE: u8 = 4;

/// 0 for none, then the numbers of [`FeaturePeriod::KNOWN`], then the places in `Balance::unknown_periods`.
#[derive(Clone, Copy, Default)]
pub(crate) struct PeriodCode(pub(crate) u32);

impl PeriodCode {
    pub(crate) const FIRST_KNOWN: u32 = 1;
    pub(crate) const NO_PERIOD: u32 = FeaturePeriod::NoPeriod.number() as u32;
    pub(crate) const FIRST_UNKNOWN: u32 = Self::FIRST_KNOWN + FeaturePeriod::KNOWN.len() as u32;

    pub(crate) fn of_known(period: FeaturePeriod<'_>) -> Option<Self> {
        match period.number() {
            0 => None,
            number => Some(Self(number as u32)),
        }
    }
}

impl Rule {
    pub(crate) fn new(period: PeriodCode, balance: Option<i64>, cap: Option<i64>, reset: Option<Timestamp>) -> Self {
        let bit = |given: bool, bit: u8| if given { bit } else { 0 };
        Self {
            balance: balance.unwrap_or_default(),
            cap: cap.unwrap_or_default(),
            reset_seconds: reset.map_or(0, Timestamp::unix_seconds),
            reset_nanoseconds: reset.map_or(0, Timestamp::subsec_nanoseconds),
            period,
            has: bit(balance.is_some(), HAS_BALANCE)
                | bit(cap.is_some(), HAS_CAP)
                | bit(reset.is_some(), HAS_RESET_DATE),
        }
    }

    pub(crate) fn period(&self) -> PeriodCode {
        self.period
    }

    pub(crate) fn balance(&self) -> Option<i64> {
        self.has(HAS_BALANCE).then_some(self.balance)
    }

    pub(crate) fn cap(&self) -> Option<i64> {
        self.has(HAS_CAP).then_some(self.cap)
    }

    pub(crate) fn reset_date(&self) -> Option<Timestamp> {
        self.has(HAS_RESET_DATE).then(|| Timestamp::from_unix(self.reset_seconds, self.reset_nanoseconds))?
    }

    /// Its balance, an absent one as 0.
    pub(crate) fn balance_or_0(&self) -> i64 {
        self.balance
    }

    pub(crate) fn lacks_balance(&self) -> bool {
        !self.has(HAS_BALANCE)
    }

    /// Whether its reset date is in the second of `at`, or before it: a test without a branch.
    pub(crate) fn resets_in_second_or_before(&self, at: Timestamp) -> bool {
        self.has(HAS_RESET_DATE) & (self.reset_seconds <= at.unix_seconds())
    }

    /// Whether its balance resets. A period that the reply lacks, or that this version does not know, counts as one.
    pub(crate) fn is_periodic(&self) -> bool {
        self.period.0 != PeriodCode::NO_PERIOD
    }

    /// Whether its period is absent or unknown: it may be anything.
    pub(crate) fn is_of_unknown_period(&self) -> bool {
        self.period.0 < PeriodCode::FIRST_KNOWN || self.period.0 >= PeriodCode::FIRST_UNKNOWN
    }

    /// Whether its reset date is not after `at`.
    pub(crate) fn resets_by(&self, at: Timestamp) -> bool {
        let date = (self.reset_seconds, self.reset_nanoseconds);
        self.has(HAS_RESET_DATE) && date <= (at.unix_seconds(), at.subsec_nanoseconds())
    }

    fn has(&self, bit: u8) -> bool {
        self.has & bit != 0
    }
}

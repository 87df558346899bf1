//! A balance as text, as every language shows it.

use std::fmt::{Display, Formatter, Result};

use crate::balance::NOT_RECOGNIZED;
use crate::{Balance, CreditBalance, Credits, UsageRule, text};

/// The pools, and below them the breakdown: a line a pool, a source and a rule, without a newline at the end. A reply
/// that has none of a balance's fields has one line, which says so.
///
/// ```
/// let json = r#"{"topUpCredits": {"balance": 200}, "creditBalanceBreakdown": [{"usageRules": [{"period": "DAY"}]}]}"#;
/// let balance = aicredits::Balance::from_json(json)?;
/// assert_eq!(
///     balance.to_string(),
///     "recurring: none\ntop-up: 200 of unknown\nno subscription\n  DAY: unknown of unknown"
/// );
/// # Ok::<(), aicredits::Error>(())
/// ```
impl Display for Balance {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.is_recognized() {
            return write!(f, "unknown: {NOT_RECOGNIZED}");
        }
        for (name, credits) in [("recurring: ", self.periodic_credits()), ("\ntop-up: ", self.top_up_credits())] {
            f.write_str(name)?;
            match credits {
                Some(credits) => credits.fmt(f)?,
                None => f.write_str("none")?,
            }
        }
        self.credit_balance_breakdown().try_for_each(|source| write!(f, "\n{source}"))
    }
}

/// `850 of 1000`; a count that the reply lacks is `unknown`.
impl Display for Credits {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        counts(f, self.balance(), self.cap())
    }
}

/// The subscription, escaped, and below it a line a rule.
impl Display for CreditBalance<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.subscription_id() {
            Some(id) => write!(f, "subscription {}", text::escape_for_display(id))?,
            None => f.write_str("no subscription")?,
        }
        self.usage_rules().try_for_each(|rule| write!(f, "\n  {rule}"))
    }
}

/// `MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z`; what the reply lacks is `unknown`.
impl Display for UsageRule<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.period() {
            Some(period) => write!(f, "{period}: ")?,
            None => f.write_str("unknown: ")?,
        }
        counts(f, self.balance(), self.cap())?;
        self.reset_date().map_or(Ok(()), |date| write!(f, ", resets {date}"))
    }
}

fn counts(f: &mut Formatter<'_>, balance: Option<i64>, cap: Option<i64>) -> Result {
    count(f, balance)?;
    f.write_str(" of ")?;
    count(f, cap)
}

/// A count that is missing is neither 0 nor unlimited.
fn count(f: &mut Formatter<'_>, count: Option<i64>) -> Result {
    match count {
        Some(count) => write!(f, "{count}"),
        None => f.write_str("unknown"),
    }
}

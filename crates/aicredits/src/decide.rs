//! Deciding on a balance: may an action run, and how many of them?
//!
//! All functions are pure. They read no clock, and none of them divides by a cap.

use std::cmp::min;

use crate::Timestamp;
use crate::balance::{Balance, Rule};
use crate::error::Error;

mod affordability;
mod answer;
mod binding;
mod figures;
mod resets;
mod sentence;

pub use affordability::Affordability;
pub use answer::Answer;
pub use binding::{Binding, BindingRules};
pub(crate) use figures::Figures;
pub(crate) use sentence::{Doubt, Limit, Shortage};

/// The largest cost: 2^63 − 1.
pub const MAX_COST: u64 = i64::MAX as u64;

impl Balance {
    /// The credits that can be spent now, under all rules of the breakdown. `None` if that is unknown, which is neither 0
    /// nor unlimited.
    ///
    /// Each source allows the least of its rule balances. The result is the sum over the sources, and never more than
    /// [`available`](Self::available). It assumes that one action may draw on several sources.
    ///
    /// ```
    /// # let json = r#"{"periodicCredits": {"balance": 90, "cap": 120}, "creditBalanceBreakdown": [{"usageRules": [
    /// #   {"period": "DAY", "balance": 0, "cap": 30}, {"period": "MONTH", "balance": 90, "cap": 120}]}]}"#;
    /// let balance = aicredits::Balance::from_json(json)?;
    /// // 90 of 120 are left this month, but none of today's 30.
    /// assert_eq!(balance.available(), Some(90));
    /// assert_eq!(balance.spendable(), Some(0));
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn spendable(&self) -> Option<i64> {
        self.figures().spendable()
    }

    /// The credits that can be spent at `at`, if nobody spends until then and the known resets happen.
    ///
    /// A rule that resets after the reading and not after `at` counts at its cap. An `at` before the reading counts as the
    /// reading's instant. A reading without an instant counts as made before all of its reset dates.
    ///
    /// `None` if [`spendable`](Self::spendable) is unknown, if the reply has no breakdown, or if a rule that resets lacks
    /// its cap.
    pub fn spendable_at(&self, at: Timestamp) -> Option<i64> {
        let spendable = self.spendable().filter(|_| !self.sources.is_empty())?;
        let sum = i128::from(spendable) + self.growth_at(at)?;
        Some(sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// Whether an action of this cost can be paid now.
    ///
    /// The answer is [`Yes`](Answer::Yes), [`No`](Answer::No), or [`Unknown`](Answer::Unknown) if the reply lacks a count
    /// that would decide. A cost that equals the spendable credits is affordable, and a cost of 0 always is.
    ///
    /// A balance is a hint: other programs spend from the same credits, and the vendor's refusal is final. In a program
    /// whose threads spend at the same time, use a [`CreditGate`](crate::CreditGate).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which names `cost`, if it is above [`MAX_COST`].
    pub fn can_afford(&self, cost: u64) -> Result<Affordability<'_>, Error> {
        check_cost("cost", cost)?;
        Ok(Affordability::new(self, cost))
    }

    /// How many of `wanted` actions can be paid now, if each costs `unit_cost`. `Ok(None)` if that is unknown.
    ///
    /// ```
    /// let balance = aicredits::Balance::from_json(r#"{"topUpCredits": {"balance": 20, "cap": 200}}"#)?;
    /// assert_eq!(balance.affordable(3, 50)?, Some(6));
    /// assert_eq!(balance.affordable(3, 5)?, Some(5));
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which names `unit_cost` or `wanted`, if that is above
    /// [`MAX_COST`].
    pub fn affordable(&self, unit_cost: u64, wanted: u64) -> Result<Option<u64>, Error> {
        check_cost("unit_cost", unit_cost)?;
        check_cost("wanted", wanted)?;
        if wanted == 0 || unit_cost == 0 {
            return Ok(Some(wanted));
        }
        let figures = self.figures();
        if i128::from(unit_cost) * i128::from(wanted) <= i128::from(figures.low) {
            return Ok(Some(wanted));
        }
        let fits = |spendable: i64| min(wanted, u64::try_from(spendable).unwrap_or(0) / unit_cost);
        Ok(figures.spendable().map(fits))
    }

    /// The earliest reset after the reading that can bring credits: of a rule that replenishes, and is below its cap or
    /// lacks a figure.
    ///
    /// `None` if there is none, and for a reading without an instant: use [`next_reset_after`](Self::next_reset_after).
    /// The reading's instant is [`server_date`](Self::server_date), or else [`fetched_at`](Self::fetched_at).
    pub fn next_reset(&self) -> Option<Timestamp> {
        self.next_reset_after(self.instant()?)
    }

    /// As [`next_reset`](Self::next_reset), after another instant than the reading's.
    ///
    /// ```
    /// # let json = r#"{"creditBalanceBreakdown": [{"usageRules": [
    /// #   {"period": "DAY", "balance": 0, "cap": 30, "resetDate": "2026-06-25T00:00:00Z"}]}]}"#;
    /// let balance = aicredits::Balance::from_json(json)?;
    /// assert_eq!(balance.next_reset(), None, "a stored reply has no instant");
    /// let noon = "2026-06-24T12:00:00Z".parse()?;
    /// assert_eq!(balance.next_reset_after(noon).unwrap().to_string(), "2026-06-25T00:00:00Z");
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn next_reset_after(&self, after: Timestamp) -> Option<Timestamp> {
        let may_bring = |rule: &&Rule| {
            let is_full = matches!((rule.balance(), rule.cap()), (Some(balance), Some(cap)) if balance >= cap);
            rule.is_periodic() && !is_full
        };
        let dates = self.rules.iter().filter(may_bring).filter_map(Rule::reset_date);
        dates.filter(|date| *date > after).min()
    }
}

/// Refuses a number above [`MAX_COST`]. A negative number of C arrives so.
pub(crate) fn check_cost(name: &'static str, number: u64) -> Result<(), Error> {
    if number > MAX_COST {
        let fault = format!("must be a whole number from 0 to {MAX_COST} (2^63 - 1)");
        return Err(Error::invalid_argument(name, fault).with_setting(name));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

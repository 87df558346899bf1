use std::fmt;

use super::answer::Answer;
use super::binding::Binding;
use super::figures::Figures;
use super::sentence::{Bounds, Limit, Shortage};
use crate::Timestamp;
use crate::balance::Balance;

/// Whether a balance can pay a cost, from [`Balance::can_afford`]. A view into the balance.
///
/// `Display` is one sentence, which says what to do about a no:
///
/// ```
/// # let json = r#"{"periodicCredits": {"balance": 10, "cap": 1000}, "creditBalanceBreakdown": [{
/// #   "subscriptionId": "d7a341c4-196b-46e7-813c-2b0fc1847ec6", "usageRules": [
/// #     {"period": "MONTH", "balance": 10, "cap": 1000, "resetDate": "2026-07-01T00:00:00Z"}]}]}"#;
/// # let balance = aicredits::Balance::from_json(json)?;
/// let answer = balance.can_afford(50)?;
/// assert!(!answer.is_yes());
/// assert_eq!(answer.shortfall(), Some(40));
/// assert_eq!(
///     answer.to_string(),
///     "40 short: the MONTH rule of subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6 allows 10 until \
///      2026-07-01T00:00:00Z"
/// );
/// # Ok::<(), aicredits::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Affordability<'a> {
    balance: &'a Balance,
    figures: Figures,
    cost: u64,
}

impl<'a> Affordability<'a> {
    /// Of a cost that has been checked.
    pub(super) fn new(balance: &'a Balance, cost: u64) -> Self {
        Self { balance, figures: balance.figures(), cost }
    }

    /// Yes, no or unknown.
    pub fn answer(&self) -> Answer {
        let cost = i128::from(self.cost);
        if self.cost == 0 || cost <= i128::from(self.figures.low) {
            return Answer::Yes;
        }
        match self.figures.high {
            Some(high) if cost > i128::from(high) => Answer::No,
            _ => Answer::Unknown,
        }
    }

    /// Whether the answer is yes. An unknown answer is not.
    pub fn is_yes(&self) -> bool {
        self.answer() == Answer::Yes
    }

    /// The cost that was asked for.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// [`Balance::spendable`].
    pub fn spendable(&self) -> Option<i64> {
        self.figures.spendable()
    }

    /// [`Balance::available`].
    pub fn available(&self) -> Option<i64> {
        self.balance.available()
    }

    /// The credits that are missing, if the answer is no; else `None`.
    ///
    /// It is the cost less the most that can be spent. Where [`spendable`](Self::spendable) is unknown, at least so many
    /// are missing.
    pub fn shortfall(&self) -> Option<u64> {
        let high = self.figures.high.filter(|_| self.answer() == Answer::No)?;
        u64::try_from(i128::from(self.cost) - i128::from(high)).ok()
    }

    /// The limit on the spendable credits: the pools, or rules.
    pub fn binding(&self) -> Binding<'a> {
        Binding::new(self.balance, self.figures.limit)
    }

    /// The earliest reset date from which the cost is affordable, if nobody spends until then. Computed when asked.
    ///
    /// `None` if no known reset brings the credits, and if the answer is not no.
    pub fn affordable_at(&self) -> Option<Timestamp> {
        let spendable = self.spendable().filter(|_| self.answer() == Answer::No)?;
        let missing = i128::from(self.cost) - i128::from(spendable);
        self.balance.growths().iter().find(|growth| growth.by >= missing).map(|growth| growth.at)
    }

    /// The least and the most that can be spent, and why no more is known: the end of the sentence of an unknown answer. It
    /// is for a balance whose spendable credits are unknown.
    #[doc(hidden)]
    pub fn bounds(&self) -> impl fmt::Display + use<'a> {
        Bounds::new(self.balance, self.figures)
    }

    /// The balance that was asked.
    pub fn balance(&self) -> &'a Balance {
        self.balance
    }
}

/// One sentence. Server text in it is escaped and bounded.
impl fmt::Display for Affordability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.answer(), self.shortfall()) {
            (Answer::Yes, _) if self.cost == 0 => f.write_str("affordable: a cost of 0 always is"),
            (Answer::Yes, _) => {
                let at_least = if self.spendable().is_some() { "" } else { "at least " };
                write!(f, "affordable: {} of {at_least}{} spendable credits", self.cost, self.figures.low)
            }
            (Answer::No, Some(shortfall)) => Shortage {
                shortfall,
                is_at_least: self.spendable().is_none(),
                limit: Limit::new(self.balance, self.figures.limit),
                affordable_at: self.affordable_at(),
            }
            .fmt(f),
            _ => write!(f, "unknown whether {} can be spent: {}", self.cost, self.bounds()),
        }
    }
}

impl fmt::Debug for Affordability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Affordability")
            .field("answer", &self.answer())
            .field("cost", &self.cost())
            .field("spendable", &self.spendable())
            .field("available", &self.available())
            .field("shortfall", &self.shortfall())
            .field("binding", &self.binding())
            .finish_non_exhaustive()
    }
}

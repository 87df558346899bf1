//! The sentence and the date of a denial, made when they are asked for.

use std::fmt;
use std::sync::Arc;

use super::clock::Nanos;
use super::commits::{Bucket, Commits, Mark};
use super::estimate::Reading;
use crate::decide::{Doubt, Limit, Shortage};
use crate::denial::{Denial, Outlook};
use crate::text::duration;
use crate::{Error, Timestamp};

/// The facts at the moment of a denial.
pub(super) enum Story {
    Limit {
        limit: u64,
        used: i128,
    },
    /// `since` is how long ago the first report was.
    Exhausted {
        since: Nanos,
        prospect: Option<Prospect>,
    },
    Unavailable {
        cause: Option<Arc<Error>>,
        /// The reading that could not tell.
        undecided: Option<Arc<Reading>>,
    },
    Insufficient(Prospect),
}

/// The basis for the figures of later readings.
pub(super) struct Prospect {
    pub(super) reading: Arc<Reading>,
    pub(super) buckets: Arc<[Bucket]>,
    pub(super) mark: Mark,
    pub(super) delay: Nanos,
    pub(super) processes: u32,
    /// Reserved, and the headroom.
    pub(super) held_back: i128,
}

impl Prospect {
    /// This process's share.
    fn share(&self, figure: i128) -> i128 {
        figure.div_euclid(self.processes.into())
    }

    /// The sum of the commits that a reading at `at` may lack.
    fn unseen_at(&self, at: i128) -> i128 {
        let from = at - i128::from(self.delay);
        self.buckets.iter().filter(|bucket| i128::from(bucket.until) > from).map(|bucket| bucket.amount).sum()
    }

    /// The first reset that reaches `needed`.
    fn reset(&self, needed: i128) -> Option<Timestamp> {
        let Reading { balance, figures, date, arrived, .. } = &*self.reading;
        let spendable = i128::from(figures.spendable()?);
        let reaches = |at: Timestamp, by: i128| {
            let seconds = i128::from(at.unix_seconds()) - i128::from(date.unix_seconds());
            let nanos = i128::from(at.subsec_nanoseconds()) - i128::from(date.subsec_nanoseconds());
            let at = i128::from(*arrived) + seconds * 1_000_000_000 + nanos;
            self.share(spendable + by) - self.unseen_at(at) >= needed
        };
        balance.growths().iter().find(|growth| reaches(growth.at, growth.by)).map(|growth| growth.at)
    }

    /// The end of the visibility delay of commits that the reading may contain already, once they suffice.
    fn visible(&self, needed: i128) -> Option<Timestamp> {
        let is_before = |bucket: &&Bucket| Commits::is_before(bucket, self.mark);
        let after: i128 = self.buckets.iter().filter(|bucket| !is_before(bucket)).map(|bucket| bucket.amount).sum();
        let mut unseen: i128 = self.buckets.iter().filter(is_before).map(|bucket| bucket.amount).sum();
        let most = self.share(self.reading.figures.low.into()) - after;
        for bucket in self.buckets.iter().filter(is_before) {
            unseen -= bucket.amount;
            if most - unseen >= needed {
                return self.reading.date_at(bucket.until.saturating_add(self.delay));
            }
        }
        None
    }

    fn affordable_at(&self, cost: u64) -> Option<Timestamp> {
        let needed = i128::from(cost) + self.held_back;
        self.reset(needed).into_iter().chain(self.visible(needed)).min()
    }
}

impl Outlook for Story {
    fn affordable_at(&self, denial: &Denial) -> Option<Timestamp> {
        match self {
            Self::Insufficient(prospect) => prospect.affordable_at(denial.cost()),
            // The credits may seem to be there; only a reset brings more.
            Self::Exhausted { prospect: Some(prospect), .. } => {
                prospect.reset(i128::from(denial.cost()) + prospect.held_back)
            }
            _ => None,
        }
    }

    fn explain(&self, denial: &Denial, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { limit, used } => {
                let left = (i128::from(*limit) - used).max(0);
                let short = i128::from(denial.cost()) - left;
                write!(f, "{short} over the limit: {used} of {limit} are used or reserved")
            }
            Self::Exhausted { since, .. } => {
                let since = duration(std::time::Duration::from_secs(since / 1_000_000_000));
                write!(
                    f,
                    "exhausted: the vendor refused an action for lack of credits {since} ago, and no reading has shown \
                     new credits since"
                )
            }
            Self::Unavailable { cause: Some(cause), .. } => write!(f, "no reading of the balance: {cause}"),
            Self::Unavailable { undecided: Some(reading), .. } => {
                write!(f, "unknown whether {} can be spent, since {}", denial.cost(), Doubt::new(&reading.balance))
            }
            Self::Unavailable { .. } => f.write_str(
                "no reading of the balance is young enough to decide; refresh the gate, or wait for a reading",
            ),
            Self::Insufficient(prospect) => {
                let figures = prospect.reading.figures;
                let shortage = Shortage {
                    shortfall: denial.shortfall().unwrap_or(0),
                    is_at_least: figures.spendable().is_none(),
                    limit: Limit::new(&prospect.reading.balance, figures.limit),
                    affordable_at: denial.affordable_at(),
                };
                write!(f, "{shortage}")?;
                let share = figures.high.map(|high| prospect.share(high.into()));
                let held = share.zip(denial.grantable()).map_or(0, |(share, grantable)| share - i128::from(grantable));
                if held > 0 { write!(f, "; the gate holds back {held} of it") } else { Ok(()) }
            }
        }
    }
}

//! The sentences: why credits are short, and why an answer is unknown.

use std::fmt::{Display, Formatter, Result};

use super::binding::Binding;
use super::figures::{Figures, LimitKind, MAX_ENTRIES, SourceFigures, bound, is_overdue};
use crate::Timestamp;
use crate::balance::{Balance, CreditBalance, Credits, NOT_RECOGNIZED, UsageRule};
use crate::text;

/// Credits that are short. `Display` is the whole sentence; a gate's denial has the same one.
pub(crate) struct Shortage<'a> {
    pub(crate) shortfall: u64,
    /// At least so many are short: the exact figure is unknown.
    pub(crate) is_at_least: bool,
    pub(crate) limit: Limit<'a>,
    /// The reset that brings them.
    pub(crate) affordable_at: Option<Timestamp>,
}

/// The limit that the sentence names.
pub(crate) enum Limit<'a> {
    Nothing,
    Pools {
        recurring: Option<Credits>,
        top_up: Option<Credits>,
    },
    /// The binding rule whose reset comes first.
    Rule {
        name: RuleName<'a>,
        allows: i64,
        until: Option<Timestamp>,
        /// How many other rules bind.
        more: usize,
    },
}

/// A rule and its source, by period and subscription.
pub(crate) struct RuleName<'a> {
    source: CreditBalance<'a>,
    rule: UsageRule<'a>,
}

impl<'a> Limit<'a> {
    /// The limit on the spendable credits of this balance.
    pub(crate) fn new(balance: &'a Balance, kind: LimitKind) -> Self {
        let rules = match Binding::new(balance, kind) {
            Binding::Nothing => return Self::Nothing,
            Binding::Pools => {
                return Self::Pools { recurring: balance.periodic_credits(), top_up: balance.top_up_credits() };
            }
            Binding::Rules(rules) => rules,
        };
        let stored = |(source, rule): (usize, usize)| &balance.rules_of(&balance.sources[source])[rule];
        let reset = |place| balance.reset_ahead(stored(place));
        // A rule that does not reset comes after all that do.
        let order = |place: &(usize, usize)| reset(*place).map_or((true, None), |at| (false, Some(at)));
        let more = rules.clone().count().saturating_sub(1);
        let Some(first) = rules.min_by_key(order) else { return Self::Nothing };
        let Some(name) = RuleName::new(balance, first) else { return Self::Nothing };
        let allows = bound(stored(first), balance.server_date()).unwrap_or(0).max(0);
        Self::Rule { name, allows, until: reset(first), more }
    }
}

impl<'a> RuleName<'a> {
    fn new(balance: &'a Balance, (source, rule): (usize, usize)) -> Option<Self> {
        let source = balance.credit_balance_breakdown().nth(source)?;
        let rule = source.usage_rules().nth(rule)?;
        Some(Self { source, rule })
    }
}

impl Display for Shortage<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let at_least = if self.is_at_least { "at least " } else { "" };
        write!(f, "{at_least}{} short", self.shortfall)?;
        let mut until = None;
        match &self.limit {
            Limit::Nothing => {}
            Limit::Pools { recurring, top_up } => {
                f.write_str(": the pools hold ")?;
                pool(f, *recurring)?;
                f.write_str(" recurring and ")?;
                pool(f, *top_up)?;
                f.write_str(" top-up credits")?;
            }
            Limit::Rule { name, allows, until: reset, more } => {
                write!(f, ": {name} allows {allows}")?;
                reset.map_or(Ok(()), |reset| write!(f, " until {reset}"))?;
                and_more(f, *more, "rule binds", "rules bind")?;
                until = *reset;
            }
        }
        match self.affordable_at {
            None => f.write_str("; no known reset brings it"),
            Some(at) if Some(at) == until => Ok(()),
            Some(at) => write!(f, "; affordable from {at}"),
        }
    }
}

fn pool(f: &mut Formatter<'_>, credits: Option<Credits>) -> Result {
    match credits.map(|credits| credits.balance()) {
        None => f.write_str("no"),
        Some(Some(balance)) => write!(f, "{balance}"),
        Some(None) => f.write_str("unknown"),
    }
}

fn and_more(f: &mut Formatter<'_>, more: usize, one: &str, several: &str) -> Result {
    match more {
        0 => Ok(()),
        1 => write!(f, ", and 1 more {one}"),
        more => write!(f, ", and {more} more {several}"),
    }
}

/// `the MONTH rule of subscription d7a3…`. Ids are whole; server text is escaped.
impl Display for RuleName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.rule.period() {
            Some(period) => write!(f, "the {period} rule of ")?,
            None => f.write_str("the rule without a period of ")?,
        }
        source_name(f, self.source)
    }
}

fn source_name(f: &mut Formatter<'_>, source: CreditBalance<'_>) -> Result {
    match source.subscription_id() {
        Some(id) => write!(f, "subscription {}", text::escape_for_display(id)),
        None => f.write_str("the credits without a subscription"),
    }
}

/// The two sums of a balance where they differ, and the reason.
pub(super) struct Bounds<'a> {
    balance: &'a Balance,
    figures: Figures,
}

impl<'a> Bounds<'a> {
    pub(super) fn new(balance: &'a Balance, figures: Figures) -> Self {
        Self { balance, figures }
    }
}

impl Display for Bounds<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Figures { low, high, .. } = self.figures;
        write!(f, "at least {low}")?;
        high.map_or(Ok(()), |high| write!(f, " and at most {high}"))?;
        write!(f, ", since {}", Doubt::new(self.balance))
    }
}

/// The first reason why the figures of a balance are unknown.
pub(crate) struct Doubt<'a>(&'a Balance);

impl<'a> Doubt<'a> {
    pub(crate) fn new(balance: &'a Balance) -> Self {
        Self(balance)
    }
}

impl Display for Doubt<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self(balance) = self;
        if !balance.is_recognized() {
            return f.write_str(NOT_RECOGNIZED);
        }
        if balance.sources.is_empty() {
            return self.pool(f);
        }
        if balance.sources.len() >= MAX_ENTRIES {
            return write!(f, "the breakdown has {} entries and may be cut", balance.sources.len());
        }

        let is_unknown = |index: &usize| {
            let figures = SourceFigures::new(balance.rules_of(&balance.sources[*index]), balance.server_date());
            figures.high != Some(figures.low)
        };
        let mut unknown = (0..balance.sources.len()).filter(is_unknown);
        let Some(first) = unknown.next() else { return self.pool(f) };
        self.source(f, first)?;
        and_more(f, unknown.count(), "source is unknown", "sources are unknown")
    }
}

impl Doubt<'_> {
    fn pool(&self, f: &mut Formatter<'_>) -> Result {
        let Self(balance) = self;
        let pools = [("recurring", balance.periodic_credits()), ("top-up", balance.top_up_credits())];
        let lacks = |pool: &Option<Credits>| pool.is_some_and(|pool| pool.balance().is_none());
        let name = pools.iter().find(|(_, pool)| lacks(pool)).map_or("recurring", |(name, _)| name);
        write!(f, "the {name} pool has no balance")
    }

    fn source(&self, f: &mut Formatter<'_>, index: usize) -> Result {
        let Self(balance) = self;
        let server_date = balance.server_date();
        let rules = balance.rules_of(&balance.sources[index]);
        let name = |rule| RuleName::new(balance, (index, rule));
        if let Some(name) = rules.iter().position(|rule| rule.balance().is_none()).and_then(name) {
            return write!(f, "{name} has no balance");
        }
        let is_stale = |rule: &crate::balance::Rule| is_overdue(rule, server_date) && rule.cap() != rule.balance();
        if let Some(at) = rules.iter().position(is_stale)
            && let (Some(name), Some(date)) = (name(at), rules[at].reset_date())
        {
            return write!(f, "{name} should have reset at {date}");
        }
        match balance.credit_balance_breakdown().nth(index) {
            Some(source) => {
                f.write_str("the source of ")?;
                source_name(f, source)?;
                f.write_str(" has no rules")
            }
            None => Ok(()),
        }
    }
}

//! Decisions by their definition: slow, in integers that cannot overflow, and without any code of the library.

use crate::model::{Reading, Rule};

const MOST: i128 = i64::MAX as i128;
const LEAST: i128 = i64::MIN as i128;

fn saturated(sum: i128) -> i128 {
    sum.clamp(LEAST, MOST)
}

#[derive(Debug, PartialEq, Clone, Copy)]
pub(crate) enum Verdict {
    Yes,
    No,
    Unknown,
}

impl Rule {
    fn resets(&self) -> bool {
        self.period != Some("NO_PERIOD")
    }

    fn is_known_period(&self) -> bool {
        self.period.is_some_and(|period| period != "FORTNIGHT")
    }

    /// At or before the server's date.
    fn is_overdue(&self, reading: &Reading) -> bool {
        reading.has_date && self.reset.is_some_and(|reset| reset <= 0)
    }

    /// In (the reading, `at`]. A reading without a date counts as made before all resets.
    fn has_reset(&self, reading: &Reading, at: i64) -> bool {
        self.resets() && self.reset.is_some_and(|reset| reset <= at && (!reading.has_date || reset > 0))
    }
}

impl Reading {
    fn listed(&self) -> &[Vec<Rule>] {
        self.sources.as_deref().unwrap_or_default()
    }

    pub(crate) fn available(&self) -> Option<i128> {
        if self.recurring.is_none() && self.top_up.is_none() && !self.listed().is_empty() {
            return None;
        }
        let recurring = self.recurring.unwrap_or(Some(0))?;
        let top_up = self.top_up.unwrap_or(Some(0))?;
        Some(saturated(i128::from(recurring) + i128::from(top_up)))
    }

    fn low_of(&self, rules: &[Rule]) -> i128 {
        let balances: Option<Vec<i64>> = rules.iter().map(|rule| rule.balance).collect();
        let least = balances.and_then(|balances| balances.into_iter().min()).unwrap_or(0);
        i128::from(least.max(0))
    }

    /// `None` is unbounded.
    fn high_of(&self, rules: &[Rule]) -> Option<i128> {
        let known = rules.iter().filter_map(|rule| self.bound(rule));
        known.min().map(|least| least.max(0))
    }

    fn bound(&self, rule: &Rule) -> Option<i128> {
        let bound = if rule.is_overdue(self) { rule.cap } else { rule.balance };
        bound.map(i128::from)
    }

    /// The pools that no source can belong to, each with its balance.
    fn unlisted(&self) -> Vec<Option<i64>> {
        let can_be_recurring = |rules: &Vec<Rule>| rules.is_empty() || rules.iter().any(|rule| rule.resets());
        let may_be_once = |rule: &Rule| rule.period == Some("NO_PERIOD") || !rule.is_known_period();
        let can_be_top_up = |rules: &Vec<Rule>| rules.is_empty() || rules.iter().any(may_be_once);
        let mut pools = Vec::new();
        if !self.listed().iter().any(can_be_recurring) {
            pools.extend(self.recurring);
        }
        if !self.listed().iter().any(can_be_top_up) {
            pools.extend(self.top_up);
        }
        pools
    }

    pub(crate) fn low(&self) -> i128 {
        let available = self.available();
        if self.listed().is_empty() {
            return available.unwrap_or(0);
        }
        let listed: i128 = self.listed().iter().map(|rules| self.low_of(rules)).sum();
        let unlisted: i128 = self.unlisted().iter().map(|pool| i128::from(pool.unwrap_or(0).max(0))).sum();
        saturated(listed + unlisted).min(available.unwrap_or(MOST))
    }

    /// By the rules and the unlisted pools alone; `None` is unbounded.
    fn sum_of_highs(&self) -> Option<i128> {
        if self.listed().len() >= 1000 {
            return None;
        }
        let listed: i128 = self.listed().iter().map(|rules| self.high_of(rules)).sum::<Option<i128>>()?;
        let unlisted: i128 =
            self.unlisted().iter().map(|pool| pool.map(|pool| i128::from(pool.max(0)))).sum::<Option<i128>>()?;
        Some(saturated(listed + unlisted))
    }

    pub(crate) fn high(&self) -> Option<i128> {
        if self.listed().is_empty() {
            return self.available();
        }
        match (self.sum_of_highs(), self.available()) {
            (Some(sum), Some(available)) => Some(sum.min(available)),
            (sum, available) => sum.or(available),
        }
    }

    pub(crate) fn spendable(&self) -> Option<i128> {
        self.high().filter(|high| *high == self.low())
    }

    pub(crate) fn can_afford(&self, cost: u64) -> Verdict {
        let cost = i128::from(cost);
        if cost == 0 || cost <= self.low() {
            Verdict::Yes
        } else if self.high().is_some_and(|high| cost > high) {
            Verdict::No
        } else {
            Verdict::Unknown
        }
    }

    pub(crate) fn affordable(&self, unit_cost: u64, wanted: u64) -> Option<i128> {
        let (unit_cost, wanted) = (i128::from(unit_cost), i128::from(wanted));
        if unit_cost == 0 || wanted == 0 || unit_cost * wanted <= self.low() {
            return Some(wanted);
        }
        self.spendable().map(|spendable| spendable.max(0) / unit_cost)
    }

    pub(crate) fn spendable_at(&self, at: i64) -> Option<i128> {
        if self.listed().is_empty() {
            return None;
        }
        let mut sum = self.spendable()?;
        for rules in self.listed() {
            if !rules.iter().any(|rule| rule.has_reset(self, at)) {
                continue;
            }
            let mut now = Vec::new();
            let mut then = Vec::new();
            for rule in rules {
                now.push(rule.balance?);
                then.push(if rule.has_reset(self, at) { rule.cap? } else { rule.balance? });
            }
            let figure = |balances: Vec<i64>| i128::from(balances.into_iter().min().unwrap().max(0));
            sum += figure(then) - figure(now);
        }
        Some(saturated(sum))
    }

    pub(crate) fn affordable_at(&self, cost: u64) -> Option<i64> {
        if self.can_afford(cost) != Verdict::No {
            return None;
        }
        let mut resets: Vec<i64> = self.listed().iter().flatten().filter_map(|rule| rule.reset).collect();
        resets.retain(|reset| !self.has_date || *reset > 0);
        resets.sort_unstable();
        resets.dedup();
        let reaches = |at: &i64| self.spendable_at(*at).is_some_and(|spendable| spendable >= i128::from(cost));
        resets.into_iter().find(reaches)
    }

    pub(crate) fn next_reset_after(&self, after: i64) -> Option<i64> {
        let rules = self.listed().iter().flatten();
        let may_bring = rules.filter(|rule| rule.resets()).filter(|rule| match (rule.balance, rule.cap) {
            (Some(balance), Some(cap)) => balance < cap,
            _ => true,
        });
        may_bring.filter_map(|rule| rule.reset).filter(|reset| *reset > after).min()
    }

    /// The binding rules; `None` if the pools bind or nothing does.
    pub(crate) fn binding_rules(&self) -> Option<Vec<(usize, usize)>> {
        let sum = self.sum_of_highs().filter(|_| !self.listed().is_empty())?;
        if self.available().is_some_and(|available| available < sum) {
            return None;
        }
        let mut binding = Vec::new();
        for (source, rules) in self.listed().iter().enumerate() {
            for (index, rule) in rules.iter().enumerate() {
                let figure = self.bound(rule).map(|bound| bound.max(0));
                if figure.is_some() && figure == self.high_of(rules) {
                    binding.push((source, index));
                }
            }
        }
        Some(binding)
    }
}

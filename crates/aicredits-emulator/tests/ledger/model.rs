//! A slow ledger that shares nothing with the emulator's: it spends credit by credit and counts the calendar day by day.

use aicredits_emulator::{Allocation, Spend, Timestamp};

/// 2024-01-01, the first day of the model's calendar.
const FIRST_DAY: i64 = 1_704_067_200;
const DAY: i64 = 86_400;

/// Year, month and day of each day from [`FIRST_DAY`] on.
fn days() -> Vec<(i64, i64, i64)> {
    let (mut year, mut month, mut day) = (2024, 1, 1);
    let next = |_| {
        let today = (year, month, day);
        day += 1;
        if day > length_of_month(year, month) {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
        today
    };
    (0..60_000).map(next).collect()
}

/// The days of a month, by the rule that everybody knows.
pub(crate) fn length_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) struct Model {
    days: Vec<(i64, i64, i64)>,
    /// In the ledger's order.
    pub(crate) sources: Vec<Source>,
    pub(crate) now: i64,
    pub(crate) service_ms: u64,
    pub(crate) site_spends_account: bool,
}

#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) site: Option<String>,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) period: String,
    pub(crate) real: i64,
    pub(crate) cap: i64,
    /// The next reset, in Unix seconds.
    pub(crate) date: Option<i64>,
    /// The day of the month of the first date.
    anchor: i64,
    /// Charges that do not show yet: when they do, in service time, and how much.
    in_flight: Vec<(u64, i64)>,
}

impl Rule {
    pub(crate) fn shown(&self) -> i64 {
        self.real + self.in_flight.iter().map(|charge| charge.1).sum::<i64>()
    }

    pub(crate) fn set(&mut self, balance: i64) {
        self.real = balance;
        self.in_flight.clear();
    }
}

impl Model {
    pub(crate) fn new(now: i64) -> Self {
        Self { days: days(), sources: Vec::new(), now, service_ms: 0, site_spends_account: false }
    }

    /// Adds what the emulator says that it has made.
    pub(crate) fn add(&mut self, allocation: &Allocation) {
        let rule = |rule: &aicredits_emulator::Rule| {
            let date = rule.reset_date.map(Timestamp::as_second);
            Rule {
                period: rule.period.clone(),
                real: rule.balance,
                cap: rule.cap,
                date,
                anchor: date.map_or(0, |date| self.day(date).2),
                in_flight: Vec::new(),
            }
        };
        let rules = allocation.rules.iter().map(rule).collect();
        self.sources.push(Source { name: allocation.allocation.clone(), site: allocation.site.clone(), rules });
    }

    fn day(&self, date: i64) -> (i64, i64, i64) {
        self.days[((date - FIRST_DAY) / DAY) as usize]
    }

    /// A rule has a new date, and so a new anchor.
    pub(crate) fn set_date(&mut self, source: usize, rule: usize, date: i64) {
        let anchor = self.day(date).2;
        let rule = &mut self.sources[source].rules[rule];
        (rule.date, rule.anchor) = (Some(date), anchor);
    }

    /// The next reset after this one.
    fn next(&self, rule: &Rule, date: i64) -> i64 {
        let ahead = match rule.period.as_str() {
            "DAY" => 1,
            "WEEK" => 7,
            period => {
                let (year, month, _) = self.day(date);
                let (year, month) = match (period, month) {
                    ("YEAR", _) => (year + 1, month),
                    (_, 12) => (year + 1, 1),
                    _ => (year, month + 1),
                };
                let wanted = (year, month, rule.anchor.min(length_of_month(year, month)));
                let today = (date - FIRST_DAY) / DAY;
                self.days.iter().position(|day| *day == wanted).unwrap() as i64 - today
            }
        };
        date + ahead * DAY
    }

    /// Shows the charges and resets the rules that are due, and returns how many rules were reset.
    pub(crate) fn catch_up(&mut self) -> u64 {
        let mut resets = 0;
        for source in 0..self.sources.len() {
            for index in 0..self.sources[source].rules.len() {
                let rule = &self.sources[source].rules[index];
                let mut date = rule.date;
                while let Some(due) = date.filter(|date| *date <= self.now) {
                    date = Some(self.next(rule, due));
                }
                let is_reset = date != rule.date;
                let service_ms = self.service_ms;
                let rule = &mut self.sources[source].rules[index];
                rule.in_flight.retain(|charge| charge.0 > service_ms);
                if is_reset {
                    rule.set(rule.cap);
                    rule.date = date;
                    resets += 1;
                }
            }
        }
        resets
    }

    /// The sources that a spend may draw on, in the order of the drawing.
    fn order(&self, spend: &Spend) -> Vec<usize> {
        const LONG_TO_SHORT: [&str; 6] = ["NO_PERIOD", "YEAR", "MONTH", "WEEK", "DAY", "FORTNIGHT"];
        let may = |source: &Source| match (&spend.site, &source.site) {
            (None, _) => true,
            (Some(of), Some(site)) => of == site,
            (Some(_), None) => self.site_spends_account,
        };
        let longest = |source: &Source| {
            let rules =
                LONG_TO_SHORT.iter().find_map(|period| source.rules.iter().rfind(|rule| rule.period == *period));
            rules.map(|rule| (rule.period == "NO_PERIOD", rule.date.unwrap_or(i64::MAX))).unwrap()
        };
        let mut left: Vec<usize> = (0..self.sources.len()).filter(|index| may(&self.sources[*index])).collect();
        let mut order = Vec::new();
        while let Some(first) = left.iter().copied().min_by_key(|index| (longest(&self.sources[*index]), *index)) {
            left.retain(|index| *index != first);
            order.push(first);
        }
        order
    }

    /// Spends credit by credit. `None`: there are not enough, and nothing is spent.
    pub(crate) fn spend(&mut self, spend: &Spend, shown_after_ms: u64) -> Option<Vec<(String, i64)>> {
        let order = self.order(spend);
        let mut given = vec![0; self.sources.len()];
        for _ in 0..spend.cost {
            let gives = |index: &usize| self.sources[*index].rules.iter().all(|rule| rule.real > given[*index]);
            let first = order.iter().copied().find(gives)?;
            given[first] += 1;
        }
        for (source, amount) in self.sources.iter_mut().zip(&given).filter(|(_, amount)| **amount > 0) {
            for rule in &mut source.rules {
                rule.real -= amount;
                if shown_after_ms > 0 {
                    rule.in_flight.push((self.service_ms + shown_after_ms, *amount));
                }
            }
        }
        let drawn = order.into_iter().filter(|index| given[*index] > 0);
        Some(drawn.map(|index| (self.sources[index].name.clone(), given[index])).collect())
    }

    /// The most that a spend may cost, found by trying.
    pub(crate) fn spendable(&self, spend: &Spend) -> i64 {
        let gives = |index: usize| self.sources[index].rules.iter().map(|rule| rule.real).min().unwrap_or(0).max(0);
        self.order(spend).into_iter().map(gives).sum()
    }
}

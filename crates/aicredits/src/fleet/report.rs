//! The outcomes of a fleet as a whole.

use std::collections::HashMap;

use super::failures::FailureGroup;
use super::outcome::FleetOutcome;
use super::table::{Reading, Table, Wallets, push_balance, push_rules};
use super::totals::Totals;

/// The outcomes of a fleet: two tables in the order of the input, the failures by kind, and totals.
///
/// ```
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// # let client = aicredits::Client::builder()
/// #     .api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url()).build()?;
/// use aicredits::{ErrorKind, Report, Target};
///
/// let targets = [Target::account(emulator.account_id()), Target::site("77d2-old").label("gone")];
/// let report: Report = client.get_balances(targets)?.collect();
/// assert_eq!((report.balances().rows(), report.rules().rows()), (2, 2));
/// assert_eq!(report.failures()[0].kind(), ErrorKind::NotFound);
/// assert_eq!(report.totals().unwrap().available(), Some(1050));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    balances: Table,
    rules: Table,
    failures: Vec<FailureGroup>,
    totals: Result<Totals, &'static str>,
}

impl Report {
    /// One row for each target.
    pub fn balances(&self) -> &Table {
        &self.balances
    }

    /// One row for each rule of each balance.
    pub fn rules(&self) -> &Table {
        &self.rules
    }

    /// The failures by kind, the most frequent first.
    pub fn failures(&self) -> &[FailureGroup] {
        &self.failures
    }

    /// The credits of all accounts together.
    ///
    /// # Errors
    ///
    /// The reason why there is no total. Only rows of account scope count, each account once: a site's reading may be the
    /// wallet of its account, so a sum over sites would count that several times.
    pub fn totals(&self) -> Result<&Totals, &'static str> {
        self.totals.as_ref().map_err(|reason| *reason)
    }

    /// The tables alone.
    pub fn into_tables(self) -> (Table, Table) {
        (self.balances, self.rules)
    }
}

impl FromIterator<FleetOutcome> for Report {
    fn from_iter<I: IntoIterator<Item = FleetOutcome>>(outcomes: I) -> Self {
        let mut builder = ReportBuilder::new();
        outcomes.into_iter().for_each(|outcome| builder.push(&outcome));
        builder.finish()
    }
}

/// Makes a [`Report`] of outcomes as they come, in any order. It keeps their rows, not the balances.
#[derive(Debug)]
pub struct ReportBuilder {
    balances: Table,
    rules: Table,
    /// Of each row of `balances`.
    readings: Vec<Option<Reading>>,
    wallets: Wallets,
    failures: HashMap<crate::ErrorKind, FailureGroup>,
}

impl Default for ReportBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ReportBuilder {
    /// Without outcomes.
    pub fn new() -> Self {
        Self {
            balances: Table::new(Table::BALANCES),
            rules: Table::new(Table::RULES),
            readings: Vec::new(),
            wallets: Wallets::default(),
            failures: HashMap::new(),
        }
    }

    /// Adds an outcome.
    pub fn push(&mut self, outcome: &FleetOutcome) {
        push_balance(&mut self.balances, outcome, None);
        push_rules(&mut self.rules, outcome);
        self.readings.push(match outcome.result() {
            Ok(balance) => self.wallets.reading(outcome.client, balance),
            Err(error) => {
                let group = || FailureGroup::new(outcome.index(), error);
                self.failures
                    .entry(error.kind())
                    .and_modify(|group| group.add(outcome.index(), error))
                    .or_insert_with(group);
                None
            }
        });
    }

    /// The report, in the order of the input.
    pub fn finish(mut self) -> Report {
        let order = by_target(&self.balances);
        let mut balances = self.balances.select(&order);
        for (row, &before) in order.iter().enumerate() {
            let (Some(reading), Some(target)) = (self.readings[before], target(&balances, row)) else { continue };
            if let Some((first, is_sure)) = self.wallets.same_as(reading, target as usize) {
                balances.set(row, "same_as", first.into());
                balances.set(row, "same_as_is_sure", is_sure.into());
            }
        }
        let rules = by_target(&self.rules);
        let mut failures: Vec<_> = self.failures.into_values().collect();
        failures.sort_by_key(|group| (std::cmp::Reverse(group.count()), group.kind().number()));
        Report { totals: Totals::of(&balances), rules: self.rules.select(&rules), balances, failures }
    }
}

/// The rows in the order of their targets; rows of one target stay in order.
fn by_target(table: &Table) -> Vec<usize> {
    let mut order: Vec<_> = (0..table.rows()).collect();
    order.sort_by_key(|&row| target(table, row));
    order
}

/// Both tables begin with it, and no row is without one.
fn target(table: &Table, row: usize) -> Option<i64> {
    table.value(row, 0).integer()
}

//! Which rows are shown, and the last words about a run.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use aicredits::{FleetProgress, Report, Table, TableValue, escape_for_display};

use crate::exit::{Exit, Failure};
use crate::reset::span;

/// The rows to show, in their order. `below` keeps those with fewer spendable credits, and those without a figure.
pub(super) fn rows(balances: &Table, below: Option<u64>, is_sorted: bool) -> Vec<usize> {
    let spendable: Vec<_> = integers(balances, "spendable").collect();
    let is_kept = |row: &usize| match (spendable[*row], below) {
        (Some(spendable), Some(below)) => i128::from(spendable) < i128::from(below),
        _ => true,
    };
    let mut rows: Vec<_> = (0..balances.rows()).filter(is_kept).collect();
    if is_sorted {
        let failed: Vec<_> = texts(balances, "status").map(|status| status != Some("ok")).collect();
        rows.sort_by_key(|&row| (failed[row], spendable[row].is_none(), spendable[row]));
    }
    rows
}

/// The rows of `rules` that belong to these rows of `balances`, in their order.
pub(super) fn rules_of(report: &Report, rows: &[usize]) -> Vec<usize> {
    // The tables have the order of the input, so a target's rows follow each other.
    let targets: Vec<_> = integers(report.rules(), "target").collect();
    let target = |row: usize| report.balances().value(row, 0).integer();
    let range = |&row: &usize| {
        let begin = targets.partition_point(|known| *known < target(row));
        begin..begin + targets[begin..].partition_point(|known| *known == target(row))
    };
    rows.iter().flat_map(range).collect()
}

/// For people on a terminal; elsewhere only what went wrong, since cron mails each line.
pub(super) fn summary(
    report: &Report,
    lines: &[u64],
    progress: FleetProgress,
    took: Duration,
    is_in_a_file: bool,
    can_resume: bool,
) -> String {
    let mut text = String::new();
    if io::stderr().is_terminal() {
        let FleetProgress { total, failed, resumed, .. } = progress;
        let from_file = if resumed > 0 { format!(", {resumed} of them from the resume file") } else { String::new() };
        let took = span(took.as_secs() as i64);
        text += &format!("read {} of {total} targets{from_file}, in {took}\n", total - failed);
        if is_in_a_file {
            text += &format!("{}\n", totals(report));
        }
    }
    for group in report.failures() {
        let (count, first) = (group.count(), group.first());
        let targets = if count == 1 { "target" } else { "targets" };
        let line = lines.get(first).copied().unwrap_or(0);
        text += &format!("{count} {targets} failed: {}\n  {}\n", group.advice(), escape_for_display(group.message()));
        text += &format!("  first in line {line} of the input\n");
    }
    if can_resume && !report.failures().is_empty() {
        text += "the same command with the same resume file asks for these again, and for no others\n";
    }
    let unrecognized = unrecognized(report);
    if unrecognized > 0 {
        text += &format!("{unrecognized} replies are unknown: {}\n", aicredits::NOT_RECOGNIZED);
    }
    text
}

/// The sum, or why there is none.
pub(super) fn totals(report: &Report) -> String {
    report.totals().map_or_else(str::to_owned, ToString::to_string)
}

/// No for a target under the limit, else unknown for one without a figure, with a sentence. None if all have enough.
pub(super) fn compare(report: &Report, least: u64) -> Option<(Exit, String)> {
    let balances = report.balances();
    let (mut under, mut unknown) = (Vec::new(), Vec::new());
    for (row, (spendable, status)) in integers(balances, "spendable").zip(texts(balances, "status")).enumerate() {
        match (spendable, status) {
            (Some(spendable), _) if i128::from(spendable) < i128::from(least) => under.push((row, Some(spendable))),
            (None, Some("ok")) => unknown.push((row, None)),
            _ => {}
        }
    }
    let sentence = |what: &str, found: &[(usize, Option<i64>)]| {
        let (row, spendable) = found[0];
        let figure = spendable.map(|spendable| format!(", {spendable}")).unwrap_or_default();
        let targets = if found.len() == 1 { "target" } else { "targets" };
        format!("{what} {least}: {} {targets} (first: {}{figure})", found.len(), name(balances, row))
    };
    match (under.is_empty(), unknown.is_empty()) {
        (false, _) => Some((Exit::No, sentence("under", &under))),
        (true, false) => Some((Exit::Unknown, sentence("unknown whether the spendable credits are under", &unknown))),
        (true, true) => None,
    }
}

/// A reply without a field of a balance answers nothing.
pub(super) fn unless_unrecognized(report: &Report) -> Exit {
    if unrecognized(report) > 0 { Exit::Unknown } else { Exit::Success }
}

fn unrecognized(report: &Report) -> usize {
    let column = |name| report.balances().column(name).into_iter().flatten();
    let of = |(status, pool)| status == TableValue::Text("ok") && pool == TableValue::Null;
    column("status").zip(column("has_periodic")).filter(|pair| of(*pair)).count()
}

/// After a signal: how far the run came, and how to go on.
pub(super) fn interrupted(exit: Exit, progress: FleetProgress, resume: Option<&Path>) -> Failure {
    let FleetProgress { total, done, .. } = progress;
    let what = if exit == Exit::Interrupted { "interrupted" } else { "terminated" };
    let message = format!("{what} after {done} of {total} targets; no table was written");
    let failure = Failure::new(exit, message);
    match resume {
        Some(file) => failure.with_advice(format!(
            "The outcomes so far are in {}. The same command goes on from there.",
            escape_for_display(&file.to_string_lossy())
        )),
        None => failure.with_advice("With --resume FILE a run can go on where it ended."),
    }
}

/// The label of a row, or else its id.
pub(super) fn name(balances: &Table, row: usize) -> String {
    let place = |name: &&str| balances.columns().iter().position(|column| column.name() == *name);
    let places = ["label", "site_id", "account_id"].iter().filter_map(place);
    let named = places.map(|place| balances.value(row, place)).find_map(TableValue::text);
    escape_for_display(named.unwrap_or("the credential's own context"))
}

pub(super) fn texts<'a>(table: &'a Table, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    table.column(name).into_iter().flatten().map(TableValue::text)
}

pub(super) fn integers(table: &Table, name: &str) -> impl Iterator<Item = Option<i64>> {
    table.column(name).into_iter().flatten().map(TableValue::integer)
}

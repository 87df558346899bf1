//! The rows for people: a name, the figures or the failure, and the next reset.

use aicredits::{Report, TableValue, grouped};
use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::summary::{integers, name, texts, totals};

const HEAD: [&str; 4] = ["target", "spendable", "available", "next reset"];
const GAP: &str = "  ";
/// A name is not cut to less.
const SHORTEST: usize = 12;

/// The page of these rows, with the sum below them.
pub(super) fn page(report: &Report, rows: &[usize], width: usize) -> String {
    let balances = report.balances();
    let (spendable, available): (Vec<_>, Vec<_>) =
        (integers(balances, "spendable").collect(), integers(balances, "available").collect());
    let statuses: Vec<_> = texts(balances, "status").collect();
    let resets: Vec<_> = balances.column("next_reset").into_iter().flatten().map(date).collect();
    let figure = |figure: Option<i64>| figure.map_or_else(|| "unknown".to_owned(), grouped);
    let line = |&row: &usize| match statuses[row] {
        Some("ok") => [name(balances, row), figure(spendable[row]), figure(available[row]), resets[row].clone()],
        status => [name(balances, row), status.unwrap_or_default().replace('_', " "), String::new(), String::new()],
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    let column = |at: usize| lines.iter().map(|line| line[at].width()).chain([HEAD[at].len()]).max().unwrap_or(0);
    let figures = [column(1), column(2), column(3)];
    let taken = figures.iter().sum::<usize>() + 3 * GAP.len();
    let names = column(0).min(width.saturating_sub(taken).max(SHORTEST));

    let mut page = String::new();
    let mut add = |[name, spendable, available, reset]: [&str; 4], style: Style| {
        let name = cut(name, names);
        let padding = " ".repeat(names - name.width());
        let [first, second, _] = figures;
        let line = format!("{name}{padding}{GAP}{spendable:>first$}{GAP}{available:>second$}{GAP}{reset}");
        page += &format!("{style}{}{style:#}\n", line.trim_end());
    };
    add(HEAD, Style::new().dimmed());
    for (line, &row) in lines.iter().zip(rows) {
        let style = match (statuses[row], spendable[row]) {
            (Some("ok"), Some(1..)) => Style::new(),
            (Some("ok"), None) => AnsiColor::Yellow.on_default(),
            _ => AnsiColor::Red.on_default(),
        };
        add(line.each_ref().map(String::as_str), style);
    }
    page + &format!("\n{}\n", totals(report))
}

fn date(value: TableValue<'_>) -> String {
    match value {
        // In RFC 3339 the date has a fixed length.
        TableValue::Timestamp(instant) => instant.to_string()[..10].to_owned(),
        _ => String::new(),
    }
}

fn cut(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    let mut room = width - 1;
    let fits = |character: &char| {
        let columns = character.width().unwrap_or(0);
        let fits = columns <= room;
        room = room.saturating_sub(columns);
        fits
    };
    name.chars().take_while(fits).chain(['…']).collect()
}

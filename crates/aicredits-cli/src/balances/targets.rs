//! The targets of a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use aicredits::{Client, Target, escape_for_display, listed};

use super::keys::{Keys, NoClient};
use crate::exit::{Exit, Failure};
use crate::fleet_args::Balances;

const COLUMNS: [&str; 5] = ["label", "site_id", "account_id", "scope", "key"];

/// The targets, the client to begin with, and the line of each target.
pub(super) struct Targets {
    pub(super) client: Client,
    pub(super) targets: Vec<Target>,
    pub(super) lines: Vec<u64>,
}

/// A line of the file.
#[derive(Default)]
struct Row {
    line: u64,
    /// In the order of [`COLUMNS`].
    cells: [Option<String>; COLUMNS.len()],
}

impl Targets {
    pub(super) fn read(args: &Balances) -> Result<Self, Failure> {
        let inputs = [(&args.targets, None), (&args.sites, Some(1)), (&args.accounts, Some(2))];
        let chosen = inputs.into_iter().find_map(|(path, column)| Some((path.as_deref()?, column)));
        let (path, column) = chosen.ok_or_else(|| wrong("no target file"))?;
        if is_input(path) && args.server.api_key_file.as_deref().is_some_and(is_input) {
            return Err(wrong("standard input cannot have both the targets and the API key"));
        }
        let name = if is_input(path) { "standard input".into() } else { escape_for_display(&path.to_string_lossy()) };
        let text = text(path).map_err(|error| wrong(&format!("no targets from {name}: {error}")))?;
        let rows = match column {
            Some(column) => ids(&text, column),
            None => table(&text).map_err(|reason| wrong(&format!("{name} is no target file: {reason}")))?,
        };
        if rows.is_empty() {
            return Err(wrong(&format!("{name} has no targets")));
        }
        targets(rows, Keys::new(args), &name)
    }
}

fn targets(rows: Vec<Row>, mut keys: Keys<'_>, name: &str) -> Result<Targets, Failure> {
    let (mut targets, mut lines, mut faults, mut first) = (Vec::new(), Vec::new(), Vec::new(), None);
    for row in rows {
        let [label, site_id, account_id, scope, key] = row.cells.each_ref().map(Option::as_deref);
        let mut target = match Target::of_columns(scope, account_id, site_id) {
            _ if row.cells.iter().flatten().any(|cell| aicredits::has_key(cell)) => {
                faults.push((
                    row.line,
                    "an API key is in it, and is not shown: the column key takes the name of a key".to_owned(),
                ));
                continue;
            }
            Ok(target) => target,
            Err(fault) => {
                faults.push((row.line, format!("it {fault}")));
                continue;
            }
        };
        let client = match keys.client(key) {
            Ok(client) => client,
            Err(NoClient::Reason(reason)) => {
                faults.push((row.line, reason.to_owned()));
                continue;
            }
            Err(NoClient::Failed(failure)) => return Err(failure),
        };
        if let Some(key) = key {
            target = target.client(key, &client);
        }
        if let Some(label) = label {
            target = target.label(label);
        }
        if let Err(error) = target.check(&client) {
            faults.push((row.line, error.message().to_owned()));
        }
        // Without a name it is the client of the fleet.
        if first.is_none() || key.is_none() {
            first = Some(client);
        }
        targets.push(target);
        lines.push(row.line);
    }
    match first {
        Some(client) if faults.is_empty() => Ok(Targets { client, targets, lines }),
        _ => Err(wrong(&wrong_lines(name, &faults))),
    }
}

fn wrong_lines(name: &str, faults: &[(u64, String)]) -> String {
    let named = faults.iter().map(|(line, fault)| format!("line {line}: {fault}")).collect();
    let plural = if faults.len() == 1 { "a wrong line" } else { "wrong lines" };
    format!("{name} has {plural}: {}", listed(named))
}

/// A CSV file with a header.
fn table(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let fault = |error: csv::Error| match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = line_of(text, pos.as_ref());
            format!("line {line} has {len} cells, and the header has {expected_len}")
        }
        _ => "it is no CSV".to_owned(),
    };
    let header = reader.headers().map_err(fault)?.clone();
    let mut places = [None; COLUMNS.len()];
    for (at, name) in header.iter().enumerate() {
        let column = COLUMNS.iter().position(|column| *column == name);
        match column.map(|column| &mut places[column]) {
            Some(place @ None) => *place = Some(at),
            Some(Some(_)) => return Err(format!("its header has {name} twice")),
            // The text may be anything, a key too.
            None => {
                let hint = if name.contains([';', '\t']) { "; the columns are separated by commas" } else { "" };
                return Err(format!("column {} of its header is none of {}{hint}", at + 1, COLUMNS.join(", ")));
            }
        }
    }
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(fault)?;
        let cell = |place: Option<usize>| record.get(place?).filter(|cell| !cell.is_empty()).map(str::to_owned);
        Ok(Row { line: line_of(text, record.position()), cells: places.map(cell) })
    };
    reader.records().map(row).collect()
}

/// The reader's position is before the line breaks that it skips.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() + breaks.count() as u64
}

/// One id in each line, of this column.
fn ids(text: &str, column: usize) -> Vec<Row> {
    let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, id)| !id.is_empty());
    let row = |(line, id): (u64, &str)| {
        let mut row = Row { line, ..Row::default() };
        row.cells[column] = Some(id.to_owned());
        row
    };
    lines.map(row).collect()
}

fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    match is_input(path) {
        true => io::stdin().lock().read_to_end(&mut bytes)?,
        false => File::open(path)?.read_to_end(&mut bytes)?,
    };
    let text = String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))?;
    // As spreadsheets write it.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn wrong(message: &str) -> Failure {
    Failure::new(Exit::Configuration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_knows_its_line() {
        let text = "label,site_id\n\n\nA,1\n\"two\nlines\",2\n\nB,3\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let rows: Vec<_> =
                table(&text).unwrap().into_iter().map(|row| (row.line, row.cells[1].clone().unwrap())).collect();
            assert_eq!(rows, [(4, "1".into()), (5, "2".into()), (8, "3".into())]);
            let fault = table(&format!("{text}\n\nC,4,5\n")).err().unwrap();
            assert_eq!(fault, "line 11 has 3 cells, and the header has 2");
        }
        let rows = ids("\n a \r\n\nb", 1);
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
    }
}

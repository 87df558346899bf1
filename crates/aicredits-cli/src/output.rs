//! Writes results to standard output, and everything else to standard error.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};

use crate::charset::Charset;
use crate::colour;
use crate::environment::variable;
use crate::exit::Failure;
use crate::standard_output;
use crate::wrap::wrap;

/// The columns of an output that is not a terminal: fixed, so that a script sees the same lines everywhere.
const PLAIN_WIDTH: usize = 80;

/// The columns of standard output.
pub(crate) fn width() -> usize {
    columns(io::stdout()).unwrap_or(PLAIN_WIDTH)
}

/// The columns of standard error, if it is a terminal.
pub(crate) fn error_columns() -> Option<usize> {
    columns(io::stderr())
}

fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    match terminal_size::terminal_size_of(stream) {
        Some((terminal_size::Width(columns @ 1..), _)) => Some(columns.into()),
        _ => None,
    }
}

/// Prints `text` in the characters of the locale, with colours if they are wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_raw(fit(text, io::stdout().is_terminal()).as_bytes())
}

/// As [`print`], byte for byte.
pub(crate) fn print_raw(bytes: &[u8]) -> Result<(), Failure> {
    standard_output::open().and_then(|mut stdout| stdout.write_all(bytes)).map_err(Failure::output)
}

/// Prints a failure for people. On a terminal its lines are wrapped. Elsewhere the message is one line.
pub(crate) fn complain(failure: &Failure) {
    const RED: Style = AnsiColor::Red.on_default().bold();
    let mut text = format!("error: {}\n", failure.message);
    if let Some(advice) = &failure.advice {
        let _ = writeln!(text, "\n{}", advice.trim_end());
    }
    let text = Charset::of(variable).text(&text).into_owned();
    let text = columns(io::stderr()).map_or_else(|| text.clone(), |columns| wrap(&text, columns));
    note(&text.replacen("error:", &format!("{RED}error:{RED:#}"), 1));
}

/// Writes to standard error. A failure of that is ignored, because there is no place to report it.
pub(crate) fn note(text: &str) {
    let _ = io::stderr().lock().write_all(fit(text, io::stderr().is_terminal()).as_bytes());
}

/// As [`note`], without changes.
pub(crate) fn note_raw(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn fit(text: &str, is_terminal: bool) -> String {
    let text = Charset::of(variable).text(text);
    match colour::is_wanted(is_terminal, variable) {
        true => text.into_owned(),
        false => strip_str(&text).to_string(),
    }
}

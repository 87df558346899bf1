//! Texts of the tables in the form of each language.

use aicredits::{FLEET_SETTINGS, GATE_SETTINGS, Kind, Row, SETTINGS};

pub(super) const WIDTH: usize = 118;

/// Lines of a comment, each with `prefix`. An empty paragraph becomes an empty line.
pub(super) fn comment(prefix: &str, text: &str) -> String {
    let mut out = String::new();
    for paragraph in text.split('\n') {
        let mut line = prefix.to_owned();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > prefix.len() {
                out += &format!("{line}\n");
                line = prefix.to_owned();
            }
            line += &format!(" {word}");
        }
        out += &format!("{line}\n");
    }
    out
}

/// `text` with the names of the table's settings in braces replaced by what `name` says.
pub(super) fn named(table: &[Row], text: &str, name: impl Fn(&Row) -> String) -> String {
    table.iter().fold(text.to_owned(), |text, row| text.replace(&format!("{{{}}}", row.name), &name(row)))
}

/// Default and range, such as "Default: 35 s. Range: more than 0, at most a day."
pub(super) fn limits(row: &Row) -> String {
    let (default, range) = (row.kind.default_text(), row.kind.range_text());
    let mut sentences = Vec::new();
    if !default.is_empty() {
        sentences.push(format!("Default: {default}."));
    }
    if !range.is_empty() {
        sentences.push(match matches!(row.kind, Kind::Text(_) | Kind::Id(_) | Kind::Pem(_)) {
            true => format!("Length: {range}."),
            false => format!("Range: {range}."),
        });
    }
    sentences.join(" ")
}

/// The summary with default and range, then the details as a paragraph.
pub(super) fn manual(verb: &str, row: &Row) -> String {
    let mut text = format!("{verb} {}.", row.summary);
    let limits = limits(row);
    if !limits.is_empty() {
        text += &format!(" {limits}");
    }
    if !row.details.is_empty() {
        text += &format!("\n\n{}", row.details);
    }
    text
}

/// Code without backticks: between quotation marks if it is a literal, as C comments have it.
pub(super) fn quoted(text: &str) -> String {
    text.replace('`', "\"").replace('…', "...")
}

/// The client's settings whose setters are generated.
pub(super) fn plain() -> impl Iterator<Item = &'static Row> {
    SETTINGS.iter().filter(is_plain)
}

/// The gate's settings whose setters are generated.
pub(super) fn plain_of_gate() -> impl Iterator<Item = &'static Row> {
    GATE_SETTINGS.iter().filter(is_plain)
}

/// The fleet's settings whose setters are generated.
pub(super) fn plain_of_fleet() -> impl Iterator<Item = &'static Row> {
    FLEET_SETTINGS.iter().filter(is_plain)
}

/// Whether its value has a plain type.
fn is_plain(row: &&Row) -> bool {
    !matches!(row.kind, Kind::Special | Kind::Provider(_) | Kind::Id(_))
}

/// `api_key` as `ApiKey`.
pub(super) fn camel(snake: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..].to_lowercase();
    snake.split('_').map(word).collect()
}

//! The tables in the README and in docs/limits.md.

use aicredits::constant::Constant;
use aicredits::settings::{Kind, Row};
use aicredits::{ErrorKind, SETTINGS};

use super::region::Region;
use super::text::camel;

pub(super) fn regions() -> Vec<Region> {
    vec![
        // Region::new("README.md", "settings", settings()),
        // Region::new("README.md", "names of settings", names()),
        // Region::new("README.md", "kinds", kinds()),
        // Region::new("docs/limits.md", "settings", limits()),
    ]
}

fn settings() -> String {
    let row = |row: &Row| {
        let variable = if row.variable.is_empty() { String::new() } else { format!("`{}`", row.variable) };
        format!("| `{}` | {} | {variable} | {} |\n", row.name, row.summary, row.kind.default_text())
    };
    let rows: String = SETTINGS.iter().map(row).collect();
    format!("\n| setting | what it is | environment variable | default |\n|---|---|---|---|\n{rows}\n")
}

fn names() -> String {
    let row = |row: &Row| {
        let rust = row.name.trim_end_matches("_id");
        let suffix = if matches!(row.kind, Kind::Time { .. }) { "_ms" } else { "" };
        let command = if row.command.starts_with("--") { format!("`{}`", row.command) } else { String::new() };
        let name = row.name;
        format!("| `{rust}` | `set_{name}{suffix}` | `{name}` | `{name}` | `{}` | {command} |\n", row.go)
    };
    let rows: String = SETTINGS.iter().filter(|row| row.name != "scope").map(row).collect();
    let head = "| Rust `ClientBuilder` | C `aicredits_config_…` | C++ `Config` | Python `Client` | Go | command |";
    format!("\n{head}\n|---|---|---|---|---|---|\n{rows}")
}

fn kinds() -> String {
    let row = |row: &Constant| format!("| `{}` | {} |\n", camel(row.name), row.summary);
    let rows: String = ErrorKind::TABLE.iter().map(row).collect();
    format!("\n| kind | when |\n|---|---|\n{rows}\n")
}

fn limits() -> String {
    let row = |row: &Row| {
        let (range, default) = (row.kind.range_text(), row.kind.default_text());
        format!("| `{}` | {range} | {default} |\n", row.name)
    };
    let rows: String = SETTINGS.iter().filter(|row| !row.kind.range_text().is_empty()).map(row).collect();
    format!("\n| setting | limit | default |\n|---|---|---|\n{rows}\n")
}

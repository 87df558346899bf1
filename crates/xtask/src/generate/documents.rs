//! The tables in the README and in docs/limits.md.

use aicredits::{Constant, ErrorKind, FLEET_SETTINGS, GATE_SETTINGS, Kind, Row, SETTINGS};

use super::region::Region;
use super::text::{camel, plain_of_fleet};

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("README.md", "settings", settings()),
        Region::new("README.md", "names of settings", names()),
        Region::new("README.md", "settings of a gate", gate_settings()),
        Region::new("README.md", "settings of a fleet", fleet_settings()),
        Region::new("README.md", "kinds", kinds()),
        Region::new("docs/limits.md", "settings", limits(SETTINGS)),
        Region::new("docs/limits.md", "settings of a gate", limits(GATE_SETTINGS)),
        Region::new("docs/limits.md", "settings of a fleet", limits(FLEET_SETTINGS)),
    ]
}

/// Rows of settings that have another form in each language.
const SPECIAL: &str = "\
| account and site | `scope` | `set_account_and_site_ids` | `account_and_site_ids` | `account_id`, `site_id` | `WithAccountAndSite` | `--account`, `--site` |
| the credential's own scope | `scope` | `set_credential_scope` | `credential_scope` | `credential_scope` | `WithCredentialScope` | |
| per-call scope | `per_call_scope` | `set_per_call_scope` | `per_call_scope` | `scope` | `WithPerCallScope` | |
| hosts without a proxy | `no_proxy` | | | | | `--no-proxy` |
| given variables | `environment` | `set_environment` | `environment` | | always | |
| settings from the environment | `from_env` | `from_env` | `from_env` | `from_env` | `FromEnv` | always |
";

fn settings() -> String {
    let row = |row: &Row| {
        let variable = if row.variable.is_empty() { String::new() } else { format!("`{}`", row.variable) };
        format!("| {} | {} | {variable} | {} |\n", label(row), row.summary, row.kind.default_text())
    };
    let rows: String = SETTINGS.iter().map(row).collect();
    format!("\n| setting | what it is | environment variable | default |\n|---|---|---|---|\n{rows}\n")
}

fn names() -> String {
    let row = |row: &Row| {
        let name = row.name;
        let rust = name.trim_end_matches("_id");
        let suffix = if matches!(row.kind, Kind::Time { .. }) { "_ms" } else { "" };
        let command = match row.command {
            "" => String::new(),
            option if option.starts_with("--") => format!("`{option}`"),
            _ => "always".to_owned(),
        };
        let label = label(row);
        format!("| {label} | `{rust}` | `set_{name}{suffix}` | `{name}` | `{name}` | `{}` | {command} |\n", row.go)
    };
    let rows: String = SETTINGS.iter().filter(|row| row.name != "scope").map(row).collect();
    let head =
        "| setting | Rust `ClientBuilder` | C `aicredits_config_…` | C++ `Config` | Python `Client` | Go | command |";
    format!("\n{head}\n|---|---|---|---|---|---|---|\n{rows}{SPECIAL}\n")
}

fn gate_settings() -> String {
    // The scope has three rows.
    let scope = "| scope | whose credits the gate grants | the client's |  | `WithScope` |\n";
    table("Go", scope, GATE_SETTINGS.iter().filter(|row| !is_of_scope(row)))
}

fn fleet_settings() -> String {
    table("Go option", "", plain_of_fleet())
}

/// The names in Rust, C++ and Python are those of the table, and C's are made from them. Go's have a column.
fn table(go: &str, first: &str, rows: impl Iterator<Item = &'static Row>) -> String {
    let row = |row: &Row| {
        let Row { name, summary, go, kind, .. } = row;
        let (default, range) = match *name {
            "when_unavailable" => ("deny".to_owned(), String::new()),
            _ => (kind.default_text(), kind.range_text()),
        };
        format!("| `{name}` | {summary} | {default} | {range} | `{go}` |\n")
    };
    let rows: String = rows.map(row).collect();
    format!("\n| setting | what it is | default | limit | {go} |\n|---|---|---|---|---|\n{first}{rows}\n")
}

fn is_of_scope(row: &Row) -> bool {
    row.name == "scope" || row.replaces == "scope"
}

/// The name in words.
fn label(row: &Row) -> String {
    match row.name {
        "allow_insecure_http" => "insecure HTTP".into(),
        "ca_pem" => "CA PEM text".into(),
        "proxy_from_env" => "proxy from the environment".into(),
        name => name.replace('_', " ").replace("url", "URL").replace("api", "API").replace("ca ", "CA "),
    }
}

fn kinds() -> String {
    let row = |row: &Constant| format!("| `{}` | {} |\n", camel(row.name), row.summary);
    let rows: String = ErrorKind::TABLE.iter().map(row).collect();
    format!("\n| kind | when |\n|---|---|\n{rows}\n")
}

fn limits(table: &[Row]) -> String {
    let row = |row: &Row| {
        let (range, default) = (row.kind.range_text(), row.kind.default_text());
        format!("| {} | {range} | {default} |\n", label(row))
    };
    let rows: String = table.iter().filter(|row| !row.kind.range_text().is_empty()).map(row).collect();
    format!("\n| setting | limit | default |\n|---|---|---|\n{rows}\n")
}

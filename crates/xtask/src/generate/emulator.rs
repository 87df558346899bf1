//! The descriptions of the emulator's control protocol, made from its types, and the tables of docs/emulator.md.

use std::path::PathBuf;

use aicredits_emulator::{ACTIONS, Assumptions, FAULTS, SCENARIOS, openapi, scenario};

use super::region::Region;
use crate::tool;

/// The files that are written whole.
pub(super) fn files() -> Vec<(PathBuf, String)> {
    let folder = tool::root().join("crates/aicredits-emulator");
    let text = |value| format!("{value:#}\n");
    vec![
        (folder.join("openapi.json"), text(openapi::openapi())),
        (folder.join("scenario.schema.json"), text(openapi::scenario_schema())),
    ]
}

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("docs/emulator.md", "actions", actions()),
        Region::new("docs/emulator.md", "assumptions", assumptions()),
        Region::new("docs/emulator.md", "named faults", named_faults()),
        Region::new("docs/emulator.md", "scenarios", scenarios()),
    ]
}

fn actions() -> String {
    let row = |action: &aicredits_emulator::Action| {
        let methods = if action.is_get { "GET, POST" } else { "POST" };
        let boundary = if action.changes { "yes" } else { "" };
        format!("| `{}` | {methods} | {} | {boundary} |\n", action.name, action.about)
    };
    let rows: String = ACTIONS.iter().map(row).collect();
    format!("\n| action | methods | what it does | changes something |\n|---|---|---|---|\n{rows}\n")
}

fn assumptions() -> String {
    let row = |one: &aicredits_emulator::Assumption| {
        let values: Vec<_> = one.values.iter().map(|value| format!("`{value}`")).collect();
        format!("| `{}` | {} | {} | {} |\n", one.name, one.about, values[0], values[1..].join(", "))
    };
    let rows: String = Assumptions::ALL.iter().map(row).collect();
    format!("\n| name | what it decides | default | other values |\n|---|---|---|---|\n{rows}\n")
}

fn named_faults() -> String {
    let row =
        |fault: &aicredits_emulator::NamedFault| format!("| `{}` | {} | `{}` |\n", fault.name, fault.about, fault.json);
    let rows: String = FAULTS.iter().map(row).collect();
    format!("\n| name | what it does | JSON |\n|---|---|---|\n{rows}\n")
}

fn scenarios() -> String {
    let row = |one: &aicredits_emulator::Scenario| {
        let about = scenario(one.name).ok().and_then(|state| state.about).unwrap_or_default();
        format!("| `{}` | {about} |\n", one.name)
    };
    let rows: String = SCENARIOS.iter().map(row).collect();
    format!("\n| name | what it is |\n|---|---|\n{rows}\n")
}

//! The setters of Rust's `ClientBuilder`, `GateBuilder` and `FleetBuilder`.

use super::region::Region;
use super::text::{camel, comment, manual, named, plain, plain_of_fleet, plain_of_gate};
use aicredits::{FLEET_SETTINGS, GATE_SETTINGS, Kind, Row, SETTINGS};

const GATE: &str = "crates/aicredits/src/gate/builder.rs";
const FLEET: &str = "crates/aicredits/src/fleet/builder.rs";

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("crates/aicredits/src/builder.rs", "setters", plain().map(setter).collect()),
        Region::new(GATE, "fields", plain_of_gate().map(field).collect()),
        Region::new(GATE, "defaults", plain_of_gate().map(default).collect()),
        Region::new(GATE, "setters", plain_of_gate().map(|row| stored(GATE_SETTINGS, row)).collect()),
        Region::new(GATE, "shown", plain_of_gate().map(shown).collect()),
        Region::new(FLEET, "fields", plain_of_fleet().map(field).collect()),
        Region::new(FLEET, "defaults", plain_of_fleet().map(default).collect()),
        Region::new(FLEET, "setters", plain_of_fleet().map(|row| stored(FLEET_SETTINGS, row)).collect()),
    ]
}

fn setter(row: &Row) -> String {
    let name = row.name;
    let documented = documented(SETTINGS, row);
    let (value_type, value) = match row.kind {
        Kind::Flag => ("bool", "Value::Flag(value)"),
        Kind::Count { .. } => ("u32", "Value::Number(value as usize)"),
        Kind::Bytes { .. } => ("usize", "Value::Number(value)"),
        Kind::Time { .. } => ("Duration", "Value::Time(value)"),
        Kind::Path => ("impl Into<PathBuf>", "Value::Path(value.into())"),
        Kind::Pem(_) => ("impl Into<Vec<u8>>", "Value::Pem(value.into())"),
        _ => ("impl Into<String>", "Value::Text(Zeroizing::new(value.into()))"),
    };
    let setting = camel(name);
    format!(
        "{documented}pub fn {name}(self, value: {value_type}) -> Self {{\nself.with(Setting::{setting}, {value})\n}}\n\n"
    )
}

fn documented(table: &[Row], row: &Row) -> String {
    comment("///", &named(table, &manual("Sets", row), |row| format!("[`{0}`](Self::{0})", row.name)))
}

/// The type of a setting of a gate or a fleet, which is checked when that is made.
fn stored_type(row: &Row) -> &'static str {
    match row.kind {
        Kind::Flag => "bool",
        Kind::Count { .. } => "u32",
        Kind::Credits { .. } => "u64",
        Kind::Time { .. } => "Duration",
        _ => unreachable!("no gate and no fleet has a setting as {row:?}"),
    }
}

/// A setter that stores the value as it is given.
fn stored(table: &[Row], row: &Row) -> String {
    let (name, value_type) = (row.name, stored_type(row));
    let documented = documented(table, row);
    let value = if row.kind == Kind::Flag { "value" } else { "Some(value)" };
    format!("{documented}pub fn {name}(mut self, value: {value_type}) -> Self {{\nself.{name} = {value};\nself\n}}\n\n")
}

fn field(row: &Row) -> String {
    let (name, value_type) = (row.name, stored_type(row));
    match row.kind {
        Kind::Flag => format!("{name}: {value_type},\n"),
        _ => format!("{name}: Option<{value_type}>,\n"),
    }
}

fn default(row: &Row) -> String {
    let value = if row.kind == Kind::Flag { "false" } else { "None" };
    format!("{}: {value},\n", row.name)
}

fn shown(row: &Row) -> String {
    format!(".field(\"{0}\", &self.{0})\n", row.name)
}

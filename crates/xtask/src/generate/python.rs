//! The Python package: exceptions, the enum of periods, and the settings of a client.

use std::time::Duration;

use aicredits::{
    Answer, Constant, DenialReason, ErrorKind, FLEET_SETTINGS, FeaturePeriod, GATE_SETTINGS, Kind, Row, SETTINGS,
};

use super::region::Region;
use super::text::{camel, comment, limits, named, plain, plain_of_fleet, plain_of_gate};

const PACKAGE: [&str; 6] = [
    "bindings/python/python/aicredits/__init__.py",
    "bindings/python/python/aicredits/_errors.py",
    "bindings/python/python/aicredits/_period.py",
    "bindings/python/python/aicredits/_settings.py",
    "bindings/python/python/aicredits/_native.pyi",
    "bindings/python/python/aicredits/_deciding.py",
];
const CLIENT: &str = "bindings/python/src/client.rs";
const GATE_SETTERS: &str = "bindings/python/src/gate_settings.rs";
const FLEET_SETTERS: &str = "bindings/python/src/fleet_settings.rs";

/// Python has exceptions of these names. `import *` must not hide them.
const BUILTIN_NAMES: [&str; 2] = ["CancelledError", "TimeoutError"];

pub(super) fn regions() -> Vec<Region> {
    let [package, errors, period, settings, native, deciding] = PACKAGE;
    vec![
        Region::new(package, "exceptions", imports()),
        Region::new(package, "names of exceptions", exported()),
        Region::new(errors, "exceptions", classes()),
        Region::new(period, "periods", members(FeaturePeriod::TABLE)),
        Region::new(deciding, "answers", members(Answer::TABLE)),
        Region::new(deciding, "denial reasons", members(DenialReason::TABLE)),
        Region::new(
            settings,
            "settings",
            plain().map(|row| format!("    {}: {}\n", row.name, optional(row.kind))).collect(),
        ),
        Region::new(
            settings,
            "settings of a gate",
            plain_of_gate().map(|row| format!("    {}: {}\n", row.name, optional(row.kind))).collect(),
        ),
        Region::new(
            settings,
            "settings of a fleet",
            plain_of_fleet().map(|row| format!("    {}: {}\n", row.name, fleet_type(row))).collect(),
        ),
        Region::new(
            native,
            "settings",
            plain().map(|row| format!("        {}: {} = None,\n", row.name, union(row.kind))).collect(),
        ),
        // The documentation of the credentials is written by hand.
        Region::new(
            CLIENT,
            "documentation",
            documentation(SETTINGS, plain().filter(|row| !matches!(row.name, "api_key" | "authorization"))),
        ),
        Region::new(CLIENT, "documentation of gates", documentation(GATE_SETTINGS, plain_of_gate())),
        Region::new(CLIENT, "documentation of fleets", documentation(FLEET_SETTINGS, plain_of_fleet())),
        Region::new(GATE_SETTERS, "settings", plain_of_gate().map(|row| keyword(row, "GateBuilder")).collect()),
        Region::new(FLEET_SETTERS, "settings", plain_of_fleet().map(|row| keyword(row, "FleetBuilder")).collect()),
        Region::new(CLIENT, "signature", signature()),
        Region::new(
            CLIENT,
            "parameters",
            plain().map(|row| format!("{}: Option<&Bound<'_, PyAny>>,\n", row.name)).collect(),
        ),
        Region::new(CLIENT, "settings", plain().map(conversion).collect()),
    ]
}

fn class(row: &Constant) -> String {
    camel(row.name) + "Error"
}

fn public_classes() -> Vec<String> {
    let mut names: Vec<_> = ErrorKind::TABLE.iter().map(class).collect();
    names.retain(|name| !BUILTIN_NAMES.contains(&name.as_str()));
    names.push("AiCreditsError".to_owned());
    names.sort();
    names
}

fn imports() -> String {
    let names: String = public_classes().iter().map(|name| format!("    {name},\n")).collect();
    // ruff wants a blank line between imports and a comment.
    format!("from ._errors import (\n{names})\n\n")
}

fn exported() -> String {
    public_classes().iter().map(|name| format!("    \"{name}\",\n")).collect()
}

fn classes() -> String {
    let class = |row: &Constant| {
        // The exception that Python itself raises for the same cause.
        let bases = match row.name {
            "INVALID_ARGUMENT" | "DECODE" => "AiCreditsError, ValueError",
            "TIMEOUT" => "AiCreditsError, builtins.TimeoutError",
            _ => "AiCreditsError",
        };
        let (class, summary, name) = (class(row), row.summary, row.name);
        let doc = comment("   ", &format!("\"\"\"{summary}\"\"\""));
        format!("class {class}({bases}):\n{doc}\n    kind = \"{name}\"\n\n\n")
    };
    // The class of DENIED is written by hand, because it has more fields.
    let classes: String = ErrorKind::TABLE.iter().filter(|row| row.name != "DENIED").map(class).collect();
    format!("\n\n{classes}")
}

/// The members of an enum, with their meanings.
fn members(table: &[Constant]) -> String {
    let member = |row: &Constant| {
        let meaning = comment("   ", &format!("\"\"\"{}\"\"\"", row.summary));
        format!("    {0} = \"{0}\"\n{meaning}", row.name)
    };
    table.iter().map(member).collect()
}

/// The type of an argument, in the notation of Python 3.9, without None.
fn types(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Flag => &["bool"],
        Kind::Count { .. } | Kind::Bytes { .. } => &["int"],
        // Also numpy's integers.
        Kind::Credits { .. } => &["SupportsIndex"],
        Kind::Time { .. } => &["float", "timedelta"],
        Kind::Path => &["str", "PathLike[str]"],
        Kind::Pem(_) => &["str", "bytes"],
        _ => &["str"],
    }
}

fn optional(kind: Kind) -> String {
    match types(kind) {
        [one] => format!("Optional[{one}]"),
        several => format!("Union[{}, None]", several.join(", ")),
    }
}

fn union(kind: Kind) -> String {
    match kind {
        Kind::Time { .. } => "_Time | None".to_owned(),
        _ => format!("{} | None", types(kind).join(" | ")),
    }
}

/// One item of the list for each setting, as keywords in the order of the table.
fn documentation(table: &[Row], rows: impl Iterator<Item = &'static Row>) -> String {
    let item = |row: &Row| {
        let limits = limits(row);
        let unit = if matches!(row.kind, Kind::Time { .. }) { ", in seconds or as a ``timedelta``" } else { "" };
        let text = format!("- ``{}``: {}{unit}. {limits}", row.name, row.summary);
        let text = named(table, &text, |row| format!("`{}`", row.name))
            .replace("``", "@@")
            .replace('`', "``")
            .replace("@@", "``");
        // The lines after the first are indented, so that they stay in the item.
        comment("///", text.trim_end())
            .replace("\n///", "\n///  ")
            .trim_end()
            .trim_end_matches("///")
            .trim_end()
            .to_owned()
            + "\n"
    };
    rows.map(item).collect()
}

fn signature() -> String {
    let names = plain().map(|row| format!("{}=None", row.name)).collect::<Vec<_>>().join(", ");
    let special =
        "credential_provider=None, account_id=None, site_id=None, credential_scope=None, scope=None, from_env=None";
    // rustfmt leaves attributes as they are.
    let lines = comment("       ", &format!("*, {special}, {names}"));
    format!("    #[pyo3(signature = (\n{lines}    ))]\n")
}

fn conversion(row: &Row) -> String {
    let name = row.name;
    match row.kind {
        Kind::Flag => format!("let builder = builder.{name}(flag(\"{name}\", {name})?);\n"),
        Kind::Count { .. } => {
            format!("let builder = set(builder, whole(\"{name}\", {name})?, ClientBuilder::{name});\n")
        }
        Kind::Bytes { .. } => format!(
            "let builder = set(builder, whole(\"{name}\", {name})?.map(|value| value as usize), ClientBuilder::{name});\n"
        ),
        Kind::Time { .. } => {
            format!("let builder = set(builder, duration(\"{name}\", {name})?, ClientBuilder::{name});\n")
        }
        Kind::Path => format!("let builder = set(builder, path(\"{name}\", {name})?, ClientBuilder::{name});\n"),
        Kind::Pem(_) => format!("let builder = set(builder, pem({name})?, ClientBuilder::{name});\n"),
        _ => format!("let builder = set(builder, text(\"{name}\", {name})?, ClientBuilder::{name});\n"),
    }
}

/// The rate may be infinite, which only a float is.
fn fleet_type(row: &Row) -> String {
    if row.name == "rate" { "Optional[float]".to_owned() } else { optional(row.kind) }
}

/// An arm for a keyword of a gate or a fleet. `value` is None if the setting is left out.
fn keyword(row: &Row, builder: &str) -> String {
    let name = row.name;
    let convert = match row.kind {
        Kind::Flag => return format!("\"{name}\" => builder.{name}(flag(\"{name}\", value)?),\n"),
        Kind::Count { .. } => format!("whole(\"{name}\", value)?"),
        Kind::Credits { .. } => format!("value.map(|value| credits(\"{name}\", value)).transpose()?"),
        Kind::Time { min: Some(Duration::ZERO), .. } => format!("duration_from_zero(\"{name}\", value)?"),
        Kind::Time { .. } => format!("duration(\"{name}\", value)?"),
        _ => format!("text(\"{name}\", value)?"),
    };
    format!("\"{name}\" => set(builder, {convert}, {builder}::{name}),\n")
}

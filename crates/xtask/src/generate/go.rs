//! The Go package: kinds, phases, periods, and the options of a client, a gate and a fleet.

use aicredits::{
    Answer, Constant, DenialReason, ErrorKind, FLEET_SETTINGS, FeaturePeriod, GATE_SETTINGS, Kind, Phase, Row, SETTINGS,
};

use super::region::Region;
use super::text::{camel, comment, manual, named, plain, plain_of_fleet, plain_of_gate};

/// The options of a client, a gate or a fleet.
struct Options {
    name: &'static str,
    /// The type that options change.
    config: &'static str,
    /// The type whose setters call the library.
    native: &'static str,
    /// Of the C setters.
    prefix: &'static str,
    table: &'static [Row],
}

const CLIENT: Options =
    Options { name: "Option", config: "config", native: "nativeSettings", prefix: "aicredits_config", table: SETTINGS };
const GATE: Options = Options {
    name: "GateOption",
    config: "gateConfig",
    native: "nativeGateSettings",
    prefix: "aicredits_gate_config",
    table: GATE_SETTINGS,
};
const FLEET: Options = Options {
    name: "FleetOption",
    config: "fleetConfig",
    native: "nativeFleetSettings",
    prefix: "aicredits_fleet_options",
    table: FLEET_SETTINGS,
};

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("bindings/go/kinds.go", "kinds", numbers("Kind", " Kind = iota + 1", ErrorKind::TABLE)),
        Region::new("bindings/go/kinds.go", "kind names", names(ErrorKind::TABLE)),
        Region::new("bindings/go/kinds.go", "phases", numbers("Phase", "", Phase::TABLE)),
        Region::new("bindings/go/kinds.go", "phase names", names(Phase::TABLE)),
        Region::new("bindings/go/affordability.go", "answers", numbers("Answer", " Answer = iota + 1", Answer::TABLE)),
        Region::new("bindings/go/affordability.go", "answer names", names(Answer::TABLE)),
        Region::new(
            "bindings/go/denial.go",
            "reasons",
            numbers("DenialReason", " DenialReason = iota + 1", DenialReason::TABLE),
        ),
        Region::new("bindings/go/denial.go", "reason names", names(DenialReason::TABLE)),
        Region::new("bindings/go/error.go", "sentinels", sentinels()),
        Region::new("bindings/go/credits.go", "periods", periods()),
        Region::new("bindings/go/options.go", "options", options(&CLIENT, plain())),
        Region::new("bindings/go/options.go", "setters", plain().map(declaration).collect()),
        Region::new("bindings/go/settings.go", "setters", setters(&CLIENT, plain())),
        Region::new("bindings/go/gate_options.go", "options", options(&GATE, plain_of_gate())),
        Region::new("bindings/go/gate_options.go", "setters", plain_of_gate().map(declaration).collect()),
        Region::new("bindings/go/gate_settings.go", "setters", setters(&GATE, plain_of_gate())),
        Region::new("bindings/go/fleet_options.go", "options", options(&FLEET, plain_of_fleet())),
        Region::new("bindings/go/fleet_options.go", "setters", plain_of_fleet().map(declaration).collect()),
        Region::new("bindings/go/fleet_settings.go", "setters", setters(&FLEET, plain_of_fleet())),
    ]
}

/// Go writes initialisms in capitals.
fn go_name(name: &str) -> String {
    camel(name).replace("Tls", "TLS")
}

fn numbers(noun: &str, first: &str, table: &[Constant]) -> String {
    let constant = |(at, Constant { name, summary, .. }): (usize, &Constant)| {
        let documented = comment("\t//", summary);
        let value = if at == 0 { first } else { "" };
        format!("{documented}\t{noun}{}{value}\n", go_name(name))
    };
    // Without the empty line the mark would be a part of the first comment.
    let constants: String = table.iter().enumerate().map(constant).collect();
    format!("\n{constants}")
}

fn names(table: &[Constant]) -> String {
    table.iter().map(|row| format!("\t\"{}\",\n", row.name)).collect()
}

fn sentinels() -> String {
    let longest = ErrorKind::TABLE.iter().map(|row| go_name(row.name).len()).max().unwrap_or(0);
    let sentinel = |row: &Constant| {
        let name = go_name(row.name);
        format!("\tErr{name:longest$} error = sentinel(Kind{name})\n")
    };
    ErrorKind::TABLE.iter().map(sentinel).collect()
}

fn periods() -> String {
    let longest = FeaturePeriod::TABLE.iter().map(|row| camel(row.name).len()).max().unwrap_or(0);
    let period = |row: &Constant| format!("\tPeriod{:longest$} FeaturePeriod = \"{}\"\n", camel(row.name), row.name);
    FeaturePeriod::TABLE.iter().map(period).collect()
}

/// The empty line keeps the mark out of the first comment.
fn options(options: &Options, rows: impl Iterator<Item = &'static Row>) -> String {
    format!("\n{}", rows.map(|row| option(options, row)).collect::<String>())
}

fn setters(options: &Options, rows: impl Iterator<Item = &'static Row>) -> String {
    format!("\n{}", rows.map(|row| native(options, row)).collect::<String>())
}

fn option(options: &Options, row: &Row) -> String {
    let text = manual(&format!("{} sets", row.go), row);
    let documented = comment("//", &named(options.table, &text, |row| format!("[{}]", row.go)));
    let Options { name: option, config, .. } = options;
    let (name, setter, value_type) = (row.go, setter(row), value_type(row.kind));
    format!(
        "{documented}func {name}(value {value_type}) {option} {{\n\
         \treturn func(config *{config}) {{ config.{setter}(value) }}\n}}\n\n"
    )
}

fn declaration(row: &Row) -> String {
    format!("\t{}({})\n", setter(row), value_type(row.kind))
}

fn setter(row: &Row) -> String {
    format!("set{}", row.go.trim_start_matches("With"))
}

fn native(options: &Options, row: &Row) -> String {
    let Options { native, prefix, .. } = options;
    let (setter, value_type, name) = (setter(row), value_type(row.kind), row.name);
    let function = |suffix: &str, value: &str| format!("\tC.{prefix}_set_{name}{suffix}(s.config, {value})\n");
    let body = match row.kind {
        Kind::Flag => function("", "truth(value)"),
        Kind::Count { .. } => function("", "C.uint32_t(value)"),
        Kind::Bytes { .. } => function("", "C.size_t(value)"),
        Kind::Credits { .. } => function("", "C.uint64_t(value)"),
        Kind::Time { .. } => function("_ms", "milliseconds(value)"),
        Kind::Pem(_) => format!(
            "\tpem := (*C.char)(C.CBytes(value))\n{}\tC.free(unsafe.Pointer(pem))\n",
            function("", "pem, C.size_t(len(value))")
        ),
        _ => format!("\twithText(value, func(text *C.char) {{ C.{prefix}_set_{name}(s.config, text) }})\n"),
    };
    format!("func (s {native}) {setter}(value {value_type}) {{\n{body}}}\n\n")
}

fn value_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "bool",
        Kind::Count { .. } => "uint32",
        Kind::Bytes { .. } => "uint",
        Kind::Credits { .. } => "uint64",
        Kind::Time { .. } => "time.Duration",
        Kind::Pem(_) => "[]byte",
        _ => "string",
    }
}

//! The Go package: kinds, phases, periods, and the options of a client.

use aicredits::{Constant, DenialReason, ErrorKind, FeaturePeriod, Kind, Phase, Row, SETTINGS};

use super::region::Region;
use super::text::{camel, comment, manual, named, plain};

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("bindings/go/kinds.go", "kinds", numbers("Kind", " Kind = iota + 1", ErrorKind::TABLE)),
        Region::new("bindings/go/kinds.go", "kind names", names(ErrorKind::TABLE)),
        Region::new("bindings/go/kinds.go", "phases", numbers("Phase", "", Phase::TABLE)),
        Region::new("bindings/go/kinds.go", "phase names", names(Phase::TABLE)),
        Region::new(
            "bindings/go/denial.go",
            "reasons",
            numbers("DenialReason", " DenialReason = iota + 1", DenialReason::TABLE),
        ),
        Region::new("bindings/go/denial.go", "reason names", names(DenialReason::TABLE)),
        Region::new("bindings/go/error.go", "sentinels", sentinels()),
        Region::new("bindings/go/credits.go", "periods", periods()),
        Region::new("bindings/go/options.go", "options", format!("\n{}", plain().map(option).collect::<String>())),
        Region::new("bindings/go/options.go", "setters", plain().map(declaration).collect()),
        Region::new("bindings/go/settings.go", "setters", format!("\n{}", plain().map(native).collect::<String>())),
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

fn option(row: &Row) -> String {
    let documented =
        comment("//", &named(SETTINGS, &manual(&format!("{} sets", row.go), row), |row| format!("[{}]", row.go)));
    let (name, setter) = (row.go, setter(row));
    format!(
        "{documented}func {name}(value {}) Option {{\n\treturn func(config *config) {{ config.{setter}(value) }}\n}}\n\n",
        value_type(row.kind)
    )
}

fn declaration(row: &Row) -> String {
    format!("\t{}({})\n", setter(row), value_type(row.kind))
}

fn setter(row: &Row) -> String {
    format!("set{}", row.go.trim_start_matches("With"))
}

fn native(row: &Row) -> String {
    let (setter, value_type, name) = (setter(row), value_type(row.kind), row.name);
    let function = |suffix: &str, value: &str| format!("\tC.aicredits_config_set_{name}{suffix}(s.config, {value})\n");
    let body = match row.kind {
        Kind::Flag => function("", "truth(value)"),
        Kind::Count { .. } => function("", "C.uint32_t(value)"),
        Kind::Bytes { .. } => function("", "C.size_t(value)"),
        Kind::Time { .. } => function("_ms", "milliseconds(value)"),
        Kind::Pem(_) => format!(
            "\tpem := (*C.char)(C.CBytes(value))\n{}\tC.free(unsafe.Pointer(pem))\n",
            function("", "pem, C.size_t(len(value))")
        ),
        _ => format!("\twithText(value, func(text *C.char) {{ C.aicredits_config_set_{name}(s.config, text) }})\n"),
    };
    format!("func (s nativeSettings) {setter}(value {value_type}) {{\n{body}}}\n\n")
}

fn value_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "bool",
        Kind::Count { .. } => "uint32",
        Kind::Bytes { .. } => "uint",
        Kind::Time { .. } => "time.Duration",
        Kind::Pem(_) => "[]byte",
        _ => "string",
    }
}

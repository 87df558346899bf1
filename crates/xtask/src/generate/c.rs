//! The C layer: constants, their names, and the setters of the settings of a client, a gate and a fleet.

use aicredits::{
    Answer, Constant, DenialReason, ErrorKind, FLEET_SETTINGS, FeaturePeriod, GATE_SETTINGS, Kind, Phase, Row, SETTINGS,
};

use super::region::Region;
use super::text::{comment, manual, named, plain, plain_of_fleet, plain_of_gate, quoted};

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("crates/aicredits-ffi/src/status.rs", "kinds", constants("status", ErrorKind::TABLE)),
        Region::new("crates/aicredits-ffi/src/status.rs", "names", names("status", ErrorKind::TABLE)),
        Region::new("crates/aicredits-ffi/src/attempt.rs", "phases", constants("phase", Phase::TABLE)),
        Region::new("crates/aicredits-ffi/src/attempt.rs", "names", names("phase", Phase::TABLE)),
        Region::new("crates/aicredits-ffi/src/model.rs", "periods", constants("period", FeaturePeriod::TABLE)),
        Region::new("crates/aicredits-ffi/src/model.rs", "names", names("period", FeaturePeriod::TABLE)),
        Region::new("crates/aicredits-ffi/src/affordability.rs", "answers", constants("answer", Answer::TABLE)),
        Region::new("crates/aicredits-ffi/src/affordability.rs", "names", names("answer", Answer::TABLE)),
        Region::new("crates/aicredits-ffi/src/denial.rs", "reasons", constants_of(DENIAL_REASON, DenialReason::TABLE)),
        Region::new("crates/aicredits-ffi/src/denial.rs", "names", names_of(DENIAL_REASON, DenialReason::TABLE)),
        Region::new("crates/aicredits-ffi/src/config.rs", "setters", plain().map(setter).collect()),
        Region::new(
            "crates/aicredits-ffi/src/gate_config.rs",
            "setters",
            plain_of_gate().map(|row| late_setter(&GATE, row)).collect(),
        ),
        Region::new(
            "crates/aicredits-ffi/src/fleet_options.rs",
            "setters",
            plain_of_fleet().map(|row| late_setter(&FLEET, row)).collect(),
        ),
    ]
}

/// The noun of the constants, and that of their type, as a function has the constants' noun as its name.
const DENIAL_REASON: [&str; 2] = ["denial_reason", "denial_reason_kind"];

fn constants(noun: &str, table: &[Constant]) -> String {
    constants_of([noun; 2], table)
}

fn constants_of([noun, of_type]: [&str; 2], table: &[Constant]) -> String {
    let prefix = noun.to_uppercase();
    let constant = |Constant { name, number, summary }: &Constant| {
        let documented = comment("///", &quoted(summary));
        format!("{documented}pub const AICREDITS_{prefix}_{name}: aicredits_{of_type} = {number};\n")
    };
    table.iter().map(constant).collect()
}

fn names(noun: &str, table: &[Constant]) -> String {
    names_of([noun; 2], table)
}

fn names_of([noun, of_type]: [&str; 2], table: &[Constant]) -> String {
    let prefix = noun.to_uppercase();
    let arm = |Constant { name, .. }: &Constant| format!("AICREDITS_{prefix}_{name} => Some(c\"{name}\"),\n");
    let arms: String = table.iter().map(arm).collect();
    format!(
        "fn name(number: aicredits_{of_type}) -> Option<&'static CStr> {{ match number {{ {arms} _ => None, }} }}\n"
    )
}

fn setter(row: &Row) -> String {
    let name = row.name;
    let slot = if row.replaces.is_empty() { name } else { row.replaces };
    let documented = comment("///", &in_c("config", SETTINGS, &manual("Sets", row)));
    let config = "config: Option<&mut aicredits_config>";
    if let Some(Number { suffix, of_type, parameter, value }) = Number::of(row) {
        return format!(
            "{documented}#[unsafe(no_mangle)]\n\
             pub extern \"C\" fn aicredits_config_set_{name}{suffix}({config}, {parameter}: {of_type}) {{\n\
             set(config, |config| config.change(|builder| builder.{name}({value})));\n}}\n\n"
        );
    }
    let copied = |parameters: &str, value: &str| {
        format!(
            "{documented}#[unsafe(no_mangle)]\n\
             pub unsafe extern \"C\" fn aicredits_config_set_{name}({config}, {parameters}) {{\n\
             set(config, |config| {{\n{value}\
             config.set(Slot::Setting(\"{slot}\"), {name}, ClientBuilder::{name});\n}});\n}}\n\n"
        )
    };
    match row.kind {
        Kind::Text(_) | Kind::Path => copied(
            &format!("{name}: *const c_char"),
            &format!(
                "// SAFETY: the caller passes NULL or a NUL-terminated string.\n\
                 let {name} = unsafe {{ text::copy(\"{name}\", {name}) }};\n"
            ),
        ),
        // A longer text is not copied before the core refuses it.
        Kind::Pem(max) => copied(
            &format!("{name}: *const c_char, length: usize"),
            &format!(
                "let {name} = match length {{\n\
                 // SAFETY: the caller passes NULL or this many bytes that may be read.\n\
                 0..={max} => unsafe {{ text::copy_bytes(\"{name}\", {name}, length) }},\n\
                 _ => Err(ArgumentFault {{ name: \"{name}\", fault: \"is larger than {} MiB\" }}),\n}};\n",
                max >> 20
            ),
        ),
        _ => String::new(),
    }
}

/// Settings whose builder needs a client, which comes last.
struct Late {
    noun: &'static str,
    /// The parameter of the setters.
    handle: &'static str,
    table: &'static [Row],
}

const GATE: Late = Late { noun: "gate_config", handle: "config", table: GATE_SETTINGS };
const FLEET: Late = Late { noun: "fleet_options", handle: "options", table: FLEET_SETTINGS };

/// All of these settings that have a plain type are numbers.
fn late_setter(Late { noun, handle, table }: &Late, row: &Row) -> String {
    let name = row.name;
    let Some(Number { suffix, of_type, parameter, value }) = Number::of(row) else { return String::new() };
    let documented = comment("///", &in_c(noun, table, &manual("Sets", row)));
    format!(
        "{documented}#[unsafe(no_mangle)]\n\
         pub extern \"C\" fn aicredits_{noun}_set_{name}{suffix}(\n\
         {handle}: Option<&mut aicredits_{noun}>, {parameter}: {of_type}) {{\n\
         set({handle}, |{handle}| \
         {handle}.changes.put(Slot::Setting(\"{name}\"), move |builder| builder.{name}({value})));\n}}\n\n"
    )
}

/// How C passes a setting that is a number.
struct Number {
    /// At the end of the setter's name.
    suffix: &'static str,
    of_type: &'static str,
    parameter: String,
    /// In Rust, for the builder.
    value: String,
}

impl Number {
    fn of(row: &Row) -> Option<Self> {
        let name = row.name;
        let plain = |of_type| Self { suffix: "", of_type, parameter: name.to_owned(), value: name.to_owned() };
        Some(match row.kind {
            Kind::Flag => {
                Self { suffix: "", of_type: "i32", parameter: "enable".to_owned(), value: "enable != 0".to_owned() }
            }
            Kind::Count { .. } => plain("u32"),
            Kind::Bytes { .. } => plain("usize"),
            Kind::Credits { .. } => plain("u64"),
            Kind::Time { .. } => Self {
                suffix: "_ms",
                of_type: "u64",
                parameter: format!("{name}_ms"),
                value: format!("Duration::from_millis({name}_ms)"),
            },
            _ => return None,
        })
    }
}

/// The text of a setting as the header says it: other settings are functions of the same noun.
fn in_c(noun: &str, table: &[Row], text: &str) -> String {
    quoted(&named(table, text, |row| match row.kind {
        Kind::Time { .. } => format!("aicredits_{noun}_set_{}_ms()", row.name),
        _ => format!("aicredits_{noun}_set_{}()", row.name),
    }))
}

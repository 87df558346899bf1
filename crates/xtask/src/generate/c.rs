//! The C layer: constants, their names, and the setters of a client's settings.

use aicredits::{Constant, ErrorKind, FeaturePeriod, Kind, Phase, Row, SETTINGS};

use super::region::Region;
use super::text::{comment, manual, named, plain, quoted};

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("crates/aicredits-ffi/src/status.rs", "kinds", constants("status", ErrorKind::TABLE)),
        Region::new("crates/aicredits-ffi/src/status.rs", "names", names("status", ErrorKind::TABLE)),
        Region::new("crates/aicredits-ffi/src/attempt.rs", "phases", constants("phase", Phase::TABLE)),
        Region::new("crates/aicredits-ffi/src/attempt.rs", "names", names("phase", Phase::TABLE)),
        Region::new("crates/aicredits-ffi/src/model.rs", "periods", constants("period", FeaturePeriod::TABLE)),
        Region::new("crates/aicredits-ffi/src/model.rs", "names", names("period", FeaturePeriod::TABLE)),
        Region::new("crates/aicredits-ffi/src/config.rs", "setters", plain().map(setter).collect()),
    ]
}

fn constants(noun: &str, table: &[Constant]) -> String {
    let prefix = noun.to_uppercase();
    let constant = |Constant { name, number, summary }: &Constant| {
        let documented = comment("///", &quoted(summary));
        format!("{documented}pub const AICREDITS_{prefix}_{name}: aicredits_{noun} = {number};\n")
    };
    table.iter().map(constant).collect()
}

fn names(noun: &str, table: &[Constant]) -> String {
    let prefix = noun.to_uppercase();
    let arm = |Constant { name, .. }: &Constant| format!("AICREDITS_{prefix}_{name} => Some(c\"{name}\"),\n");
    let arms: String = table.iter().map(arm).collect();
    format!("fn name(number: aicredits_{noun}) -> Option<&'static CStr> {{ match number {{ {arms} _ => None, }} }}\n")
}

fn setter(row: &Row) -> String {
    let name = row.name;
    let slot = if row.replaces.is_empty() { name } else { row.replaces };
    let documented = comment("///", &in_c(&manual("Sets", row)));
    let config = "config: Option<&mut aicredits_config>";
    let change = |suffix: &str, parameter: &str, value: &str| {
        format!(
            "{documented}#[unsafe(no_mangle)]\n\
             pub extern \"C\" fn aicredits_config_set_{name}{suffix}({config}, {parameter}) {{\n\
             set(config, |config| config.change(|builder| builder.{name}({value})));\n}}\n\n"
        )
    };
    let copied = |parameters: &str, value: &str| {
        format!(
            "{documented}#[unsafe(no_mangle)]\n\
             pub unsafe extern \"C\" fn aicredits_config_set_{name}({config}, {parameters}) {{\n\
             set(config, |config| {{\n{value}\
             config.set(Slot::Setting(\"{slot}\"), {name}, ClientBuilder::{name});\n}});\n}}\n\n"
        )
    };
    match row.kind {
        Kind::Flag => change("", "enable: i32", "enable != 0"),
        Kind::Count { .. } => change("", &format!("{name}: u32"), name),
        Kind::Bytes { .. } => change("", &format!("{name}: usize"), name),
        Kind::Credits { .. } => change("", &format!("{name}: u64"), name),
        Kind::Time { .. } => change("_ms", &format!("{name}_ms: u64"), &format!("Duration::from_millis({name}_ms)")),
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
        Kind::Special | Kind::Provider(_) | Kind::Id(_) => String::new(),
    }
}

/// The text of a setting as the header says it: other settings are its functions.
fn in_c(text: &str) -> String {
    quoted(&named(SETTINGS, text, |row| match row.kind {
        Kind::Time { .. } => format!("aicredits_config_set_{}_ms()", row.name),
        _ => format!("aicredits_config_set_{}()", row.name),
    }))
}

//! The C++ headers: the enums, and the setters of the settings of a client, a gate and a fleet.

use aicredits::{
    Answer, Constant, DenialReason, ErrorKind, FLEET_SETTINGS, FeaturePeriod, GATE_SETTINGS, Kind, Phase, Row, SETTINGS,
};

use super::region::Region;
use super::text::{comment, manual, named, plain, plain_of_fleet, plain_of_gate, quoted};

/// A class of settings.
struct Class {
    name: &'static str,
    /// Of its C setters.
    prefix: &'static str,
    table: &'static [Row],
}

const CLIENT: Class = Class { name: "Config", prefix: "aicredits_config", table: SETTINGS };
const GATE: Class = Class { name: "GateConfig", prefix: "aicredits_gate_config", table: GATE_SETTINGS };
const FLEET: Class = Class { name: "FleetOptions", prefix: "aicredits_fleet_options", table: FLEET_SETTINGS };

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("include/aicredits/error_kind.hpp", "kinds", enumerators("STATUS", ErrorKind::TABLE)),
        Region::new("include/aicredits/phase.hpp", "phases", enumerators("PHASE", Phase::TABLE)),
        Region::new("include/aicredits/feature_period.hpp", "periods", enumerators("PERIOD", FeaturePeriod::TABLE)),
        Region::new("include/aicredits/answer.hpp", "answers", enumerators("ANSWER", Answer::TABLE)),
        Region::new(
            "include/aicredits/denial_reason.hpp",
            "reasons",
            enumerators("DENIAL_REASON", DenialReason::TABLE),
        ),
        Region::new("include/aicredits/config.hpp", "setters", plain().map(|row| setter(&CLIENT, row)).collect()),
        Region::new(
            "include/aicredits/gate_config.hpp",
            "setters",
            plain_of_gate().map(|row| setter(&GATE, row)).collect(),
        ),
        Region::new(
            "include/aicredits/fleet_options.hpp",
            "setters",
            plain_of_fleet().map(|row| setter(&FLEET, row)).collect(),
        ),
    ]
}

fn enumerators(prefix: &str, table: &[Constant]) -> String {
    let enumerator = |Constant { name, summary, .. }: &Constant| {
        let documented = comment("    ///", &quoted(summary));
        format!("{documented}    {} = AICREDITS_{prefix}_{name},\n", name.to_lowercase())
    };
    table.iter().map(enumerator).collect()
}

fn setter(class: &Class, row: &Row) -> String {
    let name = row.name;
    let Class { name: class_name, prefix, .. } = class;
    let documented =
        comment("    ///", &quoted(&named(class.table, &manual("Sets", row), |row| format!("{}()", row.name))));
    let (value_type, suffix, value) = match row.kind {
        Kind::Flag => ("bool", "", "value ? 1 : 0"),
        Kind::Count { .. } => ("std::uint32_t", "", "value"),
        Kind::Bytes { .. } => ("std::size_t", "", "value"),
        Kind::Credits { .. } => ("detail::CreditCount", "", "value.value()"),
        Kind::Time { .. } => ("std::chrono::milliseconds", "_ms", "detail::milliseconds(value)"),
        Kind::Pem(_) => ("std::string_view", "", "value.data(), value.size()"),
        _ => ("std::string_view", "", "detail::Text(value)"),
    };
    format!(
        "{documented}    {class_name} &{name}({value_type} value) & {{\n        \
         {prefix}_set_{name}{suffix}(get(), {value});\n        \
         return *this;\n    }}\n    \
         {class_name} {name}({value_type} value) && {{ return std::move({name}(value)); }}\n"
    )
}

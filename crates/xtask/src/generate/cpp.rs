//! The C++ headers: the enums, and the setters of a client's settings.

use aicredits::{Constant, ErrorKind, FeaturePeriod, Kind, Phase, Row, SETTINGS};

use super::region::Region;
use super::text::{comment, manual, named, plain, quoted};

pub(super) fn regions() -> Vec<Region> {
    vec![
        Region::new("include/aicredits/error_kind.hpp", "kinds", enumerators("STATUS", ErrorKind::TABLE)),
        Region::new("include/aicredits/phase.hpp", "phases", enumerators("PHASE", Phase::TABLE)),
        Region::new("include/aicredits/feature_period.hpp", "periods", enumerators("PERIOD", FeaturePeriod::TABLE)),
        Region::new("include/aicredits/config.hpp", "setters", plain().map(setter).collect()),
    ]
}

fn enumerators(prefix: &str, table: &[Constant]) -> String {
    let enumerator = |Constant { name, summary, .. }: &Constant| {
        let documented = comment("    ///", &quoted(summary));
        format!("{documented}    {} = AICREDITS_{prefix}_{name},\n", name.to_lowercase())
    };
    table.iter().map(enumerator).collect()
}

fn setter(row: &Row) -> String {
    let name = row.name;
    let documented =
        comment("    ///", &quoted(&named(SETTINGS, &manual("Sets", row), |row| format!("{}()", row.name))));
    let (value_type, suffix, value) = match row.kind {
        Kind::Flag => ("bool", "", "value ? 1 : 0"),
        Kind::Count { .. } => ("std::uint32_t", "", "value"),
        Kind::Bytes { .. } => ("std::size_t", "", "value"),
        Kind::Time { .. } => ("std::chrono::milliseconds", "_ms", "detail::milliseconds(value)"),
        Kind::Pem(_) => ("std::string_view", "", "value.data(), value.size()"),
        _ => ("std::string_view", "", "detail::Text(value)"),
    };
    format!(
        "{documented}    Config &{name}({value_type} value) & {{\n        \
         aicredits_config_set_{name}{suffix}(get(), {value});\n        \
         return *this;\n    }}\n    \
         Config {name}({value_type} value) && {{ return std::move({name}(value)); }}\n"
    )
}

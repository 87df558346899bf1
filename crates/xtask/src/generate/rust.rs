//! The setters of Rust's `ClientBuilder`.

use super::region::Region;
use super::text::{camel, comment, manual, named, plain};
use aicredits::{Kind, Row};

pub(super) fn regions() -> Vec<Region> {
    vec![Region::new("crates/aicredits/src/builder.rs", "setters", plain().map(setter).collect())]
}

fn setter(row: &Row) -> String {
    let name = row.name;
    let text = named(&manual("Sets", row), |row| format!("[`{0}`](Self::{0})", row.name));
    let documented = comment("///", &text);
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

//! Writes the description as JSON, one declaration a line, so that a change to the API is a short diff.
//!
//! Names and types consist of characters that JSON does not escape.

use super::{Api, Field, Function, Parameter, Struct};

impl Api {
    /// The text of the description of this header, such as `aicredits.api.json`.
    pub(crate) fn to_json(&self, header: &str) -> String {
        let handles = list(&self.handles, |name| quoted(name));
        let aliases = list(&self.aliases, |it| object(&[("name", quoted(&it.name)), ("type", quoted(&it.of))]));
        let constants =
            list(&self.constants, |it| object(&[("name", quoted(&it.name)), ("value", it.value.to_string())]));
        let lists = [
            ("handles", handles),
            ("aliases", aliases),
            ("callbacks", list(&self.callbacks, callback)),
            ("structs", list(&self.structs, structure)),
            ("constants", constants),
            ("functions", list(&self.functions, function)),
        ];
        let note = quoted(&format!("Generated from {header}. Offsets and sizes are in bytes, with 64-bit pointers."));
        let lists: String = lists.iter().map(|(name, list)| format!(",\n  \"{name}\": {list}")).collect();
        format!("{{\n  \"note\": {note}{lists}\n}}\n")
    }
}

fn callback(it: &Function) -> String {
    object(&[
        ("name", quoted(&it.name)),
        ("returns", quoted(&it.returns)),
        ("parameters", in_line(&it.parameters, parameter)),
    ])
}

fn function(it: &Function) -> String {
    object(&[
        ("name", quoted(&it.name)),
        ("noun", quoted(&it.noun)),
        ("returns", quoted(&it.returns)),
        ("nodiscard", it.nodiscard.to_string()),
        ("blocks", it.blocks.unwrap_or_default().to_string()),
        ("parameters", in_line(&it.parameters, parameter)),
    ])
}

fn parameter(it: &Parameter) -> String {
    object(&[("name", quoted(&it.name)), ("type", quoted(&it.of_type)), ("const", it.is_const().to_string())])
}

fn structure(it: &Struct) -> String {
    object(&[
        ("name", quoted(&it.name)),
        ("size", it.size.to_string()),
        ("alignment", it.alignment.to_string()),
        ("fields", in_line(&it.fields, field)),
    ])
}

fn field(it: &Field) -> String {
    object(&[
        ("name", quoted(&it.name)),
        ("type", quoted(&it.of_type)),
        ("count", it.count.to_string()),
        ("offset", it.offset.to_string()),
    ])
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

fn in_line<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", "))
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    let lines: Vec<_> = items.iter().map(|item| format!("    {}", text(item))).collect();
    if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) }
}

//! An answer as JSON, for programs: one object in one line.

use serde_json::{Map, Value};

use crate::render::json_for_terminal;

/// The answer comes first, for people who read the line. Control characters are escaped.
pub(crate) fn line(answer: &str, fields: Map<String, Value>) -> String {
    let fields = Value::Object(fields).to_string();
    json_for_terminal(&format!("{{\"answer\":\"{answer}\",{}", &fields[1..]))
}

//! One JSON object in a line, and its members.

use serde_json::{Map, Value};

use crate::Timestamp;
use crate::text::json;

/// Writes members in order. A member that is absent is left out.
#[derive(Debug)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Self("{".to_owned())
    }

    pub(super) fn text(self, name: &str, text: Option<&str>) -> Self {
        self.raw(name, text.map(json).as_deref())
    }

    /// A text that is null if it is absent.
    pub(super) fn text_or_null(self, name: &str, text: Option<&str>) -> Self {
        self.raw(name, Some(&text.map_or_else(|| "null".to_owned(), json)))
    }

    pub(super) fn instant(self, name: &str, instant: Option<Timestamp>) -> Self {
        self.text(name, instant.map(|instant| instant.to_string()).as_deref())
    }

    pub(super) fn number(self, name: &str, number: Option<u64>) -> Self {
        self.raw(name, number.map(|number| number.to_string()).as_deref())
    }

    /// A value that is JSON already.
    pub(super) fn raw(mut self, name: &str, json: Option<&str>) -> Self {
        if let Some(json) = json {
            let comma = if self.0.len() > 1 { "," } else { "" };
            self.0 += &format!("{comma}\"{name}\":{json}");
        }
        self
    }

    pub(super) fn end(self) -> String {
        self.0 + "}"
    }
}

/// The members of an object. A fault says what is wrong, and never shows a value.
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|_| "it is no JSON object".to_owned()).map(Self)
    }

    pub(super) fn of(value: Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err("it is no JSON object".to_owned()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} is no text")),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&str, String> {
        self.text(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn instant(&self, name: &str) -> Result<Option<Timestamp>, String> {
        let text = self.text(name)?;
        text.map(Timestamp::parse).transpose().map_err(|fault| format!("{name} {fault}"))
    }

    pub(super) fn required_instant(&self, name: &str) -> Result<Timestamp, String> {
        self.instant(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(number) => number.as_u64().map(Some).ok_or_else(|| format!("{name} is no whole number")),
        }
    }

    pub(super) fn take_array(&mut self, name: &str) -> Result<Vec<Value>, String> {
        match self.0.remove(name) {
            Some(Value::Array(values)) => Ok(values),
            _ => Err(format!("{name} is no list")),
        }
    }
}

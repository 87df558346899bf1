//! Named values in the order of the file, which is the order for a runner.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The settings of a client or of a call, in the order of the setter calls. A name may occur twice.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, Value)>);

#[derive(Clone, serde::Deserialize)]
#[serde(untagged)]
enum Value {
    Flag(bool),
    Number(u64),
    Text(String),
    /// For a setter of two texts, and for a function that returns each in turn.
    Texts(Vec<String>),
}

impl Fields {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Every text among the values.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, value)| {
            let texts = match value {
                Value::Text(text) => std::slice::from_ref(text),
                Value::Texts(texts) => texts,
                Value::Flag(_) | Value::Number(_) => &[],
            };
            texts.iter().map(|text| (name.as_str(), text.as_str()))
        })
    }

    /// Lines of the runners' protocol. `resolve` inserts this run's addresses, and then each value is percent-encoded.
    pub(crate) fn lines(&self, prefix: &str, resolve: impl Fn(&str) -> String) -> Vec<String> {
        let encode = |text: &String| percent_encoded(resolve(text).as_bytes());
        let value = |value: &Value| match value {
            Value::Flag(flag) => u8::from(*flag).to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => encode(text),
            Value::Texts(texts) => texts.iter().map(encode).collect::<Vec<_>>().join(","),
        };
        self.0.iter().map(|(name, given)| format!("{prefix}{name}={}", value(given))).collect()
    }
}

/// Encodes `%`, `,` and every byte outside printable ASCII.
pub(crate) fn percent_encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'%' | b',' => out += &format!("%{byte:02X}"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

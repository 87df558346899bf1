//! Reads a request, the options or a scenario from JSON, and says what is wrong where.
//!
//! `serde_json` reads an array where an object belongs, repeats the caller's text in its errors, and knows lines and columns
//! in place of JSON Pointers. Here each level of the text is split into its parts by `serde_json`, and read by them.

use std::fmt::{self, Display};

use serde::Deserialize;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor, value::StrDeserializer,
};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use crate::protocol::ControlError;

/// The most bytes of an unknown member's name that an error repeats.
const LONGEST_NAME: usize = 24;
const TEXT: &str = "text";
const WHOLE: &str = "a whole number";

/// Reads JSON. Text of blanks alone is `{}`. A pointer in the error is relative to this text.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, ControlError> {
    let json = if json.trim_ascii().is_empty() { "{}" } else { json };
    let syntax = |error: serde_json::Error| ControlError::invalid("", format!("this is not valid JSON: {error}"));
    let raw: &RawValue = serde_json::from_str(json).map_err(syntax)?;
    T::deserialize(Part(raw.get())).map_err(|wrong| ControlError::invalid(wrong.pointer, wrong.message))
}

/// An error in a part, and its place.
#[derive(Debug)]
struct Wrong {
    /// A JSON Pointer, relative to the part.
    pointer: String,
    message: String,
}

impl Wrong {
    fn new(message: String) -> Self {
        Self { pointer: String::new(), message }
    }

    /// The same, relative to what has the part as this member or element.
    fn within(self, name: &str) -> Self {
        Self { pointer: segment(name) + &self.pointer, ..self }
    }
}

fn segment(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let meant = meant(wanted);
        Self::new(format!("this is {}, and must be {meant}", kind(&found, &meant)))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::invalid_type(found, wanted)
    }

    fn invalid_length(length: usize, wanted: &dyn Expected) -> Self {
        Self::new(format!("this has {length} elements, and must be {}", meant(wanted)))
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::new(format!("this must be one of {}", quoted(known)))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        let message = match known {
            [] => "there is no such member: the object must be empty".to_owned(),
            known => format!("there is no such member; there are {}", quoted(known)),
        };
        let wrong = Self::new(message);
        if may_be_secret(name) { wrong } else { wrong.within(name) }
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new("this member is missing".to_owned()).within(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new("this member comes twice".to_owned()).within(name)
    }
}

/// A mistyped name is repeated, and a text that may be a key in the wrong place is not. Keys have points or are long.
fn may_be_secret(name: &str) -> bool {
    name.len() > LONGEST_NAME || name.contains('.')
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The kind of what was found. Text is not repeated, because it may be a secret, nor is a number where text belongs.
fn kind(found: &Unexpected<'_>, meant: &str) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) if meant == TEXT => {
            "a number".to_owned()
        }
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) if meant.starts_with(WHOLE) => {
            format!("the number {number:?}, with a point or an exponent")
        }
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Map | Unexpected::StructVariant => "an object".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        _ => "text".to_owned(),
    }
}

/// The expected thing in the words of JSON. Serde has the names of Rust.
fn meant(wanted: &dyn Expected) -> String {
    let wanted = wanted.to_string();
    let integer = |least: i128, most: i128| format!("{WHOLE} from {least} to {most}");
    match wanted.as_str() {
        "i8" => integer(i8::MIN.into(), i8::MAX.into()),
        "u8" => integer(0, u8::MAX.into()),
        "u16" => integer(0, u16::MAX.into()),
        "u32" => integer(0, u32::MAX.into()),
        "i64" => integer(i64::MIN.into(), i64::MAX.into()),
        "u64" | "usize" => integer(0, u64::MAX.into()),
        "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => TEXT.to_owned(),
        "a sequence" => "an array".to_owned(),
        "a tuple of size 2" => "an array of 2 elements".to_owned(),
        name if name.starts_with("struct ") => "an object".to_owned(),
        _ => wanted,
    }
}

/// A part of the text: one value.
#[derive(Clone, Copy)]
struct Part<'de>(&'de str);

impl<'de> Part<'de> {
    fn parse<T: Deserialize<'de>>(self) -> Result<T, Wrong> {
        // The position would be one in this part.
        let reason = |error: serde_json::Error| error.to_string().split(" at line ").next().map(str::to_owned);
        serde_json::from_str(self.0).map_err(|error| Wrong::new(reason(error).unwrap_or_default()))
    }

    fn begins(self, with: char) -> bool {
        self.0.starts_with(with)
    }

    /// The kind of the value, for an error.
    fn unexpected(self) -> Unexpected<'static> {
        match self.0.as_bytes().first() {
            Some(b'{') => Unexpected::Map,
            Some(b'[') => Unexpected::Seq,
            Some(b'"') => Unexpected::Str(""),
            Some(b't') => Unexpected::Bool(true),
            Some(b'f') => Unexpected::Bool(false),
            Some(b'n') => Unexpected::Unit,
            _ => self.parse().map_or(Unexpected::Other("a number"), Unexpected::Float),
        }
    }
}

impl<'de> Deserializer<'de> for Part<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = self.parse()?;
                visitor.visit_map(Object { members: members.into_iter(), value: None })
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = self.parse()?;
                let count = elements.len();
                let mut array = Array { elements: elements.into_iter(), next: 0 };
                let value = visitor.visit_seq(&mut array)?;
                if array.next < count {
                    let message = format!("this has {count} elements, and must be an array of {}", array.next);
                    return Err(Wrong::new(message));
                }
                Ok(value)
            }
            Some(b'"') => match serde_json::from_str::<&str>(self.0) {
                Ok(text) => visitor.visit_borrowed_str(text),
                // It has escapes.
                Err(_) => visitor.visit_string(self.parse()?),
            },
            Some(b't' | b'f') => visitor.visit_bool(self.parse()?),
            Some(b'n') => visitor.visit_unit(),
            _ => {
                let number: serde_json::Number = self.parse()?;
                match (number.as_u64(), number.as_i64()) {
                    (Some(number), _) => visitor.visit_u64(number),
                    (None, Some(number)) => visitor.visit_i64(number),
                    _ => visitor.visit_f64(number.as_f64().unwrap_or(f64::INFINITY)),
                }
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.begins('n') { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if self.begins('{') {
            self.deserialize_any(visitor)
        } else {
            Err(de::Error::invalid_type(self.unexpected(), &"an object"))
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if !self.begins('"') {
            return Err(de::Error::invalid_type(self.unexpected(), &"text"));
        }
        let text: String = self.parse()?;
        visitor.visit_enum(IntoDeserializer::<Wrong>::into_deserializer(text))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// The members of an object, in their order, with repeated ones.
struct Members<'de>(Vec<(String, &'de RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(All)
    }
}

struct Object<'de> {
    members: std::vec::IntoIter<(String, &'de RawValue)>,
    /// The member whose name was read last.
    value: Option<(String, &'de RawValue)>,
}

impl<'de> MapAccess<'de> for Object<'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.members.next() else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, Wrong> = name.as_str().into_deserializer();
        let key = seed.deserialize(key)?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let (name, value) = self.value.take().expect("a value comes after its name");
        seed.deserialize(Part(value.get())).map_err(|wrong| wrong.within(&name))
    }
}

struct Array<'de> {
    elements: std::vec::IntoIter<&'de RawValue>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Array<'de> {
    type Error = Wrong;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Wrong> {
        let Some(element) = self.elements.next() else {
            return Ok(None);
        };
        let index = self.next;
        self.next += 1;
        seed.deserialize(Part(element.get())).map(Some).map_err(|wrong| wrong.within(&index.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len())
    }
}

#[cfg(test)]
mod tests;

//! A JSON document whose texts C can borrow.

use std::fmt;

use ffi_support::text::Text;
use serde_core::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// A value of a document. Texts are wiped when it is dropped: one may be the secret of a key.
pub(crate) enum Value {
    /// `true` is 1 and `false` is 0.
    Integer(i64),
    Text(Zeroizing<Text>),
    Array(Vec<Value>),
    /// In the order of the document.
    Object(Vec<(String, Value)>),
    /// `null`, or a number that is not in the range of `int64_t`.
    Other,
}

impl Value {
    /// The value at a JSON Pointer (RFC 6901). `None`: there is none, or this is no pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        let tokens = pointer.strip_prefix('/')?.split('/');
        tokens.map(unescaped).try_fold(self, |value, token| value.member(&token?))
    }

    fn member(&self, token: &str) -> Option<&Self> {
        match self {
            Self::Array(elements) => elements.get(index(token)?),
            Self::Object(members) => members.iter().find(|(name, _)| name == token).map(|(_, value)| value),
            _ => None,
        }
    }

    /// How many elements or members it has.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Array(elements) => elements.len(),
            Self::Object(members) => members.len(),
            _ => 0,
        }
    }
}

/// `~1` is a slash and `~0` a tilde; a tilde before anything else makes the pointer wrong.
fn unescaped(token: &str) -> Option<String> {
    let mut text = String::with_capacity(token.len());
    let mut rest = token.chars();
    while let Some(character) = rest.next() {
        text.push(match (character, character == '~') {
            (_, true) => match rest.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            (plain, false) => plain,
        });
    }
    Some(text)
}

/// Digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let is_index = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    is_index.then(|| token.parse().ok()).flatten()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Other, Value::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(Zeroizing::new(Text::new(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Value::Object(object))
    }
}

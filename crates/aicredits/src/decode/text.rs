//! The visitor of a JSON string.

use std::fmt;

use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Visitor};

/// A text or null, read by a function that may refuse it.
pub(super) struct Text<'d, F> {
    pub(super) read: F,
    pub(super) reason: &'d mut Option<&'static str>,
}

impl<'de, T, F: FnOnce(&str) -> Result<T, &'static str>> DeserializeSeed<'de> for Text<'_, F> {
    type Value = Option<T>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T, F: FnOnce(&str) -> Result<T, &'static str>> Visitor<'_> for Text<'_, F> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_str<E: serde_core::de::Error>(self, text: &str) -> Result<Option<T>, E> {
        (self.read)(text).map(Some).map_err(|reason| {
            *self.reason = Some(reason);
            E::custom(reason)
        })
    }
}

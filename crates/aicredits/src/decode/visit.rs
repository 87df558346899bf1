//! What serde calls: each visitor reads one thing of the page, and hands it to the decoder.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor};

use super::{Decoder, Pool};
use crate::count;

/// What the page has in a place: an object, or a list of them.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Balance,
    Credits(Pool),
    Breakdown,
    CreditBalance,
    UsageRules,
    UsageRule,
}

impl Shape {
    fn expected(self) -> &'static str {
        match self {
            Self::Breakdown | Self::UsageRules => "a list",
            _ => "an object",
        }
    }

    /// A field may be null, which is absence. The reply itself may not, nor an entry of a list.
    fn may_be_null(self) -> bool {
        matches!(self, Self::Credits(_) | Self::Breakdown | Self::UsageRules)
    }
}

/// An object or a list of the page, about to be read.
pub(super) struct Node<'d> {
    pub(super) decoder: &'d mut Decoder,
    pub(super) shape: Shape,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape.expected())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        if self.shape.may_be_null() { Ok(()) } else { Err(E::invalid_type(Unexpected::Unit, &self)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Balance => self.decoder.balance(map),
            Shape::Credits(pool) => self.decoder.credits(pool, map),
            Shape::CreditBalance => self.decoder.source(map),
            Shape::UsageRule => self.decoder.rule(map),
            Shape::Breakdown | Shape::UsageRules => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Breakdown => self.decoder.list(Shape::CreditBalance, entries),
            Shape::UsageRules => self.decoder.list(Shape::UsageRule, entries),
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }
}

/// A count or null, as the parser gives it.
pub(super) struct Count<'d>(pub(super) &'d mut Decoder);

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = Option<i64>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<i64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(count::NOT_A_COUNT)
    }

    fn visit_unit<E>(self) -> Result<Option<i64>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_u64<E: serde::de::Error>(self, count: u64) -> Result<Option<i64>, E> {
        i64::try_from(count).map(Some).map_err(|_| self.0.refuse(count::TOO_LARGE))
    }

    #[inline]
    fn visit_i64<E>(self, count: i64) -> Result<Option<i64>, E> {
        Ok(Some(count))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Option<i64>, E> {
        self.0.needs_digits = true;
        Err(E::custom("read by digits"))
    }

    /// An object; or a number, where something else in the program turned on serde_json's `arbitrary_precision`.
    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Option<i64>, A::Error> {
        self.visit_f64(f64::NAN)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<i64>, E> {
        count::from_text(text).map(Some).map_err(|reason| self.0.refuse(reason))
    }
}

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
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<T>, E> {
        (self.read)(text).map(Some).map_err(|reason| {
            *self.reason = Some(reason);
            E::custom(reason)
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Key {
    PeriodicCredits,
    TopUpCredits,
    CreditBalanceBreakdown,
    SubscriptionId,
    UsageRules,
    Period,
    Balance,
    Cap,
    ResetDate,
    /// A field of Wix's error bodies, which no balance has.
    OfAnError,
    Other,
}

impl Key {
    pub(super) fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::PeriodicCredits => ("periodicCredits", "an object"),
            Self::TopUpCredits => ("topUpCredits", "an object"),
            Self::CreditBalanceBreakdown => ("creditBalanceBreakdown", "a list"),
            Self::SubscriptionId => ("subscriptionId", "a text"),
            Self::UsageRules => ("usageRules", "a list"),
            Self::Period => ("period", "a text"),
            Self::Balance => ("balance", "a whole number of credits"),
            Self::Cap => ("cap", "a whole number of credits"),
            Self::ResetDate => ("resetDate", "a text"),
            Self::OfAnError | Self::Other => ("", ""),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Key {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            #[inline]
            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "periodicCredits" => Key::PeriodicCredits,
                    "topUpCredits" => Key::TopUpCredits,
                    "creditBalanceBreakdown" => Key::CreditBalanceBreakdown,
                    "subscriptionId" => Key::SubscriptionId,
                    "usageRules" => Key::UsageRules,
                    "period" => Key::Period,
                    "balance" => Key::Balance,
                    "cap" => Key::Cap,
                    "resetDate" => Key::ResetDate,
                    "message" | "details" | "error" | "errorCode" => Key::OfAnError,
                    _ => Key::Other,
                })
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

/// Which known fields an object has shown so far.
#[derive(Default)]
pub(super) struct Seen(pub(super) u16);

impl Seen {
    pub(super) fn again(&mut self, key: Key) -> bool {
        let bit = 1 << key as u16;
        let again = self.0 & bit != 0;
        self.0 |= bit;
        again
    }
}

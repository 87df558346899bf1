//! The objects, lists and field names of a balance.

use std::fmt;

use serde_core::Deserializer;
use serde_core::de::Visitor;

/// The type of a place in the page's schema: an object, or a list of objects.
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
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Breakdown | Self::UsageRules => "a list",
            _ => "an object",
        }
    }

    /// A field may be null, which is absence. The reply itself may not, nor an entry of a list.
    pub(super) fn may_be_null(self) -> bool {
        matches!(self, Self::Credits(_) | Self::Breakdown | Self::UsageRules)
    }
}

#[derive(Clone, Copy)]
pub(super) enum Pool {
    Periodic,
    TopUp,
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
    /// A field of Wix's error bodies. No balance has it.
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

impl<'de> serde_core::Deserialize<'de> for Key {
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

/// The known fields that an object has had so far.
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

//! Instants: RFC 3339, in the years that an HTTP date can have.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// 0001-01-01T00:00:00Z: HTTP dates have years of four digits.
const EARLIEST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// The rule, for messages. The calendar ends where that of the library does.
pub(crate) const INSTANTS: &str =
    "an instant is a text such as 2026-07-01T00:00:00Z, from 0001-01-01T00:00:00Z to 9999-12-30T22:00:00Z";

/// Whether the emulator's calendar has this instant.
pub(crate) fn is_instant(instant: Timestamp) -> bool {
    instant >= EARLIEST
}

/// Reads an instant. The message does not repeat the text, because it may be a secret in the wrong place.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    parse(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom(INSTANTS))
}

/// The same, if there may be null.
pub(super) fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse(&text).ok_or_else(|| D::Error::custom(INSTANTS))).transpose()
}

fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|instant| is_instant(*instant))
}

//! The rows of a credit gate's settings. [`table`](super::table) has their order.

use std::time::Duration;

use super::kind::{DAY, HOUR, Kind, MAX_ID};
use super::row::Row;

pub(super) const ACCOUNT: Row = Row {
    name: "account_id",
    go: "WithScope",
    kind: Kind::Id(MAX_ID),
    replaces: "scope",
    summary: "the account whose credits the gate grants, instead of the client's scope",
    ..Row::NONE
};

pub(super) const SITE: Row = Row {
    name: "site_id",
    go: "WithScope",
    kind: Kind::Id(MAX_ID),
    replaces: "scope",
    summary: "the site whose credits the gate grants, instead of the client's scope",
    ..Row::NONE
};

pub(super) const SCOPE: Row = Row {
    name: "scope",
    go: "scope",
    summary: "whose credits the gate grants, instead of the client's scope",
    ..Row::NONE
};

pub(super) const MAX_AGE: Row = Row {
    name: "max_age",
    go: "WithMaxAge",
    kind: Kind::Time { default: Some(Duration::from_secs(30)), min: Some(Duration::from_millis(100)), max: DAY },
    summary: "the age from which a reading of the balance is too old to grant from",
    details: "It is at least {min_interval}. From half of this age on, one caller makes a new reading while the gate \
        still grants the others.",
    ..Row::NONE
};

pub(super) const MIN_INTERVAL: Row = Row {
    name: "min_interval",
    go: "WithMinInterval",
    kind: Kind::Time { default: Some(Duration::from_secs(1)), min: Some(Duration::ZERO), max: HOUR },
    summary: "the shortest time between the starts of two readings",
    details: "It applies to failed readings too. After a failure it doubles, up to 30 s, until a reading succeeds.",
    ..Row::NONE
};

pub(super) const READ_TIMEOUT: Row = Row {
    name: "read_timeout",
    go: "WithReadTimeout",
    kind: Kind::Time { default: Some(Duration::from_secs(5)), min: None, max: DAY },
    summary: "how long a reservation waits for readings in total",
    details: "It is at most the client's timeout. If the client's timeout is less than 5 s, that is the default.",
    ..Row::NONE
};

pub(super) const VISIBILITY_DELAY: Row = Row {
    name: "visibility_delay",
    go: "WithVisibilityDelay",
    kind: Kind::Time { default: Some(Duration::from_secs(60)), min: Some(Duration::ZERO), max: HOUR },
    summary: "how long after a commit a reading may still lack its charge",
    details: "Wix does not document such a delay. It is at least {max_age} if {processes} is more than 1.",
    ..Row::NONE
};

pub(super) const HEADROOM: Row = Row {
    name: "headroom",
    go: "WithHeadroom",
    kind: Kind::Credits { default: Some(0) },
    summary: "the credits that the gate never grants",
    ..Row::NONE
};

pub(super) const LIMIT: Row = Row {
    name: "limit",
    go: "WithLimit",
    kind: Kind::Credits { default: None },
    summary: "the most credits that the gate grants in its life",
    details: "Open reservations and commits count. A reservation that is released or unresolved does not count. Without \
        {limit} the balance is the only bound.",
    ..Row::NONE
};

pub(super) const PROCESSES: Row = Row {
    name: "processes",
    go: "WithProcesses",
    kind: Kind::Count { default: 1, min: 1, max: 10_000 },
    summary: "how many equal processes share the credits, this one included",
    details: "Each gate then grants from its share of each reading, as with {strict}. The processes do not communicate, \
        so the gates are advisory.",
    ..Row::NONE
};

pub(super) const RESERVATION_TTL: Row = Row {
    name: "reservation_ttl",
    go: "WithReservationTTL",
    kind: Kind::Time { default: Some(Duration::from_secs(10 * 60)), min: Some(Duration::from_secs(1)), max: DAY },
    summary: "how long a reservation stays open",
    details: "After that it is unresolved: nobody knows whether its action was charged. A call may set its own.",
    ..Row::NONE
};

pub(super) const EXHAUSTED_COOLDOWN: Row = Row {
    name: "exhausted_cooldown",
    go: "WithExhaustedCooldown",
    kind: Kind::Time { default: Some(Duration::from_secs(5 * 60)), min: Some(Duration::ZERO), max: DAY },
    summary: "how long the gate denies after a report that the credits are exhausted",
    details: "A reading with more credits, or a reset, ends that earlier. When the time is over, the gate grants one \
        reservation at a time until one commits.",
    ..Row::NONE
};

pub(super) const STRICT: Row = Row {
    name: "strict",
    go: "WithStrict",
    kind: Kind::Flag,
    summary: "whether each reading counts in full against the commits that it may lack",
    details: "It is for credits that other programs spend too, while charges show late. The gate then denies some \
        reservations although the credits are there. Without it, a program that spends alone is granted every credit.",
    ..Row::NONE
};

pub(super) const WHEN_UNAVAILABLE: Row = Row {
    name: "when_unavailable",
    go: "WithWhenUnavailable",
    summary: "whether the gate grants although no reading can decide: deny, stale or allow",
    details: "The default is deny.",
    ..Row::NONE
};

pub(super) const DRY_RUN: Row = Row {
    name: "dry_run",
    go: "WithDryRun",
    kind: Kind::Flag,
    summary: "whether the gate grants everything, and only counts the reservations that it would have denied",
    details: "No caller waits for a reading. Call refresh() more often than max_age: without a young reading nothing is counted, unless readings fail.",
    ..Row::NONE
};

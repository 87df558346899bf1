//! The rows of a fleet's settings. [`table`](super::table) has their order.

use std::time::Duration;

use super::kind::{DAY, Kind};
use super::row::Row;

pub(super) const TARGETS: Row = Row {
    name: "targets",
    go: "targets",
    command: "--targets",
    summary: "the accounts and sites that are read",
    ..Row::NONE
};

pub(super) const RATE: Row = Row {
    name: "rate",
    go: "WithRate",
    command: "--rate",
    // Wix documents 200 requests in a minute for each instance of an app, and nothing for API keys.
    kind: Kind::Count { default: 180, min: 1, max: 60_000 },
    summary: "the most attempts that each client starts in any 60 s",
    details: "All fleets of a client share the window. Every attempt counts. The repeat on a stale connection and the one \
        after a renewed credential count without waiting.",
    ..Row::NONE
};

pub(super) const PROCESSES: Row = Row {
    name: "processes",
    go: "WithFleetProcesses",
    kind: Kind::Count { default: 1, min: 1, max: 10_000 },
    summary: "the number of equal processes that share the rate",
    details: "Each one makes {rate} / {processes} attempts in 60 s, rounded down.",
    ..Row::NONE
};

pub(super) const MAX_PAUSES: Row = Row {
    name: "max_pauses",
    go: "WithMaxPauses",
    kind: Kind::Count { default: 3, min: 0, max: 1_000 },
    summary: "how often a target that met a pause is asked again",
    details: "A 429 pauses all attempts of its client until `Retry-After`, or for 60 s. Ten transient failures in a row pause \
        them too: for 5 s at first, at most for 60 s.",
    ..Row::NONE
};

pub(super) const TIMEOUT: Row = Row {
    name: "timeout",
    go: "WithFleetTimeout",
    kind: Kind::Time { default: None, min: None, max: DAY.saturating_mul(30) },
    summary: "the total time of the fleet",
    details: "Without it there is no limit. Each target has its client's timeout in any case; its time in a queue or in a \
        pause does not count.",
    ..Row::NONE
};

pub(super) const RESUME: Row = Row {
    name: "resume",
    go: "WithResume",
    command: "--resume",
    kind: Kind::Path,
    summary: "the file with the outcomes of earlier runs",
    ..Row::NONE
};

pub(super) const RESUME_MAX_AGE: Row = Row {
    name: "resume_max_age",
    go: "WithResumeMaxAge",
    command: "--resume-max-age",
    kind: Kind::Time { default: Some(Duration::from_secs(12 * 60 * 60)), min: None, max: DAY.saturating_mul(30) },
    summary: "the age from which a balance in the resume file is read again",
    ..Row::NONE
};

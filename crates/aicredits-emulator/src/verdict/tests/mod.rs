//! Each rule's limits from both sides, with times that the test chooses.

mod default_rules;
mod memory;
mod required_rules;
mod serial;

use std::time::Duration;

use super::{Answered, Arrival, Judge};
use crate::facts::{Facts, digest};
use crate::protocol::{Ended, Entry, Require, Route, Verdict, VerdictQuery, VerdictRule};
use crate::script::{Outline, RetryAfter};
use crate::times::Moment;

/// A judge, and the times of the requests that it sees.
#[derive(Default)]
struct Court {
    judge: Judge,
    requests: u64,
    speed: u32,
}

/// A request of the test: a lineage is `what` and `key`.
#[derive(Clone, Copy)]
struct Ask {
    what: &'static str,
    key: &'static str,
    cost: Option<i64>,
    connection: u64,
    on_connection: u64,
    leaks: bool,
}

const ASK: Ask = Ask { what: "account", key: "example", cost: None, connection: 0, on_connection: 1, leaks: false };

fn paid(cost: i64) -> Ask {
    Ask { cost: Some(cost), ..ASK }
}

/// A reply of the test.
fn status(status: u16) -> Outline {
    Outline { status: Some(status), is_whole: true, is_prompt: true, ..Outline::default() }
}

fn after(code: u16, seconds: u64) -> Outline {
    Outline { retry_after: RetryAfter::Seconds(seconds), ..status(code) }
}

fn not_eligible() -> Sent {
    Sent { outline: status(428), not_eligible: true }
}

/// A reply, and whether it says that the credits do not suffice.
struct Sent {
    outline: Outline,
    not_eligible: bool,
}

impl From<Outline> for Sent {
    fn from(outline: Outline) -> Self {
        Self { outline, not_eligible: false }
    }
}

impl Court {
    fn moment(&self, micros: u64) -> Moment {
        let real = Duration::from_micros(micros);
        Moment { real, service: real * self.speed.max(1), date: jiff::Timestamp::UNIX_EPOCH }
    }

    /// A request arrives at this time, in microseconds.
    fn arrive(&mut self, micros: u64, ask: Ask) -> u64 {
        self.requests += 1;
        let route = if ask.cost.is_some() { Route::PaidAction } else { Route::Balance };
        let facts = Facts {
            route: Some(route),
            method: "POST".into(),
            path: format!("/{route:?}"),
            key: Some(ask.key.into()),
            credential: digest(ask.key),
            account: Some(ask.what.into()),
            body: digest(ask.cost),
            ..Facts::default()
        };
        let shown = Entry {
            method: "POST".into(),
            target: "/v1/balance?x".into(),
            key: facts.key.clone(),
            account: facts.account.clone(),
            ..Entry::default()
        };
        self.judge.arrived(&Arrival {
            n: self.requests,
            facts: &facts,
            shown: &shown,
            moment: &self.moment(micros),
            speed: self.speed.max(1),
            connection: ask.connection,
            on_connection: ask.on_connection,
            leaks_key: ask.leaks,
            cost: ask.cost,
        });
        self.requests
    }

    fn answer(&mut self, n: u64, micros: u64, reply: impl Into<Sent>) {
        self.end(n, micros, reply, Ended::Complete);
    }

    fn end(&mut self, n: u64, micros: u64, reply: impl Into<Sent>, ended: Ended) {
        let moment = self.moment(micros);
        let Sent { outline, not_eligible } = reply.into();
        self.judge.replying(n, outline, not_eligible);
        self.judge.answered(&Answered { n, ended, moment: &moment, speed: self.speed.max(1) });
    }

    /// A request, answered a millisecond later.
    fn call(&mut self, micros: u64, ask: Ask, reply: impl Into<Sent>) -> u64 {
        let n = self.arrive(micros, ask);
        self.answer(n, micros + MS, reply);
        n
    }

    fn judge_by(&self, require: Require) -> Verdict {
        self.judge.judge(&VerdictQuery { allow: Vec::new(), require })
    }

    /// The findings: rule, count and requests.
    fn found_by(&self, require: Require) -> Vec<(VerdictRule, u64, Vec<u64>)> {
        let verdict = self.judge_by(require);
        assert_eq!(verdict.good, verdict.findings.is_empty());
        verdict.findings.into_iter().map(|finding| (finding.rule, finding.count, finding.requests)).collect()
    }

    fn found(&self) -> Vec<(VerdictRule, u64, Vec<u64>)> {
        self.found_by(Require::default())
    }
}

const MS: u64 = 1_000;
const SECOND: u64 = 1_000 * MS;

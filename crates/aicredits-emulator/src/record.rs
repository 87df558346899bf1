//! The record of a request, for the journal and the verdict.

use crate::facts::{Facts, UNKNOWN_KEY, digest};
use crate::journal::BODY_BYTES;
use crate::protocol::{Entry, Route};
use crate::redaction::Redactor;
use crate::script::{Reply, Request};
use crate::service::{self, Answer};
use crate::times::Moment;
use crate::verdict::Arrival;
use crate::world::World;

/// The code of a refusal for lack of credits.
const NOT_ELIGIBLE: &str = "REQUEST_NOT_ELIGIBLE";

/// A request that was written down.
pub(crate) struct Recorded {
    /// Its number.
    pub(crate) n: u64,
    pub(crate) facts: Facts,
}

/// Writes down a request.
pub(crate) fn arrived(world: &mut World, moment: &Moment, request: &Request, route: Option<Route>) -> Recorded {
    let facts = facts(world, request, route);
    world.known.learn(world.judge.epoch(), world.ledger.keys());
    let mut redactor = Redactor::new(&world.known, request.headers_named("authorization"));
    let shown = entry(world, &facts, request, moment, &mut redactor);
    let arrival = Arrival {
        n: world.journal.total() + 1,
        facts: &facts,
        shown: &shown,
        moment,
        speed: world.times.speed(),
        connection: request.connection as u64,
        on_connection: request.ordinal as u64,
        leaks_key: redactor.found(),
        cost: (facts.route == Some(Route::PaidAction)).then(|| service::cost(request)).flatten(),
    };
    world.judge.arrived(&arrival);
    let n = world.journal.begin(shown);
    Recorded { n, facts }
}

/// Writes down the answer, and returns the reply that begins to leave.
pub(crate) fn replying(world: &mut World, n: u64, answer: Answer) -> Reply {
    let outline = answer.reply.outline();
    world.judge.replying(n, outline, answer.code.as_deref() == Some(NOT_ELIGIBLE));
    world.journal.replying(n, outline.is_prompt, |entry| {
        entry.status = answer.status;
        entry.request_id = answer.request_id;
        entry.fault = answer.fault;
    });
    answer.reply.tag(world.tag(n))
}

fn facts(world: &World, request: &Request, route: Option<Route>) -> Facts {
    let secret = request.header("authorization");
    let name = |_| service::key_of(world, request).map_or(UNKNOWN_KEY, |key| key.name.as_str()).to_owned();
    Facts {
        route,
        method: request.method.clone(),
        path: request.path().to_owned(),
        key: secret.map(name),
        credential: digest(secret),
        account: request.header("wix-account-id").map(str::to_owned),
        site: request.header("wix-site-id").map(str::to_owned),
        body: digest(&request.body),
    }
}

fn entry(world: &World, facts: &Facts, request: &Request, moment: &Moment, redactor: &mut Redactor<'_>) -> Entry {
    let mut header = |(name, value): &(String, String)| {
        let name = name.to_ascii_lowercase();
        let value = match (&facts.key, name.as_str()) {
            (Some(key), "authorization") => format!("(key {key})"),
            // A key may have it as a part.
            (_, "wix-account-id" | "wix-site-id") if service::is_id(world, value) => value.clone(),
            _ => redactor.latin1(value),
        };
        (redactor.latin1(&name), value)
    };
    let headers: Vec<_> = request.headers.iter().map(&mut header).collect();
    let value = |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
    Entry {
        arrived_ms: moment.real.as_millis() as u64,
        date: moment.date.to_string(),
        connection: request.connection as u64,
        on_connection: request.ordinal as u64,
        method: redactor.latin1(&facts.method),
        target: redactor.latin1(&request.target),
        version: format!("1.{}", request.version),
        route: facts.route,
        key: facts.key.clone(),
        account: value("wix-account-id"),
        site: value("wix-site-id"),
        body: redactor.body(&request.body, BODY_BYTES),
        body_bytes: request.body_bytes as u64,
        headers,
        ..Entry::default()
    }
}

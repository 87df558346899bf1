//! The front of the emulator: each request goes to the control handler, the page, or the API.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use crate::control;
use crate::facts::{Facts, digest};
use crate::protocol::{Connect, Ended, Entry};
use crate::script::{Delivery, Reply, Request, Service};
use crate::service::{self, ApiReply};
use crate::shared::Shared;
use crate::verdict::{Answered, Arrival};

pub(crate) struct Front {
    pub(crate) shared: Arc<Shared>,
}

impl Service for Front {
    fn connected(&self, connection: usize) -> Reply {
        let (mut world, _) = self.shared.world();
        world.judge.connected(connection as u64);
        match world.faults.connect() {
            None => Reply::new(),
            Some(Connect::Close) => Reply::new().close(),
            Some(Connect::Reset) => Reply::new().reset(),
            Some(Connect::Mute) => Reply::new().mute(),
        }
    }

    fn answer(&self, request: &Request) -> Reply {
        if let Some(reply) = control::http::answer(&self.shared, request) {
            return reply;
        }
        self.answer_api(request)
    }

    fn ended(&self, tag: u64, delivery: Delivery, at: Instant) {
        if tag == 0 {
            return;
        }
        let (mut world, moment) = self.shared.world_at(at);
        let Some(tag) = world.number(tag) else {
            return;
        };
        let ended = match delivery {
            Delivery::Complete => Ended::Complete,
            Delivery::Cut => Ended::Cut,
            Delivery::Gone => Ended::Gone,
        };
        let speed = world.times.speed();
        let entry = world.journal.entry(tag).map(|entry| {
            entry.ended = Some(ended);
            entry.replied_ms = Some(moment.real.as_millis() as u64);
            entry.clone()
        });
        let status = entry.as_ref().and_then(|entry| entry.status);
        world.judge.answered(&Answered {
            n: tag,
            status,
            code: None,
            retry_after: None,
            ended,
            at: moment.real,
            speed,
        });
        drop(world);
        if let (Some(observer), Some(entry)) = (&self.shared.observer, entry) {
            observer(&entry);
        }
    }

    fn disconnected(&self, connection: usize) {
        let (mut world, _) = self.shared.world();
        world.judge.disconnected(connection as u64);
    }
}

impl Front {
    fn answer_api(&self, request: &Request) -> Reply {
        let (mut world, moment) = self.shared.world_at(request.arrived);
        let facts = facts(&world.ledger, request);
        let n = world.journal.begin(entry(&facts, request, &moment));
        let arrival = Arrival {
            n,
            facts: &facts,
            moment: &moment,
            connection: request.connection as u64,
            on_connection: request.ordinal as u64,
            leaks_key: false,
            cost: None,
        };
        world.judge.arrived(&arrival);
        let chosen = world.faults.choose(&facts);
        let answered = service::answer(&mut world, &moment, &facts, request);
        let id = request_id(moment.date, n - 1);
        if let Some(entry) = world.journal.entry(n) {
            entry.status = Some(answered.status);
            entry.request_id = Some(id.clone());
            entry.fault = chosen.map(|chosen| chosen.name);
        }
        let tag = world.tag(n);
        drop(world);
        self.shared.notify();
        reply(answered.header("Date", http_date(moment.date)).header("x-wix-request-id", id)).tag(tag)
    }
}

fn reply(answered: ApiReply) -> Reply {
    let reply = answered
        .headers
        .into_iter()
        .fold(Reply::status(answered.status), |reply, (name, value)| reply.header(name, value));
    reply.body(answered.body)
}

fn facts(ledger: &crate::credits::Ledger, request: &Request) -> Facts {
    let path = request.target.split('?').next().unwrap_or_default().to_owned();
    let secret = request.header("authorization");
    let name = |secret| ledger.key(secret).map_or("unknown", |key| key.name.as_str()).to_owned();
    Facts {
        route: service::route(&request.method, &path),
        method: request.method.clone(),
        path,
        key: secret.map(name),
        credential: digest(secret),
        account: request.header("wix-account-id").map(str::to_owned),
        site: request.header("wix-site-id").map(str::to_owned),
        body: digest(&request.body),
    }
}

fn entry(facts: &Facts, request: &Request, moment: &crate::times::Moment) -> Entry {
    let header = |(name, value): &(String, String)| {
        let name = name.to_ascii_lowercase();
        let value = match (&facts.key, name.as_str()) {
            (Some(key), "authorization") => format!("(key {key})"),
            _ => value.clone(),
        };
        (name, value)
    };
    Entry {
        arrived_ms: moment.real.as_millis() as u64,
        date: moment.date.to_string(),
        connection: request.connection as u64,
        on_connection: request.ordinal as u64,
        method: facts.method.clone(),
        target: request.target.clone(),
        version: format!("1.{}", request.version),
        route: facts.route,
        key: facts.key.clone(),
        account: facts.account.clone(),
        site: facts.site.clone(),
        headers: request.headers.iter().map(header).collect(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        body_bytes: request.body_bytes as u64,
        ..Entry::default()
    }
}

/// The form is Wix's, `1755591144.0791725973…`; what the digits mean there is not known.
fn request_id(now: Timestamp, number: u64) -> String {
    format!("{}.{number:020}", now.as_second())
}

fn http_date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

//! The front of the emulator: each request goes to the control handler, the page, or the API.

use std::sync::Arc;
use std::time::Instant;

use crate::control;
use crate::facts::{Facts, digest};
use crate::protocol::{Connect, Ended, Entry, Route};
use crate::script::{Delivery, Reply, Request, Service};
use crate::service;
use crate::shared::Shared;
use crate::verdict::{Answered, Arrival};
use crate::world::{Open, World};

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
        let Some((n, open)) = world.number(tag).and_then(|n| Some((n, world.open.remove(&n)?))) else {
            return;
        };
        let ended = match delivery {
            Delivery::Complete => Ended::Complete,
            Delivery::Cut => Ended::Cut,
            Delivery::Gone => Ended::Gone,
        };
        let speed = world.times.speed();
        let entry = world.journal.entry(n).map(|entry| {
            entry.ended = Some(ended);
            entry.replied_ms = Some(moment.real.as_millis() as u64);
            entry.clone()
        });
        let Open { status, code, retry_after } = open;
        world.judge.answered(&Answered { n, status, code, retry_after, ended, at: moment.real, speed });
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
        let facts = facts(&world, request);
        let n = world.journal.begin(entry(&facts, request, &moment));
        let arrival = Arrival {
            n,
            facts: &facts,
            moment: &moment,
            connection: request.connection as u64,
            on_connection: request.ordinal as u64,
            leaks_key: false,
            cost: (facts.route == Some(Route::PaidAction)).then(|| service::cost(request)).flatten(),
        };
        world.judge.arrived(&arrival);
        let answer = service::answer(&mut world, &moment, &facts, request, n - 1);
        if let Some(entry) = world.journal.entry(n) {
            entry.status = answer.status;
            entry.request_id = answer.request_id;
            entry.fault = answer.fault;
        }
        world.open.insert(n, Open { status: answer.status, code: answer.code, retry_after: answer.retry_after });
        let tag = world.tag(n);
        drop(world);
        self.shared.notify();
        answer.reply.tag(tag)
    }
}

fn facts(world: &World, request: &Request) -> Facts {
    let path = request.target.split('?').next().unwrap_or_default().to_owned();
    let secret = request.header("authorization");
    let name = |_| service::key_of(world, request).map_or("unknown", |key| key.name.as_str()).to_owned();
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

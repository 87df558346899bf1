//! The front of the emulator: each request goes to the control handler, the page, or the API.

use std::sync::Arc;
use std::time::Instant;

use crate::control;
use crate::protocol::{Connect, Ended, Route};
use crate::record::{self, Recorded};
use crate::script::{Delivery, Reply, Request, Script, Service};
use crate::service::{self, Answer};
use crate::shared::Shared;
use crate::verdict::Answered;

pub(crate) struct Front {
    pub(crate) shared: Arc<Shared>,
    /// Replies in place of those of the API.
    pub(crate) script: Option<Script>,
}

impl Service for Front {
    fn wants_first_line(&self) -> bool {
        self.script.is_none() && self.shared.world().0.faults.is_for_connections()
    }

    fn connected(&self, connection: usize, first: &[u8]) -> Reply {
        // A control client must be able to clear the fault, and its requests must not use it up.
        let is_control = control::http::begins(&self.shared, first);
        let (mut world, moment) = self.shared.world();
        world.judge.connected(connection as u64, &moment);
        if let Some(script) = &self.script {
            drop(world);
            return script.greeting(connection).unwrap_or_default();
        }
        let fault = if is_control { None } else { world.faults.connect() };
        match fault {
            None => Reply::new(),
            Some(Connect::Close) => Reply::new().close(),
            Some(Connect::Reset) => Reply::new().reset(),
            Some(Connect::Mute) => Reply::new().mute(),
        }
    }

    fn answer(&self, request: &Request) -> Reply {
        if let Some(script) = &self.script {
            return self.answer_by(script, request);
        }
        if let Some(reply) = control::http::answer(&self.shared, request) {
            return reply;
        }
        if control::page::is_asked(request) {
            return Reply::status(404);
        }
        self.answer_api(request)
    }

    fn refused(&self, status: u16, why: &str) -> Reply {
        let moment = self.shared.world().1;
        let reply = control::http::unreadable(status, why);
        reply.header("Date", service::http_date(moment.date)).header("Connection", "close")
    }

    fn ended(&self, tag: u64, delivery: Delivery, at: Instant) {
        if tag == 0 {
            return;
        }
        let ended = match delivery {
            Delivery::Complete => Ended::Complete,
            Delivery::Cut => Ended::Cut,
            Delivery::Gone => Ended::Gone,
        };
        let (mut world, moment) = self.shared.world_at(at);
        let speed = world.times.speed();
        let Some(n) = world.number(tag) else { return };
        world.judge.answered(&Answered { n, ended, moment: &moment, speed });
        let entry = world.journal.ended(n, ended, moment.real.as_millis() as u64);
        let observed = self.shared.observer.as_ref().and_then(|observer| Some((observer, entry?.unpack())));
        drop(world);
        self.shared.notify();
        if let Some((observer, entry)) = observed {
            observer.call(&entry);
        }
    }

    fn disconnected(&self, connection: usize) {
        let (mut world, moment) = self.shared.world();
        let speed = world.times.speed();
        world.judge.disconnected(connection as u64, &moment, speed);
        world.journal.disconnected(connection as u64);
    }
}

impl Front {
    fn answer_api(&self, request: &Request) -> Reply {
        let (mut world, moment) = self.shared.world_at(request.arrived);
        let route = service::route(&request.method, request.path());
        let Recorded { n, facts } = record::arrived(&mut world, &moment, request, route);
        let answer = service::answer(&mut world, &moment, &facts, request, n - 1);
        let reply = record::replying(&mut world, n, answer);
        drop(world);
        self.shared.notify();
        reply
    }

    fn answer_by(&self, script: &Script, request: &Request) -> Reply {
        let route = request.path().ends_with(service::PATH).then_some(Route::Balance);
        let n = {
            let (mut world, moment) = self.shared.world_at(request.arrived);
            record::arrived(&mut world, &moment, request, route).n
        };
        self.shared.notify();
        // Without the lock: the script may wait.
        let reply = script.answer(request, n as usize - 1).into_owned();
        let (mut world, _) = self.shared.world();
        record::replying(&mut world, n, Answer { status: reply.outline().status, reply, ..Answer::default() })
    }
}

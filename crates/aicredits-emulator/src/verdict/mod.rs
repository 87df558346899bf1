//! The verdict on a client: rules over what the server saw, evaluated as requests arrive. It does not read the journal.
//!
//! A reply's end may be reported after the client has acted on it, because two threads report. So the rules compare
//! times, and a pair of requests is judged when the later of both reports is there.

mod attempts;
mod connections;
mod evidence;
mod findings;
mod flight;
mod keys;
mod lineage;
mod pairs;
mod reached;
mod refused;
mod row;
#[cfg(test)]
mod tests;
mod tolerance;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;

use crate::facts::Facts;
use crate::protocol::{Ended, Entry, Route, Verdict, VerdictQuery, VerdictRule};
use crate::script::Outline;
use crate::times::Moment;
use connections::Connections;
use evidence::{Line, label};
use findings::Findings;
use flight::Flight;
use keys::Keys;
use lineage::Lineage;
use reached::Reached;
use refused::Refusals;
use row::{REMEMBERED, Reply, Seen};

/// Judges a client.
#[derive(Debug)]
pub(crate) struct Judge {
    /// No rule looks at requests of different epochs.
    epoch: u64,
    lineages: LruCache<u64, Lineage>,
    keys: Keys,
    refusals: Refusals,
    connections: Connections,
    in_flight: HashMap<u64, Flight>,
    /// When each connection that is open was accepted, in real time. One that is older than the judge is not there.
    accepted: HashMap<u64, Duration>,
    findings: Findings,
    attempts: Reached,
    /// Whether a lineage, a key or a scope was forgotten.
    forgot: bool,
}

impl Default for Judge {
    fn default() -> Self {
        Self {
            epoch: 0,
            // Without its own bound, which would take the memory at once.
            lineages: LruCache::unbounded(),
            keys: Keys::default(),
            refusals: Refusals::default(),
            connections: Connections::default(),
            in_flight: HashMap::new(),
            accepted: HashMap::new(),
            findings: Findings::default(),
            attempts: Reached::default(),
            forgot: false,
        }
    }
}

/// A request, as it arrived.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) n: u64,
    pub(crate) facts: &'a Facts,
    /// The request without secrets, for the evidence.
    pub(crate) shown: &'a Entry,
    /// Of its first byte.
    pub(crate) moment: &'a Moment,
    pub(crate) speed: u32,
    pub(crate) connection: u64,
    pub(crate) on_connection: u64,
    /// Whether a part of a secret is in its target, its body or another header.
    pub(crate) leaks_key: bool,
    /// Its cost, if it is a paid action with a valid body.
    pub(crate) cost: Option<i64>,
}

/// How a reply ended.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) n: u64,
    pub(crate) ended: Ended,
    /// Of its last byte.
    pub(crate) moment: &'a Moment,
    pub(crate) speed: u32,
}

impl Judge {
    /// Changes with each action that changes something.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// A connection was accepted.
    pub(crate) fn connected(&mut self, connection: u64, moment: &Moment) {
        self.accepted.insert(connection, moment.real);
    }

    /// A request has arrived. Only the routes of the API count.
    pub(crate) fn arrived(&mut self, arrival: &Arrival<'_>) {
        let Some(route) = arrival.facts.route else { return };
        let (n, facts, moment) = (arrival.n, arrival.facts, arrival.moment);
        let (digest, scope) = (facts.lineage(), facts.scope());
        if route == Route::PaidAction {
            self.forgot |= self.refusals.arrived(scope);
        }
        if !self.lineages.contains(&digest) {
            self.lineages.push(digest, Lineage::new(label(arrival.shown)));
            if self.lineages.len() > REMEMBERED {
                self.lineages.pop_lru();
                self.forgot = true;
            }
        }
        let lineage = self.lineages.get_mut(&digest).expect("it was just there");
        let label = Arc::clone(&lineage.label);
        let line = || Line { n, label: Arc::clone(&label), status: None };

        if arrival.leaks_key {
            self.findings.add(VerdictRule::KeyOutsideHeader, facts.credential, || {
                (vec![line()], format!("request {n} has a part of a key outside of Authorization"))
            });
        }
        let is_named = |header: &Option<String>| header.as_deref().is_some_and(|id| !id.is_empty());
        if is_named(&facts.account) && is_named(&facts.site) {
            self.findings.add_once(VerdictRule::BothScopeHeaders, facts.credential, || {
                (vec![line()], format!("request {n} has both wix-account-id and wix-site-id"))
            });
        }

        let accepted = self.accepted.get(&arrival.connection).copied().unwrap_or_default();
        let seen = || Seen::new(n, self.epoch, moment, arrival.connection, accepted);
        lineage.arrived(seen(), &mut self.attempts);
        let is_over = |reply: &Reply| is_over(&self.refusals, &self.in_flight, scope, reply);
        pairs::at_arrival(lineage, digest, route, is_over, &mut self.findings);
        let (credential, speed) = (facts.credential, arrival.speed);
        self.forgot |= self.keys.arrived(credential, self.epoch, n, &label, moment, speed, &mut self.findings);
        let is_new_connection = arrival.on_connection == 0;
        self.connections.arrived(seen(), is_new_connection, &label);
        let repeats = arrival.cost.and_then(|cost| self.refusals.repeated(scope, cost, moment.real));
        let repeats = repeats.filter(|_| !is_reading(&self.in_flight, scope));
        let flight = Flight {
            connection: arrival.connection,
            lineage: digest,
            credential: facts.credential,
            epoch: self.epoch,
            era: self.refusals.era(),
            scope,
            route,
            label,
            cost: arrival.cost,
            repeats,
            reply: Outline::default(),
            not_eligible: false,
        };
        self.in_flight.insert(n, flight);
    }

    /// The reply to a request is made, and begins to leave. `not_eligible`: it says that the credits do not suffice.
    pub(crate) fn replying(&mut self, n: u64, reply: Outline, not_eligible: bool) {
        if let Some(flight) = self.in_flight.get_mut(&n) {
            (flight.reply, flight.not_eligible) = (reply, not_eligible && reply.status == Some(428));
        }
    }

    /// The reply to a request has ended.
    pub(crate) fn answered(&mut self, answered: &Answered<'_>) {
        let Answered { n, ended, moment, speed } = *answered;
        let Some(flight) = self.in_flight.remove(&n) else { return };
        let reply = Reply::new(&flight, ended, moment, speed);
        self.findings.answered(n, reply.status);
        self.keys.answered(flight.credential, flight.epoch, n, &flight.label, &reply);
        let was_ended = flight.reply.ends_connection || ended != Ended::Complete;
        self.connections.answered(n, reply, was_ended);
        match flight.route {
            Route::Balance if reply.status == Some(200) => self.refusals.was_read(flight.scope, moment.real),
            Route::PaidAction if reply.status.is_some() && flight.not_eligible => {
                self.refusals.refused(n, &flight, moment.real, &mut self.findings);
            }
            _ => {}
        }
        // A read leaves the order of use as it is: only requests count as a use.
        if let Some(lineage) = self.lineages.peek_mut(&flight.lineage) {
            lineage.answered(n, reply, &mut self.attempts);
            let is_over = |reply: &Reply| is_over(&self.refusals, &self.in_flight, flight.scope, reply);
            pairs::at_answer(lineage, flight.lineage, n, flight.route, is_over, &mut self.findings);
        }
    }

    /// A connection has closed. Its requests in flight are not answered.
    pub(crate) fn disconnected(&mut self, connection: u64, moment: &Moment, speed: u32) {
        self.accepted.remove(&connection);
        let left = self.in_flight.iter().filter(|(_, flight)| flight.connection == connection).map(|(n, _)| *n);
        for n in left.collect::<Vec<_>>() {
            self.answered(&Answered { n, ended: Ended::Gone, moment, speed });
        }
    }

    /// An action changed something: no rule looks across it.
    pub(crate) fn boundary(&mut self) {
        self.epoch += 1;
        self.refusals.clear();
    }

    /// Rules were reset, so credits may be there again.
    pub(crate) fn rules_were_reset(&mut self) {
        self.refusals.clear();
    }

    pub(crate) fn judge(&self, query: &VerdictQuery) -> Verdict {
        let require = &query.require;
        let limits = [
            (VerdictRule::MaxPerMinute, require.max_per_minute, self.keys.per_minute()),
            (VerdictRule::MaxAttempts, require.max_attempts, &self.attempts),
            (VerdictRule::KeepAlive, require.keep_alive, self.connections.opened()),
        ];
        let limits = limits.map(|(rule, limit, reached)| (rule, limit.map(|limit| (limit, reached))));
        let asked = limits.iter().filter_map(|(_, asked)| *asked);
        let knows_all = !self.forgot && asked.into_iter().all(|(limit, reached)| reached.knows(limit));
        let findings = findings::list(query, &self.findings, &limits);
        Verdict { good: findings.is_empty(), complete: knows_all, findings }
    }
}

/// Whether a balance of the scope is leaving: the client may have it, while its end is not reported yet.
fn is_reading(in_flight: &HashMap<u64, Flight>, scope: u64) -> bool {
    in_flight.values().any(|flight| flight.scope == scope && flight.is_answered_read())
}

/// Whether a reply is a refusal for lack of credits that no longer counts.
fn is_over(refusals: &Refusals, in_flight: &HashMap<u64, Flight>, scope: u64, reply: &Reply) -> bool {
    let is_over = |era| refusals.is_over(scope, era, reply.at) || is_reading(in_flight, scope);
    reply.refused_in.is_some_and(is_over)
}

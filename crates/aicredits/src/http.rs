//! One exchange with the server: a request and its reply. The protocol engine is ureq-proto, which does no I/O.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::cancel::Moment;
use crate::credential::Credential;
use crate::fork::{ForkLocal, PerProcess};
use crate::net::{ConnectionManager, Context, Link, Names, Route, TransportError};
use crate::{Error, Phase, Scope};

mod body;
mod endpoint;
mod head;
mod header;
mod reply;
mod request;

pub(crate) use endpoint::{BALANCE_PATH, Endpoint};
pub(crate) use reply::Reply;

use request::Template;

/// A client's server, and the connections to it.
pub(crate) struct Http {
    endpoint: Endpoint,
    template: Template,
    max_reply_bytes: usize,
    names: Arc<Names>,
    route: Arc<Route>,
    /// Made at the first call of a process.
    connections: PerProcess<ConnectionManager>,
    closed: Arc<Moment>,
}

impl Http {
    pub(crate) fn new(endpoint: Endpoint, max_reply_bytes: usize, names: Names, link: Link) -> Self {
        let route = Route { host: endpoint.host.clone(), port: endpoint.port, is_https: endpoint.is_https, link };
        Self {
            template: Template::new(&endpoint),
            endpoint,
            max_reply_bytes,
            names: Arc::new(names),
            route: Arc::new(route),
            connections: PerProcess::empty(),
            closed: Arc::new(Moment::new()),
        }
    }

    /// The URL without the path of the API.
    pub(crate) fn base_url(&self) -> String {
        let url = self.endpoint.uri.to_string();
        url.strip_suffix(BALANCE_PATH).map_or_else(|| url.clone(), str::to_owned)
    }

    pub(crate) fn max_concurrency(&self) -> usize {
        self.route.link.max_concurrency
    }

    /// Ends the calls in flight, and refuses later ones.
    pub(crate) fn close(&self) {
        // In this order: a call that makes the connections meanwhile looks at the moment afterwards.
        self.closed.set();
        if let Some(connections) = self.connections.get() {
            connections.close();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// Writes a log record, which names the client.
    pub(crate) fn record(&self, level: log::Level, what: fmt::Arguments<'_>) {
        self.names.record(level, what);
    }

    /// This process's connections.
    pub(crate) fn connections(&self) -> Arc<ForkLocal<ConnectionManager>> {
        self.connections.get_or_make(|| ConnectionManager::new(&self.route))
    }

    /// Begins a call that entered the core at `entered`.
    pub(crate) fn begin(
        &self,
        connections: &ConnectionManager,
        call: &Call,
        timeout: Duration,
        entered: Instant,
    ) -> Context {
        Context::new(call, timeout, entered, &self.names, &self.closed, connections.wake())
    }

    /// One attempt of a call. `wants_fresh` asks for a new connection.
    pub(crate) fn send(
        &self,
        scope: &Scope,
        credential: &Credential,
        wants_fresh: bool,
        connections: &ConnectionManager,
        context: &Context,
    ) -> Result<Reply, Error> {
        let reply = || -> Result<Reply, TransportError> {
            let mut connection = connections.acquire(wants_fresh, context)?;
            context.enter_phase(Phase::Send);
            let (request, pending) = self.template.fill(scope, credential)?;
            connection.send(&request, context)?;
            drop(request);
            context.enter_phase(Phase::Head);
            let reply = reply::receive(&mut connection, pending, credential, self.max_reply_bytes, context)?;
            if reply.is_connection_reusable {
                connections.release(connection);
            }
            Ok(reply)
        };
        reply().map_err(|error| error.explain(context))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.fmt(f)
    }
}

//! One exchange with the server. The HTTP is ureq's: its protocol engine, without the layer above it that owns sockets.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::credential::Credential;
use crate::net::{self, Context, Engine, Fault, Moment, PerProcess, Route};
use crate::settings::{Setting, Surface};
use crate::{Call, Error, ErrorKind, Phase, Scope};

mod body;
mod endpoint;
mod head;
mod reply;
mod request;

pub(crate) use endpoint::Endpoint;
pub(crate) use reply::Reply;

use reply::Incoming;
use request::Template;

pub(crate) struct Http {
    endpoint: Endpoint,
    template: Template,
    max_reply_bytes: usize,
    route: Arc<Route>,
    /// Made at the first call.
    engine: PerProcess<Engine>,
    closed: Arc<Moment>,
}

impl Http {
    pub(crate) fn new(endpoint: Endpoint, max_reply_bytes: usize, link: net::Link) -> Self {
        let route = Route {
            authority: endpoint.authority.clone(),
            host: endpoint.host.clone(),
            port: endpoint.port,
            is_https: endpoint.is_https,
            link,
        };
        Self {
            template: Template::new(&endpoint),
            endpoint,
            max_reply_bytes,
            route: Arc::new(route),
            engine: PerProcess::empty(),
            closed: Arc::new(Moment::new()),
        }
    }

    pub(crate) fn max_concurrency(&self) -> usize {
        self.route.link.max_concurrency
    }

    pub(crate) fn surface(&self) -> Surface {
        self.route.link.surface
    }

    /// Ends the calls that run, and refuses later ones.
    pub(crate) fn close(&self) {
        // The moment first: a call that makes its engine meanwhile looks at it afterwards.
        self.closed.set();
        if let Some(engine) = self.engine.get() {
            engine.close();
        }
    }

    /// Begins a call that entered the core at `entered`.
    pub(crate) fn begin(&self, entered: Instant, timeout: Duration, call: &Call) -> Context {
        Context::new(net::Call {
            engine: self.engine.get_or_make(|| Engine::new(&self.route)),
            started: call.started.map_or(entered, |started| started.min(entered)),
            entered,
            timeout,
            deadline: call.deadline,
            process_limit: call.process_limit,
            cancel: call.cancel.clone(),
            interrupt: call.interrupt.clone(),
            closed: Arc::clone(&self.closed),
        })
    }

    /// One attempt of a call, on a connection of its own where `wants_fresh`.
    pub(crate) fn send(
        &self,
        scope: &Scope,
        credential: &Credential,
        wants_fresh: bool,
        context: &Context,
    ) -> Result<Reply, Error> {
        self.exchange(scope, credential, wants_fresh, context).map_err(|fault| fault.explain(context))
    }

    fn exchange(
        &self,
        scope: &Scope,
        credential: &Credential,
        wants_fresh: bool,
        context: &Context,
    ) -> Result<Reply, Fault> {
        let mut connection = context.engine().connect(wants_fresh, context)?;
        context.enter_phase(Phase::Send);
        let (request, call) = self.template.fill(scope, credential)?;
        connection.send(&request, context)?;
        drop(request);
        context.enter_phase(Phase::Head);
        Incoming::new(connection, credential, context).reply(call, self.max_reply_bytes)
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.fmt(f)
    }
}

impl Error {
    /// The engine's texts are its own; they hold nothing that came.
    fn not_http(error: &ureq_proto::Error, input: &[u8], context: &Context) -> Self {
        if *error == ureq_proto::Error::HttpParseTooManyHeaders {
            let most = ureq_proto::client::MAX_RESPONSE_HEADERS;
            return Self::new(ErrorKind::TooLarge, format!("the reply's head has more than {most} headers"));
        }
        let peer = context.peer();
        let message = match error {
            ureq_proto::Error::BadContentLengthHeader | ureq_proto::Error::TooManyContentLengthHeaders => {
                format!("the reply of {peer} has a Content-Length that is no number, or several that differ")
            }
            _ if input.trim_ascii_start().starts_with(b"HTTP/1.") => {
                format!("the reply of {peer} is broken: a line of its head is no status line and no header field")
            }
            _ => format!("{peer} did not answer in HTTP/1.0 or HTTP/1.1; check {}", Setting::BaseUrl),
        };
        Self::new(ErrorKind::Protocol, message)
    }
}

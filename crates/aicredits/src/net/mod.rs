//! What lies under the HTTP engine: names, connections, TLS, and how a call ends before its reply is there.
//!
//! The engine reads and writes buffers and does nothing else: names are looked up, connections made and kept, and all
//! waiting done here. Only a call that finds no idle [`Connection`] in the [`Pool`](pool::Pool) looks a name up.
//!
//! All waiting is one `poll` ([`Context::wait`]) on what is waited for and on the descriptors that end the wait. A call
//! on a warm connection makes four system calls: it peeks at the connection, sends, polls, receives.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use log::Level;
use rustls::ClientConfig;

use crate::settings::Surface;
use crate::{Error, Phase};

mod cancel;
mod connect;
mod connection;
mod context;
mod file;
mod fork;
mod host;
mod lookups;
mod pool;
mod proxy;
mod resolver;
mod roots;
mod signals;
mod slots;
mod stack;
mod tls;
mod wire;

pub use cancel::Cancel;
pub(crate) use cancel::Moment;
pub(crate) use connection::{Connection, INPUT_BYTES};
pub(crate) use context::{Call, Context, Interrupt};
pub use file::MAX_CA_BYTES;
pub(crate) use file::read as read_file;
pub(crate) use fork::PerProcess;
pub(crate) use host::{Authority, is_loopback};
pub(crate) use lookups::Lookup;
pub(crate) use proxy::{Proxy, is_exempt};
pub(crate) use resolver::Resolver;
pub(crate) use roots::Trust;
pub(crate) use wire::Fault;

use cancel::Wake;
use pool::Pool;
use slots::Slots;
use tls::Tls;
use wire::Wire;

/// Behind the empty line that ends a head; lines may end without CR.
pub(crate) fn end_of_head(input: &[u8]) -> Option<usize> {
    (1..=input.len()).find(|&end| input[..end].ends_with(b"\n\r\n") || input[..end].ends_with(b"\n\n"))
}

/// Where a client's connections lead.
pub(crate) struct Route {
    /// Host and port as the user wrote them, for messages.
    pub(crate) authority: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_https: bool,
    pub(crate) link: Link,
}

/// How a client reaches its server.
pub(crate) struct Link {
    pub(crate) trust: Trust,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) max_concurrency: usize,
    /// The client's, for records.
    pub(crate) name: String,
    /// The user's, for messages.
    pub(crate) surface: Surface,
    /// The system's, where there is none.
    pub(crate) resolver: Option<Resolver>,
}

/// A client's connections, in one process.
pub(crate) struct Engine {
    route: Arc<Route>,
    pool: Pool,
    slots: Slots,
    /// Made at the first `https` call: only then are the machine's roots needed.
    tls: OnceLock<Arc<ClientConfig>>,
    /// Ends every wait of the client's calls.
    wake: Wake,
}

impl Engine {
    pub(crate) fn new(route: &Arc<Route>) -> Self {
        Self {
            route: Arc::clone(route),
            pool: Pool::default(),
            slots: Slots::new(route.link.max_concurrency),
            tls: OnceLock::new(),
            wake: Wake::new(),
        }
    }

    /// Ends the waits of all calls, which then see that the client is closed, and closes the idle connections.
    pub(crate) fn close(&self) {
        self.wake.wake();
        self.pool.close();
    }

    /// An idle connection, unless a fresh one is wanted or none is idle.
    pub(crate) fn connect(&self, wants_fresh: bool, context: &Context) -> Result<Connection, Fault> {
        match if wants_fresh { None } else { self.pool.take(Instant::now()) } {
            Some(connection) => {
                context.note_reuse();
                Ok(connection)
            }
            None => self.open(context),
        }
    }

    /// Takes back a connection whose reply was read to its end, and which the server keeps.
    pub(crate) fn keep(&self, connection: Connection) {
        self.pool.put(connection, Instant::now());
    }

    fn open(&self, context: &Context) -> Result<Connection, Fault> {
        let route = &*self.route;
        let proxy = route.link.proxy.as_ref();
        context.aim_at_proxy(proxy.is_some());
        if route.is_https || proxy.is_some_and(|proxy| proxy.is_https) {
            context.enter_phase(Phase::Tls);
            stack::suffices_for_tls()?;
        }
        let wire = match proxy {
            None => self.dial(&route.host, route.port, route.is_https, context)?,
            Some(proxy) => {
                let mut wire = self.dial(&proxy.host, proxy.port, proxy.is_https, context)?;
                proxy.lead_on(&mut *wire, route, context)?;
                context.aim_at_proxy(false);
                if route.is_https { self.shake_hands(&route.host, wire, context)? } else { wire }
            }
        };
        Ok(Connection::new(wire))
    }

    fn dial(&self, host: &str, port: u16, is_https: bool, context: &Context) -> Result<Box<dyn Wire>, Fault> {
        if is_https {
            // While there still is a descriptor to read the roots with.
            context.enter_phase(Phase::Tls);
            self.tls_config()?;
        }
        let resolver = self.route.link.resolver.as_ref().unwrap_or(&resolver::SYSTEM);
        let begun = Instant::now();
        context.enter_phase(Phase::Resolve);
        let addresses = resolver.resolve(host, context)?;
        let resolved = begun.elapsed();
        context.enter_phase(Phase::Connect);
        let socket = connect::race(&addresses, port, context).inspect_err(|_| resolver.forget(host))?;
        let connected = begun.elapsed() - resolved;
        let peer = context.peer();
        context.record(
            Level::Debug,
            format_args!(
                "connected to {peer} ({} addresses in {resolved:?}, connection in {connected:?})",
                addresses.len()
            ),
        );
        if is_https { self.shake_hands(host, Box::new(socket), context) } else { Ok(Box::new(socket)) }
    }

    /// What fails is not kept: the next call may find a descriptor, or a file that was missing.
    fn tls_config(&self) -> Result<Arc<ClientConfig>, Error> {
        match self.tls.get() {
            Some(config) => Ok(Arc::clone(config)),
            None => {
                let made = tls::config(&self.route.link.trust)?;
                Ok(Arc::clone(self.tls.get_or_init(|| made)))
            }
        }
    }

    fn shake_hands(&self, host: &str, wire: Box<dyn Wire>, context: &Context) -> Result<Box<dyn Wire>, Fault> {
        context.enter_phase(Phase::Tls);
        let config = self.tls_config()?;
        let begun = Instant::now();
        let tls = Tls::connect(config, host, wire, context)?;
        context.record(Level::Debug, format_args!("TLS with {} in {:?}", context.peer(), begun.elapsed()));
        Ok(Box::new(tls))
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("authority", &self.authority).finish_non_exhaustive()
    }
}

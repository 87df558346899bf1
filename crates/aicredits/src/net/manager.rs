//! A client's connections: opens them, keeps them alive between calls, and limits the calls in flight.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use log::Level;
use rustls::ClientConfig;

use super::connect::connect_happy_eyeballs;
use super::connection::Connection;
use super::context::Context;
use super::pool::Pool;
use super::proxy::Proxy;
use super::resolver::{self, Resolver};
use super::roots::Trust;
use super::semaphore::{Permit, Semaphore};
use super::stack;
use super::tls::{self, Tls};
use super::transport::{Transport, TransportError};
use super::tunnel::establish_tunnel;
use crate::cancel::Wake;
use crate::error::Error;
use crate::phase::Phase;

/// Where a client's connections lead.
pub(crate) struct Route {
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
    /// The system's by default.
    pub(crate) resolver: Option<Resolver>,
}

/// Thread-safe. Each process has its own: a forked child must not use its parent's connections.
pub(crate) struct ConnectionManager {
    route: Arc<Route>,
    pool: Pool,
    permits: Semaphore,
    /// Made at the first `https` call: only that call needs the machine's certificate authorities.
    tls: OnceLock<Arc<ClientConfig>>,
    /// Ends every wait of the client's calls.
    wake: Arc<Wake>,
}

impl ConnectionManager {
    pub(crate) fn new(route: &Arc<Route>) -> Self {
        Self {
            route: Arc::clone(route),
            pool: Pool::default(),
            permits: Semaphore::new(route.link.max_concurrency),
            tls: OnceLock::new(),
            wake: Arc::new(Wake::new()),
        }
    }

    /// Becomes readable when the client is closed.
    pub(crate) fn wake(&self) -> &Arc<Wake> {
        &self.wake
    }

    /// Ends the waits of all calls, which then see that the client is closed, and closes the idle connections.
    pub(crate) fn close(&self) {
        self.wake.wake();
        self.pool.close();
    }

    /// The permit for one call in flight. Blocks while as many calls are in flight as the client allows.
    pub(crate) fn acquire_permit(&self, context: &Context) -> Result<Permit<'_>, Error> {
        context.check_queue()?;
        self.permits.acquire(context)
    }

    /// An idle connection of the pool, or a new one. `wants_fresh` asks for a new one.
    pub(crate) fn acquire(&self, wants_fresh: bool, context: &Context) -> Result<Connection, TransportError> {
        match if wants_fresh { None } else { self.pool.take(Instant::now()) } {
            Some(connection) => {
                context.note_reuse();
                Ok(connection)
            }
            None => self.open(context),
        }
    }

    /// Puts a connection back into the pool. Its reply was read to its end, and the server keeps it open.
    pub(crate) fn release(&self, connection: Connection) {
        self.pool.put(connection, Instant::now());
    }

    fn open(&self, context: &Context) -> Result<Connection, TransportError> {
        let route = &*self.route;
        let proxy = route.link.proxy.as_ref();
        context.set_peer_is_proxy(proxy.is_some());
        if route.is_https || proxy.is_some_and(|proxy| proxy.is_https) {
            context.enter_phase(Phase::Tls);
            stack::suffices_for_tls()?;
        }
        let transport = match proxy {
            None => self.dial(&route.host, route.port, route.is_https, context)?,
            Some(proxy) => {
                let mut transport = self.dial(&proxy.host, proxy.port, proxy.is_https, context)?;
                establish_tunnel(&mut *transport, proxy, &route.host, route.port, context)?;
                context.set_peer_is_proxy(false);
                if route.is_https { self.start_tls(&route.host, transport, context)? } else { transport }
            }
        };
        Ok(Connection::new(transport))
    }

    fn dial(
        &self,
        host: &str,
        port: u16,
        is_https: bool,
        context: &Context,
    ) -> Result<Box<dyn Transport>, TransportError> {
        if is_https {
            // Before the socket is opened, which may take the last descriptor that the files need.
            context.enter_phase(Phase::Tls);
            self.tls_config()?;
        }
        let resolver = self.route.link.resolver.as_ref().unwrap_or(&resolver::SYSTEM);
        let begun = Instant::now();
        context.enter_phase(Phase::Resolve);
        let addresses = resolver.resolve(host, context)?;
        let resolved = begun.elapsed();
        context.enter_phase(Phase::Connect);
        let socket = connect_happy_eyeballs(&addresses, port, context).inspect_err(|_| resolver.forget(host))?;
        let connected = begun.elapsed() - resolved;
        let peer = context.peer();
        context.record(
            Level::Debug,
            format_args!(
                "connected to {peer} ({} addresses in {resolved:?}, connection in {connected:?})",
                addresses.len()
            ),
        );
        if is_https { self.start_tls(host, Box::new(socket), context) } else { Ok(Box::new(socket)) }
    }

    /// A failure is not kept: a later call may find a descriptor, or a file that was missing.
    fn tls_config(&self) -> Result<Arc<ClientConfig>, Error> {
        match self.tls.get() {
            Some(config) => Ok(Arc::clone(config)),
            None => {
                let made = tls::config(&self.route.link.trust)?;
                Ok(Arc::clone(self.tls.get_or_init(|| made)))
            }
        }
    }

    fn start_tls(
        &self,
        host: &str,
        transport: Box<dyn Transport>,
        context: &Context,
    ) -> Result<Box<dyn Transport>, TransportError> {
        context.enter_phase(Phase::Tls);
        let config = self.tls_config()?;
        let begun = Instant::now();
        let tls = Tls::connect(config, host, transport, context)?;
        context.record(Level::Debug, format_args!("TLS with {} in {:?}", context.peer(), begun.elapsed()));
        Ok(Box::new(tls))
    }
}

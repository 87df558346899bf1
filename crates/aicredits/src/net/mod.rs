//! Connections: DNS look-ups, TCP, TLS, proxies, the pool, and how a call ends before its reply has come.
//!
//! The HTTP engine reads and writes buffers and does no I/O. All I/O is here. A call looks a name up only if the
//! [`ConnectionManager`]'s pool has no idle [`Connection`].
//!
//! All waiting is one `poll` ([`Context::wait`]): on the descriptor that the call waits for, and on those that end the
//! wait. A call on an idle connection makes four system calls: it peeks at the connection, sends, polls, receives.

mod connect;
mod connection;
mod context;
mod file;
mod head;
mod host;
mod lookups;
mod manager;
mod peer;
mod pool;
mod proxy;
mod resolver;
mod roots;
mod semaphore;
pub(crate) mod signals;
mod socket;
mod stack;
mod tls;
mod transport;
mod tunnel;

pub(crate) use connection::{Connection, INPUT_BYTES};
pub(crate) use context::{Context, SLICE};
pub(crate) use file::{MAX_CA_BYTES, read as read_file};
pub(crate) use head::end_of_head;
pub(crate) use host::is_loopback;
pub(crate) use lookups::Lookup;
pub(crate) use manager::{ConnectionManager, Link, Route};
pub(crate) use peer::{Names, Peer};
pub(crate) use proxy::Proxy;
pub(crate) use resolver::Resolver;
pub(crate) use roots::{Named, Trust};
pub(crate) use transport::TransportError;

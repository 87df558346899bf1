//! A real HTTP/1.1 server that does exactly what it is told, and writes down what it was sent.
//!
//! A [`Script`] says how each request is answered, a [`Reply`] is the bytes, the pauses and the end of the connection,
//! and the [`Server`] keeps a journal of every [`Request`]. Each connection has its own thread.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::time::Duration;
//! use aicredits_emulator::script::{Reply, Server};
//!
//! let server = Server::start([
//!     Reply::status(503).header("Retry-After", "1"),
//!     Reply::new().delay(Duration::from_millis(20)).then(Reply::json(200, "{}")).close(),
//! ])?;
//! let mut client = std::net::TcpStream::connect(server.addr())?;
//! client.write_all(b"GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n")?;
//! let mut replies = String::new();
//! client.read_to_string(&mut replies)?;
//!
//! assert!(replies.starts_with("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"));
//! assert!(replies.ends_with("\r\n\r\n{}"));
//! assert_eq!(server.journal()[1].target, "/second");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A client that closes its connection, or its writing half of it, counts as gone as soon as the server waits for
//! something: a delay, [`Reply::mute`] and [`Reply::drip`] end there.

mod addresses;
mod answers;
mod arrivals;
mod budget;
mod buffer;
mod connection;
mod journal;
mod listen;
mod outline;
mod parse;
mod reply;
mod request;
mod server;
mod service;
mod stop;
mod tls;
mod transport;

pub use addresses::{RefusedAddr, SynDropped, refused_addr};
pub use answers::Script;
pub use journal::{JOURNAL_BODY_BYTES, JOURNAL_BYTES, JOURNAL_LIMIT};
pub use listen::Listen;
pub(crate) use outline::{Outline, RetryAfter};
pub use reply::{End, Reply};
pub use request::Request;
pub(crate) use request::path_of;
pub use server::Server;
pub use service::{Delivery, Service};
pub use tls::Tls;

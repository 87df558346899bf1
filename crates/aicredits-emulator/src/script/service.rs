//! A service behind the server: it answers each request, and learns how the reply ended.

use std::time::Instant;

use super::reply::Reply;
use super::request::Request;

/// Answers requests. It is called in the threads of the connections, and holds no lock of the server.
///
/// The server announces in the header `Connection` that it closes a connection after a well-formed reply, where the
/// client asked for that, and that it keeps one of HTTP/1.0.
pub trait Service: Send + Sync + 'static {
    /// Whether [`connected`](Self::connected) needs the first line of the connection's first request now. The server waits for
    /// it, a second at most. Over TLS it does not wait: there the line comes too late.
    fn wants_first_line(&self) -> bool {
        false
    }

    /// Called for each new connection, before any request is answered. `first`: its first bytes, if they were wanted. They
    /// may be less than a line. `Reply::new()` changes nothing.
    fn connected(&self, _connection: usize, _first: &[u8]) -> Reply {
        Reply::new()
    }

    /// The reply to a request. If it panics, the connection closes.
    fn answer(&self, request: &Request) -> Reply;

    /// The reply to bytes that are no request that the server takes. The connection closes after it.
    fn refused(&self, status: u16, why: &str) -> Reply {
        refusal(status, why)
    }

    /// The reply with this [tag](Reply::tag) has ended. `at`: when its last bytes began to leave, so that no client can
    /// act on it earlier; or when it was given up.
    fn ended(&self, _tag: u64, _delivery: Delivery, _at: Instant) {}

    /// A connection has closed. Its replies have ended.
    fn disconnected(&self, _connection: usize) {}
}

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The whole reply was handed to the system.
    Complete,
    /// The script cut it.
    Cut,
    /// The client left before, or the server stopped.
    Gone,
}

/// A refusal in plain text.
pub(super) fn refusal(status: u16, why: &str) -> Reply {
    let reply = Reply::status(status).header("Content-Type", "text/plain").header("Connection", "close");
    reply.body(format!("{why}\n"))
}

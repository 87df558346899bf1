//! A service behind the server: it answers each request, and learns how the reply ended.

use std::time::Instant;

use super::reply::Reply;
use super::request::Request;

/// Answers requests. It is called in the threads of the connections, and holds no lock of the server.
pub trait Service: Send + Sync + 'static {
    /// Called for each new connection, before any request is read. `Reply::new()` changes nothing.
    fn connected(&self, _connection: usize) -> Reply {
        Reply::new()
    }

    /// The reply to a request. If it panics, the connection closes.
    fn answer(&self, request: &Request) -> Reply;

    /// The reply with this [tag](Reply::tag) has ended.
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

//! A connection as bytes: a socket, or TLS on one.

use std::fmt;
use std::io;

use rustix::io::Errno;

use super::context::Context;
use crate::{Error, ErrorKind};

/// Why sending or receiving failed.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// The peer ended the connection, or the network did.
    Lost(io::Error),
    /// Anything else: the error is the call's.
    Failed(Error),
}

impl TransportError {
    /// The call's error.
    pub(crate) fn explain(self, context: &Context) -> Error {
        let lost = match self {
            Self::Failed(error) => return error,
            Self::Lost(error) => error,
        };
        let was_ended = matches!(
            lost.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        );
        if was_ended && !context.peer_is_proxy() {
            return Error::connection_lost(&lost.to_string());
        }
        let reason = crate::text::escape_for_display(&lost.to_string());
        Error::new(ErrorKind::Network, format!("the connection to {} failed: {reason}", context.peer()))
    }
}

impl From<Error> for TransportError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Errno> for TransportError {
    fn from(error: Errno) -> Self {
        Self::Lost(error.into())
    }
}

/// Sends and receives within a call's deadline.
pub(super) trait Transport: fmt::Debug + Send + Sync {
    fn send(&mut self, bytes: &[u8], context: &Context) -> Result<(), TransportError>;

    /// 0 is the peer's end.
    fn receive(&mut self, buffer: &mut [u8], context: &Context) -> Result<usize, TransportError>;

    /// Bytes that have already arrived, without waiting. `None` if there are none.
    fn receive_now(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, TransportError>;

    /// Whether the peer has neither ended the connection nor sent unexpected bytes. It does not wait.
    fn is_quiet(&mut self) -> bool;
}

/// The descriptor is closed, because this process was forked from the one that opened it.
pub(super) fn forked() -> Error {
    Error::new(ErrorKind::Cancelled, "the process was forked during the call, which goes on in the parent alone")
}

//! A connection as bytes: a socket, or TLS on one.

use std::fmt;
use std::io;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::context::Context;
use super::fork::Fd;
use crate::{Error, ErrorKind};

/// Why bytes went no further.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The peer ended the connection, or the network did.
    Lost(io::Error),
    /// Anything else: the error is the call's.
    Failed(Error),
}

impl Fault {
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
        if was_ended && !context.is_at_proxy() {
            return Error::connection_lost(&lost.to_string());
        }
        let reason = crate::text::shown(&lost.to_string());
        Error::new(ErrorKind::Network, format!("the connection to {} failed: {reason}", context.peer()))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Errno> for Fault {
    fn from(error: Errno) -> Self {
        Self::Lost(error.into())
    }
}

/// Sends and receives within a call's deadline.
pub(super) trait Wire: fmt::Debug + Send + Sync {
    fn send(&mut self, bytes: &[u8], context: &Context) -> Result<(), Fault>;

    /// 0 is the peer's end.
    fn receive(&mut self, buffer: &mut [u8], context: &Context) -> Result<usize, Fault>;

    /// What is there already, without a wait. `None` where that is nothing.
    fn receive_now(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, Fault>;

    /// Whether the peer has neither ended the connection nor sent what nobody asked for. It does not wait.
    fn is_quiet(&mut self) -> bool;
}

/// A connected socket that does not block.
#[derive(Debug)]
pub(super) struct Socket {
    fd: Fd,
    /// The last read filled its buffer: there may be more without a wait.
    has_more: bool,
}

impl Socket {
    pub(super) fn new(fd: Fd) -> Self {
        Self { fd, has_more: false }
    }
}

impl Wire for Socket {
    fn send(&mut self, mut bytes: &[u8], context: &Context) -> Result<(), Fault> {
        self.has_more = false;
        while !bytes.is_empty() {
            let fd = self.fd.get().ok_or_else(forked)?;
            match send(fd, bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::AGAIN) => _ = context.wait(&[(fd, PollFlags::OUT)], None)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], context: &Context) -> Result<usize, Fault> {
        if self.has_more {
            // An endless reply ends at the deadline too.
            context.check()?;
            if let Some(count) = self.receive_now(buffer)? {
                return Ok(count);
            }
        }
        loop {
            context.wait(&[(self.fd.get().ok_or_else(forked)?, PollFlags::IN)], None)?;
            if let Some(count) = self.receive_now(buffer)? {
                return Ok(count);
            }
        }
    }

    fn receive_now(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, Fault> {
        loop {
            match recv(self.fd.get().ok_or_else(forked)?, &mut *buffer, RecvFlags::DONTWAIT) {
                Ok((count, _)) => {
                    self.has_more = count == buffer.len();
                    return Ok(Some(count));
                }
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_quiet(&mut self) -> bool {
        let Some(fd) = self.fd.get() else { return false };
        let peeked = recv(fd, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
        matches!(peeked, Err(Errno::AGAIN))
    }
}

fn forked() -> Fault {
    Fault::Failed(Error::forked())
}

impl Error {
    pub(super) fn forked() -> Self {
        Self::new(ErrorKind::Cancelled, "the process was forked during the call, which goes on in the parent alone")
    }
}

//! A TCP connection, without TLS.

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::context::Context;
use super::transport::{Transport, TransportError, forked};
use crate::fork::Fd;

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

impl Transport for Socket {
    fn send(&mut self, mut bytes: &[u8], context: &Context) -> Result<(), TransportError> {
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

    fn receive(&mut self, buffer: &mut [u8], context: &Context) -> Result<usize, TransportError> {
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

    fn receive_now(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, TransportError> {
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

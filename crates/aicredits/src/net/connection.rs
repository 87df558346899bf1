//! A connection, and the bytes received on it.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroize;

use super::context::Context;
use super::transport::{Transport, TransportError};

/// A reply's head must fit into it.
pub(crate) const INPUT_BYTES: usize = 16 << 10;

/// An open connection, and what the server sent that nobody has read yet.
pub(crate) struct Connection {
    transport: Box<dyn Transport>,
    input: Box<[u8]>,
    unread: Range<usize>,
}

impl Connection {
    pub(super) fn new(transport: Box<dyn Transport>) -> Self {
        Self { transport, input: vec![0; INPUT_BYTES].into(), unread: 0..0 }
    }

    /// Whether it is good for another request: nothing is left of the last reply, and nothing has happened since.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.is_read() && self.transport.is_quiet()
    }

    pub(crate) fn is_read(&self) -> bool {
        self.unread.is_empty()
    }

    pub(crate) fn send(&mut self, bytes: &[u8], context: &Context) -> Result<(), TransportError> {
        self.transport.send(bytes, context)
    }

    pub(crate) fn unread(&self) -> &[u8] {
        &self.input[self.unread.clone()]
    }

    pub(crate) fn unread_mut(&mut self) -> &mut [u8] {
        &mut self.input[self.unread.clone()]
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.unread.start += count;
    }

    /// Overwrites the consumed bytes, which may echo the credential.
    pub(crate) fn wipe(&mut self) {
        self.input[..self.unread.start].zeroize();
        self.input[self.unread.end..].zeroize();
    }

    /// Whether nothing more can come until something is consumed.
    pub(crate) fn is_full(&self) -> bool {
        self.unread.len() == self.input.len()
    }

    /// Waits for more; 0 is the server's end. Not while it is full.
    pub(crate) fn receive(&mut self, context: &Context) -> Result<usize, TransportError> {
        if self.unread.is_empty() {
            self.unread = 0..0;
        } else if self.unread.end == self.input.len() {
            self.input.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        let count = received(self.transport.receive(&mut self.input[self.unread.end..], context)?, context);
        self.unread.end += count;
        Ok(count)
    }

    /// The unread bytes, or the next ones, without a copy through our buffer. 0 means that the server closed.
    pub(crate) fn receive_into(&mut self, buffer: &mut [u8], context: &Context) -> Result<usize, TransportError> {
        if self.unread.is_empty() {
            return Ok(received(self.transport.receive(buffer, context)?, context));
        }
        let count = buffer.len().min(self.unread.len());
        buffer[..count].copy_from_slice(&self.unread()[..count]);
        self.consume(count);
        Ok(count)
    }
}

fn received(count: usize, context: &Context) -> usize {
    if count > 0 {
        context.note_received();
    }
    count
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.transport.fmt(f)
    }
}

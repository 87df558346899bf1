//! What the HTTP engine writes to and reads from.
//!
//! The engine hands over a request's head and its body apart, and at `trace` level logs each head that it writes, byte
//! for byte. So what it writes is kept until it wants to read, and leaves in one piece; and the head that it knows has a
//! placeholder of the credential's length, whose place the credential takes in that last buffer, from which it is wiped
//! once sent.
//!
//! What it receives it logs as well. A server may send back what it was sent, so at that level the credential is
//! struck out of what comes in (save where a read ends within it).

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ureq::http::HeaderValue;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};
use zeroize::Zeroize;

use super::context::Context;
use super::wire::{Fault, Wire};
use crate::credential::Credential;
use crate::{Error, Phase};

/// A reply's head must fit into it.
pub(crate) const INPUT_BYTES: usize = 16 << 10;
/// More only for a request whose credential or ids need more.
const OUTPUT_BYTES: usize = 4 << 10;

/// The header as the engine writes it, up to its value.
const HEADER: &[u8] = b"authorization: ";
const FILLER: u8 = b'*';

/// What stands in the head for the credential.
pub(crate) fn placeholder(credential: &Credential) -> Result<HeaderValue, Error> {
    let filler = vec![FILLER; credential.expose().len()];
    HeaderValue::from_bytes(&filler).map_err(|_| Error::unexpected("the placeholder is no header value"))
}

/// An open connection and its buffers.
pub(super) struct Connection {
    wire: Box<dyn Wire>,
    input: Vec<u8>,
    unread: Range<usize>,
    output: Vec<u8>,
    unsent: usize,
    /// The engine took something from the input when it last looked.
    progressed: bool,
}

impl Connection {
    pub(super) fn new(wire: Box<dyn Wire>) -> Self {
        Self { wire, input: vec![0; INPUT_BYTES], unread: 0..0, output: Vec::new(), unsent: 0, progressed: false }
    }

    pub(super) fn is_quiet(&mut self) -> bool {
        self.unread.is_empty() && self.wire.is_quiet()
    }

    fn flush(&mut self, credential: &Credential, context: &Context) -> Result<(), Fault> {
        if self.unsent == 0 {
            return Ok(());
        }
        context.enter_phase(Phase::Send);
        let output = &mut self.output[..self.unsent];
        let secret = fill_in(output, credential)
            .ok_or_else(|| Error::unexpected("the request has no place for the credential"))?;
        let sent = self.wire.send(output, context);
        output[secret].zeroize();
        self.unsent = 0;
        context.enter_phase(Phase::Head);
        sent
    }

    fn receive(&mut self, credential: &Credential, context: &Context) -> Result<usize, Fault> {
        self.flush(credential, context)?;
        let room = self.input_append_buf();
        if room.is_empty() {
            return Err(Error::unexpected("the engine reads nothing of what came").into());
        }
        let at = self.unread.end;
        let count = self.wire.receive(&mut self.input[at..], context)?;
        if count > 0 {
            context.note_received();
        }
        self.input_appended(count);
        if log::max_level() >= log::LevelFilter::Trace {
            strike_out(&mut self.input[self.unread.clone()], credential);
        }
        Ok(count)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wire.fmt(f)
    }
}

impl Buffers for Connection {
    fn output(&mut self) -> &mut [u8] {
        &mut self.output[self.unsent..]
    }

    fn input(&self) -> &[u8] {
        &self.input[self.unread.clone()]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.unread.is_empty() {
            self.unread = 0..0;
        } else if self.unread.end == self.input.len() {
            self.input.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        &mut self.input[self.unread.end..]
    }

    fn input_appended(&mut self, amount: usize) {
        self.unread.end += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        self.progressed = amount > 0;
        self.unread.start += amount;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        let unsent = self.unsent;
        (&mut self.input[self.unread.end..], &mut self.output[unsent..])
    }

    fn can_use_input(&self) -> bool {
        !self.unread.is_empty() && self.progressed
    }
}

/// A connection, lent to one attempt of one call.
pub(super) struct Lent {
    /// `None` once it was given back.
    connection: Option<Connection>,
    context: Arc<Context>,
    credential: Arc<Credential>,
    is_tls: bool,
}

impl Lent {
    pub(super) fn new(mut connection: Connection, context: Arc<Context>) -> Result<Self, Error> {
        let credential = context.credential()?;
        let room = OUTPUT_BYTES.max(context.head_room + credential.expose().len());
        if connection.output.len() < room {
            connection.output.resize(room, 0);
        }
        // Nothing is unread on a connection that is good to use.
        connection.progressed = false;
        let is_tls = connection.wire.is_tls();
        Ok(Self { connection: Some(connection), context, credential, is_tls })
    }

    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("the engine lets go of a connection once it has asked whether it is open")
    }
}

impl Transport for Lent {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection()
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.connection().unsent += amount;
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let (context, credential) = (Arc::clone(&self.context), Arc::clone(&self.credential));
        match self.connection().receive(&credential, &context) {
            Ok(count) => Ok(count > 0),
            Err(Fault::Lost(error)) => Err(ureq::Error::Io(error)),
            Err(Fault::Failed(error)) => Err(failed(&context, error)),
        }
    }

    /// The engine asks this at one place alone: when a reply was read whole, to its end and no further, and did not ask
    /// to close. So the connection goes back to our pool here, and the engine, told that it is closed, forgets it.
    fn is_open(&mut self) -> bool {
        if let Some(connection) = self.connection.take_if(|connection| connection.unread.is_empty()) {
            self.context.engine().pool.put(connection);
        }
        false
    }

    fn is_tls(&self) -> bool {
        self.is_tls
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connection.fmt(f)
    }
}

/// The error goes by way of the call: the engine has no variant that would carry it.
pub(super) fn failed(context: &Context, error: Error) -> ureq::Error {
    context.note_failure(error);
    ureq::Error::ConnectionFailed
}

fn fill_in(output: &mut [u8], credential: &Credential) -> Option<Range<usize>> {
    let value = credential.expose().as_bytes();
    let mut start = 0;
    let line = output.split_inclusive(|&byte| byte == b'\n').find(|line| {
        let found = line.starts_with(HEADER);
        start += if found { HEADER.len() } else { line.len() };
        found
    });
    line?;
    let place = output.get_mut(start..start + value.len())?;
    if place.iter().any(|&byte| byte != FILLER) {
        return None;
    }
    place.copy_from_slice(value);
    Some(start..start + value.len())
}

fn strike_out(input: &mut [u8], credential: &Credential) {
    // A word of a few letters is no secret, and may well be a part of any reply.
    for secret in credential.secrets().filter(|secret| secret.len() >= 8) {
        // As it stands, and as JSON has it within a text.
        let quoted = serde_json::to_string(secret).unwrap_or_default();
        let escaped = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or_default();
        for secret in [secret, escaped] {
            let mut from = 0;
            while let Some(at) = input[from..].windows(secret.len()).position(|bytes| bytes == secret.as_bytes()) {
                input[from + at..][..secret.len()].fill(FILLER);
                from += at + secret.len();
            }
        }
    }
}

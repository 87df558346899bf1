//! Keeps the credential out of the HTTP engine.
//!
//! At `trace` level the engine logs each head that it writes, byte for byte. So it is given a placeholder of the same
//! length, and the credential takes the placeholder's place in the last buffer before the connection (before TLS,
//! where there is any), and is wiped from there once sent.
//!
//! What it receives it logs as well. A server may send back what it was sent, so at that level the credential is
//! struck out of what comes in (save where a read ends within it).

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ureq::http::HeaderValue;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::Error;
use crate::credential::Credential;

/// The header as the engine writes it, up to its value.
const HEADER: &[u8] = b"\r\nauthorization: ";
const FILLER: u8 = b'*';

thread_local! {
    /// The credential of the call that this thread makes. The engine sends on its caller's thread.
    static CREDENTIAL: RefCell<Option<Arc<Credential>>> = const { RefCell::new(None) };
}

/// Lets connections send this credential until the guard is dropped.
#[must_use]
pub(super) fn credential_for_this_call(credential: &Arc<Credential>) -> impl Drop + use<> {
    struct Guard(Option<Arc<Credential>>);

    impl Drop for Guard {
        fn drop(&mut self) {
            CREDENTIAL.set(self.0.take());
        }
    }

    Guard(CREDENTIAL.replace(Some(Arc::clone(credential))))
}

pub(super) fn placeholder(credential: &Credential) -> Result<HeaderValue, Error> {
    let filler = vec![FILLER; credential.expose().len()];
    HeaderValue::from_bytes(&filler).map_err(|_| super::unexpected("the placeholder is no header value"))
}

/// The last of the connectors: what it hands out is what the engine writes to.
#[derive(Debug)]
pub(super) struct SealingConnector;

impl<In: Transport> Connector<In> for SealingConnector {
    type Out = Sealed<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Sealed<In>>, ureq::Error> {
        Ok(chained.map(Sealed))
    }
}

pub(super) struct Sealed<T>(T);

impl<T: Transport> Transport for Sealed<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let filled = CREDENTIAL
            .with_borrow(|credential| fill_in(&mut self.0.buffers().output()[..amount], credential.as_deref()?));
        let sent = self.0.transmit_output(amount, timeout);
        if let Some(range) = filled {
            self.0.buffers().output()[range].fill(0);
        }
        sent
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let more = self.0.await_input(timeout)?;
        if log::max_level() >= log::LevelFilter::Trace {
            CREDENTIAL.with_borrow(|credential| strike_out(self.0.buffers(), credential.as_deref()));
        }
        Ok(more)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

impl<T: fmt::Debug> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Buffers lend their input for reading only, so it is taken out and put back.
fn strike_out(buffers: &mut dyn Buffers, credential: Option<&Credential>) {
    let mut input = buffers.input().to_vec();
    let mut found = false;
    // A word of a few letters is no secret, and may well be a part of any reply.
    for secret in credential.into_iter().flat_map(Credential::secrets).filter(|secret| secret.len() >= 8) {
        // As it stands, and as JSON has it within a text.
        let quoted = serde_json::to_string(secret).unwrap_or_default();
        let escaped = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or_default();
        for secret in [secret, escaped] {
            let mut from = 0;
            while let Some(at) = find(&input[from..], secret.as_bytes()) {
                input[from + at..][..secret.len()].fill(FILLER);
                from += at + secret.len();
                found = true;
            }
        }
    }
    if found {
        buffers.input_consume(input.len());
        buffers.input_append_buf()[..input.len()].copy_from_slice(&input);
        buffers.input_appended(input.len());
    }
}

fn fill_in(output: &mut [u8], credential: &Credential) -> Option<Range<usize>> {
    let value = credential.expose().as_bytes();
    let start = find(output, HEADER)? + HEADER.len();
    let place = output.get_mut(start..start + value.len())?;
    if place.iter().any(|&byte| byte != FILLER) {
        return None;
    }
    place.copy_from_slice(value);
    Some(start..start + value.len())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

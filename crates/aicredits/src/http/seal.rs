//! Keeps the credential out of the HTTP engine.
//!
//! At `trace` level the engine logs each head that it writes, byte for byte. So it is given a placeholder of the same
//! length, and the credential takes the placeholder's place in the last buffer before the connection (before TLS,
//! where there is any), and is wiped from there once sent.

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
        self.0.await_input(timeout)
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

fn fill_in(output: &mut [u8], credential: &Credential) -> Option<Range<usize>> {
    let value = credential.expose().as_bytes();
    let start = output.windows(HEADER.len()).position(|window| window == HEADER)? + HEADER.len();
    let place = output.get_mut(start..start + value.len())?;
    if place.iter().any(|&byte| byte != FILLER) {
        return None;
    }
    place.copy_from_slice(value);
    Some(start..start + value.len())
}

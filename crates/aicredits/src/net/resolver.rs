//! From a host's name to its addresses, within a call's deadline.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::context::Context;
use super::host::known_addresses;
use super::lookups::{self, Found, Lookup, Lookups};
use crate::fork::PerProcess;
use crate::{Error, ErrorKind, text};

/// Without a descriptor to be woken by, the answer is looked for this often.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The system's resolver, with what the process has learnt from it.
pub(super) static SYSTEM: Resolver = Resolver { lookup: None, state: PerProcess::empty() };

pub(crate) struct Resolver {
    /// A test's resolver. `None`: the system's.
    lookup: Option<Arc<Lookup>>,
    state: PerProcess<Mutex<Lookups>>,
}

impl Resolver {
    pub(crate) fn new(lookup: Arc<Lookup>) -> Self {
        Self { lookup: Some(lookup), state: PerProcess::empty() }
    }

    /// The host's addresses; at least one.
    pub(super) fn resolve(&self, host: &str, context: &Context) -> Result<Arc<[IpAddr]>, Error> {
        if let Some(addresses) = known_addresses(host) {
            return Ok(addresses.into());
        }
        let state = self.state.get_or_make(Mutex::default);
        let awaited = match lookups::find(&state, host, self.lookup.as_ref()) {
            Found::Known(addresses) => return Ok(addresses),
            Found::Awaited(awaited) => awaited,
        };
        loop {
            match awaited.answer() {
                Some(Ok(addresses)) if addresses.is_empty() => {
                    return Err(cannot_resolve(context, "the name has no address"));
                }
                Some(Ok(addresses)) => return Ok(Arc::clone(addresses)),
                Some(Err(reason)) => return Err(cannot_resolve(context, reason)),
                None => match awaited.wake().fd() {
                    Some(fd) => _ = context.wait(&[(fd, PollFlags::IN)], None)?,
                    None => _ = context.wait(&[], Some(Instant::now() + LOOK_AGAIN))?,
                },
            }
        }
    }

    /// No address of the host answered: the next call looks it up again.
    pub(super) fn forget(&self, host: &str) {
        if let Some(state) = self.state.get() {
            lookups::lock(&state).forget(host);
        }
    }
}

fn cannot_resolve(context: &Context, reason: &str) -> Error {
    let (host, setting, reason) = (context.peer(), context.peer_setting(), text::escape_for_display(reason));
    Error::new(
        ErrorKind::Network,
        format!("cannot find {host} ({reason}); check {setting}, and this machine's network and DNS"),
    )
}

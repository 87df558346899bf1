//! From a host's name to its addresses.
//!
//! `getaddrinfo` blocks and cannot be interrupted, so it runs in a thread of its own, which is gone when it returns.
//! There are at most two such threads, however many calls wait and however long DNS hangs.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::cancel::Wake;
use super::context::Context;
use super::fork::{Made, PerProcess};
use super::host::known_addresses;
use crate::{Error, ErrorKind};

/// `getaddrinfo` tells no time to live.
const KEPT: Duration = Duration::from_secs(60);
const MAX_THREADS: usize = 2;
/// std's own default. Without a size std reads RUST_MIN_STACK, at a moment that the host cannot choose.
const STACK_BYTES: usize = 2 << 20;
/// Without a descriptor to be woken by, the answer is looked for this often.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Looks a name up; it may block for as long as it likes.
pub(crate) type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// The system's resolver, with what the process has learnt from it.
pub(super) static SYSTEM: Resolver = Resolver { lookup: None, state: PerProcess::empty() };

pub(crate) struct Resolver {
    /// The system's, unless a test has one of its own.
    lookup: Option<Arc<Lookup>>,
    state: PerProcess<Mutex<State>>,
}

#[derive(Default)]
struct State {
    // Trees and no hash tables, whose one pointer leads into the middle of an allocation: see `PerProcess`.
    known: BTreeMap<String, (Instant, Arc<[IpAddr]>)>,
    flights: BTreeMap<String, Arc<Flight>>,
    /// Of these look-ups none has begun.
    queue: VecDeque<(String, Arc<Flight>)>,
    threads: usize,
}

impl State {
    /// What is known at this moment.
    fn known(&self, host: &str, now: Instant) -> Option<Arc<[IpAddr]>> {
        let (since, addresses) = self.known.get(host)?;
        is_fresh(*since, now).then(|| Arc::clone(addresses))
    }

    /// Learns a host's addresses, and forgets those that are known no more.
    fn learn(&mut self, host: String, addresses: &Arc<[IpAddr]>, now: Instant) {
        self.known.retain(|_, (since, _)| is_fresh(*since, now));
        self.known.insert(host, (now, Arc::clone(addresses)));
    }
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) < KEPT
}

/// One look-up, and all the calls that wait for it.
struct Flight {
    answer: OnceLock<Result<Arc<[IpAddr]>, String>>,
    wake: Wake,
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
        let flight = {
            let mut now = lock(&state);
            if let Some(addresses) = now.known(host, Instant::now()) {
                return Ok(addresses);
            }
            match now.flights.get(host) {
                Some(flight) => Arc::clone(flight),
                None => self.begin(host, &state, &mut now)?,
            }
        };
        loop {
            match flight.answer.get() {
                Some(Ok(addresses)) if addresses.is_empty() => {
                    return Err(Error::cannot_resolve(context, "the name has no address"));
                }
                Some(Ok(addresses)) => return Ok(Arc::clone(addresses)),
                Some(Err(reason)) => return Err(Error::cannot_resolve(context, reason)),
                None => match flight.wake.fd() {
                    Some(fd) => _ = context.wait(&[(fd, PollFlags::IN)], None)?,
                    None => _ = context.wait(&[], Some(Instant::now() + LOOK_AGAIN))?,
                },
            }
        }
    }

    /// No address of the host answered: the next call looks it up again.
    pub(super) fn forget(&self, host: &str) {
        if let Some(state) = self.state.get() {
            lock(&state).known.remove(host);
        }
    }

    fn begin(&self, host: &str, state: &Arc<Made<Mutex<State>>>, now: &mut State) -> Result<Arc<Flight>, Error> {
        let flight = Arc::new(Flight { answer: OnceLock::new(), wake: Wake::new() });
        if now.threads < MAX_THREADS {
            let (state, lookup) = (Arc::clone(state), self.lookup.clone());
            let spawned =
                thread::Builder::new().name("aicredits-dns".to_owned()).stack_size(STACK_BYTES).spawn(move || {
                    work(&state, |host| lookup.as_ref().map_or_else(|| system(host), |lookup| lookup(host)))
                });
            match spawned {
                Ok(_) => now.threads += 1,
                // The one that is at work takes it next.
                Err(_) if now.threads > 0 => {}
                Err(error) => {
                    let message = format!("no thread could be had to look up {host} ({error})");
                    return Err(Error::new(ErrorKind::Network, message));
                }
            }
        }
        now.flights.insert(host.to_owned(), Arc::clone(&flight));
        now.queue.push_back((host.to_owned(), Arc::clone(&flight)));
        Ok(flight)
    }
}

fn work(state: &Made<Mutex<State>>, lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>>) {
    while let Some((host, flight)) = next(state) {
        let answer = catch_unwind(AssertUnwindSafe(|| lookup(&host)))
            .unwrap_or_else(|_| Err(io::Error::other("the look-up panicked")))
            .map(Arc::from)
            .map_err(|error| error.to_string());
        {
            let mut now = lock(state);
            now.flights.remove(&host);
            if let Ok(addresses) = &answer {
                now.learn(host, addresses, Instant::now());
            }
        }
        let _ = flight.answer.set(answer);
        flight.wake.wake();
    }
}

/// The next look-up that somebody still waits for; without one the thread is told to end.
fn next(state: &Mutex<State>) -> Option<(String, Arc<Flight>)> {
    let mut now = lock(state);
    while let Some((host, flight)) = now.queue.pop_front() {
        // One is the table's, one is ours: nobody waits for it any more.
        if Arc::strong_count(&flight) > 2 {
            return Some((host, flight));
        }
        now.flights.remove(&host);
    }
    now.threads -= 1;
    None
}

fn system(host: &str) -> io::Result<Vec<IpAddr>> {
    let addresses = (host, 0).to_socket_addrs()?;
    let mut unique = Vec::new();
    for address in addresses.map(|address| address.ip()) {
        if !unique.contains(&address) {
            unique.push(address);
        }
    }
    Ok(unique)
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_for_a_minute() {
        let (mut state, start) = (State::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let addresses: Arc<[IpAddr]> = ["192.0.2.1".parse().unwrap()].into();
        state.learn("wix.test".to_owned(), &addresses, at(0));
        state.learn("other.test".to_owned(), &addresses, at(30));
        assert_eq!(state.known("wix.test", at(59)), Some(Arc::clone(&addresses)));
        assert_eq!(state.known("wix.test", at(60)), None);
        assert_eq!(state.known("nowhere.test", at(0)), None);
        state.learn("third.test".to_owned(), &addresses, at(61));
        assert_eq!(state.known.len(), 2, "what is too old is forgotten");
    }
}

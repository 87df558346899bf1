//! Look-ups of names, each in a separate thread, because `getaddrinfo` blocks and cannot be interrupted.
//!
//! At most two that a call waits for run at once, one for each name; others wait for their turn. A look-up whose calls
//! have gone does not count, so names that hang do not hold up others. It keeps its thread until it returns. At most 16
//! threads exist: beyond that a name fails at once.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::signals;
use crate::cancel::Wake;
use crate::fork::ForkLocal;

/// `getaddrinfo` does not report DNS's time to live.
const KEPT: Duration = Duration::from_secs(60);
const MOST_AWAITED: usize = 2;
const MOST_THREADS: usize = 16;
/// std's own default. Without a size std reads RUST_MIN_STACK, at a moment that the host cannot choose.
const STACK_BYTES: usize = 2 << 20;

/// Looks a name up. It may block without a limit.
pub(crate) type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

type Addresses = Arc<[IpAddr]>;

/// The cached addresses, and the look-ups in flight.
#[derive(Default)]
pub(super) struct Lookups {
    // Trees and no hash tables, whose one pointer leads into the middle of an allocation: see `PerProcess`.
    known: BTreeMap<String, (Instant, Addresses)>,
    /// One for each name: those that run, and those in the queue.
    flights: BTreeMap<String, Arc<Flight>>,
    queue: VecDeque<Arc<Flight>>,
    /// Each has a thread.
    running: Vec<Arc<Flight>>,
}

pub(super) type Shared = Arc<ForkLocal<Mutex<Lookups>>>;

/// One look-up.
struct Flight {
    host: String,
    /// `None`: by the system's resolver.
    lookup: Option<Arc<Lookup>>,
    /// The calls that wait for it. Changed with the lock held.
    waiting: AtomicUsize,
    answer: OnceLock<Result<Addresses, String>>,
    wake: Wake,
}

pub(super) enum Found {
    Known(Addresses),
    Awaited(Awaited),
}

/// The addresses of a name, or a place among those that wait for them.
pub(super) fn find(shared: &Shared, host: &str, lookup: Option<&Arc<Lookup>>) -> Found {
    let mut now = lock(shared);
    if let Some(addresses) = now.known(host, Instant::now()) {
        return Found::Known(addresses);
    }
    let flight = now.flights.get(host).cloned().unwrap_or_else(|| {
        let (host, lookup) = (host.to_owned(), lookup.cloned());
        let (waiting, answer, wake) = (AtomicUsize::new(0), OnceLock::new(), Wake::new());
        let flight = Arc::new(Flight { host, lookup, waiting, answer, wake });
        now.flights.insert(flight.host.clone(), Arc::clone(&flight));
        now.queue.push_back(Arc::clone(&flight));
        flight
    });
    flight.waiting.fetch_add(1, Ordering::Relaxed);
    now.start_queued(shared);
    Found::Awaited(Awaited { flight, shared: Arc::clone(shared) })
}

/// A call that waits for a look-up. Dropping it gives the look-up up.
pub(super) struct Awaited {
    flight: Arc<Flight>,
    shared: Shared,
}

impl Awaited {
    /// The addresses, or why there are none; `None` while they are looked up.
    pub(super) fn answer(&self) -> Option<&Result<Addresses, String>> {
        self.flight.answer.get()
    }

    /// Readable once there is an answer.
    pub(super) fn wake(&self) -> &Wake {
        &self.flight.wake
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if !self.shared.is_ours() {
            return;
        }
        let mut now = lock(&self.shared);
        if self.flight.waiting.fetch_sub(1, Ordering::Relaxed) == 1 && self.answer().is_none() {
            if let Some(place) = now.queue.iter().position(|queued| Arc::ptr_eq(queued, &self.flight)) {
                now.queue.remove(place);
                now.flights.remove(&self.flight.host);
            }
            // It no longer counts, so another one may begin.
            now.start_queued(&self.shared);
        }
    }
}

impl Lookups {
    /// The cached addresses at this moment.
    fn known(&self, host: &str, now: Instant) -> Option<Addresses> {
        let (since, addresses) = self.known.get(host)?;
        is_fresh(*since, now).then(|| Arc::clone(addresses))
    }

    /// Learns a host's addresses, and forgets those that are known no more.
    fn learn(&mut self, host: &str, addresses: &Addresses, now: Instant) {
        self.known.retain(|_, (since, _)| is_fresh(*since, now));
        self.known.insert(host.to_owned(), (now, Arc::clone(addresses)));
    }

    pub(super) fn forget(&mut self, host: &str) {
        self.known.remove(host);
    }

    /// The next look-up if its turn has come. It then counts as running.
    fn next(&mut self) -> Option<Arc<Flight>> {
        if self.awaited() >= MOST_AWAITED {
            return None;
        }
        let next = self.queue.pop_front()?;
        self.running.push(Arc::clone(&next));
        Some(next)
    }

    /// How many of those that run count.
    fn awaited(&self) -> usize {
        self.running.iter().filter(|flight| flight.waiting.load(Ordering::Relaxed) > 0).count()
    }

    /// Starts a thread for each look-up whose turn has come.
    fn start_queued(&mut self, shared: &Shared) {
        while let Some(flight) = self.next() {
            let reason = if self.running.len() > MOST_THREADS {
                format!("look-ups hang: {MOST_THREADS} others have not ended")
            } else {
                match start(&flight, shared) {
                    Ok(()) => continue,
                    // The thread of another one takes it when that has ended.
                    Err(_) if self.awaited() > 1 => {
                        self.running.pop();
                        self.queue.push_front(flight);
                        return;
                    }
                    Err(error) => format!("no thread could be had for the look-up: {error}"),
                }
            };
            self.remove(&flight);
            flight.answered(Err(reason));
        }
    }

    fn remove(&mut self, flight: &Arc<Flight>) {
        self.running.retain(|running| !Arc::ptr_eq(running, flight));
        self.flights.remove(&flight.host);
    }
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) < KEPT
}

fn start(flight: &Arc<Flight>, shared: &Shared) -> io::Result<()> {
    let (flight, shared) = (Arc::clone(flight), Arc::clone(shared));
    let thread = thread::Builder::new().name("aicredits-dns".to_owned()).stack_size(STACK_BYTES);
    signals::blocked(|| thread.spawn(move || work(flight, &shared))).map(drop)
}

/// Looks up the flight's name, then those whose turn has come by then.
fn work(mut flight: Arc<Flight>, shared: &Shared) {
    loop {
        let answer = catch_unwind(AssertUnwindSafe(|| flight.look_up()))
            .unwrap_or_else(|_| Err(io::Error::other("the look-up panicked")))
            .map(Arc::from)
            .map_err(|error| error.to_string());
        let next = {
            let mut now = lock(shared);
            now.remove(&flight);
            if let Ok(addresses) = &answer {
                now.learn(&flight.host, addresses, Instant::now());
            }
            now.next()
        };
        flight.answered(answer);
        match next {
            Some(next) => flight = next,
            None => return,
        }
    }
}

impl Flight {
    fn look_up(&self) -> io::Result<Vec<IpAddr>> {
        match &self.lookup {
            Some(lookup) => lookup(&self.host),
            None => system(&self.host),
        }
    }

    fn answered(&self, answer: Result<Addresses, String>) {
        let _ = self.answer.set(answer);
        self.wake.wake();
    }
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

pub(super) fn lock(shared: &Mutex<Lookups>) -> MutexGuard<'_, Lookups> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

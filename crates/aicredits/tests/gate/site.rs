//! A gate whose readings come over a socket, for tests with real threads. The time is the test's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use aicredits::{Client, CreditGate, GateBuilder, GateClock};
use aicredits_emulator::script::{Reply, Script};
use aicredits_emulator::{Emulator, Require, VerdictQuery};

use crate::vendor::{Refused, Vendor};
use crate::world::Clock;

/// Replaces the reply to the reading with this number, from 0.
pub(crate) type Fault = Box<dyn Fn(usize) -> Option<Reply> + Send + Sync>;

pub(crate) struct Site {
    pub(crate) clock: Arc<Clock>,
    vendor: Arc<Mutex<Vendor>>,
    emulator: Emulator,
    pub(crate) gate: CreditGate,
    /// Whether the next reading starts only after the end of the one before.
    is_single_flight: bool,
}

impl Site {
    pub(crate) fn new(vendor: Vendor, settings: impl FnOnce(GateBuilder) -> GateBuilder, fault: Fault) -> Self {
        let (clock, vendor) = (Arc::new(Clock::default()), Arc::new(Mutex::new(vendor)));
        let emulator = Emulator::scripted(Script::handler({
            let (clock, vendor) = (Arc::clone(&clock), Arc::clone(&vendor));
            let readings = std::sync::atomic::AtomicUsize::new(0);
            move |_| {
                let number = readings.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let mut vendor = lock(&vendor);
                vendor.advance(clock.now());
                fault(number).unwrap_or_else(|| Reply::json(200, vendor.json()).header("Date", vendor.date()))
            }
        }))
        .unwrap();
        let builder = Client::builder().api_key("IST.not-a-key").account("8b1c0c4e-0000-4000-8000-00000000acc0");
        let client = builder.base_url(emulator.url()).max_retries(0).build().unwrap();
        let gate = settings(client.gate().clock(Arc::<Clock>::clone(&clock))).build().unwrap();
        Self { clock, vendor, emulator, gate, is_single_flight: true }
    }

    /// Readers give up, or the clock passes their deadline: then the next one reads, and the server cannot know of it.
    pub(crate) fn with_readers_that_give_up(mut self) -> Self {
        self.is_single_flight = false;
        self
    }

    /// The ledger, at the time of the clock.
    pub(crate) fn vendor(&self) -> MutexGuard<'_, Vendor> {
        let mut vendor = lock(&self.vendor);
        vendor.advance(self.clock.now());
        vendor
    }

    pub(crate) fn act(&self, cost: u64, delay: Duration) -> Result<(), Refused> {
        self.vendor().charge(cost, delay)
    }

    pub(crate) fn readings(&self) -> usize {
        self.emulator.server().requests()
    }
}

/// The default rules find nothing in the readings of a gate, and the readings are single-flight, whatever its callers do.
impl Drop for Site {
    fn drop(&mut self) {
        if !thread::panicking() {
            let require = Require { single_flight: self.is_single_flight, ..Require::default() };
            self.emulator.assert_good_client_by(&VerdictQuery { require, ..VerdictQuery::default() });
        }
    }
}

/// A thread that panics on purpose leaves the ledger whole.
fn lock(vendor: &Mutex<Vendor>) -> MutexGuard<'_, Vendor> {
    vendor.lock().unwrap_or_else(PoisonError::into_inner)
}

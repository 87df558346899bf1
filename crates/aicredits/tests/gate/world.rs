//! A gate, the vendor behind it and the clock of both, in one process and without sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use aicredits::{Balance, Call, Client, CreditGate, Error, GateBuilder, GateClock, GateRequest, Outcome, Reservation};
use aicredits::{Step, Wake, Want};

use crate::replay::{Entry, Event, Rules, faults, most_grantable};
use crate::vendor::{Refused, Vendor};

/// A clock that moves only when a test moves it.
#[derive(Debug, Default)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    pub(crate) fn advance(&self, time: Duration) -> Duration {
        self.0.fetch_add(u64::try_from(time.as_nanos()).unwrap(), Ordering::SeqCst);
        self.now()
    }
}

impl GateClock for Clock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

/// Remembers that it was called.
#[derive(Debug, Default)]
pub(crate) struct Waker(AtomicBool);

impl Waker {
    /// Whether it was called since this was asked before.
    pub(crate) fn was_woken(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Waker {
    fn wake(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A client that reaches nobody: readings are delivered by the test.
pub(crate) fn client() -> Client {
    let builder = Client::builder().api_key("IST.not-a-key").account("8b1c0c4e-0000-4000-8000-00000000acc0");
    builder.base_url("http://127.0.0.1:9").build().unwrap()
}

/// A granted reservation, and what happened since.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) id: usize,
    pub(crate) granted: Duration,
    pub(crate) cost: u64,
    pub(crate) reservation: Reservation,
}

pub(crate) struct World {
    pub(crate) clock: Arc<Clock>,
    pub(crate) vendor: Vendor,
    pub(crate) rules: Rules,
    /// The gate, and then its sub-gates.
    pub(crate) gates: Vec<CreditGate>,
    pub(crate) journal: Vec<Entry>,
    granted: usize,
    /// The settings and the events from which a reading may start.
    min_interval: Duration,
    last_start: Option<Duration>,
}

impl World {
    /// `rules` and the gate's settings must say the same, apart from what `settings` adds.
    pub(crate) fn new(vendor: Vendor, rules: Rules, settings: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        let min_interval = Duration::from_secs(1);
        let clock = Arc::new(Clock::default());
        let builder =
            client().gate().clock(Arc::<Clock>::clone(&clock)).headroom(rules.headroom).strict(rules.is_strict);
        let builder =
            builder.visibility_delay(rules.visibility_delay).processes(u32::try_from(rules.processes).unwrap());
        let builder = settings(builder.reservation_ttl(rules.time_to_live).max_age(rules.max_age));
        let gates = vec![builder.build().unwrap()];
        Self { clock, vendor, rules, gates, journal: Vec::new(), granted: 0, min_interval, last_start: None }
    }

    /// Sets the least time between the starts of two readings, before the first one.
    pub(crate) fn with_min_interval(vendor: Vendor, rules: Rules, min_interval: Duration) -> Self {
        let world = Self::new(vendor, rules, |builder| builder.min_interval(min_interval));
        Self { min_interval, ..world }
    }

    /// Whether the reading, for which a step has asked, starts at this moment: otherwise another step asks again later.
    pub(crate) fn starts_reading(&mut self) -> bool {
        let now = self.now();
        let starts = self.last_start.is_none_or(|start| start + self.min_interval <= now);
        if starts {
            self.last_start = Some(now);
        }
        starts
    }

    pub(crate) fn gate(&self) -> &CreditGate {
        &self.gates[0]
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        let now = self.clock.advance(time);
        self.vendor.advance(now);
    }

    pub(crate) fn note(&mut self, event: Event) {
        let at = self.now();
        self.journal.push(Entry { at, event });
    }

    pub(crate) fn sub_gate(&mut self, limit: u64) -> usize {
        self.gates.push(self.gate().sub_gate(limit).unwrap());
        let gate = self.gates.len() - 1;
        self.note(Event::Limit { gate, limit });
        gate
    }

    /// The reading that the vendor sends now, and the figure that it shows.
    pub(crate) fn reply(&self) -> (Balance, u64) {
        (Balance::from_json(self.vendor.json()).unwrap(), self.vendor.shown_spendable())
    }

    /// A granted reservation goes into the journal.
    pub(crate) fn hold(&mut self, gate: usize, reservation: Reservation) -> Held {
        let (id, cost) = (self.granted, reservation.cost());
        self.granted += 1;
        self.note(Event::Grant { id, gate, cost });
        Held { id, granted: self.now(), cost, reservation }
    }

    /// One request from its start to its end, where nobody else reads. Each reading takes no time.
    pub(crate) fn ask(&mut self, gate: usize, want: Want) -> Result<Held, Error> {
        let mut request = self.gates[gate].request(want, &Call::new())?;
        match self.finish(&mut request)? {
            Outcome::Reserved(reservation) => Ok(self.hold(gate, reservation)),
            Outcome::Read(_) => panic!("a reading and no reservation"),
        }
    }

    pub(crate) fn finish(&mut self, request: &mut GateRequest) -> Result<Outcome, Error> {
        let wake: Arc<dyn Wake> = Arc::new(Waker::default());
        for _ in 0..3 {
            match request.step(&wake) {
                Step::Done(result) => return result,
                Step::Wait => panic!("it waits for a reading that nobody makes"),
                Step::Read => {
                    assert!(self.starts_reading(), "a reading too soon after the last one");
                    let (balance, spendable) = self.reply();
                    let requested = self.now();
                    self.note(Event::Reading { requested, spendable });
                    request.deliver(Ok(balance));
                }
            }
        }
        panic!("more than two readings");
    }

    pub(crate) fn reserve(&mut self, cost: u64) -> Result<Held, Error> {
        self.ask(0, Want::Cost(cost))
    }

    pub(crate) fn refresh(&mut self) -> Result<Balance, Error> {
        let mut request = self.gate().request(Want::Refresh, &Call::new())?;
        match self.finish(&mut request)? {
            Outcome::Read(balance) => Ok(balance),
            Outcome::Reserved(_) => panic!("a reservation and no reading"),
        }
    }

    /// The paid action, at this cost.
    pub(crate) fn act(&mut self, cost: u64, delay: Duration) -> Result<(), Refused> {
        self.vendor.charge(cost, delay)
    }

    pub(crate) fn commit(&mut self, held: &Held) {
        if held.reservation.commit() {
            self.note(Event::Commit { id: held.id, cost: held.cost, is_partial: false });
        }
    }

    pub(crate) fn commit_actual(&mut self, held: &Held, cost: u64) -> bool {
        let counts = held.reservation.commit_actual(cost);
        if counts {
            self.note(Event::Commit { id: held.id, cost, is_partial: false });
        }
        counts
    }

    pub(crate) fn commit_part(&mut self, held: &Held, cost: u64) -> bool {
        let counts = held.reservation.commit_part(cost);
        if counts {
            self.note(Event::Commit { id: held.id, cost, is_partial: true });
        }
        counts
    }

    pub(crate) fn release(&mut self, held: &Held) -> bool {
        let counts = held.reservation.release();
        if counts {
            self.note(Event::Release { id: held.id });
        }
        counts
    }

    pub(crate) fn drop_held(&mut self, held: Held) {
        self.note(Event::Drop { id: held.id });
        drop(held.reservation);
    }

    /// The most that the formula allows now. `None` without a reading.
    pub(crate) fn most(&self) -> Option<i128> {
        most_grantable(&self.rules, &self.journal, self.now())
    }

    /// The least that the formula allows, where the gate keeps commits in 64 buckets of time.
    pub(crate) fn least(&self) -> Option<i128> {
        let blur = self.rules.visibility_delay / 16 + Duration::from_millis(1);
        most_grantable(&Rules { blur, ..self.rules.clone() }, &self.journal, self.now())
    }

    /// The gate would grant as much as the formula allows, give or take the width of a bucket.
    pub(crate) fn assert_grantable(&self) {
        let grantable = self.gate().state().grantable().map(i128::from);
        let (least, most) = (self.least(), self.most());
        assert!(
            least <= grantable && grantable <= most,
            "{grantable:?} is not in {least:?} to {most:?} at {:?}: {:?} {:?}\n{:#?}",
            self.now(),
            self.rules,
            self.gate().state(),
            self.journal
        );
    }

    /// No grant was above the formula.
    pub(crate) fn assert_formula(&self) {
        let faults = faults(&self.rules, &self.journal);
        assert!(faults.is_empty(), "{faults:#?}\n{:#?}", self.journal);
    }
}

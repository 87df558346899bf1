//! Random programs of several callers, in one thread: every step of every caller is a choice of the seed.

use std::sync::Arc;
use std::time::Duration;

use aicredits::{Balance, Call, DenialReason, Error, ErrorKind, GateRequest, Outcome, Step, Wake, Want};

use crate::failures::failures;
use crate::random::{Random, replayable, seeds};
use crate::replay::{Entry, Event, Rules};
use crate::tally::Tally;
use crate::vendor::{DAY, MONTH, Source, Vendor};
use crate::world::{Held, Waker, World};

#[test]
fn alone_no_program_is_refused_by_the_vendor() {
    let mut total = Tally::default();
    for seed in seeds(120) {
        replayable(seed, |random| total.add(&Program::new(random, true).run()));
    }
    println!("alone: {total:?}");
    total.assert_covers_everything();
}

#[test]
fn with_other_spenders_no_grant_is_above_the_formula() {
    let mut total = Tally::default();
    for seed in seeds(120) {
        replayable(seed, |random| total.add(&Program::new(random, false).run()));
    }
    println!("with other spenders: {total:?}");
    total.assert_covers_everything();
}

/// One caller, and its present occupation.
enum Caller {
    Idle,
    Asking { ask: Box<Ask>, is_waiting: bool },
    Reading { ask: Box<Ask>, reading: Reading },
    Holding { held: Held, charged: u64, reported: u64 },
}

/// A request, and the least that it can be granted.
struct Ask {
    request: GateRequest,
    gate: usize,
    least: u64,
    waker: Arc<Waker>,
}

/// A reading in flight: the vendor makes the reply at one instant, and it arrives at another.
struct Reading {
    requested: Duration,
    made_at: Duration,
    arrives_at: Duration,
    reply: Option<(Result<Balance, Error>, u64)>,
}

struct Program {
    world: World,
    random: Random,
    callers: Vec<Caller>,
    is_alone: bool,
    tally: Tally,
}

impl Program {
    fn new(mut random: Random, is_alone: bool) -> Self {
        let vendor = match random.up_to(3) {
            0 => Vendor::free_plan(),
            1 => Vendor::page_example(),
            2 => {
                Vendor::new([Source::subscription("a").daily(12, 20, DAY).monthly(200, 300, MONTH), Source::top_up(15)])
            }
            _ => Vendor::new([Source::top_up(40)]),
        };
        let mut rules = Rules {
            headroom: if random.one_in(3) { random.up_to(8) } else { 0 },
            visibility_delay: random.time(Duration::from_secs(60)),
            is_strict: random.one_in(3),
            processes: if !is_alone && random.one_in(4) { 2 } else { 1 },
            time_to_live: Duration::from_secs(1) + random.time(Duration::from_secs(100)),
            max_age: Duration::from_secs(60) + random.time(Duration::from_secs(60)),
            ..Rules::default()
        };
        if rules.processes > 1 {
            rules.visibility_delay = rules.max_age;
        }
        let min_interval = Duration::from_millis(1) + random.time(Duration::from_secs(3));
        let mut world = World::with_min_interval(vendor, rules, min_interval);
        for _ in 0..random.up_to(2) {
            let limit = random.up_to(40);
            world.sub_gate(limit);
        }
        let callers = (0..2 + random.up_to(6)).map(|_| Caller::Idle).collect();
        Self { world, random, callers, is_alone, tally: Tally::default() }
    }

    fn run(mut self) -> Tally {
        for _ in 0..400 {
            self.pass_time();
            let index = self.random.index(self.callers.len());
            self.act(index, true);
            self.assert_somebody_reads();
            self.world.assert_grantable();
        }
        self.finish();
        self.world.assert_formula();
        if self.is_alone {
            assert_eq!(self.world.vendor.refused, 0, "the vendor refused an action: {:#?}", self.world.journal);
        }
        self.tally
    }

    fn pass_time(&mut self) {
        // No reading takes so long: its deadline is over long before.
        let is_reading = self.callers.iter().any(|caller| matches!(caller, Caller::Reading { .. }));
        let most = match self.random.up_to(99) {
            0..=4 if is_reading => Duration::from_secs(2),
            0 => DAY,
            1..=4 => Duration::from_secs(90),
            5..=40 => Duration::from_secs(2),
            _ => Duration::from_millis(100),
        };
        let time = self.random.time(most);
        self.world.advance(time);
        if self.random.one_in(150) {
            let credits = self.random.up_to(20);
            self.world.vendor.top_up(credits);
            self.tally.count("topped up");
        }
        if !self.is_alone && self.random.one_in(20) {
            let most = self.random.up_to(15);
            self.world.vendor.spend_elsewhere(most);
        }
    }

    fn act(&mut self, index: usize, may_begin: bool) {
        let caller = std::mem::replace(&mut self.callers[index], Caller::Idle);
        self.callers[index] = match caller {
            Caller::Idle if may_begin => self.begin(),
            Caller::Idle => Caller::Idle,
            Caller::Asking { ask, is_waiting } => self.ask(ask, is_waiting, may_begin),
            Caller::Reading { ask, reading } => self.read(ask, reading, may_begin),
            Caller::Holding { held, charged, reported } => self.hold(held, charged, reported, may_begin),
        };
    }

    fn begin(&mut self) -> Caller {
        let gate = self.random.index(self.world.gates.len());
        let cost = 1 + self.random.up_to(7);
        let (want, least) = match self.random.up_to(9) {
            0 => (Want::Refresh, 0),
            1..=2 => (Want::UpTo { unit_cost: cost, wanted: 1 + self.random.up_to(4) }, cost),
            3 => {
                let held = self.world.gates[gate].reserve_now(cost);
                return self.end(held.map(Outcome::Reserved), gate, cost);
            }
            _ => (Want::Cost(cost), cost),
        };
        if gate > 0 && self.random.one_in(30) {
            let limit = self.random.up_to(60);
            self.world.gates[gate].set_limit(limit).unwrap();
            self.world.note(Event::Limit { gate, limit });
        }
        let request = self.world.gates[gate].request(want, &Call::new()).unwrap();
        let waker = Arc::new(Waker::default());
        Caller::Asking { ask: Box::new(Ask { request, gate, least, waker }), is_waiting: false }
    }

    fn ask(&mut self, mut ask: Box<Ask>, is_waiting: bool, may_give_up: bool) -> Caller {
        match self.random.up_to(39) {
            0 if may_give_up => {
                drop(ask);
                self.tally.count(if is_waiting { "given up while it waits" } else { "given up before it waits" });
                return Caller::Idle;
            }
            1 if may_give_up => {
                ask.request.cancel();
                self.tally.count("cancelled");
            }
            2 if may_give_up => {
                ask.request.expire();
                self.tally.count(if is_waiting { "expired while it waits" } else { "expired before it waits" });
            }
            _ if is_waiting => {
                if !ask.waker.was_woken() {
                    return Caller::Asking { ask, is_waiting };
                }
                self.tally.count("woken");
            }
            _ => {}
        }
        let wake: Arc<dyn Wake> = Arc::<Waker>::clone(&ask.waker);
        match ask.request.step(&wake) {
            Step::Done(result) => self.end(result, ask.gate, ask.least),
            Step::Wait => Caller::Asking { ask, is_waiting: true },
            Step::Read if !self.world.starts_reading() => {
                self.tally.count("a reading waits for the interval");
                Caller::Asking { ask, is_waiting: false }
            }
            Step::Read => {
                let requested = self.world.now();
                let made_at = requested + self.random.time(Duration::from_secs(3));
                let arrives_at = made_at + self.random.time(Duration::from_secs(4));
                let reading = Reading { requested, made_at, arrives_at, reply: None };
                Caller::Reading { ask, reading }
            }
        }
    }

    fn read(&mut self, mut ask: Box<Ask>, mut reading: Reading, may_give_up: bool) -> Caller {
        if may_give_up {
            match self.random.up_to(39) {
                0 => {
                    drop(ask);
                    self.tally.count("given up while it reads");
                    return Caller::Idle;
                }
                // Its time is over, but its reply may still come.
                1 => {
                    ask.request.expire();
                    self.tally.count("expired while it reads");
                }
                _ => {}
            }
        }
        let now = self.world.now();
        if reading.reply.is_none() && now >= reading.made_at {
            let failed = self.random.one_in(8).then(|| failures()[self.random.index(failures().len())].clone());
            let (balance, spendable) = self.world.reply();
            reading.reply = Some((failed.map_or(Ok(balance), Err), spendable));
        }
        if now < reading.arrives_at {
            return Caller::Reading { ask, reading };
        }
        let Some((reply, spendable)) = reading.reply.take() else {
            return Caller::Reading { ask, reading };
        };
        if reply.is_ok() {
            let later = |entry: &Entry| matches!(entry.event, Event::Reading { requested, .. } if requested > reading.requested);
            if self.world.journal.iter().any(later) {
                self.tally.count("a reading was overtaken");
            }
            self.world.note(Event::Reading { requested: reading.requested, spendable });
        } else {
            self.tally.count("a reading failed");
        }
        ask.request.deliver(reply);
        Caller::Asking { ask, is_waiting: false }
    }

    fn end(&mut self, result: Result<Outcome, Error>, gate: usize, least: u64) -> Caller {
        match result {
            Ok(Outcome::Reserved(reservation)) => {
                self.tally.count("granted");
                let held = self.world.hold(gate, reservation);
                return Caller::Holding { held, charged: 0, reported: 0 };
            }
            Ok(Outcome::Read(_)) => self.tally.count("read"),
            Err(error) => match error.denial().map(aicredits::Denial::reason) {
                Some(DenialReason::Insufficient) => {
                    self.tally.count("insufficient");
                    let allowed = self.world.least();
                    assert!(
                        allowed.is_none_or(|allowed| allowed < i128::from(least)),
                        "denied {least}, but the formula allows {allowed:?}: {error}\n{:#?}",
                        self.world.journal
                    );
                }
                Some(DenialReason::Unavailable) => self.tally.count("unavailable"),
                Some(DenialReason::Limit) => self.tally.count("limit"),
                Some(DenialReason::Exhausted) => self.tally.count("exhausted"),
                _ => {
                    let is_the_caller_s = matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout);
                    assert!(is_the_caller_s || !error.attempts().is_empty(), "{error:?}");
                }
            },
        }
        Caller::Idle
    }

    /// An action takes a while. It is charged before its reservation expires, or never.
    fn hold(&mut self, held: Held, charged: u64, reported: u64, may_wait: bool) -> Caller {
        let is_open = self.world.now() < held.granted + self.world.rules.time_to_live;
        let choice = self.random.up_to(99);
        if may_wait && choice < 40 {
            return Caller::Holding { held, charged, reported };
        }
        if charged == 0 && is_open && choice < 85 {
            let cost = if self.random.one_in(4) { self.random.up_to(held.cost) } else { held.cost };
            let delay = self.random.time(self.world.rules.visibility_delay);
            let charge = self.world.act(cost, delay);
            if charge.is_err() {
                held.reservation.report_exhausted();
                self.world.note(Event::Release { id: held.id });
                self.tally.count("refused by the vendor");
                return Caller::Idle;
            }
            return Caller::Holding { held, charged: cost, reported };
        }
        if charged == 0 {
            if choice < 93 {
                self.world.release(&held);
                self.tally.count("released");
                // A second release frees nothing.
                assert!(!held.reservation.release());
            } else {
                self.world.drop_held(held);
                self.tally.count("dropped before it");
            }
            return Caller::Idle;
        }
        let left = charged - reported;
        if choice < 50 && is_open && left > 1 {
            assert!(self.world.commit_part(&held, left / 2), "it is open");
            self.tally.count("committed in part");
            return Caller::Holding { held, charged, reported: reported + left / 2 };
        }
        if choice > 93 {
            self.world.drop_held(held);
            self.tally.count("dropped after the charge");
            return Caller::Idle;
        }
        assert!(self.world.commit_actual(&held, left), "the first commit counts");
        assert!(!held.reservation.commit() && !held.reservation.release(), "a later end does nothing");
        self.tally.count(match (is_open, charged < held.cost) {
            (false, _) => "committed after expiry",
            (true, true) => "committed for less",
            (true, false) => "committed",
        });
        Caller::Idle
    }

    /// No wake-up is lost: if callers wait, one of them has been woken, or somebody makes the reading.
    fn assert_somebody_reads(&self) {
        let mut waiting = 0;
        for caller in &self.callers {
            match caller {
                Caller::Asking { ask, is_waiting: true } if !ask.waker.is_woken() => waiting += 1,
                Caller::Asking { .. } | Caller::Reading { .. } => return,
                Caller::Idle | Caller::Holding { .. } => {}
            }
        }
        assert_eq!(waiting, 0, "callers wait for a reading that nobody makes: {:#?}", self.world.journal);
    }

    /// Everybody ends. Then nothing is reserved.
    fn finish(&mut self) {
        for _ in 0..2000 {
            self.world.advance(Duration::from_millis(50));
            for index in 0..self.callers.len() {
                self.act(index, false);
            }
            self.assert_somebody_reads();
        }
        for caller in &self.callers {
            assert!(matches!(caller, Caller::Idle), "a caller never ends: {:#?}", self.world.journal);
        }
        for gate in &self.world.gates {
            let state = gate.state();
            assert_eq!((state.reserved(), state.reservations().len()), (0, 0), "reserved for ever: {state:?}");
        }
    }
}

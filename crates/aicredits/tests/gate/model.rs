//! Threads under a model checker: shuttle chooses who runs next, and finds deadlocks. It prints the schedule of a failure,
//! and a failure prints its seed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aicredits::{Call, Outcome, Step, Wake, Want};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};

use crate::failures::failures;
use crate::random::{Random, replayable, seeds};
use crate::replay::{Event, Rules};
use crate::vendor::Vendor;
use crate::world::{Held, World};

/// How a thread sleeps until it is woken. shuttle sees a thread that nobody wakes as a deadlock.
#[derive(Default)]
struct Alarm {
    rings: shuttle::sync::Mutex<bool>,
    changed: shuttle::sync::Condvar,
}

impl Alarm {
    fn wait(&self) {
        let mut rings = self.rings.lock().unwrap();
        while !*rings {
            rings = self.changed.wait(rings).unwrap();
        }
        *rings = false;
    }
}

impl Wake for Alarm {
    fn wake(&self) {
        *self.rings.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

/// shuttle changes threads only where they use its own locks. So this lock is never waited for, and an operation of the
/// gate is in the journal in its order.
type Shared = Arc<Mutex<World>>;

const DELAY: Duration = Duration::from_secs(60);

fn config() -> Config {
    let mut config = Config::new();
    // A reading is parsed on the stack of a thread.
    config.stack_size = 1 << 20;
    config
}

#[test]
fn no_schedule_deadlocks_or_spends_twice() {
    for seed in seeds(400) {
        replayable(seed, |mut random| {
            let chosen = random.next();
            let program = move || program(Random::new(chosen));
            if seed % 2 == 0 {
                Runner::new(RandomScheduler::new_from_seed(seed, 1), config()).run(program);
            } else {
                Runner::new(PctScheduler::new_from_seed(seed, 3, 1), config()).run(program);
            }
        });
    }
}

fn program(mut random: Random) {
    let vendor = if random.one_in(2) { Vendor::free_plan() } else { Vendor::page_example() };
    let rules = Rules { visibility_delay: DELAY, max_age: Duration::from_secs(120), ..Rules::default() };
    let interval = Duration::from_millis(random.up_to(1500));
    let mut world = World::with_min_interval(vendor, rules, interval);
    let limit = random.up_to(20);
    world.sub_gate(limit);
    let world: Shared = Arc::new(Mutex::new(world));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (world, seed) = (Arc::clone(&world), random.next());
            thread::spawn(move || caller(&world, Random::new(seed)))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let mut world = world.lock().unwrap();
    world.advance(Duration::from_secs(3600));
    world.assert_formula();
    assert_eq!(world.vendor.refused, 0, "{:#?}", world.journal);
    for gate in &world.gates {
        assert_eq!(gate.state().reserved(), 0);
    }
}

fn with<R>(world: &Shared, work: impl FnOnce(&mut World) -> R) -> R {
    work(&mut world.try_lock().expect("no other thread runs"))
}

fn caller(world: &Shared, mut random: Random) {
    for _ in 0..3 {
        let time = random.time(Duration::from_secs(4));
        with(world, |world| world.advance(time));
        if let Some(held) = ask(world, &mut random) {
            thread::yield_now();
            act(world, held, &mut random);
        }
        thread::yield_now();
    }
}

/// One request, which may be given up wherever it waits.
fn ask(world: &Shared, random: &mut Random) -> Option<Held> {
    let gate = random.index(2);
    let cost = 1 + random.up_to(9);
    let want = if random.one_in(4) { Want::UpTo { unit_cost: cost, wanted: 3 } } else { Want::Cost(cost) };
    let handle = with(world, |world| world.gates[gate].clone());
    let mut request = handle.request(want, &Call::new()).unwrap();
    let alarm = Arc::new(Alarm::default());
    let wake: Arc<dyn Wake> = Arc::<Alarm>::clone(&alarm);
    loop {
        match request.step(&wake) {
            Step::Done(Ok(Outcome::Reserved(reservation))) => {
                return Some(with(world, |world| world.hold(gate, reservation)));
            }
            Step::Done(_) => return None,
            // It has a place in the queue, and gives it up.
            Step::Wait if random.one_in(6) => return None,
            Step::Wait => alarm.wait(),
            Step::Read if !with(world, World::starts_reading) => {
                with(world, |world| world.advance(Duration::from_millis(500)));
                thread::yield_now();
            }
            Step::Read => {
                let requested = with(world, |world| world.now());
                thread::yield_now();
                match random.up_to(9) {
                    0 => return None,
                    1 => request.expire(),
                    _ => {}
                }
                let (balance, spendable) = with(world, |world| world.reply());
                thread::yield_now();
                if random.one_in(6) {
                    request.deliver(Err(failures()[random.index(failures().len())].clone()));
                } else {
                    with(world, |world| world.note(Event::Reading { requested, spendable }));
                    request.deliver(Ok(balance));
                }
            }
        }
    }
}

fn act(world: &Shared, held: Held, random: &mut Random) {
    let delay = random.time(DELAY);
    if random.one_in(5) {
        with(world, |world| {
            assert!(world.release(&held));
        });
        return;
    }
    with(world, |world| world.act(held.cost, delay).ok());
    thread::yield_now();
    with(world, |world| {
        if random.one_in(4) {
            // An exception after the charge.
            world.drop_held(held);
        } else {
            world.commit(&held);
        }
    });
}

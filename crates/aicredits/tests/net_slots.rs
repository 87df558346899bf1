//! So many calls of a client run at once and no more; the others wait their turn, and can be ended meanwhile.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, Client, Error, ErrorKind};
use aicredits_emulator::script::{Reply, Script, Server};

use common::client;

mod common;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);

/// A door that requests wait at. It counts who is there.
#[derive(Default)]
struct Door {
    state: Mutex<DoorState>,
    changed: Condvar,
}

#[derive(Default)]
struct DoorState {
    is_open: bool,
    waiting: usize,
    most: usize,
}

impl Door {
    fn state(&self) -> MutexGuard<'_, DoorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self) {
        let mut state = self.state();
        state.waiting += 1;
        state.most = state.most.max(state.waiting);
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| !state.is_open).unwrap();
        state.waiting -= 1;
    }

    fn open(&self, is_open: bool) {
        self.state().is_open = is_open;
        self.changed.notify_all();
    }

    fn wait_for(&self, waiting: usize) {
        let state = self.state();
        let (state, _) = self.changed.wait_timeout_while(state, PATIENCE, |state| state.waiting < waiting).unwrap();
        assert!(state.waiting >= waiting, "{waiting} requests never arrived at the door");
    }

    fn most(&self) -> usize {
        self.state().most
    }
}

fn server_behind(door: &Arc<Door>) -> Server {
    let door = Arc::clone(door);
    let handler = move |_: &_| {
        door.pass();
        Reply::json(200, "{}")
    };
    Server::start(Script::handler(handler)).unwrap()
}

/// A call that sets `waits` when it begins to wait: only a waiting call asks for an interrupt.
fn telling(waits: &Arc<AtomicBool>) -> Call {
    let waits = Arc::clone(waits);
    Call::new().interrupted_by(move || {
        waits.store(true, Ordering::SeqCst);
        false
    })
}

fn until(what: &str, reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

/// Holds the only slot with one call while `meanwhile` runs, and sees that it works afterwards.
fn while_taken(meanwhile: impl FnOnce(&Client)) {
    let door = Arc::new(Door::default());
    let server = server_behind(&door);
    let client = client(server.url()).max_concurrency(1).timeout(PATIENCE).build().unwrap();
    thread::scope(|scope| {
        let held = scope.spawn(|| client.get_balance());
        door.wait_for(1);
        meanwhile(&client);
        assert_eq!(server.requests(), 1, "what waits sends nothing");
        door.open(true);
        held.join().unwrap().unwrap();
    });
    client.get_balance().unwrap();
    assert_eq!(server.connections(), 1);
}

/// A call that waits for the slot is ended by `end`.
fn ended_while_waiting(call: impl FnOnce(Call) -> Call, end: impl FnOnce(&Client)) -> Error {
    let mut error = None;
    while_taken(|client| {
        let waits = Arc::new(AtomicBool::new(false));
        let call = call(telling(&waits));
        error = thread::scope(|scope| {
            let waiting = scope.spawn(|| client.get_balance_with(&call));
            until("the call waits", || waits.load(Ordering::SeqCst));
            end(client);
            waiting.join().unwrap().err()
        });
    });
    error.unwrap()
}

#[test]
fn no_more_calls_run_at_once_than_set() {
    let door = Arc::new(Door::default());
    let server = server_behind(&door);
    let client = client(server.url()).max_concurrency(3).timeout(PATIENCE).build().unwrap();
    thread::scope(|scope| {
        let calls: Vec<_> = (0..12).map(|_| scope.spawn(|| client.get_balance())).collect();
        door.wait_for(3);
        door.open(true);
        for call in calls {
            call.join().unwrap().unwrap();
        }
    });
    assert_eq!((door.most(), server.requests()), (3, 12));
    assert!(server.connections() <= 3, "{}", server.connections());
}

#[test]
fn by_default_64_calls_run_at_the_same_time() {
    let door = Arc::new(Door::default());
    let server = server_behind(&door);
    let client = client(server.url()).timeout(PATIENCE).build().unwrap();
    thread::scope(|scope| {
        let calls: Vec<_> = (0..70).map(|_| scope.spawn(|| client.get_balance())).collect();
        door.wait_for(64);
        door.open(true);
        for call in calls {
            call.join().unwrap().unwrap();
        }
    });
    assert_eq!((door.most(), server.requests()), (64, 70));
}

#[test]
fn a_permit_goes_to_the_call_that_has_waited_longest() {
    let door = Arc::new(Door::default());
    let server = server_behind(&door);
    let client = &client(server.url()).max_concurrency(1).timeout(PATIENCE).build().unwrap();
    let sites = ["first", "second", "third", "fourth"];
    thread::scope(|scope| {
        scope.spawn(|| client.get_balance_with(&Call::new().site("held")).unwrap());
        door.wait_for(1);
        for site in sites {
            let waits = Arc::new(AtomicBool::new(false));
            let call = telling(&waits).site(site);
            scope.spawn(move || client.get_balance_with(&call).unwrap());
            until("the call waits", || waits.load(Ordering::SeqCst));
        }
        door.open(true);
    });
    let journal = server.journal();
    let asked: Vec<_> = journal.iter().skip(1).map(|request| request.header("wix-site-id").unwrap()).collect();
    assert_eq!(asked, sites);
}

#[test]
fn a_call_that_waits_can_be_cancelled() {
    let cancel = Cancel::new();
    let error = ended_while_waiting(|call| call.cancelled_by(&cancel), |_| cancel.cancel());
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(error.attempts().is_empty() && error.message().contains("before it began"), "{error}");
}

#[test]
fn a_call_that_waits_can_be_interrupted() {
    while_taken(|client| {
        let error = client.get_balance_with(&Call::new().interrupted_by(|| true)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    });
}

#[test]
fn a_call_that_waits_ends_at_its_deadline_and_says_what_it_waited_for() {
    let error = ended_while_waiting(|call| call.timeout(Duration::from_millis(200)), |_| {});
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let expected = "timed out after 200 ms, all of it waiting for one of 1 places (max_concurrency) (";
    assert!(error.message().starts_with(expected), "{error}");
}

/// `{} ms` of the message, behind `timed out after 4 s, `.
fn waited_ms(error: &Error) -> f64 {
    let rest = error.message().strip_prefix("timed out after 4 s, ").unwrap_or_else(|| panic!("{error}"));
    let (waited, rest) = rest.split_once(" of it waiting for one of ").unwrap();
    let end = "; time ran out while the reply was awaited";
    assert!(rest.contains("(max_concurrency); no whole reply from 127.0.0.1:") && rest.contains(end), "{error}");
    match waited.split_once(' ').unwrap() {
        (seconds, "s") => seconds.parse::<f64>().unwrap() * 1000.0,
        (milliseconds, _) => milliseconds.parse().unwrap(),
    }
}

#[test]
fn a_call_that_waited_and_then_ran_out_of_time_names_its_whole_timeout() {
    let door = Arc::new(Door::default());
    let requests = Arc::new(AtomicUsize::new(0));
    let handler = {
        let (door, requests) = (Arc::clone(&door), Arc::clone(&requests));
        move |_: &_| match requests.fetch_add(1, Ordering::SeqCst) {
            0 => {
                door.pass();
                Reply::json(200, "{}")
            }
            _ => Reply::new().mute(),
        }
    };
    let server = Server::start(Script::handler(handler)).unwrap();
    let client = client(server.url()).max_concurrency(1).max_retries(0).timeout(PATIENCE).build().unwrap();
    let waits = Arc::new(AtomicBool::new(false));
    let call = telling(&waits).timeout(Duration::from_secs(4));
    let error = thread::scope(|scope| {
        let held = scope.spawn(|| client.get_balance());
        door.wait_for(1);
        let waiting = scope.spawn(|| client.get_balance_with(&call));
        until("the call waits", || waits.load(Ordering::SeqCst));
        door.open(true);
        held.join().unwrap().unwrap();
        waiting.join().unwrap().unwrap_err()
    });
    // The interrupt is asked 50 ms after the start.
    assert!((50.0..4000.0).contains(&waited_ms(&error)), "{error}");
}

#[test]
fn a_call_that_queued_above_the_core_names_the_timeout_that_was_set() {
    let server = Server::start(Reply::new().mute()).unwrap();
    let client = client(server.url()).max_retries(0).build().unwrap();
    let started = Instant::now() - Duration::from_millis(1300);
    let call = Call::new().timeout(Duration::from_secs(4)).started_at(started);
    let error = client.get_balance_with(&call).unwrap_err();
    assert!((1300.0..4000.0).contains(&waited_ms(&error)), "{error}");

    let error = client.get_balance_with(&call).unwrap_err();
    let expected = "timed out after 4 s, all of it waiting for one of 64 places (max_concurrency) (";
    assert!(error.kind() == ErrorKind::Timeout && error.message().starts_with(expected), "{error}");
    assert_eq!(server.requests(), 1, "no time is left, so no request is sent");

    let error = client.get_balance_with(&call.process_limit(256)).unwrap_err();
    let expected = "timed out after 4 s, all of it waiting for one of the 256 calls that a process makes at once (";
    assert!(error.kind() == ErrorKind::Timeout && error.message().starts_with(expected), "{error}");

    // So little time is left that a request would be in vain.
    let started = Instant::now() - Duration::from_millis(3955);
    let error = client.get_balance_with(&Call::new().timeout(Duration::from_secs(4)).started_at(started)).unwrap_err();
    let expected = "timed out after 4 s, all of it waiting for one of 64 places (max_concurrency) (";
    assert!(error.kind() == ErrorKind::Timeout && error.message().starts_with(expected), "{error}");
    assert_eq!(server.requests(), 1);

    // A deadline counts from the start too.
    let started = Instant::now() - Duration::from_millis(1300);
    let call = Call::new().started_at(started).deadline(started + Duration::from_micros(1_000_200));
    let error = client.get_balance_with(&call).unwrap_err();
    assert!(error.message().starts_with("timed out after 1 s, all of it waiting for one of 64 places"), "{error}");
    assert_eq!(server.requests(), 1);

    // The start of a call that is yet to come is its entry.
    let call = Call::new().timeout(Duration::from_millis(200)).started_at(Instant::now() + PATIENCE);
    let error = client.get_balance_with(&call).unwrap_err();
    assert!(error.message().contains(" within 200 ms; time ran out while the reply was awaited"), "{error}");

    // With a deadline, the time to the deadline decides how little is too little, and not the longer timeout.
    let requests = server.requests();
    let is_sent = (0..50).any(|_| {
        let now = Instant::now();
        let call = Call::new().started_at(now - Duration::from_millis(155)).deadline(now + Duration::from_millis(45));
        client.get_balance_with(&call).unwrap_err();
        server.requests() > requests
    });
    assert!(is_sent, "45 ms of 200 are left, so a request is sent");
}

#[test]
fn a_closed_client_ends_the_calls_that_wait() {
    let server = Server::start(Reply::new().mute()).unwrap();
    let client = client(server.url()).max_concurrency(1).timeout(PATIENCE).build().unwrap();
    let waits = Arc::new(AtomicBool::new(false));
    let call = telling(&waits);
    thread::scope(|scope| {
        let held = scope.spawn(|| client.get_balance());
        assert!(server.wait_for_requests(1, PATIENCE));
        let waiting = scope.spawn(|| client.get_balance_with(&call));
        until("the call waits", || waits.load(Ordering::SeqCst));
        client.close();
        for call in [held, waiting] {
            assert_eq!(call.join().unwrap().unwrap_err().kind(), ErrorKind::Closed);
        }
    });
    assert_eq!(server.requests(), 1);
}

/// A call that ends while it gets a permit passes it to the next call.
#[test]
fn no_slot_is_lost_however_calls_end() {
    let door = Arc::new(Door::default());
    door.open(true);
    let server = server_behind(&door);
    let client = client(server.url()).max_concurrency(2).timeout(PATIENCE).build().unwrap();
    let ended_early = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..8 {
            let (client, ended_early) = (&client, &ended_early);
            scope.spawn(move || {
                for round in 0..150 {
                    let cancel = Cancel::new();
                    let call = Call::new().cancelled_by(&cancel);
                    let result = match (thread + round) % 3 {
                        0 => client.get_balance_with(&call),
                        1 => client.get_balance_with(&call.timeout(Duration::from_micros(50 + 7 * round))),
                        _ => thread::scope(|scope| {
                            let running = scope.spawn(|| client.get_balance_with(&call));
                            cancel.cancel();
                            running.join().unwrap()
                        }),
                    };
                    if let Err(error) = result {
                        assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled), "{error}");
                        ended_early.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    assert!(ended_early.load(Ordering::SeqCst) > 0);

    door.open(false);
    thread::scope(|scope| {
        let calls = [scope.spawn(|| client.get_balance()), scope.spawn(|| client.get_balance())];
        door.wait_for(2);
        door.open(true);
        for call in calls {
            call.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_provider_that_fails_or_panics_gives_the_slot_back() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = move || match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Err("no token".into()),
        1 => panic!("the provider's own"),
        _ => Ok("token-of-the-third-time".to_owned()),
    };
    let client = client(server.url()).credential_provider(provider).max_concurrency(1).timeout(PATIENCE);
    let client = client.build().unwrap();
    assert_eq!(client.get_balance().unwrap_err().kind(), ErrorKind::Unauthorized);
    let second = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.get_balance()));
    assert!(second.is_err());
    client.get_balance().unwrap();
}

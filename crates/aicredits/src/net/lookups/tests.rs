use std::sync::mpsc::{self, Receiver, Sender};

use super::*;
use crate::fork::PerProcess;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A resolver in which names that begin with `hung` hang until they are released. It says which look-ups begin.
struct Hanging {
    shared: Shared,
    lookup: Arc<Lookup>,
    begun: Receiver<String>,
    release: Sender<()>,
}

impl Hanging {
    fn new() -> Self {
        let (begin, begun) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(released);
        let lookup = move |host: &str| {
            begin.send(host.to_owned()).unwrap();
            if host.starts_with("hung") {
                let _ = released.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }
            Ok(vec!["192.0.2.1".parse().unwrap()])
        };
        let shared = PerProcess::empty().get_or_make(Mutex::default);
        Self { shared, lookup: Arc::new(lookup), begun, release }
    }

    fn find(&self, host: &str) -> Awaited {
        match find(&self.shared, host, Some(&self.lookup)) {
            Found::Awaited(awaited) => awaited,
            Found::Known(_) => panic!("{host} is known"),
        }
    }

    /// One that has begun, and that nobody waits for any more.
    fn abandon(&self, host: &str) {
        let awaited = self.find(host);
        assert_eq!(self.begun.recv_timeout(PATIENCE).unwrap(), host);
        drop(awaited);
    }

    fn wait_until(&self, reached: impl Fn(&Lookups) -> bool) {
        let begun = Instant::now();
        while !reached(&lock(&self.shared)) {
            assert!(begun.elapsed() < PATIENCE);
            thread::yield_now();
        }
    }
}

fn wait_for(awaited: &Awaited) -> &Result<Addresses, String> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = awaited.answer() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
}

#[test]
fn two_that_are_awaited_run_at_once_and_others_wait() {
    let dns = Hanging::new();
    let (first, _second) = (dns.find("hung-1"), dns.find("hung-2"));
    let third = dns.find("fine");
    let mut begun = [(); 2].map(|()| dns.begun.recv_timeout(PATIENCE).unwrap());
    begun.sort();
    assert_eq!(begun, ["hung-1", "hung-2"]);
    assert!(third.answer().is_none() && dns.begun.try_recv().is_err());

    // The first one's calls go, so it is the third one's turn, though no look-up has ended.
    drop(first);
    assert!(wait_for(&third).is_ok());
    assert_eq!(dns.begun.recv_timeout(PATIENCE).unwrap(), "fine");
}

#[test]
fn one_that_ends_makes_room_for_the_next() {
    let dns = Hanging::new();
    let hung = [dns.find("hung-1"), dns.find("hung-2"), dns.find("hung-3"), dns.find("hung-4")];
    for _ in &hung {
        dns.release.send(()).unwrap();
    }
    for awaited in &hung {
        assert!(wait_for(awaited).is_ok());
    }
    dns.wait_until(|now| now.running.is_empty() && now.flights.is_empty());
}

#[test]
fn a_name_is_looked_up_once_for_all_who_ask() {
    let dns = Hanging::new();
    dns.abandon("hung");
    // It runs still, and is joined.
    let (first, second) = (dns.find("hung"), dns.find("hung"));
    dns.release.send(()).unwrap();
    assert!(wait_for(&first).is_ok() && wait_for(&second).is_ok());
    assert!(dns.begun.try_recv().is_err());
    assert!(matches!(find(&dns.shared, "hung", Some(&dns.lookup)), Found::Known(_)));
}

#[test]
fn one_that_is_given_up_before_its_turn_is_not_looked_up() {
    let dns = Hanging::new();
    let _running = [dns.find("hung-1"), dns.find("hung-2")];
    drop(dns.find("given-up"));
    let last = dns.find("hung-3");
    for _ in 0..3 {
        dns.release.send(()).unwrap();
    }
    assert!(wait_for(&last).is_ok());
    // The thread of a look-up may begin after another one's look-up has ended.
    dns.wait_until(|now| now.running.is_empty() && now.flights.is_empty());
    let begun: Vec<_> = dns.begun.try_iter().collect();
    assert!(begun.len() == 3 && !begun.contains(&"given-up".to_owned()), "{begun:?}");
}

#[test]
fn with_sixteen_that_hang_a_new_name_fails_at_once() {
    let dns = Hanging::new();
    for number in 0..MOST_THREADS {
        dns.abandon(&format!("hung-{number}"));
    }
    let refused = dns.find("fine");
    let reason = refused.answer().unwrap().as_ref().unwrap_err();
    assert_eq!(reason, "look-ups hang: 16 others have not ended");
    assert_eq!(lock(&dns.shared).running.len(), MOST_THREADS);

    // One that hangs may be waited for again.
    let again = dns.find("hung-0");
    assert!(again.answer().is_none());
    for _ in 0..MOST_THREADS {
        dns.release.send(()).unwrap();
    }
    assert!(wait_for(&again).is_ok());
    dns.wait_until(|now| now.running.is_empty());
    assert!(wait_for(&dns.find("fine")).is_ok());
}

#[test]
fn a_look_up_that_panics_is_an_error() {
    let shared = PerProcess::empty().get_or_make(Mutex::default);
    let lookup: Arc<Lookup> = Arc::new(|_: &str| panic!("for the test"));
    let Found::Awaited(awaited) = find(&shared, "a.test", Some(&lookup)) else { panic!("nothing is known yet") };
    assert_eq!(wait_for(&awaited).as_ref().unwrap_err(), "the look-up panicked");
}

#[test]
fn addresses_are_kept_for_a_minute() {
    let (mut state, start) = (Lookups::default(), Instant::now());
    let at = |seconds| start + Duration::from_secs(seconds);
    let addresses: Addresses = ["192.0.2.1".parse().unwrap()].into();
    state.learn("wix.test", &addresses, at(0));
    state.learn("other.test", &addresses, at(30));
    assert_eq!(state.known("wix.test", at(59)), Some(Arc::clone(&addresses)));
    assert_eq!(state.known("wix.test", at(60)), None);
    assert_eq!(state.known("nowhere.test", at(0)), None);
    state.learn("third.test", &addresses, at(61));
    assert_eq!(state.known.len(), 2, "what is too old is forgotten");
}

//! A credit gate over sockets: its readings are calls of its client. Its rules are tested without sockets in
//! `src/gate/tests`.

use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{
    Call, Cancel, Client, CreditGate, DenialReason, Error, ErrorKind, Reservation, Scope, WhenUnavailable,
};
use aicredits_emulator::script::{Reply, Script, Server, refused_addr};
use aicredits_emulator::{Emulator, JournalQuery, Require, StartError, VerdictQuery};
use log::{Level, LevelFilter, Log, Metadata, Record};

use common::client;

mod common;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);

/// A scripted server. In the end the default rules find nothing in its readings, and they were single-flight.
struct Judged(Emulator);

impl Judged {
    fn start(script: impl Into<Script>) -> Result<Self, StartError> {
        Emulator::scripted(script).map(Self)
    }
}

impl Deref for Judged {
    type Target = Server;

    fn deref(&self) -> &Server {
        self.0.server()
    }
}

impl Drop for Judged {
    fn drop(&mut self) {
        if !thread::panicking() {
            let require = Require { single_flight: true, ..Require::default() };
            self.0.assert_good_client_by(&VerdictQuery { require, ..VerdictQuery::default() });
        }
    }
}

fn credits(balance: i64) -> Reply {
    Reply::json(200, format!(r#"{{"topUpCredits":{{"balance":{balance},"cap":1000}}}}"#))
}

fn gate(url: impl Into<String>) -> CreditGate {
    client(url).build().unwrap().gate().build().unwrap()
}

fn reason(result: Result<Reservation, Error>) -> DenialReason {
    result.unwrap_err().denial().unwrap().reason()
}

/// Records of all tests of this file, which each look for their own text. It also runs what a test puts there.
struct Capture {
    records: Mutex<Vec<(Level, String)>>,
    callback: Mutex<Option<Box<dyn Fn() + Send>>>,
}

static CAPTURE: Capture = Capture { records: Mutex::new(Vec::new()), callback: Mutex::new(None) };

impl Capture {
    fn start() {
        static STARTED: OnceLock<()> = OnceLock::new();
        STARTED.get_or_init(|| {
            log::set_logger(&CAPTURE).unwrap();
            log::set_max_level(LevelFilter::Debug);
        });
    }

    fn warnings(text: &str) -> Vec<String> {
        let records = CAPTURE.records.lock().unwrap_or_else(PoisonError::into_inner);
        let is_meant = |(level, record): &&(Level, String)| *level == Level::Warn && record.contains(text);
        records.iter().filter(is_meant).map(|(_, record)| record.clone()).collect()
    }
}

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aicredits"
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args().to_string();
        let is_watched = text.starts_with("watched: ");
        self.records.lock().unwrap_or_else(PoisonError::into_inner).push((record.level(), text));
        if is_watched && let Some(callback) = &*self.callback.lock().unwrap() {
            callback();
        }
    }

    fn flush(&self) {}
}

#[test]
fn many_threads_share_one_reading() {
    let server = Judged::start(credits(64)).unwrap();
    let gate = gate(server.url());
    let granted = thread::scope(|scope| {
        let threads: Vec<_> = (0..64).map(|_| scope.spawn(|| gate.reserve(1).unwrap().commit())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|granted| *granted).count()
    });
    assert_eq!((granted, server.requests()), (64, 1));
    assert_eq!(gate.state().grantable(), Some(0));
    assert_eq!(gate.balance().unwrap().scope().unwrap().account_id(), Some(common::ACCOUNT));
}

#[test]
fn the_scope_of_the_gate_is_that_of_its_readings() {
    let server = Judged::start(credits(1)).unwrap();
    let client = client(server.url()).build().unwrap();
    let gate = client.gate().site("77d2").build().unwrap();
    assert!(gate.reserve(1).unwrap().release());
    let journal = server.0.journal(&JournalQuery::default()).unwrap();
    assert_eq!(journal.requests[0].site.as_deref(), Some("77d2"));
    assert_eq!(*gate.scope(), Scope::Site("77d2".into()));
}

#[test]
fn a_service_that_is_down_stalls_one_caller_and_no_other() {
    let server = Judged::start(Reply::new().mute()).unwrap();
    let client = client(server.url()).build().unwrap();
    let gate = client.gate().read_timeout(Duration::from_millis(300)).build().unwrap();
    let error = gate.reserve(1).unwrap_err();
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
    let cause = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!((cause.kind(), cause.attempts().len()), (ErrorKind::Timeout, 1));
    for _ in 0..100 {
        assert_eq!(reason(gate.reserve(1)), DenialReason::Unavailable);
    }
    assert_eq!(server.requests(), 1, "no other reading started");
}

#[test]
fn a_reader_with_less_time_hands_over_to_a_thread_that_waits() {
    let script = Script::handler({
        let first = Mutex::new(true);
        move |_| if std::mem::take(&mut *first.lock().unwrap()) { Reply::new().mute() } else { credits(5) }
    });
    let server = Judged::start(script).unwrap();
    let client = client(server.url()).build().unwrap();
    let interval = Duration::from_millis(300);
    let gate = client.gate().min_interval(interval).build().unwrap();
    let begun = Instant::now();
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    thread::scope(|scope| {
        let reader = scope.spawn(|| gate.reserve_with(1, &call).map(drop));
        assert!(server.wait_for_requests(1, PATIENCE));
        let waiter = scope.spawn(|| gate.reserve(1).map(|one| one.commit()));
        cancel.cancel();
        assert_eq!(reader.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(waiter.join().unwrap().unwrap());
    });
    assert_eq!(server.requests(), 2);
    assert!(begun.elapsed() >= interval, "the interval passes after a reading that was given up too");
}

#[test]
fn the_age_of_a_reading_counts_from_the_attempt_that_brought_it() {
    let delay = Duration::from_millis(400);
    let server = Judged::start([Reply::new().delay(delay).then(Reply::json(503, "{}")), credits(5)]).unwrap();
    let client = client(server.url()).max_retries(1).build().unwrap();
    let gate = client.gate().build().unwrap();
    let begun = Instant::now();
    gate.refresh().unwrap();
    // In this order: the age grows.
    let age = gate.state().age().unwrap();
    assert!(begun.elapsed() >= age + delay, "{age:?}");
    assert_eq!(server.requests(), 2);
}

#[test]
fn the_own_timeout_of_a_call_ends_it() {
    let server = Judged::start(Reply::new().mute()).unwrap();
    let gate = gate(server.url());
    let begun = Instant::now();
    let call = Call::new().timeout(Duration::from_millis(50));
    assert_eq!(reason(gate.reserve_with(1, &call)), DenialReason::Unavailable);
    let call = Call::new().deadline(Instant::now());
    assert_eq!(reason(gate.reserve_with(1, &call)), DenialReason::Unavailable);
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[test]
fn closing_the_client_ends_the_reader_and_those_who_wait() {
    let server = Judged::start(Reply::new().mute()).unwrap();
    let client = client(server.url()).build().unwrap();
    let gate = client.gate().build().unwrap();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| gate.reserve(1).map(drop).unwrap_err().kind())).collect();
        assert!(server.wait_for_requests(1, PATIENCE));
        client.close();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == ErrorKind::Closed));
    });
}

#[test]
fn a_revoked_key_is_no_reason_to_grant() {
    let server = Judged::start([Reply::json(401, "{}"), Reply::json(403, "{}")]).unwrap();
    let client = client(server.url()).build().unwrap();
    let gate = client.gate().when_unavailable(WhenUnavailable::Allow).build().unwrap();
    let error = gate.reserve(1).unwrap_err();
    assert_eq!(error.denial().unwrap().reason(), DenialReason::Unavailable);
    assert!(error.to_string().contains("401 Unauthorized"), "{error}");
    assert_eq!(gate.refresh().unwrap_err().kind(), ErrorKind::Unauthorized);
}

#[test]
fn unchecked_grants_are_logged_once_in_an_interval_with_their_count() {
    Capture::start();
    let refused = refused_addr().unwrap();
    let client = client(refused.url()).name("unchecked").build().unwrap();
    let gate = client.gate().when_unavailable(WhenUnavailable::Allow);
    let gate = gate.min_interval(Duration::from_secs(20)).build().unwrap();
    for _ in 0..5 {
        assert!(gate.reserve(1).unwrap().commit());
    }
    assert_eq!(gate.state().unchecked(), 5);
    let warnings = Capture::warnings("unchecked: 1 reservation was granted although no reading could decide");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(
        Capture::warnings("granted although no reading").iter().filter(|it| it.starts_with("unchecked")).count(),
        1
    );
}

#[test]
fn a_late_commit_is_logged() {
    Capture::start();
    let server = Judged::start(credits(50)).unwrap();
    let client = client(server.url()).name("late").build().unwrap();
    let gate = client.gate().build().unwrap();
    let reservation = gate.reserve_with(7, &Call::new().label("a \"job\"")).unwrap();
    assert!(reservation.release() && reservation.commit());
    let expected =
        r#"late: the reservation "a \"job\"" was committed after it was released: 7 credits, which count now"#;
    assert_eq!(Capture::warnings("late: the"), [expected]);
}

#[test]
fn a_credential_provider_must_not_reserve() {
    let server = Judged::start(credits(5)).unwrap();
    let gate: Arc<OnceLock<CreditGate>> = Arc::default();
    let errors: Arc<Mutex<Vec<Error>>> = Arc::default();
    let (of_provider, kept) = (Arc::clone(&gate), Arc::clone(&errors));
    let provider = move || {
        let gate = of_provider.get().unwrap();
        let results = [gate.reserve(1).map(drop), gate.reserve_now(0).map(drop), gate.refresh().map(drop)];
        kept.lock().unwrap().extend(results.into_iter().filter_map(Result::err));
        Ok("token".to_owned())
    };
    let builder = Client::builder().credential_provider(provider).scope(Scope::Credential).base_url(server.url());
    let gate = gate.get_or_init(|| builder.build().unwrap().gate().build().unwrap());
    assert!(gate.reserve(1).unwrap().commit());
    let errors = errors.lock().unwrap();
    assert_eq!(errors.len(), 3);
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::InvalidArgument), "{errors:?}");
}

#[test]
fn a_log_callback_must_not_reserve_and_may_end_reservations() {
    Capture::start();
    let server = Judged::start(credits(50)).unwrap();
    let client = client(server.url()).name("watched").build().unwrap();
    let gate = client.gate().build().unwrap();
    let (of_callback, held) = (gate.clone(), gate.reserve(0).unwrap());
    let seen: Arc<Mutex<Vec<ErrorKind>>> = Arc::default();
    let kinds = Arc::clone(&seen);
    *CAPTURE.callback.lock().unwrap() = Some(Box::new(move || {
        held.commit();
        kinds.lock().unwrap().push(of_callback.reserve_now(0).unwrap_err().kind());
    }));
    // Records of the reading, and of the gate.
    let reservation = gate.reserve(1).unwrap();
    assert!(!seen.lock().unwrap().is_empty());
    seen.lock().unwrap().clear();
    assert!(reservation.release() && reservation.commit());
    *CAPTURE.callback.lock().unwrap() = None;
    assert_eq!(*seen.lock().unwrap(), [ErrorKind::InvalidArgument]);
}

#[test]
fn the_whole_path_against_a_ledger_that_spends() {
    let emulator = Emulator::start().unwrap();
    let client = Client::builder().api_key(emulator.api_key()).account(emulator.account_id());
    let gate = client.base_url(emulator.url()).build().unwrap().gate().build().unwrap();
    let mut granted = 0;
    while let Ok(reservation) = gate.reserve(40) {
        assert!(reservation.commit());
        granted += 1;
    }
    assert_eq!(granted, 26, "26 of 26 at 40, of 1050");
    assert_eq!(gate.state().grantable(), Some(10));
}

//! A call is ended from elsewhere in each of its phases (row H19 of the hazards): it comes back at once, the server
//! sees its connection end, and nothing is left. One test at a time, because they count descriptors and threads.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, Client, ErrorKind, Phase};
use aicredits_emulator::script::{Reply, Script, Server, SynDropped};

use common::client;

mod common;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn entries(directory: &str) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

/// Without the test harness's own, which have the names of tests.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let is_a_test = |name: &str| name.contains('_');
    tasks.filter(|task| !name(task.as_ref().unwrap()).is_some_and(|name| is_a_test(&name))).count()
}

fn name(task: &std::fs::DirEntry) -> Option<String> {
    std::fs::read_to_string(task.path().join("comm")).ok()
}

/// Waits until `reached`.
fn until(what: &str, reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

/// A server that leaves a call in one phase.
struct Stuck {
    phase: Phase,
    url: String,
    server: Option<Server>,
    _dropped: Option<SynDropped>,
}

fn stuck() -> Vec<Stuck> {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{";
    let hello = || Script::from(Reply::status(500)).on_connect(|_| Reply::new().mute());
    let scripts: [(Phase, &str, Script); 5] = [
        (Phase::Tls, "https", hello()),
        (Phase::Head, "http", Reply::new().mute().into()),
        (Phase::Head, "http", Reply::raw(&head[..20]).mute().into()),
        (Phase::Body, "http", Reply::raw(head).mute().into()),
        (Phase::Pause, "http", Reply::status(503).header("Retry-After", "15").into()),
    ];
    let mut all: Vec<Stuck> = scripts
        .into_iter()
        .map(|(phase, scheme, script)| {
            let server = Server::start(script).unwrap();
            Stuck { phase, url: server.url().replace("http", scheme), server: Some(server), _dropped: None }
        })
        .collect();
    let dropped = SynDropped::start().unwrap();
    all.push(Stuck { phase: Phase::Connect, url: dropped.url(), server: None, _dropped: Some(dropped) });
    all
}

impl Stuck {
    /// Waits until the call is in its phase, as far as the server can tell.
    fn wait(&self) {
        if let Some(server) = &self.server {
            match self.phase {
                Phase::Tls => assert!(server.wait_for_connections(1, PATIENCE)),
                _ => assert!(server.wait_for_requests(1, PATIENCE)),
            }
        }
    }
}

/// Begins a call, ends it by `end`, and sees it come back as `kind`.
fn ended(stuck: &Stuck, kind: ErrorKind, call: Call, end: impl FnOnce(&Client)) {
    let client = client(&stuck.url).max_retries(1).timeout(PATIENCE).build().unwrap();
    let begun = Instant::now();
    let error = thread::scope(|scope| {
        let call = scope.spawn(|| client.get_balance_with(&call));
        stuck.wait();
        end(&client);
        call.join().unwrap().unwrap_err()
    });
    assert_eq!(error.kind(), kind, "{:?}: {error}", stuck.phase);
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", stuck.phase);
    drop(client);
    if let Some(server) = &stuck.server {
        assert!(server.wait_until_closed(PATIENCE), "{:?}: the connection outlived the call", stuck.phase);
    }
}

#[test]
fn h19_a_cancelled_call_comes_back_in_each_phase_and_leaves_nothing() {
    let _alone = alone();
    for _ in 0..3 {
        let stuck = stuck();
        // A thread has its name a moment after its start.
        let servers = stuck.iter().filter(|stuck| stuck.server.is_some()).count();
        until("the servers' threads run", || threads() == servers);
        let before = entries("/proc/self/fd");
        for stuck in &stuck {
            let cancel = Cancel::new();
            let call = Call::new().cancelled_by(&cancel);
            ended(stuck, ErrorKind::Cancelled, call, |_| cancel.cancel());
        }
        until("descriptors and threads are as before", || entries("/proc/self/fd") <= before && threads() == servers);
    }
}

#[test]
fn h19_an_expired_call_times_out_in_each_phase() {
    let _alone = alone();
    // Before the pause the reply may still be on its way: then the call reports that reply.
    for stuck in stuck().iter().filter(|stuck| stuck.phase != Phase::Pause) {
        let cancel = Cancel::new();
        let call = Call::new().cancelled_by(&cancel);
        ended(stuck, ErrorKind::Timeout, call, |_| cancel.expire());
    }
}

#[test]
fn the_first_reason_to_end_a_call_is_reported() {
    let _alone = alone();
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let client = client(server.url()).build().unwrap();
    let end: [fn(&Cancel); 2] = [Cancel::expire, Cancel::cancel];
    for (first, second, kind) in [(end[0], end[1], ErrorKind::Timeout), (end[1], end[0], ErrorKind::Cancelled)] {
        let cancel = Cancel::new();
        first(&cancel);
        second(&cancel);
        let error = client.get_balance_with(&Call::new().cancelled_by(&cancel)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_deadline_ends_a_call_before_its_timeout() {
    let _alone = alone();
    let server = Server::start(Reply::new().mute()).unwrap();
    let client = client(server.url()).timeout(PATIENCE).build().unwrap();
    let soon = || Instant::now() + Duration::from_millis(100);
    let error = client.get_balance_with(&Call::new().deadline(soon())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let expected = format!("no whole reply from {} within 100 ms; time ran out", &server.url()["http://".len()..]);
    assert!(error.message().starts_with(&expected), "{error}");

    // The earlier of the two counts.
    let call = Call::new().deadline(Instant::now() + PATIENCE).timeout(Duration::from_millis(50));
    let error = client.get_balance_with(&call).unwrap_err();
    assert!(error.kind() == ErrorKind::Timeout && error.message().contains(" within 50 ms; "), "{error}");

    assert_eq!(server.requests(), 2);
    let error = client.get_balance_with(&Call::new().deadline(Instant::now())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().starts_with("the deadline had passed before the call started ("), "{error}");
    assert_eq!(server.requests(), 2, "no time is left, so no request is sent");
}

#[test]
fn h19_a_closed_client_ends_its_calls_in_each_phase_and_makes_no_more() {
    let _alone = alone();
    for stuck in &stuck() {
        ended(stuck, ErrorKind::Closed, Call::new(), Client::close);
    }
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let client = client(server.url()).build().unwrap();
    client.get_balance().unwrap();
    client.close();
    assert!(server.wait_until_closed(PATIENCE), "an idle connection outlived its client");
    for _ in 0..2 {
        let error = client.clone().get_balance().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert!(error.attempts().is_empty() && error.scope().is_some());
    }
    assert_eq!(server.requests(), 1);
}

#[test]
fn h19_a_call_is_cancelled_while_its_host_is_looked_up() {
    let _alone = alone();
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let lookup = move |_: &str| -> io::Result<Vec<IpAddr>> {
        begun.send(()).unwrap();
        let _ = released.lock().unwrap().recv();
        Ok(vec![LOCALHOST])
    };
    let client = client("https://wix.test").lookup(lookup).timeout(PATIENCE).build().unwrap();
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    thread::scope(|scope| {
        let call = scope.spawn(|| client.get_balance_with(&call));
        begins.recv().unwrap();
        cancel.cancel();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(error.attempts()[0].phase(), Phase::Resolve);
    });
    drop(release);
    until("the look-up's thread is gone", || {
        let mut tasks = std::fs::read_dir("/proc/self/task").unwrap();
        !tasks.any(|task| name(&task.unwrap()).is_some_and(|name| name.contains("dns")))
    });
}

#[test]
fn h19_an_endless_reply_is_cancelled_and_ends_at_its_deadline() {
    let _alone = alone();
    let endless = Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").endless(vec![b' '; 1 << 16]);
    let server = Server::start(endless).unwrap();
    let client = client(server.url()).max_reply_bytes(1 << 30).build().unwrap();
    let error = client.get_balance_with(&Call::new().timeout(Duration::from_millis(100))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let call = scope.spawn(|| client.get_balance_with(&Call::new().cancelled_by(&cancel)));
        assert!(server.wait_for_requests(2, PATIENCE));
        cancel.cancel();
        assert_eq!(call.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    });
}

#[test]
fn h19_cancelling_is_final_also_before_the_start() {
    let _alone = alone();
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let client = client(server.url()).build().unwrap();
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    client.get_balance_with(&call).unwrap();
    cancel.clone().cancel();
    cancel.cancel();
    assert!(cancel.is_cancelled());
    for _ in 0..2 {
        let error = client.get_balance_with(&call).unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Cancelled, 0));
    }
    assert_eq!(server.requests(), 1);
    client.get_balance().unwrap();
}

#[test]
fn h19_the_other_calls_of_a_client_go_on() {
    let _alone = alone();
    let script = Script::handler(|request| match request.header("wix-account-id") {
        Some("slow") => Reply::new().mute(),
        _ => Reply::new().delay(Duration::from_millis(50)).then(Reply::json(200, "{}")),
    });
    let server = Server::start(script).unwrap();
    let client = client(server.url()).build().unwrap();
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let slow = scope.spawn(|| client.get_balance_with(&Call::new().account("slow").cancelled_by(&cancel)));
        let others: Vec<_> = (0..8).map(|_| scope.spawn(|| client.get_balance())).collect();
        assert!(server.wait_for_requests(9, PATIENCE));
        cancel.cancel();
        assert_eq!(slow.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        for other in others {
            other.join().unwrap().unwrap();
        }
    });
}

#[test]
fn an_interrupt_is_asked_in_the_calls_own_thread_and_only_while_it_waits() {
    let _alone = alone();
    let server = Server::start([Reply::json(200, "{}"), Reply::new().mute()]).unwrap();
    let client = client(server.url()).build().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let elsewhere = Arc::new(AtomicBool::new(false));
    let call = {
        let (asked, elsewhere, home) = (Arc::clone(&asked), Arc::clone(&elsewhere), thread::current().id());
        Call::new().interrupted_by(move || {
            elsewhere.fetch_or(thread::current().id() != home, Ordering::SeqCst);
            asked.fetch_add(1, Ordering::SeqCst) == 2
        })
    };
    client.get_balance_with(&Call::new().interrupted_by(|| false)).unwrap();
    let error = client.get_balance_with(&call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(error.message().contains("interrupted"), "{error}");
    assert_eq!((asked.load(Ordering::SeqCst), elsewhere.load(Ordering::SeqCst)), (3, false));
}

#[test]
fn an_interrupt_is_asked_while_bytes_keep_coming() {
    let _alone = alone();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    for stream in [
        Reply::raw("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(90)).drip(Duration::from_millis(10)),
        Reply::raw(head).send(vec![b' '; 100_000]).drip(Duration::from_millis(10)),
        Reply::raw(head).send(vec![b' '; 100_000]).drip(Duration::from_millis(100)),
    ] {
        let server = Server::start(stream).unwrap();
        let client = client(server.url()).timeout(PATIENCE).build().unwrap();
        let begun = Instant::now();
        let error = client.get_balance_with(&Call::new().interrupted_by(|| true)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        assert!(begun.elapsed() < PATIENCE / 2);
    }
}

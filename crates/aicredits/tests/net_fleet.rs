//! Fleets against the emulator: one outcome for each target, one pace and one pause for each client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, Client, ClientBuilder, ErrorKind, FleetClock, FleetOutcome, Scope, Target};
use aicredits_emulator::script::Reply;
use aicredits_emulator::{Emulator, Require, VerdictQuery};

use common::client;

mod common;

/// Time passes 60 times as fast for the fleet, as for an emulator at that speed.
struct Fast(Instant);

const SPEED: u32 = 60;

/// How long a test waits for a condition.
const PATIENCE: Duration = Duration::from_secs(60);

impl FleetClock for Fast {
    fn now(&self) -> Duration {
        self.0.elapsed() * SPEED
    }

    fn real(&self, time: Duration) -> Duration {
        time / SPEED
    }

    fn of_server(&self, time: Duration) -> Duration {
        time * SPEED
    }
}

fn fast() -> Arc<dyn FleetClock> {
    Arc::new(Fast(Instant::now()))
}

fn of(emulator: &Emulator) -> ClientBuilder {
    Client::builder().api_key(emulator.api_key()).base_url(emulator.url()).per_call_scope()
}

const KEY: &str = "IST.fleet-canary-of-all-sites-not-a-secret";

/// A thousand sites, and a key for all of them.
fn agency() -> Emulator {
    let options = r#"{"scenario":"agency-1000","clock":{"mode":"running","speed":60}}"#;
    let emulator = Emulator::from_json(options).unwrap();
    let sites: Vec<_> = (0..1000).map(|index| format!("{:?}", site(index))).collect();
    control(&emulator, "key", &format!(r#"{{"name":"all","secret":"{KEY}","sites":[{}]}}"#, sites.join(",")));
    emulator
}

fn agency_client(emulator: &Emulator) -> ClientBuilder {
    of(emulator).api_key(KEY)
}

fn site(index: usize) -> String {
    match index {
        0 => "0a1b2c3d-0000-4000-8000-00000000517e".to_owned(),
        index => format!("0a1b2c3d-0000-4000-8000-0000517e{index:04}"),
    }
}

/// The first `count` sites of the agency.
fn sites(count: usize) -> Vec<Target> {
    (0..count).map(|index| Target::site(site(index)).label(format!("Site {:04}", index + 1))).collect()
}

fn control(emulator: &Emulator, action: &str, request: &str) -> String {
    let reply = emulator.control(action, request);
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

fn assert_good(emulator: &Emulator, per_minute: u64) {
    let require =
        Require { max_per_minute: Some(per_minute), shared_pause: true, asked_once: true, ..Require::default() };
    emulator.assert_good_client_by(&VerdictQuery { require, ..VerdictQuery::default() });
}

/// In the order of the input.
fn sorted(outcomes: impl IntoIterator<Item = FleetOutcome>) -> Vec<FleetOutcome> {
    let mut outcomes: Vec<_> = outcomes.into_iter().collect();
    outcomes.sort_by_key(FleetOutcome::index);
    outcomes
}

#[test]
fn each_target_has_one_outcome_at_the_rate_and_through_429s() {
    let emulator = agency();
    let client = agency_client(&emulator).max_concurrency(16).build().unwrap();
    let total = 600;
    let mut fleet = client.fleet().rate(150).clock(fast()).start(sites(total)).unwrap();
    let mut outcomes: Vec<_> = fleet.by_ref().take(total / 3).collect();
    // In the middle the service refuses, once with `Retry-After`.
    for reply in [r#"{"status":429,"retry_after_s":1}"#, r#"{"status":429}"#] {
        control(&emulator, "fault", &format!(r#"{{"times":3,"reply":{reply}}}"#));
    }
    outcomes.extend(fleet);
    let outcomes = sorted(outcomes);
    assert_eq!(outcomes.len(), total);
    for (index, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.index(), index);
        assert_eq!(outcome.target().name(), Some(&*format!("Site {:04}", index + 1)));
        let balance = outcome.result().unwrap();
        assert!(balance.available().is_some(), "{index}");
        assert_eq!(balance.scope(), Some(outcome.target().scope()));
    }
    let again = outcomes.iter().filter(|outcome| outcome.attempts().len() > 1).count();
    assert!(again >= 2, "{again} targets met a pause");
    // The machine may be busy: a request that arrives late is in a later window than its start. `pacing` has the exact test.
    assert_good(&emulator, 200);
}

#[test]
fn equal_targets_are_asked_once_and_other_keys_ask_by_themselves() {
    let emulator = Emulator::start().unwrap();
    let client = of(&emulator).build().unwrap();
    let site_client =
        Client::builder().api_key(emulator.site_key()).base_url(emulator.url()).per_call_scope().build().unwrap();
    let site = emulator.site_id();
    let targets = [
        Target::site(site).label("one"),
        Target::account(emulator.account_id()),
        Target::site(site).label("two").owner("somebody"),
        Target::site(site).client("site-only", &site_client),
        Target::account(emulator.account_id()).client("site-only", &site_client),
    ];
    let outcomes = sorted(client.get_balances(targets).unwrap());
    assert_eq!(outcomes.iter().map(FleetOutcome::index).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(outcomes[0].result().unwrap(), outcomes[2].result().unwrap());
    assert_eq!(outcomes[0].request_id(), outcomes[2].request_id());
    assert_eq!((outcomes[2].target().owner_id(), outcomes[2].target().client_name()), (Some("somebody"), None));
    assert_eq!(outcomes[3].target().client_name(), Some("site-only"));
    let refused = outcomes[4].result().unwrap_err();
    assert_eq!((refused.kind(), refused.attempts().len()), (ErrorKind::Forbidden, 1));
    let journal = control(&emulator, "journal", r#"{"route":"balance"}"#);
    assert_eq!(journal.matches(r#""route":"balance""#).count(), 4, "{journal}");
}

#[test]
fn a_failure_does_not_end_the_others_and_is_never_a_balance() {
    let emulator = agency();
    let client = agency_client(&emulator).build().unwrap();
    let mut targets = sites(20);
    targets.insert(7, Target::site("0a1b2c3d-0000-4000-8000-00000000dead").label("gone"));
    let outcomes = sorted(client.fleet().without_rate().start(targets).unwrap());
    for outcome in &outcomes {
        assert_eq!(outcome.result().is_err(), outcome.index() == 7, "{}", outcome.index());
    }
    let gone = outcomes[7].result().unwrap_err();
    assert_eq!((gone.kind(), gone.http_status()), (ErrorKind::NotFound, Some(404)));
    assert!(gone.to_string().contains("dead"), "{gone}");
}

#[test]
fn all_wrong_targets_are_named_at_once_and_nothing_is_sent() {
    let emulator = Emulator::start().unwrap();
    let client = of(&emulator).build().unwrap();
    let mut targets = vec![Target::site("").label("Shop"); 25];
    targets[0] = Target::site("").label(KEY).owner(KEY).client(KEY, &client);
    let shown = format!("{:?}", targets[0]);
    assert!(!shown.contains(KEY), "{shown}");
    targets.insert(3, Target::site(emulator.site_id()));
    let error = client.get_balances(targets).unwrap_err();
    assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some("targets")));
    let message = error.message();
    assert!(
        message.starts_with("targets are wrong: target 0 ([redacted]): site_id is empty; target 1 (Shop): "),
        "{message}"
    );
    assert!(message.ends_with("; and 5 more") && !message.contains("target 3 "), "{message}");
    let error = client.get_balances([Target::new(Scope::Credential)]).unwrap_err();
    assert!(error.message().contains("an API key has no context"), "{error}");
    assert!(!control(&emulator, "journal", "{}").contains("/credit-transactions/"), "nothing was sent");
    assert_eq!(client.get_balances([]).unwrap().count(), 0);
}

#[test]
fn settings_are_checked() {
    let client = client("http://127.0.0.1:9").build().unwrap();
    for (builder, setting) in [
        (client.fleet().rate(0), "rate"),
        (client.fleet().without_rate().rate(0), "rate"),
        (client.fleet().rate(60_001), "rate"),
        (client.fleet().rate(9).processes(10), "rate"),
        (client.fleet().processes(0), "processes"),
        (client.fleet().max_pauses(1001), "max_pauses"),
        (client.fleet().timeout(Duration::ZERO), "timeout"),
    ] {
        let error = builder.start([]).unwrap_err();
        assert_eq!((error.kind(), error.setting()), (ErrorKind::InvalidArgument, Some(setting)), "{error}");
    }
    assert_eq!(client.fleet().rate(0).without_rate().start([]).unwrap().count(), 0, "the last one counts");
}

#[test]
fn after_an_outage_the_targets_are_read_all_the_same() {
    let emulator = agency();
    let client = agency_client(&emulator).max_concurrency(4).build().unwrap();
    // The first 15 requests fail.
    control(&emulator, "fault", r#"{"times":15,"reply":{"status":503}}"#);
    let outcomes = sorted(client.fleet().without_rate().clock(fast()).start(sites(100)).unwrap());
    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.result().is_err()).collect();
    // Before the tenth failure in a row no pause protects a target.
    assert!(failed.len() <= 5, "{} failed", failed.len());
    for outcome in failed {
        assert_eq!(outcome.result().unwrap_err().attempts().len(), outcome.attempts().len());
    }
}

#[test]
fn a_target_that_always_meets_a_pause_fails_in_the_end() {
    let emulator = Emulator::scripted(Reply::json(429, "{}").header("Retry-After", "1")).unwrap();
    let client = client(emulator.url()).per_call_scope().build().unwrap();
    let outcomes =
        sorted(client.fleet().max_pauses(2).clock(fast()).start([Target::site("a"), Target::site("b")]).unwrap());
    for outcome in outcomes {
        let error = outcome.result().unwrap_err();
        assert_eq!((error.kind(), outcome.attempts().len()), (ErrorKind::RateLimited, 3), "{error}");
    }
}

#[test]
fn cancelling_gives_every_target_its_outcome() {
    let emulator = Emulator::scripted(Reply::new().mute()).unwrap();
    let client = client(emulator.url()).per_call_scope().max_concurrency(3).build().unwrap();
    let cancel = Cancel::new();
    let fleet = client.fleet().cancelled_by(&cancel).start((0..50).map(|id| Target::site(id.to_string()))).unwrap();
    let elsewhere = cancel.clone();
    let outcomes = std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(emulator.server().wait_for_requests(3, PATIENCE));
            elsewhere.cancel();
        });
        sorted(fleet)
    });
    assert_eq!(outcomes.len(), 50);
    for outcome in &outcomes {
        let error = outcome.result().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        assert_eq!(error.scope(), Some(outcome.target().scope()));
    }
    assert!(outcomes.iter().filter(|outcome| outcome.attempts().is_empty()).count() >= 47);
}

#[test]
fn the_fleets_timeout_ends_it() {
    let emulator = Emulator::scripted(Reply::new().mute()).unwrap();
    let client = client(emulator.url()).per_call_scope().max_concurrency(2).build().unwrap();
    let fleet = client.fleet().timeout(Duration::from_millis(200)).start((0..9).map(|id| Target::site(id.to_string())));
    let outcomes = sorted(fleet.unwrap());
    assert_eq!(outcomes.len(), 9);
    for outcome in &outcomes {
        assert_eq!(outcome.result().unwrap_err().kind(), ErrorKind::Timeout, "{outcome:?}");
    }
}

#[test]
fn a_fleet_that_nobody_reads_pauses_and_can_be_dropped() {
    let emulator = agency();
    let client = agency_client(&emulator).max_concurrency(8).build().unwrap();
    // Each site twice by another client is another request.
    let others: Vec<_> = (0..2).map(|_| agency_client(&emulator).max_concurrency(8).build().unwrap()).collect();
    let targets = others.iter().flat_map(|other| sites(1000).into_iter().map(move |it| it.client("other", other)));
    let fleet = client.fleet().without_rate().start(targets).unwrap();
    assert!(emulator.server().wait_for_requests(1000, PATIENCE));
    // Those that are in flight end as well, and no more start: the server has seen as many as there are outcomes.
    let until = Instant::now() + PATIENCE;
    while fleet.progress().done < 1000 || emulator.server().requests() != fleet.progress().done {
        assert!(Instant::now() < until, "{fleet:?}");
        std::thread::yield_now();
    }
    assert!(fleet.progress().done <= 1000 + 16, "{fleet:?}");
    assert_eq!(fleet.progress().total, 2000);
    drop(fleet);
}

#[test]
fn a_provider_that_panics_or_fails_costs_its_target_alone() {
    let emulator = Emulator::start().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let (key, counted) = (emulator.api_key().to_owned(), Arc::clone(&calls));
    let client = Client::builder()
        .credential_provider(move || match counted.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("no key today"),
            1 => Err("no key either".into()),
            _ => Ok(key.clone()),
        })
        .base_url(emulator.url())
        .per_call_scope()
        .max_concurrency(1)
        .build()
        .unwrap();
    let targets = [Target::site("a"), Target::site("b"), Target::account(emulator.account_id())];
    let outcomes = sorted(client.fleet().rate(1).processes(1).clock(fast()).start(targets).unwrap());
    let kinds: Vec<_> = outcomes.iter().map(|outcome| outcome.result().map_err(|error| error.kind()).err()).collect();
    assert_eq!(kinds, [Some(ErrorKind::Panic), Some(ErrorKind::Unauthorized), None]);
    assert!(outcomes[..2].iter().all(|outcome| outcome.attempts().is_empty() && outcome.started_at().is_none()));
}

#[test]
fn progress_and_an_estimate() {
    let emulator = agency();
    let client = agency_client(&emulator).build().unwrap();
    let mut fleet = client.fleet().without_rate().start(sites(9)).unwrap();
    assert_eq!(fleet.by_ref().count(), 9);
    assert_eq!((fleet.progress().done, fleet.progress().time_left), (9, None), "too few for an estimate");
    let mut fleet = client.fleet().rate(100).clock(fast()).start(sites(150)).unwrap();
    assert_eq!(fleet.progress().total, 150);
    for _ in 0..100 {
        fleet.next().unwrap().result().unwrap();
    }
    let progress = fleet.progress();
    assert!(progress.done >= 100 && progress.failed == 0 && progress.recent_attempts >= 50, "{progress:?}");
    assert!(progress.time_left.is_some());
    assert_eq!(fleet.by_ref().count(), 50);
    assert_eq!(fleet.progress().time_left, Some(Duration::ZERO));
}

#[test]
fn a_consumer_that_polls_is_woken() {
    let emulator = agency();
    let client = agency_client(&emulator).build().unwrap();
    let fleet = client.fleet().start(sites(30)).unwrap();
    let (wake, woken) = std::sync::mpsc::channel();
    let waker: Arc<dyn Fn() + Send + Sync> = Arc::new(move || wake.send(()).unwrap());
    let mut seen = [false; 30];
    loop {
        match fleet.poll(&waker).unwrap() {
            Poll::Ready(Some(outcome)) => seen[outcome.index()] = true,
            Poll::Ready(None) => break,
            Poll::Pending => woken.recv_timeout(Duration::from_secs(20)).unwrap(),
        }
    }
    assert!(seen.iter().all(|seen| *seen));
    fleet.stop();
    assert_eq!(fleet.poll(&waker).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(fleet.next_with(&Call::new()).unwrap_err().kind(), ErrorKind::Closed);
}

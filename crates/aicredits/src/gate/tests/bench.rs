//! A gate with its own clock, and readings without a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::gate::{GateClock, GateRequest, Outcome, Step, Wake, Want};
use crate::{Balance, Call, Client, CreditGate, DenialReason, Error, ErrorKind, GateBuilder, Reservation, Timestamp};

/// 2026-06-24T00:00:00Z.
pub(super) const MIDNIGHT: i64 = 1_782_259_200;

/// The time since the machine started.
const UPTIME: u64 = 1_000_000;

#[derive(Default)]
pub(super) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(super) fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_nanos() as u64, Ordering::SeqCst);
    }
}

impl GateClock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn date(&self) -> Timestamp {
        let now = self.now();
        Timestamp::from_unix(MIDNIGHT - UPTIME as i64 + now.as_secs() as i64, now.subsec_nanos()).unwrap()
    }
}

/// Counts how often it was called.
#[derive(Default)]
pub(super) struct CountingWaker(AtomicU64);

impl CountingWaker {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for CountingWaker {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(super) struct Bench {
    pub(super) gate: CreditGate,
    pub(super) client: Client,
    pub(super) clock: Arc<ManualClock>,
}

impl Bench {
    pub(super) fn new(configure: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        // No test connects.
        let client = Client::builder().api_key("IST.x").account("a").base_url("http://127.0.0.1:1").build().unwrap();
        let clock = Arc::new(ManualClock::default());
        clock.pass(seconds(UPTIME));
        let builder = configure(client.gate().clock(Arc::clone(&clock) as Arc<dyn GateClock>));
        Self { gate: builder.build().unwrap(), client, clock }
    }

    /// With a reading of this low figure.
    pub(super) fn with_reading(low: i64, configure: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        let bench = Self::new(configure);
        bench.refresh(Ok(bench.top_up(low))).unwrap();
        bench
    }

    pub(super) fn pass(&self, count: u64) {
        self.clock.pass(seconds(count));
    }

    /// A balance as of now, from a reply.
    pub(super) fn reply(&self, json: &str) -> Balance {
        let now = self.clock.now();
        let date = Timestamp::from_unix(MIDNIGHT - UPTIME as i64 + now.as_secs() as i64, 0);
        Balance::from_json(json).unwrap().with_origin(None, None, None, date)
    }

    /// A balance of top-ups alone.
    pub(super) fn top_up(&self, credits: i64) -> Balance {
        self.reply(&format!(r#"{{"topUpCredits": {{"balance": {credits}, "cap": {credits}}}}}"#))
    }

    pub(super) fn request(&self, want: Want) -> GateRequest {
        self.gate.request(want, &Call::new()).unwrap()
    }

    /// A reading that brings this.
    pub(super) fn refresh(&self, result: Result<Balance, Error>) -> Result<Balance, Error> {
        let mut request = self.request(Want::Refresh);
        assert!(matches!(step(&mut request), Step::Read));
        request.deliver(result);
        match step(&mut request) {
            Step::Done(Ok(Outcome::Read(balance))) => Ok(balance),
            Step::Done(Err(error)) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    /// Reserves, and makes each reading that this asks for bring the next result. All of them must be asked for.
    pub(super) fn reserve_reading<const N: usize>(
        &self,
        cost: u64,
        results: [Result<Balance, Error>; N],
    ) -> Result<Reservation, Error> {
        let mut request = self.request(Want::Cost(cost));
        let mut results = results.into_iter();
        loop {
            match step(&mut request) {
                Step::Read => request.deliver(results.next().expect("no further reading")),
                done => {
                    assert_eq!(results.len(), 0, "a reading was not asked for: {done:?}");
                    return reserved(done);
                }
            }
        }
    }

    /// Reserves without a reading.
    pub(super) fn reserve(&self, cost: u64) -> Result<Reservation, Error> {
        self.reserve_reading(cost, [])
    }

    pub(super) fn grantable(&self) -> i64 {
        self.gate.state().grantable().unwrap()
    }
}

pub(super) fn waker() -> Arc<dyn Wake> {
    Arc::new(CountingWaker::default())
}

pub(super) fn step(request: &mut GateRequest) -> Step {
    request.step(&waker())
}

pub(super) fn reserved(step: Step) -> Result<Reservation, Error> {
    match step {
        Step::Done(Ok(Outcome::Reserved(reservation))) => Ok(reservation),
        Step::Done(Err(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

pub(super) fn reason(result: Result<Reservation, Error>) -> DenialReason {
    let error = result.expect_err("it must be denied");
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    error.denial().unwrap().reason()
}

pub(super) fn network() -> Error {
    Error::new(ErrorKind::Network, "connection refused")
}

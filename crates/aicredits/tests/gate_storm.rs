//! A storm of denials is cheap: few readings, no date and no sentence. The test is alone in this file, because it counts
//! the bytes that the whole process allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use aicredits::{CreditGate, DenialReason, GateClock, MAX_COST};
use aicredits_emulator::script::{Reply, Server};

mod common;

struct Counting;

static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[derive(Default)]
struct Clock(AtomicU64);

impl GateClock for Clock {
    fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

fn reply(sources: usize) -> String {
    let rule = |index: usize| {
        format!(r#"{{"period":"MONTH","balance":1,"cap":9,"resetDate":"2026-07-01T00:{:02}:00Z"}}"#, index % 60)
    };
    let source = |index| format!(r#"{{"usageRules":[{}]}}"#, [rule(index), rule(index + 1)].join(","));
    format!(r#"{{"creditBalanceBreakdown":[{}]}}"#, (0..sources).map(source).collect::<Vec<_>>().join(","))
}

struct Storm {
    clock: Arc<Clock>,
    server: Server,
    gate: CreditGate,
}

impl Storm {
    fn new(sources: usize) -> Self {
        let (clock, server) = (Arc::new(Clock::default()), Server::start(Reply::json(200, reply(sources))).unwrap());
        let client = common::client(server.url()).build().unwrap();
        let gate = client.gate().clock(Arc::<Clock>::clone(&clock)).build().unwrap();
        gate.refresh().unwrap();
        Self { clock, server, gate }
    }

    /// The bytes that so many denials allocate, at one instant of the clock.
    fn bytes(&self, denials: usize, asks: bool) -> usize {
        let before = BYTES.load(Ordering::Relaxed);
        for _ in 0..denials {
            let error = self.gate.reserve(MAX_COST).unwrap_err();
            let denial = error.denial().unwrap();
            assert_eq!(denial.reason(), DenialReason::Insufficient);
            if asks {
                assert_eq!(denial.affordable_at(), None);
                assert!(error.to_string().contains("short"), "{error}");
            }
        }
        BYTES.load(Ordering::Relaxed) - before
    }
}

#[test]
fn a_storm_of_denials_reads_once_in_an_interval_and_writes_nothing_that_nobody_asks_for() {
    let (small, large) = (Storm::new(1), Storm::new(900));
    let (of_small, of_large) = (small.bytes(1000, false), large.bytes(1000, false));
    println!("a denial allocates {} bytes", of_small / 1000);
    assert_eq!(of_small, of_large, "a denial looks at every rule");
    assert!(of_small / 1000 <= 1024, "{} bytes", of_small / 1000);
    // The test sees a date and a sentence if there is one.
    assert!(small.bytes(1000, true) > of_small + 50_000);
    assert!(large.bytes(10, true) > small.bytes(10, true));

    // 10^5 denials in 10 seconds.
    let before = small.server.journal().len();
    for _ in 0..100_000 {
        small.clock.0.fetch_add(100, Ordering::Relaxed);
        drop(small.gate.reserve(MAX_COST).unwrap_err());
    }
    let readings = small.server.journal().len() - before;
    assert!((9..=10).contains(&readings), "{readings} readings in 10 s, at most one each second");
    assert_eq!(small.gate.state().denied(), 102_010);
}

//! 64 real threads on one gate, with readings over sockets.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use aicredits::{Call, Cancel, DenialReason, ErrorKind};
use aicredits_emulator::script::Reply;

use crate::random::{Random, replayable, seeds};
use crate::site::Site;
use crate::vendor::{DAY, MONTH, Source, Vendor};

const THREADS: u64 = 64;
const DELAY: Duration = Duration::from_secs(60);

/// Runs the work in every thread. A hang is a failure.
fn in_threads(work: impl Fn(u64) + Send + Sync) {
    thread::scope(|scope| {
        let (ended, ends) = mpsc::channel();
        for number in 0..THREADS {
            let (ended, work) = (ended.clone(), &work);
            scope.spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(|| work(number)));
                ended.send(result.is_ok()).unwrap();
            });
        }
        for _ in 0..THREADS {
            match ends.recv_timeout(Duration::from_secs(60)) {
                Ok(is_ok) => assert!(is_ok, "a thread panicked"),
                Err(_) => {
                    eprintln!("a caller hangs");
                    std::process::abort();
                }
            }
        }
    });
}

/// Each thread repeats what was denied, until the ledger has less than one cost.
#[test]
fn threads_that_repeat_what_was_denied_spend_the_ledger_down() {
    for seed in seeds(3) {
        replayable(seed, |mut random| {
            let cost = 1 + random.up_to(12);
            let day = 500 + random.up_to(500);
            let vendor = Vendor::new([Source::subscription("a").daily(day, day, DAY).monthly(4000, 4000, MONTH)]);
            let site = Site::new(vendor, |builder| builder, Box::new(|_| None)).with_readers_that_give_up();
            let denials = AtomicU64::new(0);
            let start = random.next();
            in_threads(|number| {
                let mut random = Random::new(start ^ number);
                loop {
                    match site.gate.reserve(cost) {
                        Ok(reservation) => {
                            let delay = random.time(DELAY);
                            site.act(cost, delay).expect("the gate granted it");
                            assert!(reservation.commit());
                        }
                        Err(error) => {
                            let reason = error.denial().map(aicredits::Denial::reason);
                            assert_eq!(reason, Some(DenialReason::Insufficient), "{error}");
                            if site.vendor().left() < cost {
                                break;
                            }
                            denials.fetch_add(1, Ordering::SeqCst);
                            site.clock.advance(Duration::from_millis(100));
                        }
                    }
                }
            });
            let (left, granted) = {
                let vendor = site.vendor();
                (vendor.left(), vendor.granted)
            };
            assert_eq!((left, granted), (day % cost, day / cost), "seed {seed}");
            let state = site.gate.state();
            assert_eq!((state.granted(), state.reserved()), (granted, 0));
            let denials = denials.into_inner();
            println!(
                "seed {seed}: {granted} granted at {cost}, {denials} denials while the credits were there, {} readings, {:?}",
                site.readings(),
                site.gate
            );
        });
    }
}

/// Every way in which a program fails. Nothing is spent twice, nothing hangs, and nothing stays reserved.
#[test]
fn threads_that_fail_in_every_way_are_never_refused_by_the_vendor() {
    for seed in seeds(2) {
        replayable(seed, |mut random| {
            let vendor = Vendor::new([Source::subscription("a").daily(900, 900, DAY).monthly(4000, 4000, MONTH)]);
            let faults = random.next();
            let fault = move |number: usize| {
                let mut random = Random::new(faults ^ number as u64);
                match random.up_to(9) {
                    0 => Some(Reply::status(503)),
                    1 => Some(Reply::new().reset()),
                    2 => Some(Reply::json(200, "{")),
                    _ => None,
                }
            };
            let interval = Duration::from_millis(200);
            let site = Site::new(vendor, |builder| builder.min_interval(interval), Box::new(fault));
            let site = site.with_readers_that_give_up();
            let tenant = site.gate.sub_gate(300).unwrap();
            let granted = AtomicU64::new(0);
            let start = random.next();
            in_threads(|number| {
                let mut random = Random::new(start ^ number);
                for _ in 0..40 {
                    let (gate, cancel) = (if random.one_in(3) { &tenant } else { &site.gate }, Cancel::new());
                    let (cost, delay) = (1 + random.up_to(5), random.time(DELAY));
                    let call = Call::new().cancelled_by(&cancel);
                    let result = thread::scope(|scope| {
                        if random.one_in(4) {
                            scope.spawn(|| cancel.cancel());
                        }
                        gate.reserve_with(cost, &call)
                    });
                    let reservation = match result {
                        Ok(reservation) => reservation,
                        Err(error) => {
                            assert!(matches!(error.kind(), ErrorKind::Denied | ErrorKind::Cancelled), "{error}");
                            site.clock.advance(Duration::from_millis(50));
                            continue;
                        }
                    };
                    granted.fetch_add(1, Ordering::SeqCst);
                    let choice = random.up_to(9);
                    if choice == 0 {
                        assert!(reservation.release());
                        continue;
                    }
                    site.act(cost, delay).expect("the gate granted it");
                    match choice {
                        1 => drop(reservation),
                        2 => {
                            let panic = catch_unwind(AssertUnwindSafe(move || {
                                let _reservation = reservation;
                                std::panic::resume_unwind(Box::new("the action fails after its charge"));
                            }));
                            assert!(panic.is_err());
                        }
                        3 => {
                            // It commits in another thread than it reserved.
                            thread::scope(|scope| _ = scope.spawn(|| assert!(reservation.commit())));
                        }
                        _ => {
                            assert!(reservation.commit());
                            assert!(!reservation.commit() && !reservation.release());
                        }
                    }
                }
            });
            assert_eq!(site.vendor().refused, 0);
            assert!(granted.into_inner() > 200, "the gate grants");
            site.clock.advance(Duration::from_secs(3600));
            for gate in [&site.gate, &tenant] {
                assert_eq!((gate.state().reserved(), gate.state().reservations().len()), (0, 0));
            }
            assert!(tenant.state().used() <= 300);
        });
    }
}

//! The Rust programs' half of the protocol in `README.md`.

#![allow(dead_code, reason = "no program needs all of it")]

use std::sync::Barrier;
use std::time::{Duration, Instant};

/// A setting, from the environment.
pub(crate) fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// Answers each line, a number of calls, with the times of that many calls. `BENCH_THREADS` threads share them, each with
/// its own caller.
pub(crate) fn run<C: FnMut() + Send>(make_caller: impl FnMut() -> C) {
    let threads = std::env::var("BENCH_THREADS").map_or(1, |threads| threads.parse().expect("BENCH_THREADS: a number"));
    let mut callers: Vec<C> = std::iter::repeat_with(make_caller).take(threads).collect();
    let together = &Barrier::new(threads);
    answer(|count| match &mut callers[..] {
        [caller] => times(count, || timed(&mut *caller).0),
        callers => std::thread::scope(|scope| {
            let share = |index| count / threads + usize::from(index < count % threads);
            let mut handles = Vec::new();
            for (index, caller) in callers.iter_mut().enumerate() {
                handles.push(scope.spawn(move || {
                    together.wait();
                    times(share(index), || timed(&mut *caller).0)
                }));
            }
            handles.into_iter().flat_map(|handle| handle.join().expect("a call failed")).collect()
        }),
    });
}

/// How many operations a batch has. One alone would be as short as a clock read.
const BATCH: u32 = 1000;

/// As `run`, with a batch of operations for each call. `BENCH_THREADS` threads do it all at once, each a batch, and the
/// time is that of all divided by the number of threads: the inverse of their throughput.
pub(crate) fn run_batches(operation: impl Fn() + Sync) {
    let threads: u32 =
        std::env::var("BENCH_THREADS").map_or(1, |threads| threads.parse().expect("BENCH_THREADS: a number"));
    let batch = || (0..BATCH).for_each(|_| operation());
    if threads == 1 {
        return answer(|count| times(count, || timed(batch).0));
    }
    let together = &Barrier::new(threads as usize + 1);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(move || {
                loop {
                    together.wait();
                    batch();
                    together.wait();
                }
            });
        }
        answer(|count| {
            times(count, || {
                let round = || _ = (together.wait(), together.wait());
                timed(round).0 / threads
            })
        });
        // The threads wait for another round, and end with the process.
        std::process::exit(0);
    });
}

/// As `run`, on one thread: what `prepare` makes is at hand, and what `work` makes is dropped, outside of the time.
pub(crate) fn run_prepared<I, R>(prepare: impl Fn() -> I, mut work: impl FnMut(I) -> R) {
    answer(|count| {
        times(count, || {
            let prepared = prepare();
            timed(|| work(prepared)).0
        })
    });
}

/// Answers each line with so many times.
pub(crate) fn answer(mut times: impl FnMut(usize) -> Vec<Duration>) {
    for line in std::io::stdin().lines() {
        let times = times(line.expect("input").parse().expect("a number of calls"));
        let words: Vec<String> = times.iter().map(|time| time.as_nanos().to_string()).collect();
        println!("{}", words.join(" "));
    }
}

pub(crate) fn times(count: usize, once: impl FnMut() -> Duration) -> Vec<Duration> {
    std::iter::repeat_with(once).take(count).collect()
}

pub(crate) fn timed<R>(work: impl FnOnce() -> R) -> (Duration, R) {
    let begun = Instant::now();
    let result = work();
    (begun.elapsed(), result)
}

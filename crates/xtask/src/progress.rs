//! Signs of life from long steps.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::tool::Outcome;

/// A reader of the output waits no longer than this for the next line.
const INTERVAL: Duration = Duration::from_secs(5);

/// Does the work, and says on standard error every few seconds that the step goes on.
pub(crate) fn report<T>(step: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    eprintln!("{step}");
    // cargo leaves the cursor behind its progress bar.
    let new_line = if io::stderr().is_terminal() { "\r\x1b[K" } else { "" };
    every(INTERVAL, |elapsed| eprintln!("{new_line}{step}: {} s", elapsed.as_secs()), work)
}

/// Does the work in this thread, and calls `tick` in another one after each interval until the work ends.
fn every<T>(interval: Duration, mut tick: impl FnMut(Duration) + Send, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let (running, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            while ended.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                tick(started.elapsed());
            }
        });
        // Moved here, so that a panic ends the other thread as well.
        let _running = running;
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_goes_on_is_reported_again_and_again() {
        let (tick, ticks) = mpsc::channel();
        let third = every(Duration::from_millis(1), move |elapsed| _ = tick.send(elapsed), || ticks.iter().nth(2));
        assert!(third.unwrap() >= Duration::from_millis(3));
    }

    #[test]
    fn reports_end_with_the_work() {
        let (tick, ticks) = mpsc::channel::<()>();
        every(Duration::from_secs(3600), move |_| _ = tick.send(()), || ());
        assert_eq!(ticks.iter().count(), 0);
    }
}

//! Reads the outcomes, with a progress bar and until a signal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aicredits::{Call, Fleet, FleetOutcome};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::bar::Bar;
use crate::exit::{Exit, Failure, failed};

/// How often the bar changes.
const TICK: Duration = Duration::from_millis(200);

/// The signals that end a run in good order. The second one ends the process at once.
pub(super) struct Signals {
    received: [(Exit, Arc<AtomicBool>); 2],
}

/// Why no more outcomes are read.
pub(super) enum End {
    Whole,
    Signal(Exit),
}

impl Signals {
    pub(super) fn new() -> Result<Self, Failure> {
        let failed = failed("cannot receive signals");
        let mut received = [(Exit::Interrupted, SIGINT), (Exit::Terminated, SIGTERM)].map(|(exit, signal)| {
            let flag = Arc::new(AtomicBool::new(false));
            let registered = flag::register_conditional_default(signal, Arc::clone(&flag))
                .and_then(|_| flag::register(signal, Arc::clone(&flag)));
            (registered.map(|_| ()), (exit, flag))
        });
        for (registered, _) in &mut received {
            std::mem::replace(registered, Ok(())).map_err(&failed)?;
        }
        Ok(Self { received: received.map(|(_, received)| received) })
    }

    fn exit(&self) -> Option<Exit> {
        self.received.iter().find(|(_, flag)| flag.load(Ordering::Relaxed)).map(|(exit, _)| *exit)
    }
}

/// Passes each outcome on, in order of completion.
pub(super) fn read(
    fleet: &mut Fleet,
    signals: &Signals,
    mut bar: Option<Bar>,
    mut each: impl FnMut(&FleetOutcome),
) -> End {
    let flags = signals.received.each_ref().map(|(_, flag)| Arc::clone(flag));
    loop {
        let next_tick = Instant::now() + TICK;
        let flags = flags.clone();
        let call = Call::new().interrupted_by(move || {
            flags.iter().any(|flag| flag.load(Ordering::Relaxed)) || Instant::now() >= next_tick
        });
        // An interrupt brings the thread back here, and the fleet goes on.
        let next = fleet.next_with(&call);
        if let Some(exit) = signals.exit() {
            return End::Signal(exit);
        }
        match next {
            Ok(Some(outcome)) => each(&outcome),
            Ok(None) => return End::Whole,
            Err(_) => {}
        }
        if let Some(bar) = &mut bar {
            bar.show(|| fleet.progress());
        }
    }
}

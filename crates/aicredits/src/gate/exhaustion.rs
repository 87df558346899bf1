//! The state after the vendor has refused an action for lack of credits.

use super::clock::Nanos;
use super::estimate::Reading;
use crate::Timestamp;

/// While the gate is exhausted, a reservation makes a reading at most once in this time.
pub(super) const READING_INTERVAL: Nanos = 10_000_000_000;

#[derive(Debug)]
pub(super) struct Exhaustion {
    cooldown: Nanos,
    report: Option<Report>,
    /// How often the state was lifted. A report on a reservation that was granted before the last time changes nothing.
    era: u64,
}

#[derive(Debug)]
struct Report {
    /// The first one since the state was lifted.
    since: Nanos,
    /// The last one.
    at: Nanos,
    /// How many readings had started by then.
    starts: u64,
    /// The lowest of the reading in force at the first report and of those since.
    lowest: Option<i64>,
    /// The earliest reset that lay ahead at the last report.
    reset: Option<Timestamp>,
    trial: Option<Trial>,
}

/// The last reservation that tries whether there are credits again.
#[derive(Clone, Copy, Debug)]
struct Trial {
    reservation: u64,
    /// Another may try when it is not. Its commit lifts the state even then.
    is_open: bool,
}

/// Whether the state allows a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Clear,
    Exhausted,
    /// The cool-down is over: one reservation at a time.
    Trial,
}

impl Report {
    fn is_trying(&self) -> bool {
        self.trial.is_some_and(|trial| trial.is_open)
    }
}

impl Exhaustion {
    pub(super) fn new(cooldown: Nanos) -> Self {
        Self { cooldown, report: None, era: 0 }
    }

    pub(super) fn era(&self) -> u64 {
        self.era
    }

    pub(super) fn since(&self) -> Option<Nanos> {
        self.report.as_ref().map(|report| report.since)
    }

    pub(super) fn standing(&self, now: Nanos) -> Standing {
        match &self.report {
            None => Standing::Clear,
            Some(report) if now.saturating_sub(report.at) < self.cooldown || report.is_trying() => Standing::Exhausted,
            Some(_) => Standing::Trial,
        }
    }

    /// Whether a reading could lift the state now. A trial may be open for long, so it does not wait for that.
    pub(super) fn wants_reading(&self, now: Nanos, last_start: Option<Nanos>) -> bool {
        let is_due = last_start.is_none_or(|start| now.saturating_sub(start) >= READING_INTERVAL);
        is_due && self.report.is_some()
    }

    /// The vendor has refused an action. `starts` is how many readings have started. If the action was the trial, its
    /// reservation has ended already; otherwise the trial goes on.
    pub(super) fn report(&mut self, now: Nanos, starts: u64, in_force: Option<&Reading>) {
        let reset = in_force.and_then(|reading| reading.balance.next_reset_after(reading.date_at(now)?));
        let in_force = in_force.map(|reading| reading.figures.low);
        let before = self.report.take();
        let lowest = match &before {
            Some(before) => before.lowest.into_iter().chain(in_force).min(),
            None => in_force,
        };
        let since = before.as_ref().map_or(now, |before| before.since);
        let trial = before.and_then(|before| before.trial);
        self.report = Some(Report { since, at: now, starts, lowest, reset, trial });
    }

    /// A reading has come.
    pub(super) fn read(&mut self, reading: &Reading) {
        let Some(report) = &mut self.report else { return };
        let low = reading.figures.low;
        if reading.number > report.starts {
            let is_more = report.lowest.is_some_and(|lowest| low > lowest);
            let was_reset = report
                .reset
                .is_some_and(|reset| reading.date_at(reading.requested).is_some_and(|requested| requested >= reset));
            if is_more || was_reset {
                self.lift();
                return;
            }
        }
        report.lowest = Some(report.lowest.map_or(low, |lowest| lowest.min(low)));
    }

    pub(super) fn try_with(&mut self, reservation: u64) {
        if let Some(report) = &mut self.report {
            report.trial = Some(Trial { reservation, is_open: true });
        }
    }

    /// A reservation has ended, or was committed after its end.
    pub(super) fn ended(&mut self, reservation: u64, is_commit: bool) {
        if let Some(report) = &mut self.report
            && let Some(trial) = &mut report.trial
            && trial.reservation == reservation
        {
            trial.is_open = false;
            if is_commit {
                self.lift();
            }
        }
    }

    fn lift(&mut self) {
        self.report = None;
        self.era += 1;
    }
}

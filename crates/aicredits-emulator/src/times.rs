//! The two times: the calendar and the service time. They read no clock: each call has the real time since the start.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::protocol::{Clock, ClockMode, ControlError, INSTANTS, LONGEST_ADVANCE_MS, is_instant};

/// An instant, by all three times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The real time since the emulator started.
    pub(crate) real: Duration,
    /// The service time since then.
    pub(crate) service: Duration,
    /// The calendar.
    pub(crate) date: Timestamp,
}

impl Moment {
    /// The service time as the protocol has it: its counts fit into a signed integer of 64 bits.
    pub(crate) fn service_ms(&self) -> u64 {
        i64::try_from(self.service.as_millis()).unwrap_or(i64::MAX) as u64
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Times {
    mode: ClockMode,
    speed: u32,
    /// The real time of the last change, and the two times at it.
    since: Duration,
    date: Timestamp,
    service: Duration,
}

impl Times {
    /// The times of a scenario's clock. A pointer in the error is relative to the clock.
    pub(crate) fn new(clock: &Clock, real: Duration) -> Result<Self, ControlError> {
        check_speed(clock.speed)?;
        check_date(clock.now)?;
        // It is ignored, but a state that has it would not be one of the protocol.
        if i64::try_from(clock.service_ms).is_err() {
            return Err(ControlError::invalid("/service_ms", format!("the service time is at most {}", i64::MAX)));
        }
        Ok(Self { mode: clock.mode, speed: clock.speed, since: real, date: clock.now, service: Duration::ZERO })
    }

    pub(crate) fn at(&self, real: Duration) -> Moment {
        let passed = real.saturating_sub(self.since).saturating_mul(self.speed);
        let date = match self.mode {
            ClockMode::Frozen => self.date,
            ClockMode::Running => add(self.date, passed),
        };
        Moment { real, service: self.service.saturating_add(passed), date }
    }

    pub(crate) fn mode(&self) -> ClockMode {
        self.mode
    }

    pub(crate) fn speed(&self) -> u32 {
        self.speed
    }

    /// Moves both times forward, the calendar at most to its end, 9999-12-30T22:00:00.999999999Z.
    pub(crate) fn advance(&mut self, milliseconds: u64, real: Duration) -> Result<(), ControlError> {
        if milliseconds > LONGEST_ADVANCE_MS {
            let message = format!("the clock advances by at most {LONGEST_ADVANCE_MS} ms at once");
            return Err(ControlError::invalid("/advance_ms", message));
        }
        let time = Duration::from_millis(milliseconds);
        self.settle(real);
        self.service = self.service.saturating_add(time);
        self.date = add(self.date, time);
        Ok(())
    }

    pub(crate) fn set_date(&mut self, date: Timestamp, real: Duration) -> Result<(), ControlError> {
        check_date(date)?;
        self.settle(real);
        self.date = date;
        Ok(())
    }

    pub(crate) fn set_mode(&mut self, mode: ClockMode, real: Duration) {
        self.settle(real);
        self.mode = mode;
    }

    pub(crate) fn set_speed(&mut self, speed: u32, real: Duration) -> Result<(), ControlError> {
        check_speed(speed)?;
        self.settle(real);
        self.speed = speed;
        Ok(())
    }

    fn settle(&mut self, real: Duration) {
        let Moment { service, date, .. } = self.at(real);
        (self.since, self.service, self.date) = (real, service, date);
    }
}

fn check_speed(speed: u32) -> Result<(), ControlError> {
    if (1..=1_000_000).contains(&speed) {
        return Ok(());
    }
    Err(ControlError::invalid("/speed", "the speed is a whole number from 1 to 1000000"))
}

fn check_date(date: Timestamp) -> Result<(), ControlError> {
    if is_instant(date) { Ok(()) } else { Err(ControlError::invalid("/now", INSTANTS)) }
}

fn add(date: Timestamp, time: Duration) -> Timestamp {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    date.saturating_add(time).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;

//! The whole state of an emulator, under one lock.

use std::time::Duration;

use crate::credits::Ledger;
use crate::faults::Faults;
use crate::journal::Log;
use crate::limiter::Limiter;
use crate::protocol::{Assumptions, Clock, ControlError, State, VERSION};
use crate::times::{Moment, Times};
use crate::verdict::Judge;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) about: Option<String>,
    pub(crate) shown_after: Duration,
    pub(crate) times: Times,
    pub(crate) resets: u64,
    pub(crate) ledger: Ledger,
    pub(crate) assumptions: Assumptions,
    pub(crate) limiter: Limiter,
    pub(crate) faults: Faults,
    pub(crate) journal: Log,
    pub(crate) judge: Judge,
}

impl World {
    /// A new one from a scenario. A pointer in the error is relative to the scenario.
    pub(crate) fn new(scenario: &State, real: Duration) -> Result<Self, ControlError> {
        if scenario.version != VERSION {
            return Err(ControlError::invalid("/version", format!("the version of a scenario is {VERSION}")));
        }
        Ok(Self {
            about: scenario.about.clone(),
            shown_after: Duration::from_millis(scenario.shown_after_ms),
            times: Times::new(&scenario.clock, real),
            resets: 0,
            ledger: Ledger::new(scenario)?,
            assumptions: scenario.assumptions,
            limiter: Limiter::new(scenario.limit.clone())?,
            faults: Faults::new(&scenario.faults)?,
            journal: Log::default(),
            judge: Judge::default(),
        })
    }

    /// The present moment, after everything that is due by it: charges that show, rules that reset.
    pub(crate) fn advance(&mut self, real: Duration) -> Moment {
        let moment = self.times.at(real);
        let resets = self.ledger.advance(&moment);
        if resets > 0 {
            self.resets += resets;
            self.judge.rules_were_reset();
        }
        moment
    }

    /// Everything, for the action `state`. The emulator adds its address.
    pub(crate) fn state(&self, moment: &Moment) -> State {
        State {
            version: VERSION,
            about: self.about.clone(),
            url: None,
            ca_pem: None,
            clock: self.clock(moment),
            shown_after_ms: self.shown_after.as_millis() as u64,
            keys: self.ledger.keys().to_vec(),
            accounts: self.ledger.accounts().to_vec(),
            assumptions: self.assumptions,
            limit: self.limiter.limit().cloned(),
            faults: self.faults.list(),
            requests: self.journal.total(),
        }
    }

    pub(crate) fn clock(&self, moment: &Moment) -> Clock {
        Clock {
            mode: self.times.mode(),
            now: moment.date,
            speed: self.times.speed(),
            service_ms: moment.service.as_millis() as u64,
            resets: self.resets,
        }
    }
}

//! The whole state of an emulator, under one lock.

use std::time::Duration;

use crate::credits::Ledger;
use crate::facts::UNKNOWN_KEY;
use crate::faults::Faults;
use crate::journal::Log;
use crate::limiter::Limiter;
use crate::protocol::{Assumptions, Clock, ControlError, Fault, Limit, State, VERSION};
use crate::redaction::Known;
use crate::times::{Moment, Times};
use crate::verdict::Judge;

/// The bits of a tag that are the number of the request; those above are the generation.
const NUMBER_BITS: u32 = 40;

#[derive(Debug)]
pub(crate) struct World {
    /// How many resets came before. A request that was in flight across one is not of this world.
    generation: u64,
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
    /// The secrets that the journal and the verdict look for.
    pub(crate) known: Known,
}

impl World {
    /// A new one from a scenario. A pointer in the error is relative to the scenario.
    pub(crate) fn new(scenario: &State, real: Duration) -> Result<Self, ControlError> {
        if scenario.version != VERSION {
            return Err(ControlError::invalid("/version", format!("the version of a scenario is {VERSION}")));
        }
        let mut world = Self {
            generation: 0,
            about: scenario.about.clone(),
            shown_after: Duration::from_millis(scenario.shown_after_ms),
            times: Times::new(&scenario.clock, real).map_err(|error| error.within("/clock"))?,
            resets: 0,
            ledger: Ledger::new(scenario)?,
            assumptions: scenario.assumptions,
            limiter: Limiter::default(),
            faults: Faults::default(),
            journal: Log::default(),
            judge: Judge::default(),
            known: Known::default(),
        };
        if let Some(limit) = &scenario.limit {
            world.set_limit(limit.clone()).map_err(|error| error.in_a_scenario().within("/limit"))?;
        }
        for (index, fault) in scenario.faults.iter().enumerate() {
            world
                .add_fault(fault.clone())
                .map_err(|error| error.in_a_scenario().within(&format!("/faults/{index}")))?;
        }
        Ok(world)
    }

    /// Adds a fault after the others, and returns its name.
    pub(crate) fn add_fault(&mut self, fault: Fault) -> Result<String, ControlError> {
        self.check_key(fault.matches.key.as_deref(), "/match/key")?;
        self.faults.add(fault)
    }

    /// Replaces the rate limit. Returns whether that changed something.
    pub(crate) fn set_limit(&mut self, limit: Limit) -> Result<bool, ControlError> {
        self.check_key(limit.key.as_deref(), "/key")?;
        self.limiter.set(limit)
    }

    /// A fault or a limit for a mistyped key would never do anything.
    fn check_key(&self, name: Option<&str>, pointer: &str) -> Result<(), ControlError> {
        let known = |name| name == UNKNOWN_KEY || self.ledger.keys().iter().any(|key| key.name == name);
        match name {
            Some(name) if !known(name) => {
                let message =
                    format!("there is no key {name:?}; {UNKNOWN_KEY} means all that the ledger does not have");
                Err(ControlError::new(404, "unknown_key", message).at(pointer))
            }
            _ => Ok(()),
        }
    }

    /// The world after a reset to this scenario.
    pub(crate) fn after_reset(&self, scenario: &State, real: Duration) -> Result<Self, ControlError> {
        Ok(Self { generation: self.generation + 1, ..Self::new(scenario, real)? })
    }

    /// The tag of the reply to request `n` of the journal. It differs from all tags before a reset, and is never 0.
    pub(crate) fn tag(&self, n: u64) -> u64 {
        self.generation << NUMBER_BITS | n
    }

    /// The number of the request of this tag, unless it came before the last reset.
    pub(crate) fn number(&self, tag: u64) -> Option<u64> {
        (tag >> NUMBER_BITS == self.generation).then_some(tag & ((1 << NUMBER_BITS) - 1))
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
            service_ms: moment.service_ms(),
            resets: self.resets,
        }
    }
}

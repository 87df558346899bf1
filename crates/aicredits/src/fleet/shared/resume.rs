//! A fleet and its resume file.

use std::collections::HashMap;
use std::sync::PoisonError;

use super::{Shared, State};
use crate::fleet::outcome::FleetOutcome;
use crate::fleet::resume::{Entry, Found, Record, ResumeFile, age};
use crate::{Balance, Error, ErrorKind};

impl Shared {
    /// With a resume file: what it has is not asked again, and its recent attempts count for the pace.
    pub(in crate::fleet) fn resumed(mut self, file: ResumeFile, found: Found) -> Self {
        let (now, date) = (self.clock.now(), self.clock.date());
        let asks = 0..self.plan.asks.len() as u32;
        let lanes: HashMap<_, _> =
            asks.map(|ask| (self.plan.identity(ask).key, self.plan.lanes[ask as usize])).collect();
        for (key, started_at) in found.starts {
            let (Some(&lane), Some(age)) = (lanes.get(&key), age(started_at, date)) else { continue };
            let at = now.saturating_sub(self.clock.of_server(age));
            self.plan.clients[lane as usize].limits().lock().pace.started_at_once(at);
        }
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.schedule.skip(|ask| found.balances.contains_key(&ask));
        let balances = found.balances.iter();
        let targets =
            balances.flat_map(|(&ask, &entry)| self.plan.targets_of(ask).map(move |index| (index, ask, entry)));
        state.from_file = targets.collect();
        state.from_file.make_contiguous().sort_unstable_by_key(|(index, ..)| *index);
        (state.resumed, state.done) = (state.from_file.len(), state.from_file.len());
        if found.cut > 0 {
            let warning =
                format!("the last line of the resume file was cut ({} bytes) and has been removed", found.cut);
            self.plan.clients[0].record(log::Level::Warn, format_args!("{warning}"));
            state.warnings.push(warning);
        }
        state.resume = Some(file);
        self.has_resume_file = true;
        self
    }

    /// The line of an outcome in the resume file. None for what nobody asked the server, and for the fleet's own end.
    pub(super) fn line(
        &self,
        state: &State,
        ask: u32,
        result: &Result<Balance, Error>,
        reply: Option<&str>,
    ) -> Option<String> {
        let attempts = &state.attempts[ask as usize];
        if state.resume.is_none() || attempts.is_empty() {
            return None;
        }
        let (identity, label) = (self.plan.identity(ask), self.plan.label(ask));
        match result {
            Ok(balance) => Some(Record::line_of_balance(&identity, label, attempts, balance, reply?)),
            Err(error) => match error.kind() {
                ErrorKind::Cancelled | ErrorKind::Closed => None,
                ErrorKind::Timeout if self.end().is_some() => None,
                _ => Some(Record::line_of_error(&identity, label, attempts, error)),
            },
        }
    }

    /// The outcome of a target that the resume file has.
    pub(super) fn restored(&self, state: &State, index: u32, ask: u32, entry: Entry) -> FleetOutcome {
        let target = self.plan.targets[index as usize].clone();
        let changed = || Error::new(ErrorKind::Decode, "the resume file was changed while a fleet used it");
        let record =
            state.resume.as_ref().ok_or_else(changed).and_then(|file| file.record(entry).map_err(|_| changed()));
        let (attempts, read) = match record {
            Ok(Record { attempts, read, .. }) => (attempts, read.ok_or_else(changed)),
            Err(error) => (Vec::new(), Err(error)),
        };
        let ended_at = read.as_ref().map_or_else(|_| self.clock.date(), |read| read.read_at);
        let result = read.map(|read| read.balance).map_err(|error| error.with_request(&target.scope, None, Vec::new()));
        let client = self.plan.lanes[ask as usize];
        FleetOutcome {
            index: index as usize,
            target,
            client,
            result,
            attempts: attempts.into(),
            ended_at,
            is_resumed: true,
        }
    }

    /// The faults of the resume file.
    pub(in crate::fleet) fn warnings(&self) -> Vec<String> {
        self.lock().warnings.clone()
    }
}

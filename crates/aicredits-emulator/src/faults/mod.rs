//! Faults: which request gets which.

mod chance;
mod check;
pub(crate) mod mangle;
mod named;

use chance::Chance;

use crate::facts::Facts;
use crate::protocol::{Connect, ControlError, Fault, FaultMatch, FaultReply, IdCase};

pub use named::{FAULTS, NamedFault, named_fault};

/// The faults that are left, in their order.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    faults: Vec<Active>,
    made: u64,
}

/// A fault. Its `times` and `skip` count down.
#[derive(Debug)]
struct Active {
    name: String,
    fault: Fault,
    chance: Chance,
}

/// The fault that happens to a request.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    pub(crate) reply: FaultReply,
}

impl Faults {
    /// Adds a fault at the end, and returns its name.
    pub(crate) fn add(&mut self, mut fault: Fault) -> Result<String, ControlError> {
        check::check(&fault)?;
        let name = match &fault.fault {
            Some(name) if self.has(name) => {
                let message = format!("there is a fault {name:?} already: clear it, or choose another name");
                return Err(ControlError::new(409, "fault_exists", message).at("/fault"));
            }
            Some(name) => name.clone(),
            None => self.next_name(),
        };
        fault.fault = Some(name.clone());
        let chance = Chance::new(&fault);
        self.faults.push(Active { name: name.clone(), fault, chance });
        Ok(name)
    }

    fn has(&self, name: &str) -> bool {
        self.faults.iter().any(|one| one.name == name)
    }

    fn next_name(&mut self) -> String {
        loop {
            self.made += 1;
            let name = format!("f{}", self.made);
            if !self.has(&name) {
                return name;
            }
        }
    }

    /// Removes the fault of this name, or all, and returns how many. A fault that has happened as often as it should is
    /// no error: it is 0.
    pub(crate) fn clear(&mut self, name: Option<&str>) -> u64 {
        let before = self.faults.len();
        self.faults.retain(|one| name.is_some_and(|name| one.name != name));
        (before - self.faults.len()) as u64
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.faults.iter().map(|one| one.fault.clone()).collect()
    }

    /// The fault that happens to this request of a route. It counts down.
    pub(crate) fn choose(&mut self, facts: &Facts, id_case: IdCase) -> Option<Chosen> {
        let happens = |one: &mut Active| one.fault.reply.is_some() && matches(&one.fault.matches, facts, id_case);
        let index = self.faults.iter_mut().position(|one| happens(one) && one.happens())?;
        let Active { name, fault, .. } = &self.faults[index];
        let chosen = Chosen { name: name.clone(), reply: fault.reply.clone().unwrap_or_default() };
        self.count_down(index);
        Some(chosen)
    }

    /// Whether any of them happens to connections.
    pub(crate) fn is_for_connections(&self) -> bool {
        self.faults.iter().any(|one| one.fault.connect.is_some())
    }

    /// The fault of a new connection. It counts down.
    pub(crate) fn connect(&mut self) -> Option<Connect> {
        let index = self.faults.iter_mut().position(|one| one.fault.connect.is_some() && one.happens())?;
        let connect = self.faults[index].fault.connect;
        self.count_down(index);
        connect
    }

    fn count_down(&mut self, index: usize) {
        match &mut self.faults[index].fault.times {
            Some(..=1) => _ = self.faults.remove(index),
            Some(times) => *times -= 1,
            None => {}
        }
    }
}

impl Active {
    /// Whether it happens to a request that matches. A request that is skipped, or spared by chance, is tried on the
    /// faults after it.
    fn happens(&mut self) -> bool {
        let skip = &mut self.fault.matches.skip;
        if *skip > 0 {
            *skip -= 1;
            return false;
        }
        self.chance.happens()
    }
}

fn matches(wanted: &FaultMatch, facts: &Facts, id_case: IdCase) -> bool {
    let FaultMatch { route, key, account, site, skip: _ } = wanted;
    let is = |wanted: &Option<String>, seen: &Option<String>| wanted.is_none() || wanted == seen;
    // As the API reads the ids of the headers.
    let folds = id_case == IdCase::Folded;
    let is_id = |wanted: &Option<String>, seen: &Option<String>| {
        let folded = wanted.as_ref().zip(seen.as_ref()).filter(|_| folds);
        is(wanted, seen) || folded.is_some_and(|(wanted, seen)| wanted.eq_ignore_ascii_case(seen))
    };
    (route.is_none() || *route == facts.route)
        && is(key, &facts.key)
        && is_id(account, &facts.account)
        && is_id(site, &facts.site)
}

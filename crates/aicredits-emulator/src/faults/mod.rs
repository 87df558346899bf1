//! Faults: which request gets which, and what becomes of its reply.

use crate::facts::Facts;
use crate::protocol::{Connect, ControlError, Fault, FaultReply};

#[derive(Debug, Default)]
pub(crate) struct Faults {
    faults: Vec<Fault>,
    made: u64,
}

/// The fault that happens to a request.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    pub(crate) reply: FaultReply,
}

impl Faults {
    pub(crate) fn new(faults: &[Fault]) -> Result<Self, ControlError> {
        let mut made = Self::default();
        for fault in faults {
            made.add(fault.clone())?;
        }
        Ok(made)
    }

    /// Adds a fault at the end, and returns its name.
    pub(crate) fn add(&mut self, mut fault: Fault) -> Result<String, ControlError> {
        self.made += 1;
        let name = fault.fault.get_or_insert_with(|| format!("f{}", self.made)).clone();
        self.faults.push(fault);
        Ok(name)
    }

    /// Removes the fault of this name, or all, and returns how many.
    pub(crate) fn clear(&mut self, name: Option<&str>) -> Result<u64, ControlError> {
        let before = self.faults.len();
        self.faults.retain(|fault| name.is_some() && fault.fault.as_deref() != name);
        Ok((before - self.faults.len()) as u64)
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.faults.clone()
    }

    /// The fault that happens to this request. It counts down.
    pub(crate) fn choose(&mut self, _facts: &Facts) -> Option<Chosen> {
        None
    }

    /// What happens to a new connection. It counts down.
    pub(crate) fn connect(&mut self) -> Option<Connect> {
        None
    }
}

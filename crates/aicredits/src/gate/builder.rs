use std::time::Duration;

use super::credit_gate::CreditGate;
use crate::{Client, Error};

impl Client {
    /// The settings of a credit gate for this client.
    pub fn gate(&self) -> GateBuilder {
        GateBuilder { client: self.clone() }
    }
}

/// Whether a gate grants although no reading can decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenUnavailable {
    /// It denies.
    #[default]
    Deny,
    /// It grants from the last reading, if that is younger than this.
    Stale(Duration),
    /// It grants.
    Allow,
}

/// The settings of a [`CreditGate`].
#[must_use = "a gate is made by build()"]
pub struct GateBuilder {
    client: Client,
}

impl GateBuilder {
    /// Makes the gate.
    pub fn build(self) -> Result<CreditGate, Error> {
        let _ = self.client;
        Err(Error::unexpected("not built yet"))
    }
}

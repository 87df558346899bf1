//! The targets of a fleet, checked, with equal ones together.

use std::collections::HashMap;
use std::sync::Arc;

use super::resume::Identity;
use super::schedule::Lane;
use super::target::Target;
use crate::settings::Setting;
use crate::text::{escape_for_display, listed};
use crate::{Client, Error, Scope};

/// The targets, and the requests that serve them.
pub(super) struct Plan {
    pub(super) targets: Vec<Target>,
    /// The clients, each once.
    pub(super) clients: Vec<Client>,
    /// The client of each ask.
    pub(super) lanes: Vec<u32>,
    /// The targets of each ask: the first, and those that are equal to it.
    pub(super) asks: Vec<(u32, Vec<u32>)>,
}

impl Plan {
    /// Fails with all wrong targets at once, before anything is sent.
    pub(super) fn new(client: &Client, targets: Vec<Target>) -> Result<Self, Error> {
        let mut plan = Self { clients: vec![client.clone()], lanes: Vec::new(), asks: Vec::new(), targets: Vec::new() };
        if u32::try_from(targets.len()).is_err() {
            return Err(Setting::Targets.error("are more than 4,294,967,295"));
        }
        let (mut faults, mut known) = (Vec::new(), HashMap::<(u32, &Arc<Scope>), usize>::new());
        for (index, target) in targets.iter().enumerate() {
            let lane = plan.lane(target);
            if let Err(error) = plan.clients[lane as usize].check_scope(&target.scope, Setting::TARGET_IDS) {
                faults.push((index, error));
            } else if let Some(&ask) = known.get(&(lane, &target.scope)) {
                plan.asks[ask].1.push(index as u32);
            } else {
                known.insert((lane, &target.scope), plan.asks.len());
                plan.lanes.push(lane);
                plan.asks.push((index as u32, Vec::new()));
            }
        }
        if !faults.is_empty() {
            return Err(named(&faults, &targets));
        }
        drop(known);
        plan.targets = targets;
        Ok(plan)
    }

    /// The client that a target is asked with.
    fn lane(&mut self, target: &Target) -> u32 {
        let client = target.client.as_ref().map_or(&self.clients[0], |(_, client)| client);
        let lane = self.clients.iter().rposition(|known| known.is(client)).unwrap_or(self.clients.len());
        if lane == self.clients.len() {
            let client = client.clone();
            self.clients.push(client);
        }
        lane as u32
    }

    /// The asks by what names them in a resume file. Fails if two clients could not be told apart there.
    pub(super) fn identities(&self) -> Result<HashMap<Identity, u32>, Error> {
        let mut clients = HashMap::new();
        for target in &self.targets {
            let Some((name, client)) = &target.client else { continue };
            if !clients.entry(name).or_insert(client).is(client) {
                let name = escape_for_display(name);
                return Err(
                    Setting::Resume.error(format_args!("needs a name for each client, but two are named {name}"))
                );
            }
        }
        let url = self.clients[0].base_url();
        if self.clients.iter().any(|client| client.base_url() != url) {
            return Err(Setting::Resume.error("needs clients with one base URL"));
        }
        Ok((0..self.asks.len() as u32).map(|ask| (self.identity(ask), ask)).collect())
    }

    /// The label of an ask is that of its first target.
    pub(super) fn label(&self, ask: u32) -> Option<&str> {
        self.targets[self.asks[ask as usize].0 as usize].name()
    }

    /// The identity of an ask is that of its first target.
    pub(super) fn identity(&self, ask: u32) -> Identity {
        let target = &self.targets[self.asks[ask as usize].0 as usize];
        Identity { scope: Arc::clone(&target.scope), key: target.client.as_ref().map(|(name, _)| Arc::clone(name)) }
    }

    /// The targets of an ask.
    pub(super) fn targets_of(&self, ask: u32) -> impl Iterator<Item = u32> + '_ {
        let (first, others) = &self.asks[ask as usize];
        std::iter::once(*first).chain(others.iter().copied())
    }

    /// The queues of the clients, still empty.
    pub(super) fn lanes(&self) -> Vec<Lane> {
        self.clients.iter().map(|client| Lane::new(client.limits(), client.max_concurrency())).collect()
    }
}

/// One error for all targets that are wrong.
fn named(faults: &[(usize, Error)], targets: &[Target]) -> Error {
    let name = |(index, error): &(usize, Error)| {
        let label = targets[*index].name().map(|label| format!(" ({})", escape_for_display(label)));
        format!("target {index}{}: {}", label.unwrap_or_default(), error.marked_message())
    };
    Setting::Targets.error(format_args!("are wrong: {}", listed(faults.iter().map(name).collect())))
}

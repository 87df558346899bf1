//! Credit gates: reservations against a shared estimate of what is left.

mod account;
mod builder;
mod clock;
mod commits;
mod credit_gate;
mod decision;
mod estimate;
mod exhaustion;
mod flight;
mod ledger;
mod outlook;
mod request;
mod reservation;
mod settings;
mod shared;
mod state;
mod step;
mod verdict;
mod wake;
mod waker;
mod when_unavailable;

pub use builder::GateBuilder;
pub use clock::GateClock;
pub use credit_gate::CreditGate;
pub use request::GateRequest;
pub use reservation::Reservation;
pub use state::{GateState, OpenReservation};
pub use step::{Outcome, Step, Want};
pub use wake::Wake;
pub use when_unavailable::WhenUnavailable;

#[cfg(test)]
mod tests;

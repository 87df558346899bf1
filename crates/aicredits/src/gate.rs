//! Credit gates: reservations against a shared estimate of what is left.

mod builder;
mod credit_gate;
mod request;
mod reservation;
mod settings;
mod state;
mod when_unavailable;

pub use builder::GateBuilder;
pub use credit_gate::CreditGate;
pub use request::{GateRequest, Outcome, Step, Wake, Want};
pub use reservation::Reservation;
pub use state::{GateState, OpenReservation};
pub use when_unavailable::WhenUnavailable;

//! The settings of a client, of a call, of a gate and of a fleet, in one table for every language.
//!
//! `cargo xtask generate` reads the table and writes the setters, options and documents of each language. The client
//! and the gate take their defaults and limits from it.
//!
//! The table is one file, `table.rs`. A row's position in it is the order in which `build` reports errors, and the number
//! of the setting's mark in messages. A file per group would need a second list to join the groups in that order. Only
//! the rows of a gate and of a fleet are in `gate.rs` and `fleet.rs`, because the table would be longer than a file may be. The
//! code that checks values is in a file per group: `builder/credential.rs`, `scope.rs`, `endpoint.rs`, `trust.rs` and
//! `proxy.rs`, and `gate/settings.rs`. `given.rs` checks numbers and times of gates and fleets by the limits in their rows.

mod fleet;
mod gate;
pub(crate) mod given;
mod kind;
mod message;
mod row;
mod surface;
mod table;

pub use kind::{Kind, Length};
pub(crate) use message::optional;
pub use row::Row;
pub use surface::Surface;
pub(crate) use table::Setting;
pub use table::{CALL_SETTINGS, FLEET_SETTINGS, GATE_SETTINGS, SETTINGS};

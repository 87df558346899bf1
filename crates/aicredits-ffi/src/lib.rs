//! The C ABI. `include/aicredits.h` is generated from the doc comments here, so they are written for C programmers. A
//! `SAFETY` comment names the caller's duty, as the header states it.
//!
//! - Signatures show ownership: `&T` borrows, `&mut T` borrows exclusively, `Option<Box<T>>` takes ownership or is NULL.
//! - Every entry that does more than look up a name goes through [`ffi_support::boundary`]: a panic ends there, and `errno` stays as
//!   it was.
//! - The order of the modules is the order of the header; blank lines keep rustfmt from sorting them.

#![allow(non_camel_case_types, reason = "the names are those of the header")]
#![allow(unreachable_pub, reason = "C reaches what is public here, and no Rust does")]
#![allow(clippy::missing_safety_doc, reason = "the contract is the prose that C readers see")]

mod breakdown;
mod changes;
mod failure;
mod testing;

mod version;

mod status;

mod scope;

mod config;

mod provider;

mod call;

mod client;

mod timestamp;

mod model;

mod balance;

mod decide;

mod affordability;

mod attempt;

mod field_violation;

mod error;

mod gate_config;

mod gate;

mod reservation;

mod denial;

mod gate_state;

mod gate_request;

mod target;

mod fleet_options;

mod fleet;

mod outcome;

mod layout;

mod log;

mod escape;

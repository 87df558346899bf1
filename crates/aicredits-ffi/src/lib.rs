//! The C ABI. What a C programmer reads is `include/aicredits.h`, which is written from the doc comments here; so they
//! speak C, and a `SAFETY` comment names the duty of the header that its block leans on.
//!
//! - Ownership shows in the signatures: `&T` borrows, `&mut T` borrows alone, `Option<Box<T>>` takes and may be NULL.
//! - Every entry that does more than look up a name goes through [`ffi_support::boundary`]: a panic ends there, and `errno` stays as
//!   it was.
//! - The order of the modules is the order of the header; the blank lines keep it from being sorted.

#![allow(non_camel_case_types, reason = "the names are those of the header")]
#![allow(unreachable_pub, reason = "C reaches what is public here, and no Rust does")]
#![allow(clippy::missing_safety_doc, reason = "the contract is the prose that C readers see")]

mod breakdown;
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

mod attempt;

mod error;

mod layout;

mod log;

mod escape;

//! The C ABI of the emulator. `include/aicredits_emulator.h` is generated from the doc comments here, so they are written
//! for C programmers. A `SAFETY` comment names the caller's duty, as the header states it.
//!
//! The conventions are those of `aicredits-ffi`: signatures show ownership, and every entry goes through
//! [`ffi_support::boundary`]. The order of the modules is the order of the header; blank lines keep rustfmt from sorting
//! them.

#![allow(non_camel_case_types, reason = "the names are those of the header")]
#![allow(unreachable_pub, reason = "C reaches what is public here, and no Rust does")]
#![allow(clippy::missing_safety_doc, reason = "the contract is the prose that C readers see")]

mod allocator;
mod document;
mod testing;

mod emulator;

mod reply;

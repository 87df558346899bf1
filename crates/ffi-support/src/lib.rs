//! The parts that every C layer of this repository needs. They know nothing of credits.
//!
//! - [`boundary`]: the frame of every entry. A panic becomes an error, and `errno` and the cancellation state stay as they
//!   were.
//! - [`text`]: strings, arrays and bytes, in and out.
//! - [`user_data`]: the `void *user` of a callback and its destructor.
//! - [`testing`]: with the feature of that name, panics on request and counts of handles.

#![allow(
    clippy::not_unsafe_ptr_arg_deref,
    reason = "an entry passes on a pointer from C, which the header requires to be NULL or valid"
)]

pub mod argument;
pub mod boundary;
pub mod testing;
pub mod text;
pub mod user_data;

//! Another Rust archive, compiled by another version of the compiler: it panics, and catches it.

use std::panic::catch_unwind;

#[no_mangle]
pub extern "C" fn other_catches_its_panic() -> i32 {
    let caught = catch_unwind(|| panic!("the other archive panics"));
    let in_a_thread = std::thread::spawn(|| catch_unwind(|| panic!("and in a thread")).is_err()).join();
    i32::from(caught.is_err() && in_a_thread.unwrap_or(false))
}

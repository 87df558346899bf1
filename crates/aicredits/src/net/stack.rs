//! The free stack of the calling thread.

// The limits of the stack come from `pthread_getattr_np`.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ptr;

use crate::{Error, ErrorKind};

/// The most stack that a TLS handshake needs in a release build. Measured: 18 to 22 KiB.
const HANDSHAKE: usize = 24 * 1024;

/// Refuses a handshake that would run off the stack, which ends the process. Called once per TLS connection, not on a
/// warm call: it allocates and asks the system.
pub(super) fn suffices_for_tls() -> Result<(), Error> {
    match left() {
        Some(left) if left < HANDSHAKE => Err(Error::new(ErrorKind::Tls, too_small(left))),
        _ => Ok(()),
    }
}

fn too_small(left: usize) -> String {
    format!(
        "this thread has {} KiB of its stack left, and a TLS handshake needs {}; give threads that make calls a stack of \
         48 KiB or more",
        left / 1024,
        HANDSHAKE / 1024
    )
}

/// `None` if it is not known: on the main thread, whose stack grows, and on another stack, such as a coroutine's.
fn left() -> Option<usize> {
    // Not libc's `gettid`, which is in glibc since 2.30 alone.
    if rustix::thread::gettid() == rustix::process::getpid() {
        return None;
    }
    let (mut lowest, mut size) = (ptr::null_mut(), 0);
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: it fills in the attributes of this thread, or fails.
    if unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: they are filled in, and destroyed once.
    let known = unsafe {
        let known = libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size) == 0;
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        known
    };
    let here = ptr::from_ref(&size).addr();
    here.checked_sub(lowest.addr()).filter(|&left| known && left < size)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_free_stack_is_less_than_the_whole_stack() {
        let left = thread::Builder::new().stack_size(256 * 1024).spawn(left).unwrap().join().unwrap();
        assert!((128 * 1024..256 * 1024).contains(&left.unwrap()), "{left:?}");
        assert!(suffices_for_tls().is_ok());
    }

    #[test]
    fn the_message_says_what_to_do() {
        assert_eq!(
            too_small(10_300),
            "this thread has 10 KiB of its stack left, and a TLS handshake needs 24; give threads that make calls a \
             stack of 48 KiB or more"
        );
    }
}

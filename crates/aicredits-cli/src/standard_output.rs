//! The standard output that the process inherited. A write to a closed one is an error here.
//!
//! std hides two such errors: its start-up code opens /dev/null in place of a closed standard stream, and its `Stdout`
//! ignores EBADF.

#![allow(unsafe_code, reason = "only a function in .init_array runs before std's start-up code")]

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::{Errno, fcntl_getfd};

static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

// The C runtime calls the function in this section once, before `main`, on the only thread. The function makes one
// system call, and needs no part of std that `main` initializes.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = note_whether_closed;

extern "C" fn note_whether_closed() {
    WAS_CLOSED.store(fcntl_getfd(rustix::stdio::stdout()).is_err(), Ordering::Relaxed);
}

/// Unbuffered.
pub(crate) fn open() -> io::Result<File> {
    match WAS_CLOSED.load(Ordering::Relaxed) {
        true => Err(Errno::BADF.into()),
        false => Ok(io::stdout().as_fd().try_clone_to_owned()?.into()),
    }
}

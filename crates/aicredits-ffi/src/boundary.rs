//! What every entry passes, so that no panic unwinds into C, no call disturbs its caller, and `pthread_cancel()` does not
//! unwind into Rust.

use std::any::Any;
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

use aicredits::Error;

use crate::error::aicredits_error;
use crate::status::{AICREDITS_STATUS_INVALID_ARGUMENT, AICREDITS_STATUS_OK, AICREDITS_STATUS_PANIC, aicredits_status};
use crate::testing;

/// Why a fallible entry fails.
pub(crate) enum Failure {
    /// The core refused.
    Core(Error),
    /// An argument that cannot even be handed to the core.
    Argument { name: &'static str, fault: &'static str },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<Failure> for aicredits_error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Core(error) => Self::from(error),
            Failure::Argument { name, fault } => {
                Self::of_this_layer(AICREDITS_STATUS_INVALID_ARGUMENT, format!("{name} {fault}"))
            }
        }
    }
}

/// An entry that cannot fail: it gives `fallback` where it panics, which is a bug of ours.
pub(crate) fn infallible<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    let work = || {
        testing::panic_if_asked();
        work()
    };
    with_errno_kept(|| without_cancellation(|| catch_unwind(AssertUnwindSafe(work)).unwrap_or(fallback)))
}

/// As [`infallible`], for an entry that a signal handler may call: `pthread_setcancelstate()` is not async-signal-safe.
/// Its work must reach no cancellation point.
pub(crate) fn signal_safe<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    let work = || {
        testing::panic_if_asked();
        work()
    };
    with_errno_kept(|| catch_unwind(AssertUnwindSafe(work)).unwrap_or(fallback))
}

/// An entry that can fail: its status is the error's, and the error goes to `out` unless that is NULL.
pub(crate) fn fallible(out: *mut *mut aicredits_error, work: impl FnOnce() -> Result<(), Failure>) -> aicredits_status {
    let work = || {
        testing::panic_if_asked();
        work().map_err(|failure| Box::new(aicredits_error::from(failure)))
    };
    with_errno_kept(|| {
        let error = match without_cancellation(|| catch_unwind(AssertUnwindSafe(work))) {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error),
            Err(panic) => Some(Box::new(aicredits_error::of_this_layer(AICREDITS_STATUS_PANIC, describe(&*panic)))),
        };
        let status = error.as_ref().map_or(AICREDITS_STATUS_OK, |error| error.status());
        if !out.is_null() {
            // SAFETY: not NULL, so the caller vouches that it points to a pointer that may be written.
            unsafe { out.write(error.map_or(std::ptr::null_mut(), Box::into_raw)) };
        }
        status
    })
}

/// Writes a handle where the caller wants it. Called before any work, so that the output is NULL on every failure.
pub(crate) fn clear<T>(name: &'static str, out: *mut *mut T) -> Result<(), Failure> {
    if out.is_null() {
        return Err(Failure::Argument { name, fault: "is NULL" });
    }
    // SAFETY: not NULL, so the caller vouches that it points to a pointer that may be written.
    unsafe { out.write(std::ptr::null_mut()) };
    Ok(())
}

fn describe(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a bug in libaicredits, please report it: {}", message.unwrap_or("a panic without a message"))
}

fn with_errno_kept<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the address of this thread's errno is valid for as long as the thread is.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { errno.read() };
    let result = work();
    // SAFETY: as above; still the same thread.
    unsafe { errno.write(before) };
    result
}

/// cbindgen:ignore
mod pthread {
    use std::ffi::c_int;

    unsafe extern "C" {
        // The crate `libc` does not declare it for Linux.
        pub(super) fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }
}

/// `PTHREAD_CANCEL_DISABLE` of glibc and of musl.
const DISABLE: c_int = 1;

/// Disables `pthread_cancel()` of this thread while `work` runs. At a cancellation point it would unwind through Rust's
/// frames, which aborts the process. A request stays pending, and takes effect at the caller's next cancellation point.
fn without_cancellation<T>(work: impl FnOnce() -> T) -> T {
    let mut before = 0;
    // SAFETY: the state is one of the two that there are, and the other pointer is valid for the call.
    unsafe { pthread::pthread_setcancelstate(DISABLE, &raw mut before) };
    // It does not unwind: each caller catches panics in it.
    let result = work();
    // SAFETY: as above; the state is the one that this thread had.
    unsafe { pthread::pthread_setcancelstate(before, &raw mut before) };
    result
}

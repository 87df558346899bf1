//! The frame of every entry: no panic unwinds into C, no call changes the caller's `errno`, and `pthread_cancel()` does
//! not unwind into Rust.

use std::any::Any;
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::argument::ArgumentFault;
use crate::testing;

/// The status of a call that succeeded, in every library.
pub const OK: i32 = 0;

/// The error handle of a library.
pub trait ErrorHandle: From<Self::Failure> {
    /// Why an entry of the library fails.
    type Failure;

    /// The handle of a panic, which is a bug in the library.
    fn of_panic(message: &str) -> Self;

    /// The status that the entry returns. It is not [`OK`].
    fn status(&self) -> i32;
}

/// Runs an entry that cannot fail. It returns `fallback` after a panic, which is a bug in the library.
pub fn infallible<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    with_errno_kept(|| without_cancellation(|| caught(work).unwrap_or(fallback)))
}

/// As [`infallible`], for an entry that a signal handler may call: `pthread_setcancelstate()` is not async-signal-safe.
/// `work` must reach no cancellation point.
pub fn signal_safe<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    with_errno_kept(|| caught(work).unwrap_or(fallback))
}

/// Runs an entry that can fail, and returns its status. The error goes to `out`, unless `out` is NULL.
/// `out` is NULL, or points to a pointer that may be written.
pub fn fallible<E: ErrorHandle>(out: *mut *mut E, work: impl FnOnce() -> Result<(), E::Failure>) -> i32 {
    let work = || work().map_err(|failure| Box::new(E::from(failure)));
    with_errno_kept(|| {
        let error = match without_cancellation(|| caught(work)) {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error),
            Err(panic) => Some(Box::new(E::of_panic(message(&*panic)))),
        };
        let status = error.as_ref().map_or(OK, |error| error.status());
        if !out.is_null() {
            // SAFETY: not NULL, so the caller promises that it points to a pointer that may be written.
            unsafe { out.write(error.map_or(std::ptr::null_mut(), Box::into_raw)) };
        }
        status
    })
}

/// Runs an entry that always hands out a handle, and returns the handle's status. The handle goes to `out`, unless `out`
/// is NULL. `out` is NULL, or points to a pointer that may be written.
pub fn answered<E: ErrorHandle>(out: *mut *mut E, work: impl FnOnce() -> E) -> i32 {
    with_errno_kept(|| {
        let answer = match without_cancellation(|| caught(|| Box::new(work()))) {
            Ok(answer) => answer,
            Err(panic) => Box::new(E::of_panic(message(&*panic))),
        };
        let status = answer.status();
        if !out.is_null() {
            // SAFETY: not NULL, so the caller promises that it points to a pointer that may be written.
            unsafe { out.write(Box::into_raw(answer)) };
        }
        status
    })
}

/// Writes NULL to the place of a handle. An entry calls it first, so that the output is NULL after every failure.
/// `out` is NULL, or points to a pointer that may be written.
pub fn clear<T>(name: &'static str, out: *mut *mut T) -> Result<(), ArgumentFault> {
    if out.is_null() {
        return Err(ArgumentFault::is_null(name));
    }
    // SAFETY: not NULL, so the caller promises that it points to a pointer that may be written.
    unsafe { out.write(std::ptr::null_mut()) };
    Ok(())
}

fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| {
        testing::panic_if_requested();
        work()
    }))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

fn with_errno_kept<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the address of this thread's errno is valid while the thread runs.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { errno.read() };
    let result = work();
    // SAFETY: as above; it is still the same thread.
    unsafe { errno.write(before) };
    result
}

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
    // SAFETY: the state is one of the two that exist, and the other pointer is valid for the call.
    unsafe { pthread::pthread_setcancelstate(DISABLE, &raw mut before) };
    // It does not unwind: each caller catches panics in it.
    let result = work();
    // SAFETY: as above; the state is the one that this thread had.
    unsafe { pthread::pthread_setcancelstate(before, &raw mut before) };
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Handle(String);

    impl From<&'static str> for Handle {
        fn from(failure: &'static str) -> Self {
            Self(failure.to_owned())
        }
    }

    impl ErrorHandle for Handle {
        type Failure = &'static str;

        fn of_panic(message: &str) -> Self {
            Self(format!("panic: {message}"))
        }

        fn status(&self) -> i32 {
            7
        }
    }

    fn outcome(work: impl FnOnce() -> Result<(), &'static str>) -> (i32, Option<String>) {
        let mut out: *mut Handle = std::ptr::null_mut();
        let status = fallible(&raw mut out, work);
        // SAFETY: it is NULL, or `fallible` made it from a box.
        (status, (!out.is_null()).then(|| unsafe { Box::from_raw(out) }.0))
    }

    #[test]
    fn a_failure_and_a_panic_become_a_status_and_an_error() {
        assert_eq!(outcome(|| Ok(())), (OK, None));
        assert_eq!(outcome(|| Err("no")), (7, Some("no".to_owned())));
        assert_eq!(outcome(|| panic!("a bug")), (7, Some("panic: a bug".to_owned())));
        assert_eq!(outcome(|| panic!("bug {}", 2)), (7, Some("panic: bug 2".to_owned())));
        assert_eq!(fallible::<Handle>(std::ptr::null_mut(), || Err("no")), 7);
    }

    #[test]
    fn an_answer_is_handed_out_and_a_panic_is_one() {
        let answer = |work: fn() -> Handle| {
            let mut out: *mut Handle = std::ptr::null_mut();
            let status = answered(&raw mut out, work);
            // SAFETY: `answered` made it from a box.
            (status, unsafe { Box::from_raw(out) }.0)
        };
        assert_eq!(answer(|| Handle("yes".to_owned())), (7, "yes".to_owned()));
        assert_eq!(answer(|| panic!("a bug")), (7, "panic: a bug".to_owned()));
        assert_eq!(answered(std::ptr::null_mut(), || Handle(String::new())), 7);
    }

    #[test]
    fn a_panic_gives_the_fallback() {
        assert_eq!(infallible(3, || panic!("a bug")), 3);
        assert_eq!(signal_safe(3, || panic!("a bug")), 3);
        assert_eq!(infallible(3, || 4), 4);
    }

    #[test]
    fn errno_and_the_cancellation_state_stay() {
        let errno = || std::io::Error::last_os_error().raw_os_error();
        let fail = || drop(std::fs::File::open("/no/such/file"));
        // SAFETY: the address of this thread's errno is valid.
        unsafe { *libc::__errno_location() = libc::EINTR };
        infallible((), fail);
        signal_safe((), fail);
        assert_eq!(errno(), Some(libc::EINTR));
        let state = || {
            let mut before = -1;
            // SAFETY: the state is one of the two that exist, and the pointer is valid for the call.
            unsafe { pthread::pthread_setcancelstate(DISABLE, &raw mut before) };
            // SAFETY: as above; the state is the one that this thread had.
            unsafe { pthread::pthread_setcancelstate(before, std::ptr::null_mut()) };
            before
        };
        let outside = state();
        assert_ne!(outside, DISABLE);
        assert_eq!(infallible(-1, state), DISABLE);
        assert_eq!(state(), outside);
    }

    #[test]
    fn an_output_is_cleared_and_null_is_named() {
        let mut out = std::ptr::dangling_mut::<u8>();
        assert_eq!(clear("balance", &raw mut out), Ok(()));
        assert!(out.is_null());
        let fault = clear::<u8>("balance", std::ptr::null_mut()).unwrap_err();
        assert_eq!(fault.to_string(), "balance is NULL");
    }
}

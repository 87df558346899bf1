//! The boundary for panics: a bug of the command is a failure with its own exit status.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use crate::exit::{Exit, Failure};

thread_local! {
    /// The place in the source of this thread's last panic.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces the message that Rust prints of a panic in this thread: it would not be JSON. [`caught`] reports the panic.
pub(crate) fn keep_silent() {
    let caller = thread::current().id();
    let standard = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != caller {
            return standard(info);
        }
        PLACE.set(info.location().map(ToString::to_string));
    }));
}

/// Runs `run`. The failure of a panic names its place only, because the text of a panic may repeat an argument.
pub(crate) fn caught<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let place = PLACE.take().map_or_else(String::new, |place| format!(" at {place}"));
        Err(Failure::new(Exit::Other, format!("a bug in this command: it panicked{place}; please report it")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_error;

    #[test]
    fn a_panic_is_a_failure_with_the_status_of_a_bug() {
        keep_silent();
        let failure = caught(|| -> Result<Exit, Failure> { panic!("with IST.canary") }).unwrap_err();
        assert_eq!(failure.exit.code(), 70);
        assert!(failure.message.starts_with("a bug in this command: it panicked at "), "{}", failure.message);
        assert!(failure.message.contains("panic.rs:") && !failure.message.contains("canary"), "{}", failure.message);
        let answer: serde_json::Value = serde_json::from_str(&json_error::answer(&failure)).unwrap();
        assert_eq!((&answer["answer"], &answer["exit_status"]), (&"error".into(), &70.into()));
        assert_eq!(caught(|| Ok(Exit::No)).unwrap(), Exit::No);
    }
}

//! Exceptions of the user's callbacks: the credential provider, the log handler and the handlers of signals.
//!
//! An exception must not unwind through the library. It is kept for the call in flight, and raised when the call returns.

use std::cell::RefCell;
use std::hint;
use std::mem;

use pyo3::exceptions::{PyException, PyGeneratorExit, PyKeyboardInterrupt};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::errors::raised;

/// The exceptions of one call.
#[derive(Default)]
struct Kept {
    /// Ends the call: KeyboardInterrupt and the like, and any exception of a signal handler.
    end: Option<PyErr>,
    /// The exception of the credential provider. It becomes the `__cause__` of the call's exception.
    cause: Option<PyErr>,
}

thread_local! {
    /// A stack with one entry per call of this thread: a provider may call another client.
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// The entry of one call. Dropping it removes the entry.
struct Frame;

impl Frame {
    fn enter() -> Self {
        KEPT.with_borrow_mut(|kept| kept.push(Kept::default()));
        Self
    }

    fn leave(self) -> Kept {
        KEPT.with_borrow_mut(|kept| kept.last_mut().map(mem::take)).unwrap_or_default()
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        drop(KEPT.with_borrow_mut(Vec::pop));
    }
}

/// Stores an exception for the innermost call of this thread. Returns it if no call is in flight.
///
/// The exception that was there before is dropped after the borrow, because dropping it may run Python code.
fn keep(error: PyErr, place: impl FnOnce(&mut Kept) -> &mut Option<PyErr>) -> Option<PyErr> {
    let mut error = Some(error);
    drop(KEPT.with_borrow_mut(|kept| kept.last_mut().map(|kept| mem::replace(place(kept), error.take()))));
    error
}

/// Runs the library without the GIL. Raises the library's error, or the exception of a callback that ended the call.
pub(crate) fn run<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, aicredits::Error> + Send) -> PyResult<T> {
    let frame = Frame::enter();
    let result = py.detach(work);
    let kept = frame.leave();
    match (kept.end, result) {
        (Some(end), _) => Err(end),
        (None, result) => result.map_err(|error| raised_from(py, &error, kept.cause)),
    }
}

/// The exception for an error of the core, with the exception of the credential provider as its cause.
///
/// The cause of a gate's denial is the error of its reading: then that one gets the cause.
pub(crate) fn raised_from(py: Python<'_>, error: &aicredits::Error, cause: Option<PyErr>) -> PyErr {
    let error = raised(py, error);
    if cause.is_some() {
        match error.cause(py) {
            None => error.set_cause(py, cause),
            Some(of_reading) => {
                of_reading.set_cause(py, cause);
                error.set_cause(py, Some(of_reading));
            }
        }
    }
    error
}

/// Takes the exception of the credential provider from the innermost call of this thread, for an error that is raised later.
pub(crate) fn take_cause() -> Option<PyErr> {
    KEPT.with_borrow_mut(|kept| kept.last_mut().and_then(|kept| kept.cause.take()))
}

/// Whether a signal handler or another callback has ended the call. The thread of the call asks every 50 ms.
///
/// Python runs signal handlers in the main thread only.
pub(crate) fn is_interrupted() -> bool {
    if let Some(Err(error)) = Python::try_attach(|py| py.check_signals()) {
        keep(error, |kept| &mut kept.end);
    }
    has_ended()
}

/// Whether a callback has ended the call.
pub(crate) fn has_ended() -> bool {
    KEPT.with_borrow(|kept| kept.last().is_some_and(|kept| kept.end.is_some()))
}

/// `PyObject_CallObject`, which may unwind. pyo3 declares it as a function that does not.
type CallObject = unsafe extern "C-unwind" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject;

/// The pointer is opaque to the compiler. A second declaration of the function, next to pyo3's, is not enough: link-time
/// optimization merges both.
fn call_object() -> CallObject {
    let declared: unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject =
        ffi::PyObject_CallObject;
    // SAFETY: it is the same function with the same arguments, and the caller of this pointer may be unwound.
    unsafe { mem::transmute::<_, CallObject>(hint::black_box(declared)) }
}

/// Parks a thread that Python unwinds, for ever: the frames of the library above it must not be unwound.
struct ParkOnUnwind;

impl Drop for ParkOnUnwind {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

/// Calls a function of the user, inside a call of the library.
///
/// Before 3.14, Python ends a daemon thread that returns to it during finalization, by unwinding the thread.
pub(crate) fn call<'py>(function: &Bound<'py, PyAny>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    let guard = ParkOnUnwind;
    // SAFETY: both objects are borrowed during the call, and the thread holds the GIL.
    let result = unsafe { call_object()(function.as_ptr(), arguments.as_ptr()) };
    mem::forget(guard);
    // SAFETY: the function returns a new reference, or NULL with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(function.py(), result) }
}

/// Keeps the exception of the credential provider, and returns its text in one line.
pub(crate) fn keep_cause(py: Python<'_>, error: PyErr) -> String {
    let class = name(&error.get_type(py));
    if ends(py, &error) {
        end(py, error);
        return class;
    }
    let text = match error.value(py).str() {
        Ok(text) if text.is_empty().unwrap_or_default() => class,
        Ok(text) => format!("{class}: {}", text.to_string_lossy()),
        Err(failed) => {
            report(py, failed);
            class
        }
    };
    keep(error, |kept| &mut kept.cause);
    text
}

/// Handles an exception that is no failure of the call, such as one of a log handler: `sys.unraisablehook` gets it, or it
/// ends the call.
pub(crate) fn report(py: Python<'_>, error: PyErr) {
    if ends(py, &error) {
        end(py, error);
    } else {
        error.write_unraisable(py, None);
    }
}

/// Whether an exception ends the call, as KeyboardInterrupt does.
///
/// GeneratorExit and asyncio's CancelledError do not: the task that awaits the call would seem to be cancelled.
fn ends(py: Python<'_>, error: &PyErr) -> bool {
    let is_asyncio_cancelled = || {
        let modules = py.import("sys")?.getattr("modules")?;
        let asyncio = modules.call_method1("get", ("asyncio",))?;
        Ok::<_, PyErr>(!asyncio.is_none() && error.matches(py, asyncio.getattr("CancelledError")?)?)
    };
    !(error.is_instance_of::<PyException>(py)
        || error.is_instance_of::<PyGeneratorExit>(py)
        || is_asyncio_cancelled().unwrap_or_default())
}

fn end(py: Python<'_>, error: PyErr) {
    match keep(error, |kept| &mut kept.end) {
        None => {}
        // No call is in flight in this thread. Python raises KeyboardInterrupt again in the main thread.
        // SAFETY: the function may be called at any time.
        Some(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => unsafe { ffi::PyErr_SetInterrupt() },
        Some(error) => error.write_unraisable(py, None),
    }
}

/// The name of a class, for messages.
pub(crate) fn name(class: &Bound<'_, PyType>) -> String {
    class.qualname().map_or_else(|_| "something".to_owned(), |name| name.to_string_lossy().into_owned())
}

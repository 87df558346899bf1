//! What Python raises while the library runs: in a provider, in the function for log records, in a signal's handler. It
//! cannot pass through the library, so it is kept until the call is back, and raised there.

use std::cell::RefCell;
use std::hint;
use std::mem;

use pyo3::exceptions::{PyException, PyGeneratorExit, PyKeyboardInterrupt};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::errors::raised;

#[derive(Default)]
struct Kept {
    /// What ends the call: KeyboardInterrupt and the like, and whatever a signal's handler raised.
    end: Option<PyErr>,
    /// Why the provider had no credential.
    cause: Option<PyErr>,
}

thread_local! {
    /// One for each call of this thread: a provider may make calls of another client.
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

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

/// Puts it where the innermost call finds it; gives it back where there is none. What was there is dropped outside of the
/// borrow, as that may run Python.
fn keep(error: PyErr, place: impl FnOnce(&mut Kept) -> &mut Option<PyErr>) -> Option<PyErr> {
    let mut error = Some(error);
    drop(KEPT.with_borrow_mut(|kept| kept.last_mut().map(|kept| mem::replace(place(kept), error.take()))));
    error
}

/// Runs the library without the GIL, and raises its error, or what Python raised meanwhile.
pub(crate) fn run<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, aicredits::Error> + Send) -> PyResult<T> {
    let frame = Frame::enter();
    let result = py.detach(work);
    let kept = frame.leave();
    match (kept.end, result) {
        (Some(end), _) => Err(end),
        (None, result) => result.map_err(|error| {
            let error = raised(py, &error);
            if kept.cause.is_some() {
                error.set_cause(py, kept.cause);
            }
            error
        }),
    }
}

/// Whether the call is to end: asked by its thread now and then. Signals are the main thread's.
pub(crate) fn is_interrupted() -> bool {
    if let Some(Err(error)) = Python::try_attach(|py| py.check_signals()) {
        keep(error, |kept| &mut kept.end);
    }
    has_ended()
}

/// Whether the user's own code has ended the call.
pub(crate) fn has_ended() -> bool {
    KEPT.with_borrow(|kept| kept.last().is_some_and(|kept| kept.end.is_some()))
}

/// `PyObject_CallObject`, which pyo3 declares as one that does not unwind.
type CallObject = unsafe extern "C-unwind" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject;

/// Through a pointer that the compiler cannot see through. Beside pyo3's declaration a second one, which unwinds, is not
/// enough: link-time optimization takes one for both.
fn call_object() -> CallObject {
    let declared: unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject =
        ffi::PyObject_CallObject;
    // SAFETY: the same function and the same arguments; the caller may be unwound.
    unsafe { mem::transmute::<_, CallObject>(hint::black_box(declared)) }
}

/// Has a thread that is to be taken down here stay here: what it would unwind through must not be unwound.
struct Stay;

impl Drop for Stay {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

/// Calls the user's own function, from within the library.
///
/// Before 3.14, Python ends a daemon thread that comes back to it while the interpreter is taken down, by unwinding it.
pub(crate) fn call<'py>(function: &Bound<'py, PyAny>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    let stay = Stay;
    // SAFETY: both are borrowed for as long as it takes, and the thread is attached.
    let result = unsafe { call_object()(function.as_ptr(), arguments.as_ptr()) };
    mem::forget(stay);
    // SAFETY: it gives a new reference, or NULL and an exception.
    unsafe { Bound::from_owned_ptr_or_err(function.py(), result) }
}

/// Keeps why the provider failed, and tells it in one line.
pub(crate) fn keep_cause(py: Python<'_>, error: PyErr) -> String {
    let class = name(&error.get_type(py));
    if ends(py, &error) {
        end(py, error);
        return class;
    }
    let told = match error.value(py).str() {
        Ok(text) if text.is_empty().unwrap_or_default() => class,
        Ok(text) => format!("{class}: {}", text.to_string_lossy()),
        Err(failed) => {
            pass_over(py, failed);
            class
        }
    };
    keep(error, |kept| &mut kept.cause);
    told
}

/// What was raised where it is no failure of the call, as by the function for log records: Python's hook is told of it,
/// unless it is to end the call.
pub(crate) fn pass_over(py: Python<'_>, error: PyErr) {
    if ends(py, &error) {
        end(py, error);
    } else {
        error.write_unraisable(py, None);
    }
}

/// Whether it is to end the call, as KeyboardInterrupt is. What some code's own coroutines were ended with is not: it
/// would pass for the cancelling of whoever awaits the call.
fn ends(py: Python<'_>, error: &PyErr) -> bool {
    let is_asyncios = || {
        let modules = py.import("sys")?.getattr("modules")?;
        let asyncio = modules.call_method1("get", ("asyncio",))?;
        Ok::<_, PyErr>(!asyncio.is_none() && error.matches(py, asyncio.getattr("CancelledError")?)?)
    };
    !(error.is_instance_of::<PyException>(py)
        || error.is_instance_of::<PyGeneratorExit>(py)
        || is_asyncios().unwrap_or_default())
}

fn end(py: Python<'_>, error: PyErr) {
    match keep(error, |kept| &mut kept.end) {
        None => {}
        // No call is under way in this thread. It is as if Ctrl-C came a moment later.
        // SAFETY: it may be called at any time.
        Some(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => unsafe { ffi::PyErr_SetInterrupt() },
        Some(error) => error.write_unraisable(py, None),
    }
}

/// A class's name, as messages show it.
pub(crate) fn name(class: &Bound<'_, PyType>) -> String {
    class.qualname().map_or_else(|_| "something".to_owned(), |name| name.to_string_lossy().into_owned())
}

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// Cancels calls from another thread.
///
/// Pass it to a call, and call ``cancel()`` from any thread: the call then raises ``aicredits.CancelledError``.
///
/// - One Cancel may be passed to several calls, also of several clients. ``cancel()`` ends all of them.
/// - ``cancel()`` is final: a call that starts later with the same Cancel fails at once and sends nothing.
/// - ``cancel()`` after the end of a call does not change its result.
///
/// Thread-safe. After a ``fork``, ``cancel()`` ends the calls of the calling process only. AsyncClient takes no Cancel:
/// cancel the task instead.
#[pyclass(frozen, weakref, module = "aicredits")]
#[derive(Default)]
pub(crate) struct Cancel(pub(crate) aicredits::Cancel);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Ends the calls that have this Cancel. Does not block, and may be called more than once.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether ``cancel()`` was called.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("<aicredits.Cancel{}>", if self.is_cancelled() { " cancelled" } else { "" })
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a Cancel cannot be pickled or copied: it ends calls of this process only"))
    }
}

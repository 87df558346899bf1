//! The credential provider: the user's Python function.

use arc_swap::ArcSwapOption;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::callbacks;

/// The user's function, where the garbage collector finds it: the function may refer to the client.
///
/// It is empty after the client is closed. It is read without a lock: a lock held during a fork would block the child.
#[derive(Default)]
pub(crate) struct Provider(ArcSwapOption<Py<PyAny>>);

impl Provider {
    pub(crate) fn set(&self, function: Option<Bound<'_, PyAny>>) {
        self.0.store(function.map(|function| function.unbind().into()));
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0.load().as_ref().map_or(Ok(()), |function| visit.call(&**function))
    }

    /// Calls the function. The error says in one line why there is no credential. The exception itself becomes the cause
    /// of the call's exception, or ends the call.
    pub(crate) fn credential(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let credential = |py: Python<'_>| {
            let function = self.0.load().as_ref().map(|function| function.clone_ref(py));
            let function = function.ok_or("the client is closed")?.into_bound(py);
            let returned = callbacks::call(&function, &PyTuple::empty(py));
            let returned = returned.map_err(|error| callbacks::keep_cause(py, error))?;
            let class = callbacks::name(&returned.get_type());
            if class == "coroutine" {
                // An open coroutine would make Python warn that it was never awaited.
                returned.call_method0("close").map_err(|error| callbacks::keep_cause(py, error))?;
                return Err("it is an async function, which only AsyncClient takes".into());
            }
            let text = returned.cast::<PyString>().map_err(|_| format!("it returned {class}, not str"))?;
            let text = text.to_cow().map_err(|_| "it returned a str that is not valid Unicode")?;
            Ok(text.into_owned())
        };
        Python::try_attach(credential).unwrap_or_else(|| Err("the interpreter is shutting down".into()))
    }
}

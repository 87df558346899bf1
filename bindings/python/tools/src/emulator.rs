use std::mem;
use std::process;
use std::sync::{PoisonError, RwLock};

use aicredits_emulator::{ControlReply, Secret, StartError};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A running emulator, with JSON in and out. `aicredits.testing.Emulator` is made of it. Thread-safe.
///
/// A forked child has a copy without threads, whose locks other threads of the parent may hold. So the child uses
/// neither, and does not drop the copy.
#[pyclass(frozen, weakref, module = "aicredits._tools")]
pub(crate) struct Emulator {
    /// An action borrows it, and `close` takes it. Both wait without the GIL.
    running: RwLock<Option<aicredits_emulator::Emulator>>,
    owner: u32,
    url: String,
    api_key: Secret,
    site_key: Secret,
    account_id: String,
    site_id: String,
    ca_pem: Option<String>,
}

#[pymethods]
impl Emulator {
    /// Starts an emulator with these options, a JSON object.
    ///
    /// Returns it, or the status and the JSON of the reply that says which option is wrong. Raises OSError if it cannot
    /// listen.
    #[staticmethod]
    fn start<'py>(py: Python<'py>, options: &str) -> PyResult<Bound<'py, PyAny>> {
        match py.detach(|| aicredits_emulator::Emulator::from_json(options)) {
            Ok(emulator) => Ok(Bound::new(py, Self::new(emulator))?.into_any()),
            Err(StartError::Listen(error)) => Err(error.into()),
            Err(error) => Ok((error.status(), error.json()).into_pyobject(py)?.into_any()),
        }
    }

    /// Runs an action: the status and the JSON of its reply.
    fn control(&self, py: Python<'_>, action: &str, request: &str) -> PyResult<(u16, String)> {
        self.with(py, |emulator| {
            let ControlReply { status, json } = emulator.control(action, request);
            (status, json)
        })
    }

    /// The base URL.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// The first key with account-level access; empty if there is none.
    #[getter]
    fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The first key with site-level access alone; empty if there is none.
    #[getter]
    fn site_key(&self) -> &str {
        &self.site_key
    }

    /// The first account; empty if there is none.
    #[getter]
    fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The first site of the first account; empty if there is none.
    #[getter]
    fn site_id(&self) -> &str {
        &self.site_id
    }

    /// The certificate authority, if it serves TLS.
    #[getter]
    fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Stops the server and joins its threads. More than one call is fine. In a forked child it does nothing.
    fn close(&self, py: Python<'_>) {
        if self.is_ours() {
            py.detach(|| {
                let running = self.running.write().unwrap_or_else(PoisonError::into_inner).take();
                drop(running);
            });
        }
    }

    fn __repr__(&self) -> String {
        format!("<aicredits._tools.Emulator {}>", self.url)
    }

    fn __reduce__<'py>(&self) -> PyResult<Bound<'py, PyTuple>> {
        Err(PyTypeError::new_err("an Emulator cannot be pickled or copied: its server belongs to this process"))
    }
}

impl Emulator {
    fn new(emulator: aicredits_emulator::Emulator) -> Self {
        Self {
            owner: process::id(),
            url: emulator.url(),
            api_key: emulator.api_key().into(),
            site_key: emulator.site_key().into(),
            ca_pem: emulator.ca_pem().map(str::to_owned),
            account_id: emulator.account_id().to_owned(),
            site_id: emulator.site_id().to_owned(),
            running: RwLock::new(Some(emulator)),
        }
    }

    fn is_ours(&self) -> bool {
        self.owner == process::id()
    }

    /// Uses the emulator without the GIL.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        use_it: impl FnOnce(&aicredits_emulator::Emulator) -> T + Send,
    ) -> PyResult<T> {
        if !self.is_ours() {
            return Err(PyRuntimeError::new_err("after a fork, the emulator belongs to the parent: start another one"));
        }
        let used = py.detach(|| {
            let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
            running.as_ref().map(use_it)
        });
        used.ok_or_else(|| PyRuntimeError::new_err("the emulator is closed"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if self.is_ours() {
            // The threads never wait for the GIL, so it may be held.
            drop(running);
        } else {
            mem::forget(running);
        }
    }
}

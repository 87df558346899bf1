use aicredits_emulator::{ControlReply, Secret, StartError};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::running::Running;

/// A running emulator, with JSON in and out. `aicredits.testing.Emulator` is made of it. Thread-safe.
#[pyclass(frozen, weakref, module = "aicredits._tools")]
pub(crate) struct Emulator {
    running: Running<aicredits_emulator::Emulator>,
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
        self.running.with(py, |emulator| {
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
        self.running.close(py);
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
            url: emulator.url(),
            api_key: emulator.api_key().into(),
            site_key: emulator.site_key().into(),
            ca_pem: emulator.ca_pem().map(str::to_owned),
            account_id: emulator.account_id().to_owned(),
            site_id: emulator.site_id().to_owned(),
            running: Running::new(emulator),
        }
    }
}

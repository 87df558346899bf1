//! The client, made from settings by name.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aicredits::{Call, ClientBuilder};
use pyo3::exceptions::{PyKeyboardInterrupt, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::balance::Balance;
use crate::failure::raised;
use crate::records;
use crate::scope::Scope;

/// Ends a call from another thread.
#[pyclass(frozen, module = "aicredits._native")]
pub(crate) struct Cancel(aicredits::Cancel);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self(aicredits::Cancel::new())
    }

    fn cancel(&self) {
        self.0.cancel();
    }
}

/// A client.
#[pyclass(frozen, module = "aicredits._native")]
pub(crate) struct Client(aicredits::Client);

#[pymethods]
impl Client {
    /// From settings by name, in the order in which they are made.
    #[new]
    fn new(py: Python<'_>, settings: Vec<(String, Bound<'_, PyAny>)>) -> PyResult<Self> {
        let mut builder = aicredits::Client::builder();
        for (name, value) in &settings {
            builder = set(builder, name, value)?;
        }
        // It may read a file.
        py.detach(|| builder.build()).map(Self).map_err(|error| raised(py, &error))
    }

    /// Blocks without the GIL. `is_interruptible` has it look for signals, which only the main thread sees.
    fn get_balance(
        &self,
        py: Python<'_>,
        scope: Option<&Bound<'_, Scope>>,
        timeout: Option<f64>,
        cancel: Option<&Bound<'_, Cancel>>,
        is_interruptible: bool,
    ) -> PyResult<Balance> {
        let mut call = Call::new();
        if let Some(scope) = scope {
            call = call.scope(scope.get().into());
        }
        if let Some(timeout) = timeout {
            call = call.timeout(duration(timeout));
        }
        if let Some(cancel) = cancel {
            call = call.cancelled_by(&cancel.get().0);
        }
        let signalled = Arc::new(Mutex::new(None));
        if is_interruptible {
            let signalled = Arc::clone(&signalled);
            call = call.interrupted_by(move || {
                let Some(Err(error)) = Python::try_attach(|py| py.check_signals()) else { return false };
                *signalled.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                true
            });
        }
        py.detach(|| self.0.get_balance_with(&call)).map(Balance::from).map_err(|error| {
            let signalled = signalled.lock().unwrap_or_else(PoisonError::into_inner).take();
            // KeyboardInterrupt, or whatever a signal's handler raised.
            signalled.unwrap_or_else(|| raised(py, &error))
        })
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    #[getter]
    fn timeout(&self) -> f64 {
        self.0.timeout().as_secs_f64()
    }

    #[getter]
    fn max_concurrency(&self) -> usize {
        self.0.max_concurrency()
    }

    #[getter]
    fn scope(&self) -> Scope {
        self.0.scope().into()
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

fn set(builder: ClientBuilder, name: &str, value: &Bound<'_, PyAny>) -> PyResult<ClientBuilder> {
    let text = || value.extract::<String>();
    Ok(match name {
        "api_key" => builder.api_key(text()?),
        "authorization" => builder.authorization(text()?),
        "credential_supplier" => {
            if !value.is_callable() {
                return Err(PyTypeError::new_err("credential_supplier is not callable"));
            }
            let supplier = value.clone().unbind();
            builder.credential_supplier(move || {
                let asked = Python::try_attach(|py| {
                    let given = supplier.call0(py).and_then(|given| given.extract::<String>(py).map_err(Into::into));
                    given.map_err(|error: PyErr| {
                        if error.is_instance_of::<PyKeyboardInterrupt>(py) {
                            records::press_again();
                        }
                        error.to_string()
                    })
                });
                Ok(asked.unwrap_or_else(|| Err("the interpreter is shutting down".to_owned()))?)
            })
        }
        "scope" => builder.scope(value.cast::<Scope>()?.get().into()),
        "base_url" => builder.base_url(text()?),
        "allow_insecure_http" => builder.allow_insecure_http(value.extract()?),
        "timeout" => builder.timeout(duration(value.extract()?)),
        // What does not fit is too large for the library as well.
        "max_reply_bytes" => builder.max_reply_bytes(whole(value)?.try_into().unwrap_or(usize::MAX)),
        "max_retries" => builder.max_retries(whole(value)?.try_into().unwrap_or(u32::MAX)),
        "max_concurrency" => builder.max_concurrency(whole(value)?.try_into().unwrap_or(u32::MAX)),
        "ca_file" => builder.ca_file(value.extract::<std::path::PathBuf>()?),
        "ca_pem" => builder.ca_pem(value.extract::<Vec<u8>>()?),
        "proxy" => builder.proxy(text()?),
        "proxy_from_env" => builder.proxy_from_env(value.extract()?),
        "name" => builder.name(text()?),
        "from_env" => builder.from_env(),
        _ => return Err(PyValueError::new_err(format!("there is no setting {name}"))),
    })
}

/// A negative number is what 0 is to these settings, or refused as it is.
fn whole(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    if value.lt(0)? { Ok(u64::MAX) } else { Ok(value.extract().unwrap_or(u64::MAX)) }
}

/// What is no positive time becomes 0, which the library refuses by name.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(if seconds > 0.0 { Duration::MAX } else { Duration::ZERO })
}

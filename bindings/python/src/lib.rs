//! The native module behind the Python package `aicredits`: private, and as thin as can be. What a user sees is Python, in
//! `python/aicredits`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aicredits::{Balance, Call, ClientBuilder, Scope, Timestamp};
use pyo3::exceptions::{PyKeyboardInterrupt, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

mod failure;
mod records;

use failure::raised;

type Ids = (Option<String>, Option<String>);
type Instant = (i64, u32);
type Counts = (Option<i64>, Option<i64>);
type Rule<'a> = (Option<&'a str>, Option<i64>, Option<i64>, Option<Instant>);

/// Ends a call from another thread.
#[pyclass(frozen, module = "aicredits._native")]
struct Cancel(aicredits::Cancel);

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
struct Client(aicredits::Client);

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
        ids: Option<Ids>,
        timeout: Option<f64>,
        cancel: Option<Bound<'_, Cancel>>,
        is_interruptible: bool,
    ) -> PyResult<Reading> {
        let mut call = Call::new();
        if let Some(ids) = ids {
            call = call.scope(scope(ids));
        }
        if let Some(timeout) = timeout {
            call = call.timeout(duration(timeout));
        }
        if let Some(cancel) = &cancel {
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
        py.detach(|| self.0.get_balance_with(&call)).map(Reading).map_err(|error| {
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
    fn scope(&self) -> Ids {
        ids(self.0.scope())
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
        "scope" => builder.scope(scope(value.extract()?)),
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

fn scope(ids: Ids) -> Scope {
    match ids {
        (Some(account), Some(site)) => Scope::AccountAndSite { account, site },
        (Some(account), None) => Scope::Account(account),
        (None, Some(site)) => Scope::Site(site),
        (None, None) => Scope::Credential,
    }
}

fn ids(scope: &Scope) -> Ids {
    (scope.account_id().map(str::to_owned), scope.site_id().map(str::to_owned))
}

fn instant(timestamp: Timestamp) -> Instant {
    (timestamp.unix_seconds(), timestamp.subsec_nanoseconds())
}

/// A balance, of which Python's objects are made as they are asked for.
#[pyclass(frozen, module = "aicredits._native")]
struct Reading(Balance);

#[pymethods]
impl Reading {
    #[staticmethod]
    fn from_json(py: Python<'_>, json: Bound<'_, PyBytes>) -> PyResult<Self> {
        Balance::from_json(json.as_bytes()).map(Self).map_err(|error| raised(py, &error))
    }

    fn periodic_credits(&self) -> Option<Counts> {
        self.0.periodic_credits().map(|credits| (credits.balance(), credits.cap()))
    }

    fn top_up_credits(&self) -> Option<Counts> {
        self.0.top_up_credits().map(|credits| (credits.balance(), credits.cap()))
    }

    fn credit_balance_breakdown(&self) -> Vec<(Option<&str>, Vec<Rule<'_>>)> {
        let sources = self.0.credit_balance_breakdown();
        sources
            .map(|source| {
                let rules = source.usage_rules().map(|rule| {
                    let period = rule.period().map(|period| period.as_str());
                    (period, rule.balance(), rule.cap(), rule.reset_date().map(instant))
                });
                (source.subscription_id(), rules.collect())
            })
            .collect()
    }

    fn available(&self) -> Option<i64> {
        self.0.available()
    }

    fn json(&self) -> &str {
        self.0.json()
    }

    fn scope(&self) -> Option<Ids> {
        self.0.scope().map(ids)
    }

    fn request_id(&self) -> Option<&str> {
        self.0.request_id()
    }

    fn fetched_at(&self) -> Option<Instant> {
        self.0.fetched_at().map(instant)
    }

    fn server_date(&self) -> Option<Instant> {
        self.0.server_date().map(instant)
    }

    /// Of the readings alone, not of when and by whom they were asked for.
    fn equals(&self, other: &Bound<'_, Reading>) -> bool {
        self.0 == other.get().0
    }

    fn hash(&self) -> u64 {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one(&self.0)
    }
}

/// Server text, made fit to be shown.
#[pyfunction]
fn shown(text: &str) -> String {
    aicredits::shown(text)
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Cancel>()?;
    module.add_class::<Client>()?;
    module.add_class::<Reading>()?;
    module.add_function(wrap_pyfunction!(shown, module)?)?;
    module.add_function(wrap_pyfunction!(records::set_log, module)?)
}

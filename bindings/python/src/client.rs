//! The blocking client, and what the one for asyncio stands on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aicredits::{Call, ClientBuilder};
use pyo3::exceptions::{PyKeyboardInterrupt, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDelta, PyDict, PyString, PyTuple, PyType};

use crate::attempt::timedelta;
use crate::balance::Balance;
use crate::failure::{invalid, raised};
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

/// Asks Wix what is left. Made once and used for long: it keeps its connections open between calls.
///
/// Shared by as many threads as wish, and usable on both sides of a ``fork``. Making one checks the settings and opens
/// no connection; InvalidArgumentError names the setting that is wrong.
///
/// - ``api_key``: the API key, sent as it stands. Or one of the next two.
/// - ``authorization``: the whole value of the Authorization header, for another credential.
/// - ``credential_supplier``: a function that gives that value, for credentials that expire: asked once a call, on its
///   thread, inside its timeout, and once more after HTTP 401. It must not make a call of the same client.
/// - ``account_id``: ask for all credits of this account. With ``site_id``, both are sent.
/// - ``site_id``: ask for the credits and the subscription of this site.
/// - ``credential_scope``: send no id; only with ``authorization`` or ``credential_supplier``.
/// - ``base_url``: another server than Wix's: https, or http to a loopback address.
/// - ``allow_insecure_http``: let the base URL be http to any host, for all to read the key.
/// - ``timeout``: the total time of a call, in seconds or as a timedelta: 35 s unless set; more than 0 and at most a
///   day.
/// - ``max_reply_bytes``: the most bytes of a reply that are read: 8 MiB unless set; at most 1 GiB.
/// - ``max_retries``: how often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
/// - ``max_concurrency``: how many calls run at once: 64 unless set; at most 4096. The others wait their turn.
/// - ``ca_file``: trust the certificate authorities in this PEM file, and no others.
/// - ``ca_pem``: the same from the file's text.
/// - ``proxy``: reach the server through this HTTP proxy: ``http://user:password@proxy.example:3128``.
/// - ``proxy_from_env``: read the proxy from the environment.
/// - ``name``: what log records call this client; at most 64 characters.
/// - ``from_env``: read WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL for whatever is not set.
#[pyclass(frozen, subclass, module = "aicredits")]
pub(crate) struct Client(aicredits::Client);

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        *, api_key=None, authorization=None, credential_supplier=None, account_id=None, site_id=None,
        credential_scope=false, base_url=None, allow_insecure_http=false, timeout=None, max_reply_bytes=None,
        max_retries=None, max_concurrency=None, ca_file=None, ca_pem=None, proxy=None, proxy_from_env=false, name=None,
        from_env=false
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        authorization: Option<String>,
        credential_supplier: Option<Bound<'_, PyAny>>,
        account_id: Option<String>,
        site_id: Option<String>,
        credential_scope: bool,
        base_url: Option<String>,
        allow_insecure_http: bool,
        timeout: Option<Bound<'_, PyAny>>,
        max_reply_bytes: Option<Bound<'_, PyAny>>,
        max_retries: Option<Bound<'_, PyAny>>,
        max_concurrency: Option<Bound<'_, PyAny>>,
        ca_file: Option<std::path::PathBuf>,
        ca_pem: Option<Bound<'_, PyAny>>,
        proxy: Option<String>,
        proxy_from_env: bool,
        name: Option<String>,
        from_env: bool,
    ) -> PyResult<Self> {
        let credentials = [api_key.is_some(), authorization.is_some(), credential_supplier.is_some()];
        if credentials.into_iter().filter(|is_set| *is_set).count() > 1 {
            return Err(invalid(
                py,
                "api_key is not clear: name one of api_key, authorization and credential_supplier",
            ));
        }
        let scope = named_scope(py, account_id, site_id, credential_scope)?;
        let supplier = credential_supplier.map(supplied_by).transpose()?;
        let (timeout, ca_pem) = (timeout.map(duration).transpose()?, ca_pem.map(pem).transpose()?);
        let whole = |number: Option<Bound<'_, PyAny>>| number.map(whole).transpose();
        // What does not fit is too large for the library as well.
        let max_reply_bytes = whole(max_reply_bytes)?.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let [max_retries, max_concurrency] = [max_retries, max_concurrency]
            .map(|number| whole(number).map(|number| number.map(|it| u32::try_from(it).unwrap_or(u32::MAX))));
        let (max_retries, max_concurrency) = (max_retries?, max_concurrency?);

        let builder = aicredits::Client::builder();
        let builder = set(builder, api_key, ClientBuilder::api_key);
        let builder = set(builder, authorization, ClientBuilder::authorization);
        let builder = match supplier {
            Some(supplier) => builder.credential_supplier(supplier),
            None => builder,
        };
        let builder = set(builder, scope, |builder, scope| builder.scope((&scope).into()));
        let builder = set(builder, base_url, ClientBuilder::base_url).allow_insecure_http(allow_insecure_http);
        let builder = set(builder, timeout, ClientBuilder::timeout);
        let builder = set(builder, max_reply_bytes, ClientBuilder::max_reply_bytes);
        let builder = set(builder, max_retries, ClientBuilder::max_retries);
        let builder = set(builder, max_concurrency, ClientBuilder::max_concurrency);
        let builder = set(builder, ca_file, ClientBuilder::ca_file);
        let builder = set(builder, ca_pem, ClientBuilder::ca_pem);
        let builder = set(builder, proxy, ClientBuilder::proxy).proxy_from_env(proxy_from_env);
        let builder = set(builder, name, ClientBuilder::name);
        let builder = if from_env { builder.from_env() } else { builder };
        // It may read a file.
        let client = py.detach(|| builder.build()).map_err(|error| raised(py, &error))?;
        records::follow_logging(py)?;
        Ok(Self(client))
    }

    /// A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL; with other settings beside
    /// them.
    #[classmethod]
    #[pyo3(signature = (**settings))]
    fn from_env<'py>(cls: &Bound<'py, PyType>, settings: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let all = settings.map_or_else(|| Ok(PyDict::new(cls.py())), |settings| settings.copy())?;
        all.set_item("from_env", true)?;
        cls.call((), Some(&all))
    }

    /// The current AI credit balance, of the client's scope or of the call's own.
    ///
    /// Blocks, at most for the timeout, without the GIL. In the main thread, Ctrl-C ends it at once. Raises an
    /// AiCreditsError, whose class tells the kind.
    #[pyo3(signature = (*, account_id=None, site_id=None, credential_scope=false, timeout=None))]
    fn get_balance(
        &self,
        py: Python<'_>,
        account_id: Option<String>,
        site_id: Option<String>,
        credential_scope: bool,
        timeout: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Balance> {
        let mut call = Call::new();
        if let Some(scope) = named_scope(py, account_id, site_id, credential_scope)? {
            call = call.scope((&scope).into());
        }
        if let Some(timeout) = timeout {
            call = call.timeout(duration(timeout)?);
        }
        let signalled = Arc::new(Mutex::new(None));
        let call = {
            let signalled = Arc::clone(&signalled);
            call.interrupted_by(move || {
                let Some(Err(error)) = Python::try_attach(|py| py.check_signals()) else { return false };
                *signalled.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                true
            })
        };
        self.ask(py, &call).map_err(|error| {
            // KeyboardInterrupt, or whatever a signal's handler raised.
            signalled.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(error)
        })
    }

    /// A call that is ended by cancelling, and looks for no signal.
    fn _get_balance(
        &self,
        py: Python<'_>,
        scope: Option<&Bound<'_, Scope>>,
        timeout: f64,
        cancel: &Bound<'_, Cancel>,
    ) -> PyResult<Balance> {
        let call = Call::new().timeout(seconds(timeout)).cancelled_by(&cancel.get().0);
        self.ask(py, &set(call, scope, |call, scope| call.scope(scope.get().into())))
    }

    /// Ends the calls that run, in every thread, and closes the connections. Later calls raise ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    fn __enter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    /// The total time of a call that does not set its own.
    #[getter]
    fn timeout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDelta>> {
        timedelta(py, self.0.timeout())
    }

    /// How many calls run at once.
    #[getter]
    fn max_concurrency(&self) -> usize {
        self.0.max_concurrency()
    }

    /// The scope that calls ask for unless they name their own.
    #[getter]
    fn scope(&self) -> Scope {
        self.0.scope().into()
    }

    /// It never shows the key.
    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let shown = format!("{:?}", this.get().0);
        Ok(shown.replacen("Client", &this.as_any().get_type().name()?.to_cow()?, 1))
    }

    fn __reduce__(this: &Bound<'_, Self>) -> PyResult<()> {
        let class = this.as_any().get_type().name()?;
        Err(PyTypeError::new_err(format!("a {class} cannot be pickled or copied: it holds a key and connections")))
    }
}

impl Client {
    fn ask(&self, py: Python<'_>, call: &Call) -> PyResult<Balance> {
        py.detach(|| self.0.get_balance_with(call)).map(Balance::from).map_err(|error| raised(py, &error))
    }
}

fn set<B, T>(builder: B, value: Option<T>, setter: impl FnOnce(B, T) -> B) -> B {
    match value {
        Some(value) => setter(builder, value),
        None => builder,
    }
}

/// None where none is named.
fn named_scope(
    py: Python<'_>,
    account_id: Option<String>,
    site_id: Option<String>,
    credential_scope: bool,
) -> PyResult<Option<Scope>> {
    match (account_id, site_id, credential_scope) {
        (None, None, false) => Ok(None),
        (None, None, true) => Ok(Some(Scope::new(None, None))),
        (account_id, site_id, false) => Ok(Some(Scope::new(account_id, site_id))),
        _ => Err(invalid(py, "scope is not clear: credential_scope sends no id, and an id is named")),
    }
}

type Supplied = Result<String, Box<dyn std::error::Error + Send + Sync>>;

fn supplied_by(supplier: Bound<'_, PyAny>) -> PyResult<impl Fn() -> Supplied + Send + Sync + use<>> {
    if !supplier.is_callable() {
        return Err(PyTypeError::new_err("credential_supplier is not callable"));
    }
    let supplier = supplier.unbind();
    Ok(move || {
        let asked = Python::try_attach(|py| {
            let given = supplier.call0(py).and_then(|given| given.extract::<String>(py));
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

fn pem(text: Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match text.cast::<PyString>() {
        Ok(text) => Ok(text.to_cow()?.as_bytes().to_vec()),
        Err(_) => Ok(text.cast::<PyBytes>()?.as_bytes().to_vec()),
    }
}

/// A negative number is what 0 is to these settings, or refused as it is.
fn whole(value: Bound<'_, PyAny>) -> PyResult<u64> {
    if value.lt(0)? { Ok(u64::MAX) } else { Ok(value.extract().unwrap_or(u64::MAX)) }
}

/// Seconds, or a timedelta.
fn duration(time: Bound<'_, PyAny>) -> PyResult<Duration> {
    match time.cast::<PyDelta>() {
        Ok(delta) => delta.call_method0("total_seconds")?.extract().map(seconds),
        Err(_) => time.extract().map(seconds),
    }
}

/// What is no positive time becomes 0, which the library refuses by name.
fn seconds(time: f64) -> Duration {
    Duration::try_from_secs_f64(time).unwrap_or(if time > 0.0 { Duration::MAX } else { Duration::ZERO })
}

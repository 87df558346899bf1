//! The blocking client. AsyncClient is Python code over it.

use std::sync::Arc;

use aicredits::ClientBuilder;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyDict, PyTuple, PyType};

use crate::arguments::{duration, flag, named_scope, path, pem, set, text, whole, wrong_type};
use crate::attempt::timedelta;
use crate::balance::Balance;
use crate::call::{self, QueuedCall, Settings};
use crate::callbacks;
use crate::errors::{invalid, raised};
use crate::provider::Provider;
use crate::scope::{PerCall, Scope};

/// A client of the Wix AI Credits API. Make one and keep it: it has a connection pool.
///
/// Thread-safe, and usable in both processes after a ``fork``. The constructor checks the settings and opens no
/// connection. InvalidArgumentError names a wrong setting.
///
/// Set exactly one credential:
///
/// - ``api_key``: the API key, sent unchanged in the Authorization header.
/// - ``authorization``: the whole value of the Authorization header, for another credential.
/// - ``credential_provider``: a function that returns this value, for credentials that expire. Each call calls it once,
///   in the thread of the call and within its timeout, and once more after HTTP 401. It must not use the same client.
///
/// And a scope:
///
/// - ``account_id``: all credits of this account. With ``site_id``, both are sent.
/// - ``site_id``: the credits and the subscription of this site.
/// - ``credential_scope``: no id is sent; only with ``authorization`` or ``credential_provider``.
/// - ``scope``: ``aicredits.PER_CALL`` gives the client no scope. A call without a scope then raises
///   InvalidArgumentError, also if its ids are None.
///
/// The other settings are optional:
///
/// - ``base_url``: another server than Wix's: https, or http to a loopback address.
/// - ``allow_insecure_http``: permits http to any host. Everybody on the network can then read the key.
/// - ``timeout``: the total time of a call, in seconds or as a timedelta. Default 35 s, at most a day.
/// - ``max_reply_bytes``: the size limit of a reply. Default 8 MiB, at most 1 GiB.
/// - ``max_retries``: the number of retries after a failed attempt. Default 2, at most 10; 0 turns retries off.
/// - ``max_concurrency``: the number of calls in flight at once. Default 64, at most 4096. Further calls wait.
/// - ``ca_file``: trust the certificate authorities in this PEM file, and no others.
/// - ``ca_pem``: the same, from the text of such a file.
/// - ``proxy``: the URL of an HTTP proxy: ``http://user:password@proxy.example:3128``.
/// - ``proxy_from_env``: read the proxy from the environment.
/// - ``name``: the name of this client in log records; at most 64 characters.
/// - ``from_env``: read WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL for settings that are not set.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Client {
    client: aicredits::Client,
    provider: Arc<Provider>,
    name: Option<String>,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        *, api_key=None, authorization=None, credential_provider=None, account_id=None, site_id=None,
        credential_scope=None, scope=None, base_url=None, allow_insecure_http=None, timeout=None, max_reply_bytes=None,
        max_retries=None, max_concurrency=None, ca_file=None, ca_pem=None, proxy=None, proxy_from_env=None, name=None,
        from_env=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn new(
        py: Python<'_>,
        api_key: Option<&Bound<'_, PyAny>>,
        authorization: Option<&Bound<'_, PyAny>>,
        credential_provider: Option<Bound<'_, PyAny>>,
        account_id: Option<&Bound<'_, PyAny>>,
        site_id: Option<&Bound<'_, PyAny>>,
        credential_scope: Option<&Bound<'_, PyAny>>,
        scope: Option<&Bound<'_, PyAny>>,
        base_url: Option<&Bound<'_, PyAny>>,
        allow_insecure_http: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        max_reply_bytes: Option<&Bound<'_, PyAny>>,
        max_retries: Option<&Bound<'_, PyAny>>,
        max_concurrency: Option<&Bound<'_, PyAny>>,
        ca_file: Option<&Bound<'_, PyAny>>,
        ca_pem: Option<&Bound<'_, PyAny>>,
        proxy: Option<&Bound<'_, PyAny>>,
        proxy_from_env: Option<&Bound<'_, PyAny>>,
        name: Option<&Bound<'_, PyAny>>,
        from_env: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let credentials = [api_key.is_some(), authorization.is_some(), credential_provider.is_some()];
        if credentials.into_iter().filter(|is_set| *is_set).count() > 1 {
            return Err(invalid(
                py,
                "api_key",
                "is not clear: name one of api_key, authorization and credential_provider",
            ));
        }
        if credential_provider.as_ref().is_some_and(|function| !function.is_callable()) {
            return Err(PyTypeError::new_err("credential_provider is not callable"));
        }
        let provider = Arc::new(Provider::default());
        let builder = aicredits::Client::builder().surface(aicredits::Surface::Python);
        let builder = set(builder, text("api_key", api_key)?, ClientBuilder::api_key);
        let builder = set(builder, text("authorization", authorization)?, ClientBuilder::authorization);
        let builder = set(builder, credential_provider, |builder, function| {
            provider.set(Some(function));
            let provider = Arc::clone(&provider);
            builder.credential_provider(move || provider.credential())
        });
        let builder = match (named_scope(py, account_id, site_id, credential_scope)?, scope) {
            (named, None) => set(builder, named, |builder, scope| builder.scope((&scope).into())),
            (_, Some(scope)) if !scope.is_instance_of::<PerCall>() => {
                return Err(wrong_type("scope", "PER_CALL", scope));
            }
            (None, Some(_)) => builder.per_call_scope(),
            (Some(_), Some(_)) => {
                return Err(invalid(py, "scope", "is not clear: PER_CALL names none, and one is named"));
            }
        };
        let builder = set(builder, text("base_url", base_url)?, ClientBuilder::base_url);
        let builder = set(builder, duration("timeout", timeout)?, ClientBuilder::timeout);
        let max_reply_bytes = whole("max_reply_bytes", max_reply_bytes)?.map(|bytes| bytes as usize);
        let builder = set(builder, max_reply_bytes, ClientBuilder::max_reply_bytes);
        let builder = set(builder, whole("max_retries", max_retries)?, ClientBuilder::max_retries);
        let builder = set(builder, whole("max_concurrency", max_concurrency)?, ClientBuilder::max_concurrency);
        let builder = set(builder, path("ca_file", ca_file)?, ClientBuilder::ca_file);
        let builder = set(builder, pem(ca_pem)?, ClientBuilder::ca_pem);
        let builder = set(builder, text("proxy", proxy)?, ClientBuilder::proxy);
        let name = text("name", name)?;
        let builder = set(builder, name.clone(), ClientBuilder::name);
        let builder = builder.allow_insecure_http(flag("allow_insecure_http", allow_insecure_http)?);
        let builder = builder.proxy_from_env(flag("proxy_from_env", proxy_from_env)?);
        let builder = if flag("from_env", from_env)? { builder.from_env() } else { builder };
        // Building may read a file.
        let client = callbacks::run(py, || builder.build())?;
        Ok(Self { client, provider, name })
    }

    /// A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL, and from these settings.
    #[classmethod]
    #[pyo3(signature = (**settings))]
    fn from_env<'py>(cls: &Bound<'py, PyType>, settings: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let all = settings.map_or_else(|| Ok(PyDict::new(cls.py())), |settings| settings.copy())?;
        all.set_item("from_env", true)?;
        cls.call((), Some(&all))
    }

    /// The current AI credit balance, of the client's scope or of the call's own.
    ///
    /// - ``account_id``, ``site_id``, ``credential_scope``: a scope for this call. An id that is None counts as left out.
    ///   A client made with ``scope=PER_CALL`` has no scope: a call without one raises InvalidArgumentError.
    /// - ``timeout``: the total time of this call, in seconds or as a timedelta.
    /// - ``cancel``: a Cancel, to end this call from another thread.
    ///
    /// Blocks at most for the timeout, without the GIL. In the main thread, Ctrl-C ends the call at once. Raises an
    /// AiCreditsError; its class is the kind of the error.
    #[pyo3(signature = (*, account_id=None, site_id=None, credential_scope=None, timeout=None, cancel=None))]
    fn get_balance(
        &self,
        py: Python<'_>,
        account_id: Option<&Bound<'_, PyAny>>,
        site_id: Option<&Bound<'_, PyAny>>,
        credential_scope: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        cancel: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Balance> {
        let settings = Settings::new(py, account_id, site_id, credential_scope, timeout)?;
        self.fetch_balance(py, &settings.blocking(cancel)?)
    }

    /// A call of AsyncClient, from the arguments of its methods.
    #[pyo3(signature = (*, account_id=None, site_id=None, credential_scope=None, timeout=None))]
    fn _queued_call(
        &self,
        py: Python<'_>,
        account_id: Option<&Bound<'_, PyAny>>,
        site_id: Option<&Bound<'_, PyAny>>,
        credential_scope: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<QueuedCall> {
        Ok(Settings::new(py, account_id, site_id, credential_scope, timeout)?.queued(&self.client))
    }

    /// get_balance() for AsyncClient, in one of its threads.
    fn _get_balance(&self, py: Python<'_>, call: &Bound<'_, QueuedCall>) -> PyResult<Balance> {
        self.fetch_balance(py, &call.get().call())
    }

    /// The error of a call whose time is over while its credential provider blocks.
    fn _credential_timeout<'py>(&self, py: Python<'py>, call: &Bound<'py, QueuedCall>) -> Bound<'py, PyAny> {
        let call = call.get().call();
        raised(py, &py.detach(|| self.client.credential_timeout(&call))).into_value(py).into_bound(py).into_any()
    }

    /// Ends the calls in flight, in every thread, and closes the connections. These and later calls raise ClosedError.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        callbacks::run(py, || {
            self.client.close();
            Ok(())
        })?;
        self.__clear__();
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.provider.traverse(&visit)
    }

    fn __clear__(&self) {
        self.provider.set(None);
    }

    fn __enter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }

    /// The total time of a call without its own timeout.
    #[getter]
    fn timeout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDelta>> {
        timedelta(py, self.client.timeout())
    }

    /// How many calls may be in flight at once.
    #[getter]
    fn max_concurrency(&self) -> usize {
        self.client.max_concurrency()
    }

    /// The scope of calls that name none; None with ``scope=PER_CALL``.
    #[getter]
    fn scope(&self) -> Option<Scope> {
        self.client.scope().map(Into::into)
    }

    /// Never shows the credential.
    fn __repr__(&self) -> String {
        format!("aicredits.Client({})", self._settings())
    }

    /// The text of repr() between the parentheses.
    fn _settings(&self) -> String {
        let mut shown = match self.client.scope() {
            None => vec!["scope=aicredits.PER_CALL".to_owned()],
            Some(aicredits::Scope::Credential) => vec!["credential_scope=True".to_owned()],
            Some(scope) => [("account_id", scope.account_id()), ("site_id", scope.site_id())]
                .into_iter()
                .filter_map(|(name, id)| id.map(|id| format!("{name}='{}'", aicredits::escape_for_display(id))))
                .collect(),
        };
        shown.push(format!("timeout={:?}", self.client.timeout().as_secs_f64()));
        shown.extend(self.name.as_ref().map(|name| format!("name='{}'", aicredits::escape_for_display(name))));
        shown.join(", ")
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a Client cannot be pickled or copied: it holds a key and connections"))
    }
}

impl Client {
    fn fetch_balance(&self, py: Python<'_>, call: &aicredits::Call) -> PyResult<Balance> {
        call::run(py, call, |call| self.client.get_balance_with(call)).map(Balance::from)
    }
}

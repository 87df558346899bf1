//! The balance. Python's objects are made as they are asked for.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDateTime, PyDict, PyList, PyMemoryView, PyString, PyTuple};

use crate::arguments::unfit;
use crate::breakdown::{CreditBalance, Credits};
use crate::callbacks;
use crate::errors::raised;
use crate::export;
use crate::scope::Scope;
use crate::timestamp::{self, Timestamp};

type Parts<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// What an account or a site has left: one reading, which never changes. ``==`` and ``hash`` compare the figures.
///
/// Shared by as many threads as wish. Made by ``get_balance()`` and ``from_json()``.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Balance {
    pub(crate) reading: aicredits::Balance,
    breakdown: PyOnceLock<Py<PyTuple>>,
}

impl From<aicredits::Balance> for Balance {
    fn from(reading: aicredits::Balance) -> Self {
        Self { reading, breakdown: PyOnceLock::new() }
    }
}

impl Balance {
    fn read(py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<aicredits::Balance> {
        // The length is compared before anything is copied.
        let copy = |bytes: &[u8]| {
            aicredits::Balance::check_json_bytes(bytes.len()).map_err(|error| raised(py, &error))?;
            Ok::<_, PyErr>(bytes.to_vec())
        };
        let bytes = if let Ok(text) = json.cast::<PyString>() {
            match text.to_cow() {
                Ok(text) => copy(text.as_bytes())?,
                // The reader refuses it, and tells the place.
                Err(_) => text.call_method1("encode", ("utf-8", "surrogatepass"))?.extract()?,
            }
        } else if let Ok(bytes) = json.cast::<PyBytes>() {
            copy(bytes.as_bytes())?
        } else if json.is_instance_of::<PyByteArray>() || json.is_instance_of::<PyMemoryView>() {
            // Python's own copy, which fails with a MemoryError.
            copy(py.get_type::<PyBytes>().call1((json,))?.cast::<PyBytes>()?.as_bytes())?
        } else {
            let class = callbacks::name(&json.get_type());
            return Err(PyTypeError::new_err(format!(
                "the JSON is to be str, bytes, bytearray or memoryview, not: {class}"
            )));
        };
        py.detach(|| aicredits::Balance::from_json(bytes)).map_err(|error| raised(py, &error))
    }
}

#[pymethods]
impl Balance {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        ("periodic_credits", "top_up_credits", "credit_balance_breakdown")
    }

    /// Reads a stored reply, as json() gave it: str or bytes. Raises DecodeError, or TooLargeError over 1 GiB.
    #[staticmethod]
    #[pyo3(signature = (json, *, scope=None))]
    fn from_json(py: Python<'_>, json: &Bound<'_, PyAny>, scope: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let scope =
            scope.map(|given| given.cast::<Scope>().map_err(|_| unfit("scope", "a Scope", given))).transpose()?;
        let scope = scope.map(|scope| aicredits::Scope::from(scope.get()));
        Ok(Self::read(py, json)?.with_origin(scope, None, None, None).into())
    }

    /// Recurring credits, aggregated across all sources; None when the account has none.
    #[getter]
    fn periodic_credits(&self) -> Option<Credits> {
        self.reading.periodic_credits().map(Into::into)
    }

    /// One-time top-up credits, aggregated across all purchases; None when the account has none. They don't reset.
    #[getter]
    fn top_up_credits(&self) -> Option<Credits> {
        self.reading.top_up_credits().map(Into::into)
    }

    /// The same credits by source, in the reply's order: a detailed view of the two pools, never to be added to them.
    ///
    /// The API's page limits it to 1,000 sources; one at that limit may have been cut.
    #[getter]
    fn credit_balance_breakdown(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let breakdown = self.breakdown.get_or_try_init(py, || {
            let sources = self.reading.credit_balance_breakdown();
            let sources = sources.map(|source| CreditBalance::read(py, &source)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, sources).map(Bound::unbind)
        })?;
        Ok(breakdown.clone_ref(py))
    }

    /// The remaining credits of both pools. None, which is unknown and not 0, when a pool is there but lacks its balance,
    /// when both are absent but the breakdown has entries, or when is_recognized is False.
    ///
    /// It is what the account holds, not what can be spent now: rules of the breakdown may let less through.
    #[getter]
    fn available(&self) -> Option<i64> {
        self.reading.available()
    }

    /// Whether the reply is a balance: it has a field of a balance, or no field at all. False means that the reply says
    /// nothing of credits: the base URL may lead to another service.
    #[getter]
    fn is_recognized(&self) -> bool {
        self.reading.is_recognized()
    }

    /// The raw reply, so that nothing which Wix adds is lost.
    fn json(&self) -> &str {
        self.reading.json()
    }

    /// The scope that was asked for; None for a reading that was not fetched.
    #[getter]
    pub(crate) fn scope(&self) -> Option<Scope> {
        self.reading.scope().map(Into::into)
    }

    /// The server's id of the request, to quote when asking Wix about it. Server text.
    #[getter]
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.reading.request_id()
    }

    /// When the reply had come in, by this machine's clock, exactly; None for a reading that was not fetched.
    #[getter]
    pub(crate) fn fetched_timestamp(&self) -> Option<Timestamp> {
        self.reading.fetched_at().map(Timestamp)
    }

    /// The same: aware, in UTC, cut to microseconds.
    #[getter]
    fn fetched_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.fetched_timestamp())
    }

    /// The server's clock at the reply, to the second.
    #[getter]
    pub(crate) fn server_timestamp(&self) -> Option<Timestamp> {
        self.reading.server_date().map(Timestamp)
    }

    /// The same as an aware datetime in UTC.
    #[getter]
    fn server_date<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.server_timestamp())
    }

    /// The figures, and where they come from, as dicts, lists, numbers and strings, which ``json.dumps`` takes.
    ///
    /// Instants are RFC 3339 with all their digits. What the reply lacks is None.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        export::dict(py, &self.reading)
    }

    /// One flat dict for each rule, with the same keys in each, in the order of the columns of to_pandas().
    ///
    /// - ``target`` is 0 and ``label`` None: they are columns of the table of many balances.
    /// - ``account_id`` and ``site_id`` are the scope that was asked for, ``read_at`` is fetched_at.
    /// - ``source`` and ``rule`` count from 0; ``period`` is the server's text.
    /// - ``reset_date`` and ``read_at`` are aware datetimes.
    /// - The four figures of the pools are repeated in each row: do not add them up.
    ///
    /// What the reply lacks is None. Libraries that guess a column's type make floats of counts then, and lose digits;
    /// to_pandas() and to_polars() do not guess.
    fn to_records<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        export::records(py, &self.reading)
    }

    /// The records as a pandas.DataFrame with the same columns and types for every balance.
    ///
    /// Counts are ``Int64``, ``source`` and ``rule`` ``Int32``, texts ``string``, instants ``datetime64[us, UTC]``.
    fn to_pandas<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        this.py().import("aicredits._tables")?.call_method1("pandas_frame", (this.call_method0("to_records")?,))
    }

    /// The records as a polars.DataFrame with the same columns and types for every balance.
    ///
    /// Counts are ``Int64``, ``source`` and ``rule`` ``Int32``, texts ``String``, instants ``Datetime("us", "UTC")``.
    fn to_polars<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        this.py().import("aicredits._tables")?.call_method1("polars_frame", (this.call_method0("to_records")?,))
    }

    /// What the text does not say of the figures: whose they are, and how old. None where neither is known.
    fn _origin(&self) -> Option<String> {
        let scope = self.reading.scope().map(ToString::to_string);
        let age = self.fetched_timestamp().map(|instant| format!("read {} ago", export::age(instant)));
        let known: Vec<_> = scope.into_iter().chain(age).collect();
        (!known.is_empty()).then(|| known.join(", "))
    }

    /// The pools and the breakdown, and in a last line whose they are and how old, where that is known.
    fn __str__(&self) -> String {
        let origin = self._origin().map_or_else(String::new, |origin| format!("\n{origin}"));
        format!("{}{origin}", self.reading)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let balance = this.get();
        let mut shown = String::from("<Balance");
        for name in ["available", "periodic_credits", "top_up_credits"] {
            shown += &format!(" {name}={}", this.getattr(name)?.repr()?);
        }
        shown += &format!(" sources={}", balance.reading.credit_balance_breakdown().len());
        if let Some(scope) = balance.scope() {
            shown += &format!(" scope={}", Bound::new(this.py(), scope)?.repr()?);
        }
        if let Some(instant) = balance.fetched_timestamp() {
            shown += &format!(" age={}", export::age(instant));
        }
        Ok(shown + ">")
    }

    /// For notebooks: the pools and the rules, with bars.
    fn _repr_html_<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        this.py().import("aicredits._html")?.call_method1("table", (this,))
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        Ok(match other.cast::<Self>() {
            Ok(other) => (self.reading == other.get().reading).into_pyobject(py)?.to_owned().into_any(),
            Err(_) => py.NotImplemented().into_bound(py),
        })
    }

    fn __hash__(&self) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(&self.reading)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Parts<'py>> {
        let fields = ["scope", "request_id", "fetched_timestamp", "server_timestamp"];
        let origin = fields.map(|field| this.getattr(field)).into_iter().collect::<PyResult<Vec<_>>>()?;
        // The raw reply has what the texts lost by redaction.
        let texts = this.get().reading.redacted_texts();
        let arguments =
            [vec![this.call_method0("json")?], origin, vec![texts.into_pyobject(this.py())?.into_any()]].concat();
        Ok((this.getattr("_restored")?, PyTuple::new(this.py(), arguments)?.into_any()))
    }

    /// What unpickling calls.
    #[staticmethod]
    #[pyo3(signature = (json, scope, request_id, fetched, server, texts=None))]
    fn _restored(
        py: Python<'_>,
        json: &str,
        scope: Option<&Bound<'_, Scope>>,
        request_id: Option<String>,
        fetched: Option<&Bound<'_, Timestamp>>,
        server: Option<&Bound<'_, Timestamp>>,
        texts: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let reading = aicredits::Balance::from_json(json).map_err(|error| raised(py, &error))?;
        let reading = texts.into_iter().fold(reading, aicredits::Balance::with_texts);
        let instant = |timestamp: Option<&Bound<'_, Timestamp>>| timestamp.map(|timestamp| timestamp.get().0);
        let scope = scope.map(|scope| scope.get().into());
        Ok(reading.with_origin(scope, request_id, instant(fetched), instant(server)).into())
    }
}

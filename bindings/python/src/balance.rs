//! The balance. It holds the core's balance, and makes Python's objects when they are asked for.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDateTime, PyDict, PyList, PyMemoryView, PyString, PyTuple};

use crate::affordability::Affordability;
use crate::arguments::{instant, wrong_type};
use crate::breakdown::{CreditBalance, Credits};
use crate::callbacks;
use crate::credits::credits;
use crate::errors::raised;
use crate::export;
use crate::object;
use crate::scope::Scope;
use crate::timestamp::{self, Timestamp};

type Parts<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The remaining AI credits of an account or a site at one time. ``get_balance()`` and ``from_json()`` return it.
///
/// Immutable and thread-safe. ``==`` and ``hash`` compare the credits, not when or for which scope they were read.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Balance {
    pub(crate) native: Arc<aicredits::Balance>,
    breakdown: PyOnceLock<Py<PyTuple>>,
}

impl From<aicredits::Balance> for Balance {
    fn from(native: aicredits::Balance) -> Self {
        Self { native: Arc::new(native), breakdown: PyOnceLock::new() }
    }
}

impl Balance {
    fn read(py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<aicredits::Balance> {
        // The length is checked before anything is copied.
        let copy = |bytes: &[u8]| {
            aicredits::Balance::check_json_bytes(bytes.len()).map_err(|error| raised(py, &error))?;
            Ok::<_, PyErr>(bytes.to_vec())
        };
        let bytes = if let Ok(text) = json.cast::<PyString>() {
            match text.to_cow() {
                Ok(text) => copy(text.as_bytes())?,
                // The decoder refuses it, and names the position.
                Err(_) => text.call_method1("encode", ("utf-8", "surrogatepass"))?.extract()?,
            }
        } else if let Ok(bytes) = json.cast::<PyBytes>() {
            copy(bytes.as_bytes())?
        } else if json.is_instance_of::<PyByteArray>() || json.is_instance_of::<PyMemoryView>() {
            // Python makes the copy, so too little memory is a MemoryError.
            copy(py.get_type::<PyBytes>().call1((json,))?.cast::<PyBytes>()?.as_bytes())?
        } else {
            let class = callbacks::name(&json.get_type());
            return Err(PyTypeError::new_err(format!(
                "the JSON must be str, bytes, bytearray or memoryview, not {class}"
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

    /// Parses a stored reply, as json() returns it. ``scope`` is the scope that it was asked for, if known.
    ///
    /// Raises DecodeError if it is no balance, and TooLargeError over 1 GiB.
    #[staticmethod]
    #[pyo3(signature = (json, *, scope=None))]
    fn from_json(py: Python<'_>, json: &Bound<'_, PyAny>, scope: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let scope =
            scope.map(|given| given.cast::<Scope>().map_err(|_| wrong_type("scope", "a Scope", given))).transpose()?;
        let scope = scope.map(|scope| aicredits::Scope::from(scope.get()));
        Ok(Self::read(py, json)?.with_origin(scope, None, None, None).into())
    }

    /// Recurring credits, aggregated across all sources; None when the account has none.
    #[getter]
    fn periodic_credits(&self) -> Option<Credits> {
        self.native.periodic_credits().map(Into::into)
    }

    /// One-time top-up credits, aggregated across all purchases; None when the account has none. They don't reset.
    #[getter]
    fn top_up_credits(&self) -> Option<Credits> {
        self.native.top_up_credits().map(Into::into)
    }

    /// The same credits by source, in the order of the reply: a detailed view of the two pools. Never add it to them.
    ///
    /// A reply has at most 1,000 sources. If it has 1,000, the server may have left out others.
    #[getter]
    fn credit_balance_breakdown(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let breakdown = self.breakdown.get_or_try_init(py, || {
            let sources = self.native.credit_balance_breakdown();
            let sources = sources.map(|source| CreditBalance::read(py, &source)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, sources).map(Bound::unbind)
        })?;
        Ok(breakdown.clone_ref(py))
    }

    /// The remaining credits of both pools. None means unknown, not 0:
    ///
    /// - a pool is present but has no balance;
    /// - both pools are absent, but the breakdown has entries;
    /// - is_recognized is False.
    ///
    /// The amount that can be spent now may be less, because the rules of the breakdown limit it: see spendable.
    #[getter]
    fn available(&self) -> Option<i64> {
        self.native.available()
    }

    /// The credits that can be spent now, under all rules of the breakdown. None means unknown: neither 0 nor unlimited.
    ///
    /// Each source allows the least of its rule balances. This is the sum over the sources, at most available. It assumes
    /// that one action may draw on several sources.
    #[getter]
    fn spendable(&self) -> Option<i64> {
        self.native.spendable()
    }

    /// The credits that can be spent at a later instant, if nobody spends until then. None if that is unknown.
    ///
    /// ``at`` is an aware datetime or a Timestamp. A rule that resets until then counts at its cap. Unknown: spendable is
    /// unknown, the reply has no breakdown, or a rule that resets has no cap.
    fn spendable_at(&self, at: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
        Ok(self.native.spendable_at(instant("at", at)?.0))
    }

    /// Whether an action of this cost can be paid now. The result is true only if the answer is yes.
    ///
    /// The cost is an int, or a number with ``__index__``, from 0 to 2^63 - 1. Anything else raises InvalidArgumentError,
    /// which is a ValueError. A cost that equals spendable is affordable, and a cost of 0 always is.
    ///
    /// A balance is a hint: other programs spend from the same credits, and the vendor's refusal is final. If tasks or
    /// threads spend at the same time, use ``client.gate()``.
    fn can_afford(this: &Bound<'_, Self>, cost: &Bound<'_, PyAny>) -> PyResult<Affordability> {
        Affordability::new(this, &this.get().native, credits("cost", cost)?)
    }

    /// How many of ``wanted`` actions can be paid now, if each costs ``unit_cost``. None if that is unknown.
    fn affordable(
        &self,
        py: Python<'_>,
        unit_cost: &Bound<'_, PyAny>,
        wanted: &Bound<'_, PyAny>,
    ) -> PyResult<Option<u64>> {
        let count = self.native.affordable(credits("unit_cost", unit_cost)?, credits("wanted", wanted)?);
        count.map_err(|error| raised(py, &error))
    }

    /// The same as next_reset, exactly.
    #[getter]
    fn next_reset_timestamp(&self) -> Option<Timestamp> {
        self.native.next_reset().map(Timestamp)
    }

    /// The earliest reset after the reading that can bring credits: aware, in UTC, truncated to microseconds.
    ///
    /// None if there is none, and for a reading without an instant: use next_reset_after(). The instant of the reading is
    /// server_date, or else fetched_at.
    #[getter]
    fn next_reset<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.next_reset_timestamp())
    }

    /// The earliest reset after another instant than the reading's: an aware datetime or a Timestamp. The result has the
    /// same type.
    fn next_reset_after<'py>(&self, after: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = after.py();
        let reset = self.native.next_reset_after(instant("after", after)?.0).map(Timestamp);
        match after.is_instance_of::<Timestamp>() {
            true => reset.map(|reset| Ok(Bound::new(py, reset)?.into_any())).transpose(),
            false => Ok(timestamp::datetime(py, reset)?.map(Bound::into_any)),
        }
    }

    /// Whether the reply is a balance: it has a field of a balance, or no field at all.
    ///
    /// False means that the reply has other fields only. The base URL may be the one of another service.
    #[getter]
    fn is_recognized(&self) -> bool {
        self.native.is_recognized()
    }

    /// The raw reply, with all fields, also those that this version does not know.
    fn json(&self) -> &str {
        self.native.json()
    }

    /// The requested scope; None if the balance was not fetched.
    #[getter]
    pub(crate) fn scope(&self) -> Option<Scope> {
        self.native.scope().map(Into::into)
    }

    /// The server's id of the request. Give it to Wix's support. Text from the server.
    #[getter]
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.native.request_id()
    }

    /// When the reply was complete, by this machine's clock, with nanoseconds; None if the balance was not fetched.
    #[getter]
    pub(crate) fn fetched_timestamp(&self) -> Option<Timestamp> {
        self.native.fetched_at().map(Timestamp)
    }

    /// When the reply was complete, as an aware datetime in UTC, truncated to microseconds.
    #[getter]
    fn fetched_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.fetched_timestamp())
    }

    /// The server's time of the reply, to the second.
    #[getter]
    pub(crate) fn server_timestamp(&self) -> Option<Timestamp> {
        self.native.server_date().map(Timestamp)
    }

    /// The server's time of the reply, as an aware datetime in UTC.
    #[getter]
    fn server_date<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.server_timestamp())
    }

    /// The credits and their origin as dicts, lists, numbers and strings. ``json.dumps`` accepts the result.
    ///
    /// Instants are RFC 3339 texts with all their digits. A field that the reply does not have is None.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        export::dict(py, &self.native)
    }

    /// One flat dict per rule. All have the same keys, in the order of the columns of to_pandas().
    ///
    /// - ``target`` is 0 and ``label`` is None: they are for tables of many balances.
    /// - ``account_id`` and ``site_id`` are the requested scope, ``read_at`` is fetched_at.
    /// - ``source`` and ``rule`` count from 0; ``period`` is the server's text.
    /// - ``reset_date`` and ``read_at`` are aware datetimes.
    /// - The four counts of the pools are repeated in each row: do not add them up.
    ///
    /// A field that the reply does not have is None. Libraries that guess the type of such a column convert its counts
    /// to floats, and lose digits. to_pandas() and to_polars() do not guess.
    fn to_records<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        export::records(py, &self.native)
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

    /// The scope and the age, as one text; None if neither is known.
    fn _origin(&self) -> Option<String> {
        let scope = self.native.scope().map(ToString::to_string);
        let age = self.fetched_timestamp().map(|instant| format!("read {} ago", export::age(instant)));
        let known: Vec<_> = scope.into_iter().chain(age).collect();
        (!known.is_empty()).then(|| known.join(", "))
    }

    /// The pools and the breakdown. The last line has the scope and the age, if they are known.
    fn __str__(&self) -> String {
        let origin = self._origin().map_or_else(String::new, |origin| format!("\n{origin}"));
        format!("{}{origin}", self.native)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let balance = this.get();
        let mut shown = String::from("<Balance");
        for name in ["available", "periodic_credits", "top_up_credits"] {
            shown += &format!(" {name}={}", this.getattr(name)?.repr()?);
        }
        shown += &format!(" sources={}", balance.native.credit_balance_breakdown().len());
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
            Ok(other) => (self.native == other.get().native).into_pyobject(py)?.to_owned().into_any(),
            Err(_) => py.NotImplemented().into_bound(py),
        })
    }

    fn __hash__(&self) -> u64 {
        object::hash(&self.native)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Parts<'py>> {
        let fields = ["scope", "request_id", "fetched_timestamp", "server_timestamp"];
        let origin = fields.map(|field| this.getattr(field)).into_iter().collect::<PyResult<Vec<_>>>()?;
        // Redaction has changed these texts, but not the raw reply.
        let texts = this.get().native.redacted_texts();
        let arguments =
            [vec![this.call_method0("json")?], origin, vec![texts.into_pyobject(this.py())?.into_any()]].concat();
        Ok((this.getattr("_restored")?, PyTuple::new(this.py(), arguments)?.into_any()))
    }

    /// The constructor for pickle.
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
        let balance = aicredits::Balance::from_json(json).map_err(|error| raised(py, &error))?;
        let balance = texts.into_iter().fold(balance, aicredits::Balance::with_texts);
        let instant = |timestamp: Option<&Bound<'_, Timestamp>>| timestamp.map(|timestamp| timestamp.get().0);
        let scope = scope.map(|scope| scope.get().into());
        Ok(balance.with_origin(scope, request_id, instant(fetched), instant(server)).into())
    }
}

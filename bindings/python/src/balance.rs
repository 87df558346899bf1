//! The balance and what it is made of. Python's objects are made as they are asked for.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDateTime, PyDict, PyList, PyMemoryView, PyString, PyTuple};

use crate::failure::raised;
use crate::object::{count, parts, repr};
use crate::period::{self, Name};
use crate::scope::Scope;
use crate::timestamp::Timestamp;
use crate::within;

type Parts<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// A pool of credits. A count that the reply lacks is None, never 0.
#[pyclass(frozen, eq, hash, get_all, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Credits {
    /// Remaining credits currently available.
    balance: Option<i64>,
    /// Maximum credits: per period in the recurring pool, altogether in the top-up pool. It may be 0.
    cap: Option<i64>,
}

const CREDITS: [&str; 2] = ["balance", "cap"];

#[pymethods]
impl Credits {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        CREDITS.into()
    }

    #[new]
    fn new(balance: Option<i64>, cap: Option<i64>) -> Self {
        Self { balance, cap }
    }

    fn __str__(&self) -> String {
        format!("{} of {}", count(self.balance), count(self.cap))
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &CREDITS)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Parts<'py>> {
        parts(this, &CREDITS)
    }
}

impl From<aicredits::Credits> for Credits {
    fn from(credits: aicredits::Credits) -> Self {
        Self { balance: credits.balance(), cap: credits.cap() }
    }
}

/// A rule on the use of a source's credits. Several apply together, such as a daily limit within a monthly allocation.
#[pyclass(frozen, eq, hash, module = "aicredits")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct UsageRule {
    period: Option<Name>,
    /// Remaining credits available under this rule.
    #[pyo3(get)]
    balance: Option<i64>,
    /// Maximum credits allowed under this rule per period. It may be 0.
    #[pyo3(get)]
    cap: Option<i64>,
    /// When this rule's balance resets to its cap, exactly.
    #[pyo3(get)]
    reset_timestamp: Option<Timestamp>,
}

const USAGE_RULE: [&str; 4] = ["period", "balance", "cap", "reset_timestamp"];

#[pymethods]
impl UsageRule {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        USAGE_RULE.into()
    }

    #[new]
    fn new(
        period: Option<&str>,
        balance: Option<i64>,
        cap: Option<i64>,
        reset_timestamp: Option<&Bound<'_, Timestamp>>,
    ) -> Self {
        let period = period.map(|name| period::name(aicredits::FeaturePeriod::from_name(name)));
        Self { period, balance, cap, reset_timestamp: reset_timestamp.map(|instant| *instant.get()) }
    }

    /// How often the credits under this rule replenish.
    #[getter]
    fn period<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.period.as_ref().map(|name| period::member(py, name)).transpose()
    }

    /// When this rule's balance resets to its cap: aware, in UTC, cut to microseconds.
    #[getter]
    fn reset_date<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        datetime(py, self.reset_timestamp)
    }

    fn __str__(&self) -> String {
        let period = self.period.as_ref().map_or_else(|| "unknown".to_owned(), |name| aicredits::shown(name));
        let reset = self.reset_timestamp.map_or_else(String::new, |instant| format!(", resets {}", instant.0));
        format!("{period}: {} of {}{reset}", count(self.balance), count(self.cap))
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &USAGE_RULE)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Parts<'py>> {
        parts(this, &USAGE_RULE)
    }
}

impl From<aicredits::UsageRule<'_>> for UsageRule {
    fn from(rule: aicredits::UsageRule<'_>) -> Self {
        Self {
            period: rule.period().map(period::name),
            balance: rule.balance(),
            cap: rule.cap(),
            reset_timestamp: rule.reset_date().map(Timestamp),
        }
    }
}

fn datetime(py: Python<'_>, instant: Option<Timestamp>) -> PyResult<Option<Bound<'_, PyDateTime>>> {
    instant.map(|instant| instant.datetime(py)).transpose()
}

/// The credits of one source.
#[pyclass(frozen, get_all, module = "aicredits")]
pub(crate) struct CreditBalance {
    /// GUID of the subscription that the allocation belongs to; None for credits without one. Server text.
    subscription_id: Option<Py<PyString>>,
    /// The rules of its use, in the reply's order.
    usage_rules: Py<PyTuple>,
}

const CREDIT_BALANCE: [&str; 2] = ["subscription_id", "usage_rules"];

#[pymethods]
impl CreditBalance {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        CREDIT_BALANCE.into()
    }

    #[new]
    fn new(subscription_id: Option<Py<PyString>>, usage_rules: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rules = usage_rules.try_iter()?.map(|rule| {
            let rule = rule?;
            Ok(rule.cast::<UsageRule>().cloned()?)
        });
        let rules = PyTuple::new(usage_rules.py(), rules.collect::<PyResult<Vec<_>>>()?)?;
        Ok(Self { subscription_id, usage_rules: rules.unbind() })
    }

    fn __eq__(this: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = this.py();
        match other.cast::<Self>() {
            Ok(other) => {
                let equal = parts(this, &CREDIT_BALANCE)?.1.eq(parts(other, &CREDIT_BALANCE)?.1)?;
                Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
            }
            Err(_) => Ok(py.NotImplemented()),
        }
    }

    fn __hash__(this: &Bound<'_, Self>) -> PyResult<isize> {
        parts(this, &CREDIT_BALANCE)?.1.hash()
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        let mut shown = match &self.subscription_id {
            None => "no subscription".to_owned(),
            Some(id) => format!("subscription {}", aicredits::shown(&id.bind(py).to_cow()?)),
        };
        for rule in self.usage_rules.bind(py) {
            shown += "\n  ";
            shown += &rule.cast::<UsageRule>()?.get().__str__();
        }
        Ok(shown)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &CREDIT_BALANCE)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Parts<'py>> {
        parts(this, &CREDIT_BALANCE)
    }
}

impl CreditBalance {
    fn read(py: Python<'_>, source: &aicredits::CreditBalance<'_>) -> PyResult<Py<Self>> {
        let rules = source.usage_rules().map(|rule| Py::new(py, UsageRule::from(rule)));
        let usage_rules = PyTuple::new(py, rules.collect::<PyResult<Vec<_>>>()?)?.unbind();
        let subscription_id = source.subscription_id().map(|id| PyString::new(py, id).unbind());
        Py::new(py, Self { subscription_id, usage_rules })
    }
}

/// Beside the reading: of what call it came, where a pickle told that.
struct Told {
    scope: Option<Scope>,
    request_id: Option<String>,
    fetched: Option<Timestamp>,
    server: Option<Timestamp>,
}

/// What an account or a site has left: one reading, which never changes. ``==`` and ``hash`` compare the figures.
///
/// Shared by as many threads as wish. Made by ``get_balance()`` and ``from_json()``.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Balance {
    reading: aicredits::Balance,
    told: Option<Told>,
    breakdown: PyOnceLock<Py<PyTuple>>,
}

impl From<aicredits::Balance> for Balance {
    fn from(reading: aicredits::Balance) -> Self {
        Self { reading, told: None, breakdown: PyOnceLock::new() }
    }
}

impl Balance {
    fn read(py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<aicredits::Balance> {
        let bytes = if let Ok(text) = json.cast::<PyString>() {
            match text.to_cow() {
                Ok(text) => text.into_owned().into_bytes(),
                // The reader refuses it, and tells the place.
                Err(_) => text.call_method1("encode", ("utf-8", "surrogatepass"))?.extract()?,
            }
        } else if let Ok(bytes) = json.cast::<PyBytes>() {
            bytes.as_bytes().to_vec()
        } else if json.is_instance_of::<PyByteArray>() || json.is_instance_of::<PyMemoryView>() {
            py.get_type::<PyBytes>().call1((json,))?.extract()?
        } else {
            let class = within::name(&json.get_type());
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
    fn from_json(py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::read(py, json).map(Self::from)
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
    fn scope(&self) -> Option<Scope> {
        match &self.told {
            Some(told) => told.scope.clone(),
            None => self.reading.scope().map(Into::into),
        }
    }

    /// The server's id of the request, to quote when asking Wix about it. Server text.
    #[getter]
    fn request_id(&self) -> Option<&str> {
        match &self.told {
            Some(told) => told.request_id.as_deref(),
            None => self.reading.request_id(),
        }
    }

    /// When the reply had come in, by this machine's clock, exactly; None for a reading that was not fetched.
    #[getter]
    fn fetched_timestamp(&self) -> Option<Timestamp> {
        self.told.as_ref().map_or_else(|| self.reading.fetched_at().map(Timestamp), |told| told.fetched)
    }

    /// The same: aware, in UTC, cut to microseconds.
    #[getter]
    fn fetched_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        datetime(py, self.fetched_timestamp())
    }

    /// The server's clock at the reply, to the second.
    #[getter]
    fn server_timestamp(&self) -> Option<Timestamp> {
        self.told.as_ref().map_or_else(|| self.reading.server_date().map(Timestamp), |told| told.server)
    }

    /// The same as an aware datetime in UTC.
    #[getter]
    fn server_date<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        datetime(py, self.server_timestamp())
    }

    /// Plain dicts, lists and values, for whatever wants those.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let pool = |credits: Option<aicredits::Credits>| {
            let dict = |credits: aicredits::Credits| {
                let dict = PyDict::new(py);
                dict.set_item("balance", credits.balance())?;
                dict.set_item("cap", credits.cap())?;
                Ok::<_, PyErr>(dict)
            };
            credits.map(dict).transpose()
        };
        let sources = self.reading.credit_balance_breakdown().map(|source| {
            let dict = PyDict::new(py);
            dict.set_item("subscription_id", source.subscription_id())?;
            let rules = source.usage_rules().map(|rule| {
                let dict = PyDict::new(py);
                describe(&dict, rule).map(|()| dict)
            });
            dict.set_item("usage_rules", rules.collect::<PyResult<Vec<_>>>()?)?;
            Ok(dict)
        });
        let dict = PyDict::new(py);
        dict.set_item("periodic_credits", pool(self.reading.periodic_credits())?)?;
        dict.set_item("top_up_credits", pool(self.reading.top_up_credits())?)?;
        dict.set_item("credit_balance_breakdown", sources.collect::<PyResult<Vec<_>>>()?)?;
        Ok(dict)
    }

    /// One flat dict a rule, for a table: ``pandas.DataFrame(balance.to_records())``.
    fn to_records<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let records = PyList::empty(py);
        for (number, source) in self.reading.credit_balance_breakdown().enumerate() {
            for rule in source.usage_rules() {
                let dict = PyDict::new(py);
                dict.set_item("source", number)?;
                dict.set_item("subscription_id", source.subscription_id())?;
                describe(&dict, rule)?;
                records.append(dict)?;
            }
        }
        Ok(records)
    }

    fn __str__(&self) -> String {
        self.reading.to_string()
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let field = |name: &str| this.getattr(name)?.repr();
        let sources = this.get().reading.credit_balance_breakdown().len();
        Ok(format!(
            "<Balance available={} periodic_credits={} top_up_credits={} sources={sources}>",
            field("available")?,
            field("periodic_credits")?,
            field("top_up_credits")?
        ))
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
        let told = fields.map(|field| this.getattr(field)).into_iter().collect::<PyResult<Vec<_>>>()?;
        let arguments = [vec![this.call_method0("json")?], told].concat();
        Ok((this.getattr("_restored")?, PyTuple::new(this.py(), arguments)?.into_any()))
    }

    /// What unpickling calls.
    #[staticmethod]
    fn _restored(
        py: Python<'_>,
        json: &str,
        scope: Option<&Bound<'_, Scope>>,
        request_id: Option<String>,
        fetched: Option<&Bound<'_, Timestamp>>,
        server: Option<&Bound<'_, Timestamp>>,
    ) -> PyResult<Self> {
        let told = Told {
            scope: scope.map(|scope| scope.get().clone()),
            request_id,
            fetched: fetched.map(|instant| *instant.get()),
            server: server.map(|instant| *instant.get()),
        };
        let reading = aicredits::Balance::from_json(json).map_err(|error| raised(py, &error))?;
        Ok(Self { reading, told: Some(told), breakdown: PyOnceLock::new() })
    }
}

/// A rule's fields, put into a dict.
fn describe(dict: &Bound<'_, PyDict>, rule: aicredits::UsageRule<'_>) -> PyResult<()> {
    dict.set_item("period", rule.period().map(|period| period.as_str()))?;
    dict.set_item("balance", rule.balance())?;
    dict.set_item("cap", rule.cap())?;
    dict.set_item("reset_date", datetime(dict.py(), rule.reset_date().map(Timestamp))?)
}

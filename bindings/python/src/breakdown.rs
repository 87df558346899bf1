//! The parts of a balance: pools, sources and rules.

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyString, PyTuple};

use crate::object::{count, parts, repr};
use crate::period::{self, Name};
use crate::timestamp::{self, Timestamp};

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
        timestamp::datetime(py, self.reset_timestamp)
    }

    fn __str__(&self) -> String {
        let period =
            self.period.as_ref().map_or_else(|| "unknown".to_owned(), |name| aicredits::escape_for_display(name));
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

/// The credits of one source.
#[pyclass(frozen, get_all, module = "aicredits")]
pub(crate) struct CreditBalance {
    /// GUID of the subscription that the credits belong to; None for credits without one. Text from the server.
    subscription_id: Option<Py<PyString>>,
    /// The rules for its use, in the order of the reply.
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
            Some(id) => format!("subscription {}", aicredits::escape_for_display(&id.bind(py).to_cow()?)),
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
    pub(crate) fn read(py: Python<'_>, source: &aicredits::CreditBalance<'_>) -> PyResult<Py<Self>> {
        let rules = source.usage_rules().map(|rule| Py::new(py, UsageRule::from(rule)));
        let usage_rules = PyTuple::new(py, rules.collect::<PyResult<Vec<_>>>()?)?.unbind();
        let subscription_id = source.subscription_id().map(|id| PyString::new(py, id).unbind());
        Py::new(py, Self { subscription_id, usage_rules })
    }
}

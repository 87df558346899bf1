//! The answer of `Balance.can_afford()`.

use std::sync::Arc;

use aicredits::{Answer, Binding};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyTuple};

use crate::errors::raised;
use crate::object;
use crate::timestamp::{self, Timestamp};

/// Whether a balance can pay a cost. ``balance.can_afford()`` returns it.
///
/// It is true only if the answer is yes. ``str()`` is one sentence, which says what to do about a no:
///
/// >>> answer = balance.can_afford(50)
/// >>> if not answer:
/// ...     print(answer)  # 40 short: the MONTH rule of subscription d7a3… allows 10 until 2026-07-01T00:00:00Z
///
/// Immutable and thread-safe. It keeps its balance.
#[pyclass(frozen, module = "aicredits")]
pub(crate) struct Affordability {
    /// The balance that was asked.
    #[pyo3(get)]
    balance: Py<PyAny>,
    native: Arc<aicredits::Balance>,
    /// The cost that was asked for.
    #[pyo3(get)]
    cost: u64,
    answer: Answer,
    /// ``balance.spendable``.
    #[pyo3(get)]
    spendable: Option<i64>,
    /// ``balance.available``.
    #[pyo3(get)]
    available: Option<i64>,
    /// The credits that are missing, if the answer is no; otherwise None.
    ///
    /// It is the cost less the most that can be spent. Where ``spendable`` is None, at least so many are missing.
    #[pyo3(get)]
    shortfall: Option<u64>,
}

impl Affordability {
    /// `balance` is the Python object of the native balance.
    pub(crate) fn new(balance: &Bound<'_, PyAny>, native: &Arc<aicredits::Balance>, cost: u64) -> PyResult<Self> {
        let found = native.can_afford(cost).map_err(|error| raised(balance.py(), &error))?;
        Ok(Self {
            balance: balance.clone().unbind(),
            native: Arc::clone(native),
            cost,
            answer: found.answer(),
            spendable: found.spendable(),
            available: found.available(),
            shortfall: found.shortfall(),
        })
    }

    /// Reads a value of the core's answer. The cost was accepted once, so it is accepted again.
    fn of_core<T>(&self, read: impl FnOnce(aicredits::Affordability<'_>) -> T) -> Option<T> {
        self.native.can_afford(self.cost).ok().map(read)
    }

    fn name(&self) -> &'static str {
        Answer::TABLE.iter().find(|row| row.number == self.answer.number()).map_or("", |row| row.name)
    }
}

#[pymethods]
impl Affordability {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str) {
        ("answer", "cost", "shortfall")
    }

    /// Yes, no or unknown.
    #[getter]
    fn answer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = || Ok::<_, PyErr>(py.import("aicredits._deciding")?.getattr("Answer")?.unbind());
        CLASS.get_or_try_init(py, class)?.bind(py).call1((self.name(),))
    }

    /// The limit on the spendable credits: ``"RULES"``, ``"POOLS"``, or ``"NOTHING"`` if the reply sets no
    /// limit.
    #[getter]
    fn binding(&self) -> &'static str {
        let name = |found: aicredits::Affordability<'_>| match found.binding() {
            Binding::Rules(_) => "RULES",
            Binding::Pools => "POOLS",
            _ => "NOTHING",
        };
        self.of_core(name).unwrap_or("NOTHING")
    }

    /// If ``binding`` is ``"RULES"``, the rules that allow no more, in the order of the reply; otherwise empty. Each is
    /// a pair: the position of the source in ``balance.credit_balance_breakdown``, and of the rule in its
    /// ``usage_rules``.
    #[getter]
    fn binding_rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let rules = self.of_core(|found| match found.binding() {
            Binding::Rules(rules) => rules.collect(),
            _ => Vec::new(),
        });
        PyTuple::new(py, rules.unwrap_or_default())
    }

    /// The same as ``affordable_at``, exactly.
    #[getter]
    fn affordable_timestamp(&self) -> Option<Timestamp> {
        self.of_core(|found| found.affordable_at()).flatten().map(Timestamp)
    }

    /// The earliest reset date from which the cost is affordable, if nobody spends until then: aware, in UTC, truncated
    /// to microseconds. Computed when it is read.
    ///
    /// None if no known reset brings the credits, and if the answer is not no.
    #[getter]
    fn affordable_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        timestamp::datetime(py, self.affordable_timestamp())
    }

    fn __bool__(&self) -> bool {
        self.answer == Answer::Yes
    }

    /// One sentence. Text of the server in it is escaped and bounded.
    fn __str__(&self) -> String {
        self.of_core(|found| found.to_string()).unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        format!("<Affordability {} cost={}: {}>", self.name(), self.cost, self.__str__())
    }

    /// For notebooks: the answer and the sentence.
    fn _repr_html_<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        this.py().import("aicredits._html")?.call_method1("answer", (this,))
    }

    /// Two answers are equal if their costs are, and their balances.
    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented().into_bound(py)) };
        let other = other.get();
        let is_equal = self.cost == other.cost && self.native == other.native;
        Ok(is_equal.into_pyobject(py)?.to_owned().into_any())
    }

    fn __hash__(&self) -> u64 {
        object::hash(&(&self.native, self.cost))
    }

    /// Pickles the balance and the cost.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (u64,))> {
        Ok((self.balance.bind(py).getattr("can_afford")?, (self.cost,)))
    }
}

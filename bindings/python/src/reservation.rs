use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::credits::credits;

/// Credits that a gate has set aside for one action. ``gate.reserve()`` returns it. Thread-safe.
///
/// It ends once:
///
/// - with ``commit()``, ``commit_actual()`` or ``commit_part()``: the action ran;
/// - with ``release()``: the action certainly did not run, so its credits are free at once;
/// - with ``report_exhausted()``: the vendor refused the action for lack of credits.
///
/// Otherwise it is unresolved: nobody knows whether the action was charged. It then counts like a commit, but not against
/// a limit. A reservation is unresolved after ``close()``, after its time to live, and when Python collects it.
///
/// >>> with gate.reserve(5) as reservation:
/// ...     act()
///
/// commits at the end of the block, also if ``break``, ``continue`` or ``return`` leaves it: then call ``release()`` first
/// if the action did not run. An exception leaves the reservation unresolved, unless the block has ended it.
///
/// An end never blocks and never fails. The first commit counts, also after the time to live or a release; another end
/// after the first one does nothing and returns False.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Reservation {
    native: aicredits::Reservation,
    /// Whether a method has ended it. An expired reservation has not ended so: its block may still commit it.
    has_ended: AtomicBool,
    is_closed: AtomicBool,
}

impl From<aicredits::Reservation> for Reservation {
    fn from(native: aicredits::Reservation) -> Self {
        Self { native, has_ended: AtomicBool::new(false), is_closed: AtomicBool::new(false) }
    }
}

impl Reservation {
    fn end(&self, end: impl FnOnce(&aicredits::Reservation) -> bool) -> bool {
        self.has_ended.store(true, Ordering::Relaxed);
        self.unless_closed(end)
    }

    fn unless_closed(&self, act: impl FnOnce(&aicredits::Reservation) -> bool) -> bool {
        !self.is_closed.load(Ordering::Relaxed) && act(&self.native)
    }
}

#[pymethods]
impl Reservation {
    /// The credits that are still reserved.
    #[getter]
    fn cost(&self) -> u64 {
        self.native.cost()
    }

    /// How many actions it is for: more than 1 only from ``reserve_up_to()``.
    #[getter]
    fn count(&self) -> u64 {
        self.native.count()
    }

    /// The credits that one action costs.
    #[getter]
    fn unit_cost(&self) -> u64 {
        self.native.unit_cost()
    }

    /// The label that ``reserve()`` got.
    #[getter]
    fn label(&self) -> Option<&str> {
        self.native.label()
    }

    /// Whether it has not ended.
    #[getter]
    fn is_open(&self) -> bool {
        self.unless_closed(aicredits::Reservation::is_open)
    }

    /// The action ran, at the reserved cost. False if the reservation was committed or closed before.
    fn commit(&self) -> bool {
        self.end(aicredits::Reservation::commit)
    }

    /// The action ran, at this cost, which may be less or more than the reserved one. False if the reservation was
    /// committed or closed before.
    fn commit_actual(&self, cost: &Bound<'_, PyAny>) -> PyResult<bool> {
        let cost = credits("cost", cost)?;
        Ok(self.end(|native| native.commit_actual(cost)))
    }

    /// A part of the action ran, at this cost. The rest stays reserved, and the end of a block commits it: call
    /// ``release()`` before if nothing more runs. False if the reservation was committed or closed
    /// before.
    fn commit_part(&self, cost: &Bound<'_, PyAny>) -> PyResult<bool> {
        let cost = credits("cost", cost)?;
        Ok(self.unless_closed(|native| native.commit_part(cost)))
    }

    /// The action certainly did not run. Its credits are free at once. False if the reservation had ended before.
    fn release(&self) -> bool {
        self.end(aicredits::Reservation::release)
    }

    /// The vendor refused the action for lack of credits: Wix answers 428 with ``REQUEST_NOT_ELIGIBLE``. Releases the
    /// reservation. The gate then denies until it learns of new credits.
    ///
    /// False if the reservation had ended before, and then the gate does not learn of it. It is also False after the time
    /// to live, but the gate denies as after any report.
    fn report_exhausted(&self) -> bool {
        self.end(aicredits::Reservation::report_exhausted)
    }

    /// Leaves the reservation unresolved, if it is open. It may be called again.
    fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.native.abandon();
    }

    fn __enter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    /// Commits; after an exception, leaves the reservation unresolved. Does nothing if the block has ended it.
    #[pyo3(signature = (kind, *_exception))]
    fn __exit__(&self, kind: Option<&Bound<'_, PyAny>>, _exception: &Bound<'_, PyTuple>) {
        match (self.has_ended.load(Ordering::Relaxed), kind) {
            (true, _) => {}
            (false, None) => drop(self.commit()),
            (false, Some(_)) => self.close(),
        }
    }

    fn __repr__(&self) -> String {
        let label = self.label().map(|label| format!(" label='{}'", aicredits::escape_for_display(label)));
        let state = if self.is_open() { "open" } else { "ended" };
        format!("<aicredits.Reservation cost={}{} {state}>", self.cost(), label.unwrap_or_default())
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a Reservation cannot be pickled or copied: it belongs to a gate of this process"))
    }
}

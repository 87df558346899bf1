//! The credit gate. AsyncGate is Python code over it.

use std::sync::Arc;

use aicredits::{CreditGate, Want};
use arc_swap::ArcSwapOption;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::balance::Balance;
use crate::call::{self, cancelled_by, interruptible};
use crate::credits::credits;
use crate::errors::{closed, raised};
use crate::gate_request::GateRequest;
use crate::gate_settings::{self, refresh_call, reserve_call};
use crate::gate_state::GateState;
use crate::logging;
use crate::reservation::Reservation;
use crate::scope::Scope;

/// Grants actions that cost credits, so that callers which run at once do not spend the same credits twice.
///
/// ``client.gate()`` makes one. Make one gate for each scope of a client and share it: it is thread-safe, and usable in both
/// processes after a ``fork``.
///
/// >>> gate = client.gate(headroom=10)
/// >>> with gate.reserve(5, label="alt texts") as reservation:
/// ...     act()
///
/// The gate grants from an estimate: the latest reading of the balance less commits and open reservations. It reads the
/// balance when it needs to, in the threads of its callers.
///
/// A balance is a hint: other programs spend from the same credits, a charge may show late, and the vendor's refusal is
/// final. Report a refusal with ``reservation.report_exhausted()``.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Gate {
    /// Empty after `close()`. It is read without a lock, as the client's things are.
    native: ArcSwapOption<CreditGate>,
    /// The garbage collector finds the credential provider through it, which may refer to the gate.
    client: Py<PyAny>,
}

impl Gate {
    /// `client` is the Python object of the native client.
    pub(crate) fn new(
        client: &Bound<'_, PyAny>,
        native: &aicredits::Client,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let py = client.py();
        let builder = gate_settings::builder(py, native, settings)?;
        // A reserve without a reading does not look at the logger, so that it stays fast.
        logging::follow_logging(py)?;
        Ok(Self::of(builder.build().map_err(|error| raised(py, &error))?, client.clone().unbind()))
    }

    fn of(native: CreditGate, client: Py<PyAny>) -> Self {
        Self { native: ArcSwapOption::from_pointee(native), client }
    }

    fn native(&self, py: Python<'_>) -> PyResult<Arc<CreditGate>> {
        self.native.load_full().ok_or_else(|| closed(py, "gate"))
    }

    /// A reserve. Without a reading it is decided at once, with the GIL: releasing it costs more than the decision.
    fn ask(
        &self,
        py: Python<'_>,
        want: Want,
        call: aicredits::Call,
        cancel: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Reservation> {
        let call = cancelled_by(call, cancel)?;
        let at_once = match self.native.load().as_ref() {
            Some(native) => native.reserve_at_once(want, &call).map_err(|error| raised(py, &error))?,
            None => None,
        };
        if let Some(reservation) = at_once {
            return Ok(reservation.into());
        }
        let native = self.native(py)?;
        call::run(py, &interruptible(call), |call| native.reserve_or_read(want, call)).map(Reservation::from)
    }
}

#[pymethods]
impl Gate {
    /// Reserves credits for an action that costs this much. It never waits for credits, but it may wait for a reading: at
    /// most for ``read_timeout``.
    ///
    /// - ``cost``: an int, or a number with ``__index__``, from 0 to 2^63 - 1.
    /// - ``label``: a text for ``state()``, for denials and log records, such as the name of the job.
    /// - ``reservation_ttl``: how long the reservation stays open, instead of the gate's time.
    /// - ``timeout``: a shorter time than ``read_timeout``. Times are a number of seconds or a timedelta.
    /// - ``cancel``: a Cancel, to end this wait from another thread.
    ///
    /// Raises DeniedError if the gate does not grant it. It waits without the GIL. In the main thread, Ctrl-C ends it.
    #[pyo3(signature = (cost, *, label=None, reservation_ttl=None, timeout=None, cancel=None))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn reserve(
        &self,
        py: Python<'_>,
        cost: &Bound<'_, PyAny>,
        label: Option<&Bound<'_, PyAny>>,
        reservation_ttl: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        cancel: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Reservation> {
        self.ask(py, cost_of(cost)?, reserve_call(label, reservation_ttl, timeout)?, cancel)
    }

    /// Reserves credits for as many of ``wanted`` equal actions as fit, in one step: ``reservation.count`` is the number.
    ///
    /// Raises DeniedError if not even one fits. The other arguments are those of ``reserve()``.
    ///
    /// >>> with gate.reserve_up_to(3, 50) as reservation:
    /// ...     for page in pages[:reservation.count]:
    /// ...         if not act(page):
    /// ...             break
    /// ...         reservation.commit_part(3)
    /// ...     reservation.release()
    ///
    /// The last line is for the actions that did not run: the end of the block would commit their credits too, also after
    /// a ``break`` or a ``return`` out of the block.
    #[pyo3(signature = (unit_cost, wanted, *, label=None, reservation_ttl=None, timeout=None, cancel=None))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn reserve_up_to(
        &self,
        py: Python<'_>,
        unit_cost: &Bound<'_, PyAny>,
        wanted: &Bound<'_, PyAny>,
        label: Option<&Bound<'_, PyAny>>,
        reservation_ttl: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        cancel: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Reservation> {
        self.ask(py, up_to(unit_cost, wanted)?, reserve_call(label, reservation_ttl, timeout)?, cancel)
    }

    /// As ``reserve()``, but it neither blocks nor reads. If only a new reading can decide, it raises DeniedError with the
    /// reason ``UNAVAILABLE``.
    #[pyo3(signature = (cost, *, label=None, reservation_ttl=None))]
    fn reserve_now(
        &self,
        py: Python<'_>,
        cost: &Bound<'_, PyAny>,
        label: Option<&Bound<'_, PyAny>>,
        reservation_ttl: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Reservation> {
        let (cost, call) = (credits("cost", cost)?, reserve_call(label, reservation_ttl, None)?);
        let reserved = self.native(py)?.reserve_now_with(cost, &call);
        reserved.map(Reservation::from).map_err(|error| raised(py, &error))
    }

    /// Reads the balance now, for example when a program starts. The gate uses the reading.
    ///
    /// It waits for a reading in flight instead of making a second one. If a reading was requested less than
    /// ``min_interval`` ago, that reading is the result. After a failure, it raises that error at once until the next
    /// reading may start.
    #[pyo3(signature = (*, timeout=None, cancel=None))]
    fn refresh(
        &self,
        py: Python<'_>,
        timeout: Option<&Bound<'_, PyAny>>,
        cancel: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Balance> {
        let native = self.native(py)?;
        let call = interruptible(cancelled_by(refresh_call(timeout)?, cancel)?);
        call::run(py, &call, |call| native.refresh_with(call)).map(Balance::from)
    }

    /// The vendor refused an action that has no reservation, for lack of credits. See
    /// ``Reservation.report_exhausted()``.
    fn report_exhausted(&self, py: Python<'_>) -> PyResult<()> {
        self.native(py)?.report_exhausted();
        Ok(())
    }

    /// A gate with its own limit that draws on this gate, for example for a visitor, a tenant or a job.
    ///
    /// Everything that was committed counts against the limit. A sub-gate has no sub-gates. It lives in memory: for a
    /// daily allowance make a new one each day.
    fn sub_gate(&self, py: Python<'_>, limit: &Bound<'_, PyAny>) -> PyResult<Self> {
        let sub_gate = self.native(py)?.sub_gate(credits("limit", limit)?);
        Ok(Self::of(sub_gate.map_err(|error| raised(py, &error))?, self.client.clone_ref(py)))
    }

    /// Changes the limit. A limit below ``state().used`` denies until it is raised. Open reservations stay.
    fn set_limit(&self, py: Python<'_>, limit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.native(py)?.set_limit(credits("limit", limit)?).map_err(|error| raised(py, &error))
    }

    /// The figures of this moment. ``grantable`` is at most the room under the limits of the gate and of its parent.
    fn state(&self, py: Python<'_>) -> PyResult<GateState> {
        GateState::new(py, &self.native(py)?.state())
    }

    /// The latest reading of the balance; None before the first one.
    #[getter]
    fn balance(&self, py: Python<'_>) -> PyResult<Option<Balance>> {
        Ok(self.native(py)?.balance().map(Balance::from))
    }

    /// The account or site whose credits the gate grants.
    #[getter]
    fn scope(&self, py: Python<'_>) -> PyResult<Scope> {
        Ok(self.native(py)?.scope().into())
    }

    /// A request of AsyncGate for one action. ``wake`` is called, in any thread, when another step is due.
    #[pyo3(signature = (wake, cost, label=None, reservation_ttl=None, timeout=None))]
    fn _reserve(
        &self,
        py: Python<'_>,
        wake: Py<PyAny>,
        cost: &Bound<'_, PyAny>,
        label: Option<&Bound<'_, PyAny>>,
        reservation_ttl: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<GateRequest> {
        self.request(py, wake, cost_of(cost)?, &reserve_call(label, reservation_ttl, timeout)?)
    }

    /// A request of AsyncGate for several actions.
    #[pyo3(signature = (wake, unit_cost, wanted, label=None, reservation_ttl=None, timeout=None))]
    #[allow(clippy::too_many_arguments, reason = "each is an argument in Python")]
    fn _reserve_up_to(
        &self,
        py: Python<'_>,
        wake: Py<PyAny>,
        unit_cost: &Bound<'_, PyAny>,
        wanted: &Bound<'_, PyAny>,
        label: Option<&Bound<'_, PyAny>>,
        reservation_ttl: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<GateRequest> {
        self.request(py, wake, up_to(unit_cost, wanted)?, &reserve_call(label, reservation_ttl, timeout)?)
    }

    /// A request of AsyncGate for a reading.
    #[pyo3(signature = (wake, timeout=None))]
    fn _refresh(&self, py: Python<'_>, wake: Py<PyAny>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<GateRequest> {
        self.request(py, wake, Want::Refresh, &refresh_call(timeout)?)
    }

    /// Frees the gate: the client can then make another one for the same scope. Later calls raise ClosedError.
    /// Reservations and sub-gates stay valid. It may be called again.
    fn close(&self) {
        self.native.store(None);
    }

    fn __enter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.close();
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.client)
    }

    fn __repr__(&self) -> String {
        match self.native.load().as_ref() {
            Some(native) => format!("<aicredits.Gate {}>", native.scope()),
            None => "<aicredits.Gate closed>".to_owned(),
        }
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a gate cannot be pickled or copied: it counts the spending of this process only"))
    }
}

impl Gate {
    fn request(&self, py: Python<'_>, wake: Py<PyAny>, want: Want, call: &aicredits::Call) -> PyResult<GateRequest> {
        let native = self.native(py)?;
        let request = native.request(want, call).map_err(|error| raised(py, &error))?;
        Ok(GateRequest::new(request, wake, native.scope().into()))
    }
}

fn cost_of(cost: &Bound<'_, PyAny>) -> PyResult<Want> {
    credits("cost", cost).map(Want::Cost)
}

fn up_to(unit_cost: &Bound<'_, PyAny>, wanted: &Bound<'_, PyAny>) -> PyResult<Want> {
    Ok(Want::UpTo { unit_cost: credits("unit_cost", unit_cost)?, wanted: credits("wanted", wanted)? })
}

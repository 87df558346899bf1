//! Fleets: many balances. AsyncFleet is Python code over it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyDict, PyMapping, PyTuple};

use crate::arguments::{text, wrong_type};
use crate::attempt::timedelta;
use crate::call::{self, cancelled_by, interruptible};
use crate::errors::{closed, invalid, raised};
use crate::object::repr;
use crate::outcome::Outcome;
use crate::target::Target;
use crate::{callbacks, fleet_settings, logging};

/// Reads the balances of many targets. ``client.get_balances()`` makes one: iterate over it.
///
/// Each target has exactly one outcome, in order of completion: a balance or an error. A failure does not end the others.
/// ``len()`` is the number of targets.
///
/// Its threads exist until the last outcome is known, or until it is closed. At most 1,000 outcomes wait unread; then the
/// threads pause. They call the credential providers and the log handlers. Closing it cancels what is in flight, and so does
/// dropping it. Thread-safe: several threads may read from it. In a forked child it is closed.
#[pyclass(frozen, weakref, module = "aicredits")]
pub(crate) struct Fleet {
    /// Empty after `close()`. It is read without a lock, as the client's things are.
    native: ArcSwapOption<aicredits::Fleet>,
    targets: Vec<Py<Target>>,
    /// The garbage collector finds the credential providers through them.
    clients: Vec<Py<PyAny>>,
}

/// The native client of a Python object, if that is a client.
pub(crate) type NativeOf = fn(&Bound<'_, PyAny>) -> Option<aicredits::Client>;

impl Fleet {
    /// `client` is the Python object of the client `native`. `context` has `provide()`, for the threads of AsyncFleet.
    pub(crate) fn new(
        client: &Bound<'_, PyAny>,
        native: &aicredits::Client,
        targets: &Bound<'_, PyAny>,
        settings: Option<&Bound<'_, PyDict>>,
        context: Option<Py<PyAny>>,
        native_of: NativeOf,
    ) -> PyResult<Self> {
        let py = client.py();
        let special =
            |name| settings.map_or(Ok(None), |all| all.get_item(name)).map(|it| it.filter(|it| !it.is_none()));
        let (mut clients, mut named) = (vec![client.clone().unbind()], HashMap::new());
        if let Some(given) = special("clients")? {
            let wrong = |_| wrong_type("clients", "a mapping of names to clients", &given);
            for item in given.cast::<PyMapping>().map_err(wrong)?.items()? {
                let (name, client): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
                let name = text("a name of clients", Some(&name))?.unwrap_or_default();
                let native = native_of(&client).ok_or_else(|| wrong_type("a value of clients", "a Client", &client))?;
                named.insert(name, native);
                clients.push(client.unbind());
            }
        }
        let (mut own, mut asked, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (index, given) in targets.try_iter()?.enumerate() {
            let target = Target::given(index, &given?)?;
            match target.get().native(&named) {
                Ok(target) => asked.push(target),
                Err(fault) => faults.push(format!("target {index} {fault}")),
            }
            own.push(target.unbind());
        }
        if !faults.is_empty() {
            return Err(invalid(py, "targets", &format!("are wrong: {}", aicredits::listed(faults))));
        }
        let mut builder = fleet_settings::builder(native, settings)?;
        if let Some(context) = context {
            let context = Arc::new(context);
            builder = builder.in_threads(Arc::new(move || CONTEXT.set(Some(Arc::clone(&context)))));
        }
        let call = cancelled_by(aicredits::Call::new(), special("cancel")?.as_ref())?;
        logging::follow_logging(py)?;
        let native = builder.start_with(asked, &call).map_err(|error| raised(py, &error))?;
        Ok(Self { native: ArcSwapOption::from_pointee(native), targets: own, clients })
    }

    fn native(&self, py: Python<'_>) -> PyResult<Arc<aicredits::Fleet>> {
        self.native.load_full().ok_or_else(|| closed(py, "fleet"))
    }

    fn outcome(&self, py: Python<'_>, outcome: aicredits::FleetOutcome) -> Outcome {
        let target = self.targets[outcome.index()].clone_ref(py);
        Outcome::new(outcome, target)
    }
}

#[pymethods]
impl Fleet {
    fn __iter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    /// The next outcome. It waits without the GIL. In the main thread, Ctrl-C ends the wait; the fleet goes on.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Outcome>> {
        let native = self.native(py)?;
        let next = call::run(py, &interruptible(aicredits::Call::new()), |call| native.next_with(call))?;
        Ok(next.map(|outcome| self.outcome(py, outcome)))
    }

    fn __len__(&self) -> usize {
        self.targets.len()
    }

    /// How far it has come. It never blocks.
    fn progress(&self, py: Python<'_>) -> PyResult<Progress> {
        let native = self.native(py)?;
        Ok(Progress(py.detach(|| native.progress())))
    }

    /// Cancels what is in flight, and waits for the end of the threads. It may be called again.
    fn close(&self, py: Python<'_>) {
        if let Some(native) = self.native.swap(None) {
            py.detach(|| {
                native.stop();
                drop(native);
            });
        }
    }

    fn __enter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    /// For AsyncFleet: the next outcome, None after the last one, or False. After False, ``wake`` is called, in any thread,
    /// when there is something to read.
    fn _poll<'py>(&self, py: Python<'py>, wake: Py<PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let native = self.native(py)?;
        let waker: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            Python::try_attach(|py| {
                if let Err(error) = callbacks::call(wake.bind(py), &PyTuple::empty(py)) {
                    callbacks::report(py, error);
                }
            });
        });
        let polled = py.detach(|| native.poll(&waker)).map_err(|error| raised(py, &error))?;
        match polled {
            Poll::Ready(Some(outcome)) => Ok(Bound::new(py, self.outcome(py, outcome))?.into_any()),
            Poll::Ready(None) => Ok(py.None().into_bound(py)),
            Poll::Pending => Ok(false.into_pyobject(py)?.to_owned().into_any()),
        }
    }

    /// For AsyncFleet: cancels what is in flight, without waiting.
    fn _stop(&self, py: Python<'_>) {
        if let Some(native) = self.native.load_full() {
            py.detach(|| native.stop());
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.clients.iter().try_for_each(|client| visit.call(client))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        match self.native.load_full() {
            Some(native) => {
                format!("<aicredits.Fleet {} of {}>", py.detach(|| native.progress()).done, self.targets.len())
            }
            None => "<aicredits.Fleet closed>".to_owned(),
        }
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a fleet cannot be pickled or copied: it has threads and connections of this process"))
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let Some(native) = self.native.swap(None) else { return };
        let mut native = Some(native);
        // Its threads end then, for which they may need the GIL.
        Python::try_attach(|py| py.detach(|| drop(native.take())));
    }
}

thread_local! {
    /// In a thread of AsyncFleet: the object whose `provide()` calls a credential provider.
    static CONTEXT: RefCell<Option<Arc<Py<PyAny>>>> = const { RefCell::new(None) };
}

/// The object whose ``provide()`` calls credential providers in this thread; None in a thread of no AsyncFleet.
#[pyfunction]
pub(crate) fn fleet_context(py: Python<'_>) -> Option<Py<PyAny>> {
    CONTEXT.with_borrow(|context| context.as_ref().map(|context| context.clone_ref(py)))
}

/// How far a fleet has come. ``fleet.progress()`` returns it.
#[pyclass(frozen, module = "aicredits")]
pub(crate) struct Progress(aicredits::FleetProgress);

const FIELDS: [&str; 6] = ["total", "done", "failed", "paused_for", "recent_attempts", "time_left"];

#[pymethods]
impl Progress {
    /// The targets.
    #[getter]
    fn total(&self) -> usize {
        self.0.total
    }

    /// The targets with an outcome.
    #[getter]
    fn done(&self) -> usize {
        self.0.done
    }

    /// Those of them without a balance.
    #[getter]
    fn failed(&self) -> usize {
        self.0.failed
    }

    /// The longest of the clients' pauses that are left; None without a pause.
    #[getter]
    fn paused_for<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDelta>>> {
        time(py, self.0.paused_for)
    }

    /// The attempts of the clients in the last 60 s.
    #[getter]
    fn recent_attempts(&self) -> usize {
        self.0.recent_attempts
    }

    /// The time that is probably left; None before ten outcomes.
    #[getter]
    fn time_left<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDelta>>> {
        time(py, self.0.time_left)
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELDS)
    }
}

fn time(py: Python<'_>, time: Option<Duration>) -> PyResult<Option<Bound<'_, PyDelta>>> {
    time.map(|time| timedelta(py, time)).transpose()
}

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use aicredits_emulator::script::{self, Reply, Server};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::running::Running;

/// The server under the emulator, with raw bytes as replies. The tests of this package use it, and nobody else. Thread-safe.
#[pyclass(frozen, module = "aicredits._tools")]
pub(crate) struct Script {
    running: Running<Server>,
    url: String,
    gate: Arc<Gate>,
}

/// A part of a reply.
#[derive(FromPyObject)]
enum Step {
    Bytes(Vec<u8>),
    /// In seconds.
    Pause(f64),
}

fn reply(steps: Vec<Step>) -> PyResult<Reply> {
    steps.into_iter().try_fold(Reply::new(), |reply, step| match step {
        Step::Bytes(bytes) => Ok(reply.send(bytes)),
        Step::Pause(seconds) => {
            let pause = Duration::try_from_secs_f64(seconds);
            Ok(reply.delay(pause.map_err(|error| PyValueError::new_err(error.to_string()))?))
        }
    })
}

/// Replies wait until it is opened.
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn new(is_open: bool) -> Self {
        Self { is_open: Mutex::new(is_open), opened: Condvar::new() }
    }

    fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    fn wait(&self) {
        let is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.opened.wait_while(is_open, |is_open| !*is_open).unwrap_or_else(PoisonError::into_inner));
    }
}

#[pymethods]
impl Script {
    /// The n-th request gets the n-th reply, and every later one the last. A reply has bytes and pauses, in seconds. If
    /// `held`, the replies wait for `release`.
    #[new]
    #[pyo3(signature = (replies, *, held = false))]
    fn start(replies: Vec<Vec<Step>>, held: bool) -> PyResult<Self> {
        let replies = replies.into_iter().map(reply).collect::<PyResult<Vec<_>>>()?;
        let last = replies.len().checked_sub(1).ok_or_else(|| PyValueError::new_err("there are no replies"))?;
        let (gate, next) = (Arc::new(Gate::new(!held)), AtomicUsize::new(0));
        let script = script::Script::handler({
            let gate = Arc::clone(&gate);
            move |_| {
                let number = next.fetch_add(1, Ordering::Relaxed).min(last);
                gate.wait();
                replies[number].clone()
            }
        });
        let server = Server::start(script)?;
        Ok(Self { url: server.url(), running: Running::new(server), gate })
    }

    /// Lets the replies go, now and later.
    fn release(&self) {
        self.gate.open();
    }

    /// The base URL.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// How many requests came so far.
    #[getter]
    fn requests(&self, py: Python<'_>) -> PyResult<usize> {
        self.running.with(py, Server::requests)
    }

    /// The headers of the requests so far, as sent.
    fn headers(&self, py: Python<'_>) -> PyResult<Vec<Vec<(String, String)>>> {
        self.running.with(py, |server| server.journal().iter().map(|request| request.headers.clone()).collect())
    }

    /// How many connections were accepted so far.
    #[getter]
    fn connections(&self, py: Python<'_>) -> PyResult<usize> {
        self.running.with(py, Server::connections)
    }

    /// Waits until at least so many requests have come; False if that took longer than `timeout`, in seconds.
    fn wait_for_requests(&self, py: Python<'_>, count: usize, timeout: f64) -> PyResult<bool> {
        self.running.with(py, |server| server.wait_for_requests(count, Duration::from_secs_f64(timeout)))
    }

    /// Waits until no connection is open; False if that took longer than `timeout`, in seconds.
    fn wait_until_closed(&self, py: Python<'_>, timeout: f64) -> PyResult<bool> {
        self.running.with(py, |server| server.wait_until_closed(Duration::from_secs_f64(timeout)))
    }

    /// Stops the server and joins its threads. More than one call is fine. In a forked child it does nothing.
    fn close(&self, py: Python<'_>) {
        self.stop_holding();
        self.running.close(py);
    }
}

impl Script {
    /// The server waits for its threads when it stops. In a forked child, a thread of the parent may have the lock.
    fn stop_holding(&self) {
        if self.running.is_ours() {
            self.gate.open();
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.stop_holding();
    }
}

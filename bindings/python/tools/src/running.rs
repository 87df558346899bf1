use std::mem;
use std::process;
use std::sync::{PoisonError, RwLock};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// A server that runs until it is closed. Thread-safe.
///
/// A forked child has a copy without threads, whose locks other threads of the parent may hold. So the child uses
/// neither, and does not drop the copy.
pub(crate) struct Running<T> {
    /// A use borrows it, and `close` takes it. Both wait without the GIL.
    running: RwLock<Option<T>>,
    owner: u32,
}

impl<T> Running<T> {
    pub(crate) fn new(server: T) -> Self {
        Self { running: RwLock::new(Some(server)), owner: process::id() }
    }

    /// Whether this process started it.
    pub(crate) fn is_ours(&self) -> bool {
        self.owner == process::id()
    }
}

impl<T: Send + Sync> Running<T> {
    /// Uses the server without the GIL.
    pub(crate) fn with<R: Send>(&self, py: Python<'_>, use_it: impl FnOnce(&T) -> R + Send) -> PyResult<R> {
        if !self.is_ours() {
            return Err(PyRuntimeError::new_err("after a fork, the emulator belongs to the parent: start another one"));
        }
        let used = py.detach(|| {
            let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
            running.as_ref().map(use_it)
        });
        used.ok_or_else(|| PyRuntimeError::new_err("the emulator is closed"))
    }

    /// Stops the server and joins its threads. In a forked child it does nothing.
    pub(crate) fn close(&self, py: Python<'_>) {
        if self.is_ours() {
            py.detach(|| {
                let running = self.running.write().unwrap_or_else(PoisonError::into_inner).take();
                drop(running);
            });
        }
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if self.is_ours() {
            // The threads never wait for the GIL, so it may be held.
            drop(running);
        } else {
            mem::forget(running);
        }
    }
}

//! State that a forked child must not share with its parent.
//!
//! After `fork` a child has copies of the parent's descriptors and memory, also of locks that another thread holds. It has
//! only one of the threads. So it never uses the parent's connections or locks. Each thing of that
//! kind is in a [`PerProcess`], which is read without a lock and is made again in the child. Each descriptor is an
//! [`Fd`], which is closed in the child before `fork` returns there. No TLS close message is sent, because it would end
//! the parent's session.
//!
//! A descriptor that another thread opens or closes during the fork may stay open in the child, unused. A lock would
//! prevent that, but the forking thread would have to wait for it.
//!
//! `pthread_atfork` calls no handler for a bare `clone` system call or `_Fork`. Such a child must not use an inherited
//! client.

// `pthread_atfork`, the `close` in its handler, and the pointer of a `PerProcess`.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};

/// The most descriptors that a child closes. A further one stays open in the child.
const SLOTS: usize = 4096;

static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Each holds a descriptor plus one, or 0. A fixed table, because the handler may neither lock nor allocate.
static OPEN: [AtomicI32; SLOTS] = [const { AtomicI32::new(0) }; SLOTS];

/// The number of forks between the first process and this one.
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

fn watch_for_forks() {
    static WATCHING: AtomicBool = AtomicBool::new(false);
    if !WATCHING.swap(true, Ordering::AcqRel) {
        // SAFETY: the handler does only what is allowed between `fork` and `exec`. Should there be no memory to
        // register it, a child is as badly off as with a library that never tried.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
    for slot in &OPEN {
        let entry = slot.swap(0, Ordering::AcqRel);
        if entry != 0 {
            // SAFETY: the descriptor is the library's own, and its owner knows by its generation that it is closed.
            unsafe { libc::close(entry - 1) };
        }
    }
}

/// A descriptor that is closed in a forked child.
#[derive(Debug)]
pub(crate) struct Fd {
    fd: Option<OwnedFd>,
    slot: Option<usize>,
    generation: u64,
}

impl Fd {
    pub(crate) fn new(fd: OwnedFd) -> Self {
        watch_for_forks();
        let generation = generation();
        let entry = fd.as_raw_fd() + 1;
        let free = |slot: &AtomicI32| slot.compare_exchange(0, entry, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        Self { slot: OPEN.iter().position(free), fd: Some(fd), generation }
    }

    /// `None` in a process forked since.
    pub(crate) fn get(&self) -> Option<BorrowedFd<'_>> {
        if self.generation == generation() { self.fd.as_ref().map(AsFd::as_fd) } else { None }
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        if self.generation != generation() {
            // Closed already, or never ours to close. The number may be another file's by now.
            _ = self.fd.take().map(IntoRawFd::into_raw_fd);
        } else if let Some(slot) = self.slot {
            // Before it is closed: once it is, the number may be another's.
            OPEN[slot].store(0, Ordering::Release);
        }
    }
}

/// A value that each process creates for itself, readable without a lock.
///
/// It points to the start of an allocation. Leak checkers report a block with only a pointer into its middle.
pub(crate) struct PerProcess<T> {
    made: AtomicPtr<Arc<ForkLocal<T>>>,
    owns: PhantomData<Arc<ForkLocal<T>>>,
}

/// A value, and the process that created it.
pub(crate) struct ForkLocal<T> {
    generation: u64,
    value: T,
}

impl<T> PerProcess<T> {
    pub(crate) const fn empty() -> Self {
        Self { made: AtomicPtr::new(ptr::null_mut()), owns: PhantomData }
    }

    /// This process's value, if it has made one.
    pub(crate) fn get(&self) -> Option<Arc<ForkLocal<T>>> {
        self.read(self.made.load(Ordering::Acquire)).filter(|made| made.is_ours()).cloned()
    }

    /// This process's value. If threads create it at the same time, the first one's is used.
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> Arc<ForkLocal<T>> {
        self.get_or_inherit(|_| make())
    }

    /// As [`get_or_make`](Self::get_or_make). In a child, `make` sees the parent's value, and must not wait for a lock in it.
    pub(crate) fn get_or_inherit(&self, make: impl FnOnce(Option<&T>) -> T) -> Arc<ForkLocal<T>> {
        let found = self.made.load(Ordering::Acquire);
        let inherited = match self.read(found) {
            Some(made) if made.is_ours() => return Arc::clone(made),
            inherited => inherited,
        };
        watch_for_forks();
        let value = make(inherited.map(|made| &made.value));
        let new = Arc::new(ForkLocal { generation: generation(), value });
        let stored = Box::into_raw(Box::new(Arc::clone(&new)));
        match self.made.compare_exchange(found, stored, Ordering::AcqRel, Ordering::Acquire) {
            // `found` is the parent's, and never dropped: at the fork another thread may have been changing it.
            Ok(_) => new,
            Err(theirs) => {
                // SAFETY: it came from `Box::into_raw` here, and nobody else has seen it.
                drop(unsafe { Box::from_raw(stored) });
                self.read(theirs).map_or(new, Arc::clone)
            }
        }
    }

    fn read(&self, made: *mut Arc<ForkLocal<T>>) -> Option<&Arc<ForkLocal<T>>> {
        // SAFETY: NULL, or stored by `get_or_make`; nothing is freed before `drop`, which no `&self` outlives.
        unsafe { made.as_ref() }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let made = *self.made.get_mut();
        if self.read(made).is_some_and(|made| made.is_ours()) {
            // SAFETY: it came from `Box::into_raw`, and `&mut self` is the last to see it.
            drop(unsafe { Box::from_raw(made) });
        }
    }
}

impl<T> ForkLocal<T> {
    /// Whether this process created it. In a child, no thread would release a lock in it.
    pub(crate) fn is_ours(&self) -> bool {
        self.generation == generation()
    }
}

impl<T> std::ops::Deref for ForkLocal<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

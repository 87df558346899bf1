//! Hooks for the tests of a C layer. Without the feature `testing` they do nothing.

#[cfg(feature = "testing")]
mod hooks {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    thread_local! {
        static PANICS_NEXT: Cell<bool> = const { Cell::new(false) };
    }

    static HANDLES: AtomicUsize = AtomicUsize::new(0);
    static PANICS: AtomicUsize = AtomicUsize::new(0);

    /// Makes the next entry of this thread panic.
    pub fn panic_next() {
        PANICS_NEXT.set(true);
    }

    /// The number of entries that panicked on request. It is smaller than the number of requests if an entry does not use
    /// the boundary.
    pub fn panics() -> usize {
        PANICS.load(Ordering::SeqCst)
    }

    /// The number of handles that exist.
    pub fn handles() -> usize {
        HANDLES.load(Ordering::SeqCst)
    }

    pub(crate) fn panic_if_requested() {
        if PANICS_NEXT.take() {
            PANICS.fetch_add(1, Ordering::SeqCst);
            panic!("a test asked for this");
        }
    }

    /// A field of each handle, which counts the handle.
    #[derive(Debug)]
    pub struct Counted(());

    impl Default for Counted {
        fn default() -> Self {
            HANDLES.fetch_add(1, Ordering::SeqCst);
            Self(())
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            HANDLES.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[cfg(not(feature = "testing"))]
mod hooks {
    pub(crate) fn panic_if_requested() {}

    /// A field of each handle. It has no size.
    #[derive(Debug, Default)]
    pub struct Counted(());
}

pub use hooks::Counted;
pub(crate) use hooks::panic_if_requested;
#[cfg(feature = "testing")]
pub use hooks::{handles, panic_next, panics};

impl Counted {
    /// Counts one handle until it is dropped.
    pub fn new() -> Self {
        Self::default()
    }
}

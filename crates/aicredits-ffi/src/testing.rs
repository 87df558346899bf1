//! Hooks for the tests of this layer. Their entries exist only with the feature `testing`, which no release has, and
//! stand in no header.

/// cbindgen:ignore
#[cfg(feature = "testing")]
mod hooks {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    thread_local! {
        static PANICS_NEXT: Cell<bool> = const { Cell::new(false) };
    }

    static HANDLES: AtomicUsize = AtomicUsize::new(0);
    static PANICS: AtomicUsize = AtomicUsize::new(0);

    /// The next entry of this thread panics.
    #[unsafe(no_mangle)]
    pub extern "C" fn aicredits_testing_panic_next() {
        PANICS_NEXT.set(true);
    }

    /// How many entries panicked because they were asked to: fewer than were asked if one has no boundary.
    #[unsafe(no_mangle)]
    pub extern "C" fn aicredits_testing_panics() -> usize {
        PANICS.load(Ordering::SeqCst)
    }

    /// How many handles there are.
    #[unsafe(no_mangle)]
    pub extern "C" fn aicredits_testing_handles() -> usize {
        HANDLES.load(Ordering::SeqCst)
    }

    pub(crate) fn panic_if_asked() {
        if PANICS_NEXT.take() {
            PANICS.fetch_add(1, Ordering::SeqCst);
            panic!("a test asked for this");
        }
    }

    /// In each handle: counts it.
    pub(crate) struct Counted;

    impl Counted {
        pub(crate) fn new() -> Self {
            HANDLES.fetch_add(1, Ordering::SeqCst);
            Self
        }
    }

    impl Default for Counted {
        fn default() -> Self {
            Self::new()
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
    pub(crate) fn panic_if_asked() {}

    /// In each handle: nothing.
    #[derive(Default)]
    pub(crate) struct Counted;

    impl Counted {
        pub(crate) fn new() -> Self {
            Self
        }
    }
}

pub(crate) use hooks::{Counted, panic_if_asked};

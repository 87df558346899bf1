//! Entries for the tests of this layer. They exist with the feature `testing` alone, which no release has, and are in no
//! header.

/// cbindgen:ignore
#[cfg(feature = "testing")]
mod entries {
    use ffi_support::testing;

    /// Makes the next entry of this thread panic.
    #[unsafe(no_mangle)]
    pub extern "C" fn aicredits_emulator_testing_panic_next() {
        testing::panic_next();
    }

    /// The number of entries that panicked on request. It is smaller than the number of requests if an entry does not use
    /// the boundary.
    #[unsafe(no_mangle)]
    pub extern "C" fn aicredits_emulator_testing_panics() -> usize {
        testing::panics()
    }

    /// The number of handles that exist.
    #[unsafe(no_mangle)]
    pub extern "C" fn aicredits_emulator_testing_handles() -> usize {
        testing::handles()
    }
}

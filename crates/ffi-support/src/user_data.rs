//! The `void *user` of a callback.

use std::ffi::c_void;

/// Called once with the user data, when nothing uses it any more.
pub type Destructor = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// A pointer that C passed along with a callback. Dropping it calls the destructor.
#[derive(Debug)]
pub struct UserData {
    pointer: *mut c_void,
    destroy: Destructor,
}

impl UserData {
    /// Owns what C passed.
    ///
    /// # Safety
    ///
    /// Any thread may use `pointer`, several at once too. Any thread may call `destroy` once with it.
    pub const unsafe fn new(pointer: *mut c_void, destroy: Destructor) -> Self {
        Self { pointer, destroy }
    }

    /// The pointer, for the callback.
    pub const fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

// SAFETY: the caller of `new` promises that any thread may use the pointer.
unsafe impl Send for UserData {}
// SAFETY: the caller of `new` promises that several threads may use the pointer at once.
unsafe impl Sync for UserData {}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the caller of `new` promises that any thread may call it once.
            unsafe { destroy(self.pointer) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn count(user: *mut c_void) {
        // SAFETY: the test passes a pointer to an integer.
        unsafe { *user.cast::<u32>() += 1 };
    }

    #[test]
    fn the_destructor_is_called_once() {
        let mut calls = 0_u32;
        // SAFETY: one thread uses the pointer, which outlives the value.
        let user = unsafe { UserData::new((&raw mut calls).cast(), Some(count)) };
        assert_eq!(user.pointer(), (&raw mut calls).cast());
        drop(user);
        assert_eq!(calls, 1);
        // SAFETY: nothing uses the pointer.
        drop(unsafe { UserData::new(std::ptr::null_mut(), None) });
    }
}

//! A supplier of credentials.

use std::ffi::{c_char, c_void};

use aicredits::ClientBuilder;

use crate::boundary::{Failure, infallible};
use crate::config::{Slot, aicredits_config, set};
use crate::text;

/// Where a supplier puts its answer. It lives while the supplier runs, and is used on that thread alone.
pub struct aicredits_supply(Option<Result<String, String>>);

/// A function that supplies the value of the Authorization header, for credentials that expire.
///
/// It answers by aicredits_supply_value() or aicredits_supply_failure(), the last call wins; no answer is a failure. It
/// is called on the thread that makes the call, once a call, and once more after an HTTP 401; by several threads at
/// once if several make calls. No lock is held meanwhile, and its time counts towards the call's timeout. It may use
/// the library, but must not free the client. It must return: no exception, longjmp() or thread exit may pass it.
pub type aicredits_credential_supplier = Option<unsafe extern "C" fn(user: *mut c_void, supply: *mut aicredits_supply)>;

/// Called once, when nothing uses a supplier any more, with what was given along with it.
pub type aicredits_destructor = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// Asks a function for the value of the Authorization header. It replaces an earlier key, authorization value or
/// supplier. What it supplies is checked as a key is; a failure becomes AICREDITS_STATUS_UNAUTHORIZED with its message.
///
/// user is passed to it as it stands, and may be NULL; threads share it as the supplier itself arranges. destroy may be
/// NULL; otherwise it is called once with user, by the thread that frees the last of the settings and of the clients
/// made from them, or that replaces it in the settings of which no client was made; or here if config is NULL, or if
/// supplier is, which is a fault that aicredits_client_new() tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_credential_supplier(
    config: Option<&mut aicredits_config>,
    supplier: aicredits_credential_supplier,
    user: *mut c_void,
    destroy: aicredits_destructor,
) {
    let callback = Callback { supplier, user, destroy };
    set(config, |config| {
        let given = match callback.supplier {
            Some(_) => Ok(callback),
            None => Err(Failure::Argument { name: "credential_supplier", fault: "is NULL" }),
        };
        config.set(Slot::Credential, given, |builder, callback| {
            ClientBuilder::credential_supplier(builder, move || callback.ask())
        });
    });
}

/// A supplier's answer: the value of the Authorization header, NUL-terminated UTF-8, copied.
///
/// Only within the supplier that was given this supply, on its thread. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_supply_value(supply: Option<&mut aicredits_supply>, authorization: *const c_char) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    answer(supply, || match unsafe { text::copy("authorization", authorization) } {
        Ok(value) => Ok(value),
        Err(_) => Err("the value is NULL or not UTF-8".to_owned()),
    });
}

/// A supplier's answer: it has no credential, and why, NUL-terminated, copied. The message is shown to the user; what is
/// not UTF-8 in it is replaced.
///
/// Only within the supplier that was given this supply, on its thread. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_supply_failure(supply: Option<&mut aicredits_supply>, message: *const c_char) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    answer(supply, || Err(unsafe { text::copy_lossy(message) }.unwrap_or_else(|| "without a reason".to_owned())));
}

fn answer(supply: Option<&mut aicredits_supply>, answer: impl FnOnce() -> Result<String, String>) {
    infallible((), || {
        if let Some(supply) = supply {
            supply.0 = Some(answer());
        }
    });
}

/// What C gave, destroyed when dropped.
struct Callback {
    supplier: aicredits_credential_supplier,
    user: *mut c_void,
    destroy: aicredits_destructor,
}

// SAFETY: the header says that the supplier is called by any thread, and by several at once.
unsafe impl Send for Callback {}
// SAFETY: as above.
unsafe impl Sync for Callback {}

impl Callback {
    fn ask(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let mut supply = aicredits_supply(None);
        if let Some(supplier) = self.supplier {
            // SAFETY: the caller vouches that it may be called with this user, and that it returns.
            unsafe { supplier(self.user, &raw mut supply) };
        }
        supply.0.unwrap_or_else(|| Err("it gave no answer".to_owned())).map_err(Into::into)
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the caller vouches that it may be called once with this user, by any thread.
            unsafe { destroy(self.user) };
        }
    }
}

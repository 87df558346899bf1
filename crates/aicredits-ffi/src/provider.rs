//! A provider of credentials.

use std::ffi::{c_char, c_void};

use aicredits::ClientBuilder;
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::infallible;
use ffi_support::text;
use ffi_support::user_data::UserData;

use crate::config::{Slot, aicredits_config, set};

/// Where a provider puts its answer. It lives while the provider runs, and is used on that thread alone.
pub struct aicredits_credential(Option<Result<String, String>>);

/// A function that returns the value of the Authorization header, for credentials that expire.
///
/// It answers by aicredits_credential_set_authorization() or aicredits_credential_set_failure(), the last call wins; no answer is a failure. It
/// is called on the thread that makes the call, once a call, and once more after an HTTP 401; by several threads at
/// once if several make calls. No lock is held meanwhile, and its time counts towards the call's timeout. It may use
/// the library, but must not free the client. It must return: no exception, longjmp() or thread exit may pass it.
pub type aicredits_credential_provider =
    Option<unsafe extern "C" fn(user: *mut c_void, credential: *mut aicredits_credential)>;

/// Called once, when nothing uses a provider any more, with what was given along with it.
pub type aicredits_destructor = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// Asks a function for the value of the Authorization header. It replaces an earlier key, authorization value or
/// provider. The value is checked as a key is; a failure becomes AICREDITS_STATUS_UNAUTHORIZED with its message.
///
/// user is passed to it as it stands, and may be NULL; threads share it as the provider itself arranges. destroy may be
/// NULL; otherwise it is called once with user, by the thread that frees the last of the settings and of the clients
/// made from them, or that replaces it in the settings of which no client was made; or here if config is NULL, or if
/// provider is, which is a fault that aicredits_client_new() tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_credential_provider(
    config: Option<&mut aicredits_config>,
    provider: aicredits_credential_provider,
    user: *mut c_void,
    destroy: aicredits_destructor,
) {
    // SAFETY: the caller promises that any thread may use them.
    let user = unsafe { UserData::new(user, destroy) };
    let callback = Callback { provider, user };
    set(config, |config| {
        let given = match callback.provider {
            Some(_) => Ok(callback),
            None => Err(ArgumentFault::is_null("credential_provider")),
        };
        config.set(Slot::Credential, given, |builder, callback| {
            ClientBuilder::credential_provider(builder, move || callback.ask())
        });
    });
}

/// A provider's answer: the value of the Authorization header, NUL-terminated UTF-8, copied.
///
/// Only within the provider that was given this credential, on its thread. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_credential_set_authorization(
    credential: Option<&mut aicredits_credential>,
    authorization: *const c_char,
) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    answer(credential, || match unsafe { text::copy("authorization", authorization) } {
        Ok(value) => Ok(value),
        Err(_) => Err("the value is NULL or not UTF-8".to_owned()),
    });
}

/// A provider's answer: it has no credential, and why, NUL-terminated, copied. The message is shown to the user; what is
/// not UTF-8 in it is replaced.
///
/// Only within the provider that was given this credential, on its thread. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_credential_set_failure(
    credential: Option<&mut aicredits_credential>,
    message: *const c_char,
) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    answer(credential, || Err(unsafe { text::copy_lossy(message) }.unwrap_or_else(|| "without a reason".to_owned())));
}

fn answer(credential: Option<&mut aicredits_credential>, answer: impl FnOnce() -> Result<String, String>) {
    infallible((), || {
        if let Some(credential) = credential {
            credential.0 = Some(answer());
        }
    });
}

/// A provider that C passed, and its user data.
struct Callback {
    provider: aicredits_credential_provider,
    user: UserData,
}

impl Callback {
    fn ask(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let mut credential = aicredits_credential(None);
        if let Some(provider) = self.provider {
            // SAFETY: the caller vouches that it may be called with this user, and that it returns.
            unsafe { provider(self.user.pointer(), &raw mut credential) };
        }
        credential.0.unwrap_or_else(|| Err("it gave no answer".to_owned())).map_err(Into::into)
    }
}

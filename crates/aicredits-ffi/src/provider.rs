//! A provider of credentials.

use std::ffi::{c_char, c_void};

use aicredits::ClientBuilder;
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::infallible;
use ffi_support::text;
use ffi_support::user_data::UserData;
use zeroize::Zeroizing;

use crate::config::{Slot, aicredits_config, set};

/// The answer of a credential provider. It is valid while the provider runs, on the provider's thread only.
pub struct aicredits_credential(Option<Result<Zeroizing<String>, String>>);

/// A callback that returns the value of the Authorization header, for credentials that expire.
///
/// It answers with aicredits_credential_set_authorization() or aicredits_credential_set_failure(). The last answer
/// counts. If it gives no answer, the call fails.
///
/// It is called once per call, and once more after HTTP 401, on the thread that makes the call. Several threads may
/// call it at once. The library holds no lock meanwhile. The time that it takes is part of the call's timeout. It may
/// use the library, but it must not free the client. It must return: no exception, longjmp() or thread exit may leave
/// it.
pub type aicredits_credential_provider =
    Option<unsafe extern "C" fn(user: *mut c_void, credential: *mut aicredits_credential)>;

/// A callback that frees the user data of another callback. It is called once, when that callback is no longer in use.
pub type aicredits_destructor = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// Sets a callback that returns the value of the Authorization header. It replaces an earlier key, authorization value
/// or provider. The value is checked as a key is. If the provider fails, the call returns AICREDITS_STATUS_UNAUTHORIZED
/// with the provider's message.
///
/// user is passed to the callback, and may be NULL. The callback must make its own use of user thread-safe. destroy may
/// be NULL. Otherwise it is called once with user:
/// - when the last of the settings and of the clients made from them is freed
/// - when the provider is replaced, and no client was made from the settings
/// - at once, if config or provider is NULL
///
/// It runs on the thread that does this. A provider that is NULL is an error of aicredits_client_new().
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
        config.set(Slot::Setting("api_key"), given, |builder, callback| {
            ClientBuilder::credential_provider(builder, move || callback.ask())
        });
    });
}

/// Answers with the value of the Authorization header, NUL-terminated UTF-8. It is copied.
///
/// Only the provider that got this credential may call it, on its thread. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_credential_set_authorization(
    credential: Option<&mut aicredits_credential>,
    authorization: *const c_char,
) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    answer(credential, || match unsafe { text::copy("authorization", authorization) } {
        Ok(value) => Ok(Zeroizing::new(value)),
        Err(_) => Err("the value is NULL or not UTF-8".to_owned()),
    });
}

/// Answers that there is no credential. message is the reason, NUL-terminated. It is copied, and shown to the user.
/// Bytes that are not UTF-8 are replaced.
///
/// Only the provider that got this credential may call it, on its thread. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_credential_set_failure(
    credential: Option<&mut aicredits_credential>,
    message: *const c_char,
) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    answer(credential, || Err(unsafe { text::copy_lossy(message) }.unwrap_or_else(|| "without a reason".to_owned())));
}

fn answer(credential: Option<&mut aicredits_credential>, answer: impl FnOnce() -> Result<Zeroizing<String>, String>) {
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
            // SAFETY: the caller promises that it may be called with this user, and that it returns.
            unsafe { provider(self.user.pointer(), &raw mut credential) };
        }
        let mut value = credential.0.unwrap_or_else(|| Err("it gave no answer".to_owned()))?;
        // Moved, not copied. The core wipes it.
        Ok(std::mem::take(&mut *value))
    }
}

//! The client.

use aicredits::{Client, Surface};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;

use crate::balance::aicredits_balance;
use crate::call::{self, aicredits_call};
use crate::config::aicredits_config;
use crate::error::aicredits_error;
use crate::scope::{OwnedScope, aicredits_scope};
use crate::status::aicredits_status;

/// A client of the API. Make it once and use it for long: it keeps connections open between calls.
///
/// aicredits_client_new() makes it. Free it with aicredits_client_free(). Thread-safe.
pub struct aicredits_client {
    client: Client,
    scope: Option<OwnedScope>,
    surface: Surface,
    _counted: Counted,
}

impl aicredits_client {
    pub(crate) fn core(&self) -> &Client {
        &self.client
    }

    pub(crate) fn surface(&self) -> Surface {
        self.surface
    }
}

/// Makes a client. It opens no connection.
///
/// config is borrowed for this call. config and client must not be NULL. error may be NULL. Otherwise *error is always
/// written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *client a client that the caller frees. Otherwise *client is NULL, and the
/// status is AICREDITS_STATUS_INVALID_ARGUMENT; the message names the first setting that is wrong or missing.
///
/// Thread-safe. Does not block, except to read the file of aicredits_config_set_ca_file().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_client_new(
    config: Option<&aicredits_config>,
    client: *mut *mut aicredits_client,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("client", client)?;
        let config = config.ok_or(ArgumentFault::is_null("config"))?;
        let made = config.builder()?.build()?;
        let scope = made.scope().map(Into::into);
        let made = aicredits_client { scope, client: made, surface: config.surface(), _counted: Counted::new() };
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { client.write(Box::into_raw(Box::new(made))) };
        Ok(())
    })
}

/// Frees a client and closes its connections. No call on it may be in flight.
///
/// To make sure that no call is in flight, call aicredits_client_close() and join the threads that use the client. Does
/// not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_free(client: Option<Box<aicredits_client>>) {
    infallible((), || drop(client));
}

/// Closes a client: cancels its calls in all threads and closes its connections. These calls and later ones return
/// AICREDITS_STATUS_CLOSED.
///
/// A client can be freed without being closed. Thread-safe. Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_close(client: Option<&aicredits_client>) {
    infallible((), || client.map_or((), |client| client.client.close()));
}

/// Returns the default timeout of the client's calls, in milliseconds.
///
/// Thread-safe. Does not block. Returns 0 if client is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_timeout_ms(client: Option<&aicredits_client>) -> u64 {
    infallible(0, || client.map_or(0, |client| client.client.timeout().as_millis() as u64))
}

/// Returns the default scope of the client's calls. NULL if the client has none, because of
/// aicredits_config_set_per_call_scope().
///
/// Borrowed from the client. Thread-safe. Does not block. Returns NULL if client is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_scope(client: Option<&aicredits_client>) -> *const aicredits_scope {
    infallible(std::ptr::null(), || {
        client.and_then(|client| client.scope.as_ref()).map_or(std::ptr::null(), |scope| scope.view())
    })
}

/// Returns how many calls of the client run at once. For layers that queue calls themselves.
///
/// Thread-safe. Does not block. Returns 0 if client is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_max_concurrency(client: Option<&aicredits_client>) -> u32 {
    infallible(0, || client.map_or(0, |client| client.client.max_concurrency() as u32))
}

/// Fetches the current AI credit balance.
///
/// client and balance must not be NULL. call has the settings of this call; NULL means the client's settings. error may
/// be NULL. Otherwise *error is always written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *balance a balance that the caller frees. Otherwise *balance is NULL. The error
/// has the reason, the scope of the request and the request id.
///
/// Thread-safe: any number of threads may call it at once. Blocks until the reply is there, at most for the timeout.
/// aicredits_call_cancel() and aicredits_client_close() end it earlier.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_client_get_balance(
    client: Option<&aicredits_client>,
    call: Option<&aicredits_call>,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("balance", balance)?;
        let client = client.ok_or(ArgumentFault::is_null("client"))?;
        let reading = call::perform(call, client.surface, |call| client.client.get_balance_with(call))?;
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { balance.write(aicredits_balance::hand_out(reading)) };
        Ok(())
    })
}

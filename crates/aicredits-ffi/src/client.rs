//! The client.

use aicredits::{Call, Client, Surface};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;

use crate::balance::aicredits_balance;
use crate::call::aicredits_call;
use crate::config::aicredits_config;
use crate::error::aicredits_error;
use crate::scope::{LentScope, aicredits_scope};
use crate::status::aicredits_status;

/// Asks Wix what is left. Made once and used for long: it keeps its connections open between calls.
///
/// Shared by as many threads as wish. Made by aicredits_client_new(), freed by aicredits_client_free().
pub struct aicredits_client {
    client: Client,
    scope: Option<LentScope>,
    surface: Surface,
    _counted: Counted,
}

/// Makes a client from settings, which it borrows for the call alone. It opens no connection.
///
/// On success *client is the new client, which the caller frees. On failure it is NULL and the status is
/// AICREDITS_STATUS_INVALID_ARGUMENT: the message names the first setting that is wrong or missing. config and client
/// must not be NULL; error may be, otherwise *error is written always: NULL on success, else an error that the caller
/// frees. Any thread; does not block, but reads the file that aicredits_config_set_ca_file() names.
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
        // SAFETY: not NULL, as checked; the caller vouches that it may be written.
        unsafe { client.write(Box::into_raw(Box::new(made))) };
        Ok(())
    })
}

/// Frees a client, and closes its connections. No call on it may be under way. NULL is fine. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_free(client: Option<Box<aicredits_client>>) {
    infallible((), || drop(client));
}

/// Ends the calls that run on the client, in every thread, and closes its connections. These calls and later ones
/// return AICREDITS_STATUS_CLOSED. NULL is fine.
///
/// A client need not be closed before it is freed; closing is how to come to where no call is under way. Any thread;
/// does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_close(client: Option<&aicredits_client>) {
    infallible((), || client.map_or((), |client| client.client.close()));
}

/// The total time in milliseconds of a call that does not set its own. 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_timeout_ms(client: Option<&aicredits_client>) -> u64 {
    infallible(0, || client.map_or(0, |client| client.client.timeout().as_millis() as u64))
}

/// The scope of calls that do not name their own, borrowed from the client; NULL if the client has none
/// (aicredits_config_set_per_call_scope()). NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_scope(client: Option<&aicredits_client>) -> *const aicredits_scope {
    infallible(std::ptr::null(), || {
        client.and_then(|client| client.scope.as_ref()).map_or(std::ptr::null(), |scope| scope.view())
    })
}

/// How many of the client's calls run at once, for layers above that queue calls of their own. 0 for NULL. Any thread;
/// does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_client_max_concurrency(client: Option<&aicredits_client>) -> u32 {
    infallible(0, || client.map_or(0, |client| client.client.max_concurrency() as u32))
}

/// Fetches the current AI credit balance.
///
/// call may be NULL: then everything is as the client is set. On success *balance is the reading, which the caller
/// frees. On failure it is NULL, the status says why, and *error tells more, the scope that was asked for and the
/// request id among it. client and balance must not be NULL; error may be, otherwise *error is written always: NULL on
/// success, else an error that the caller frees.
///
/// Any thread, any number at once. Blocks, at most for the timeout; aicredits_call_cancel() and
/// aicredits_client_close() end it sooner.
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
        let settings = call.map(|call| call.settings(client.surface)).transpose()?;
        let reading = client.client.get_balance_with(settings.unwrap_or(&Call::new()))?;
        // SAFETY: not NULL, as checked; the caller vouches that it may be written.
        unsafe { balance.write(aicredits_balance::hand_out(reading)) };
        Ok(())
    })
}

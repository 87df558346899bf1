//! One call.

use std::ffi::c_char;
use std::time::{Duration, Instant};

use aicredits::{CALL_SETTINGS, Call, Cancel, Error, Scope, Surface};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{infallible, signal_safe};
use ffi_support::testing::Counted;
use ffi_support::text;

use crate::config::{Faults, Slot};
use crate::failure::Failure;
use crate::scope;

/// The settings of one call: a scope, a timeout, and the means to cancel it. The client's settings apply to the rest.
/// So one client can serve a thousand sites. A reservation of a gate also has a label and a time to live, and no scope.
///
/// aicredits_call_new() makes it. Free it with aicredits_call_free(). A setter copies its argument and returns nothing.
/// The call that gets the settings reports a wrong one, by name. A setter on NULL does nothing.
///
/// One thread sets it up. It is then passed as const, to one call at a time. It can be used again, unless it was
/// cancelled. It holds one file descriptor; if none is available, cancelling takes up to 50 ms longer. No setter
/// blocks.
pub struct aicredits_call {
    call: Call,
    cancel: Cancel,
    faults: Faults,
    _counted: Counted,
}

impl Default for aicredits_call {
    fn default() -> Self {
        let cancel = Cancel::new();
        Self { call: Call::new().cancelled_by(&cancel), cancel, faults: Faults::default(), _counted: Counted::new() }
    }
}

impl aicredits_call {
    fn settings(&self, surface: Surface) -> Result<&Call, Failure> {
        self.faults.first(CALL_SETTINGS, surface).map_or(Ok(&self.call), Err)
    }

    fn set_scope(&mut self, scope: Result<Scope, ArgumentFault>) {
        if let Some(scope) = self.faults.note(Slot::Scope, scope) {
            self.change(|call| call.scope(scope));
        }
    }

    fn change(&mut self, apply: impl FnOnce(Call) -> Call) {
        self.call = apply(std::mem::take(&mut self.call));
    }
}

/// Makes settings of a call. Without a setter call, all settings are the client's.
///
/// Never returns NULL. The caller frees the result. Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_new() -> *mut aicredits_call {
    infallible(std::ptr::null_mut(), || Box::into_raw(Box::default()))
}

/// Frees the settings of a call. No call that uses them may be in flight.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_free(call: Option<Box<aicredits_call>>) {
    infallible((), || drop(call));
}

/// Asks for all credits of this account, instead of the client's scope. Each of the four scope setters replaces an
/// earlier scope.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_call_set_account_id(call: Option<&mut aicredits_call>, account_id: *const c_char) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    set(call, |call| call.set_scope(unsafe { scope::account(account_id) }));
}

/// Asks for the credits and the subscription of this site, instead of the client's scope. Each of the four scope
/// setters replaces an earlier scope.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_call_set_site_id(call: Option<&mut aicredits_call>, site_id: *const c_char) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    set(call, |call| call.set_scope(unsafe { scope::site(site_id) }));
}

/// Sends both ids, instead of the client's scope. Each of the four scope setters replaces an earlier scope.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_call_set_account_and_site_ids(
    call: Option<&mut aicredits_call>,
    account_id: *const c_char,
    site_id: *const c_char,
) {
    // SAFETY: the caller passes NULLs or NUL-terminated strings.
    set(call, |call| call.set_scope(unsafe { scope::account_and_site(account_id, site_id) }));
}

/// Sends no id: the credential itself determines the scope. An error with an API key, which has no scope. Each of the
/// four scope setters replaces an earlier scope.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_set_credential_scope(call: Option<&mut aicredits_call>) {
    set(call, |call| call.set_scope(Ok(Scope::Credential)));
}

/// Sets the total time of the call in milliseconds, instead of the client's timeout. It starts when the call is
/// entered. More than 0 and at most a day.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_set_timeout_ms(call: Option<&mut aicredits_call>, timeout_ms: u64) {
    set(call, |call| call.change(|call| call.timeout(Duration::from_millis(timeout_ms))));
}

/// Sets the label of a reservation, such as the name of the job: at most 128 characters, without control characters. It
/// is in the state of the gate, in denials and in log records. Only a reservation has a label.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_call_set_label(call: Option<&mut aicredits_call>, label: *const c_char) {
    set(call, |call| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let label = unsafe { text::copy("label", label) };
        if let Some(label) = call.faults.note(Slot::Setting("label"), label) {
            call.change(|call| call.label(label));
        }
    });
}

/// Sets how long a reservation stays open, in milliseconds, instead of the time to live of its gate. Range: 1 s to a
/// day. Only a reservation has a time to live.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_set_reservation_ttl_ms(call: Option<&mut aicredits_call>, reservation_ttl_ms: u64) {
    set(call, |call| call.change(|call| call.reservation_ttl(Duration::from_millis(reservation_ttl_ms))));
}

/// Starts the timeout at a time before the call is entered. For language bindings that queue calls: an error then
/// reports the timeout that the user set, and the time in the queue.
///
/// start_ns is in nanoseconds of CLOCK_MONOTONIC. A time in the future has no effect.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_set_start_ns(call: Option<&mut aicredits_call>, start_ns: i64) {
    set(call, |call| {
        if let Some(started) = instant(start_ns) {
            call.change(|call| call.started_at(started));
        }
    });
}

/// Ends the call at an absolute time, unless its timeout expires first.
///
/// deadline_ns is in nanoseconds of CLOCK_MONOTONIC. With a time in the past the call returns AICREDITS_STATUS_TIMEOUT
/// and sends nothing. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_set_deadline_ns(call: Option<&mut aicredits_call>, deadline_ns: i64) {
    set(call, |call| {
        if let Some(deadline) = instant(deadline_ns) {
            call.change(|call| call.deadline(deadline));
        }
    });
}

/// Says that the call waited for one of limit permits of the process, and not for one of the client's max_concurrency.
/// For language bindings that limit the calls of a process and queue the others. If the call times out, its error names
/// this limit. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_set_process_limit(call: Option<&mut aicredits_call>, limit: u32) {
    set(call, |call| call.change(|call| call.process_limit(limit)));
}

/// An instant of `CLOCK_MONOTONIC`; none if it is too far away. It is never later than the time that it represents:
/// the thread may pause between the two clocks' readings.
fn instant(monotonic: i64) -> Option<Instant> {
    let now = Instant::now();
    let ahead = i128::from(monotonic) - monotonic_ns();
    let distance = Duration::from_nanos(u64::try_from(ahead.unsigned_abs()).unwrap_or(u64::MAX));
    if ahead < 0 { now.checked_sub(distance) } else { now.checked_add(distance) }
}

fn monotonic_ns() -> i128 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` may be written.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}

/// Cancels a call. The call that uses these settings returns AICREDITS_STATUS_CANCELLED, also if it has not begun yet.
///
/// Cancelling is final: free the settings and make new ones for the next call. It may be called until the settings are
/// freed. In a process that was forked later, it cancels the call of that process only.
///
/// Thread-safe and async-signal-safe. Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_cancel(call: Option<&aicredits_call>) {
    signal_safe((), || call.map_or((), |call| call.cancel.cancel()));
}

/// Ends a call as aicredits_call_cancel() does, because the caller's deadline has passed: the call returns
/// AICREDITS_STATUS_TIMEOUT. It is final.
///
/// For callers that learn of a deadline only when it has passed; otherwise use aicredits_call_set_deadline_ns().
/// Thread-safe and async-signal-safe. Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_call_expire(call: Option<&aicredits_call>) {
    signal_safe((), || call.map_or((), |call| call.cancel.expire()));
}

/// Makes one call. Every blocking call of the library is made here, so the check of its settings and their default exist
/// once. `surface` is that of the client, and names a wrong setting.
pub(crate) fn perform<T>(
    call: Option<&aicredits_call>,
    surface: Surface,
    operation: impl FnOnce(&Call) -> Result<T, Error>,
) -> Result<T, Failure> {
    let settings = call.map(|call| call.settings(surface)).transpose()?;
    Ok(operation(settings.unwrap_or(&Call::new()))?)
}

/// A setter on NULL does nothing, as there is nothing to set.
fn set(call: Option<&mut aicredits_call>, setter: impl FnOnce(&mut aicredits_call)) {
    infallible((), || call.map_or((), setter));
}

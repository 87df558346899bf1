//! An outcome of a fleet.

use std::ffi::c_char;
use std::sync::Arc;

use aicredits::{Attempt, FleetAttempt, FleetOutcome};
use ffi_support::boundary::infallible;
use ffi_support::testing::Counted;
use ffi_support::text::{Text, borrowed_slice, borrowed_text};

use crate::attempt::{OwnedAttempts, aicredits_attempt};
use crate::balance::aicredits_balance;
use crate::error::aicredits_error;
use crate::scope::{OwnedScope, aicredits_scope};
use crate::timestamp::aicredits_timestamp;

/// The result for one target of a fleet: a balance or an error. It never changes.
///
/// aicredits_fleet_next() returns it. Free it with aicredits_outcome_free(), before or after its fleet. Thread-safe. All
/// values that are read from it are borrowed: they are valid until it is freed.
pub struct aicredits_outcome {
    index: usize,
    result: Result<Arc<aicredits_balance>, Box<aicredits_error>>,
    label: Option<Text>,
    account_id: Option<Text>,
    client_name: Option<Text>,
    request_id: Option<Text>,
    scope: OwnedScope,
    attempts: OwnedAttempts,
    starts: Box<[aicredits_timestamp]>,
    ended_at: aicredits_timestamp,
    _counted: Counted,
}

impl From<FleetOutcome> for aicredits_outcome {
    fn from(outcome: FleetOutcome) -> Self {
        let target = outcome.target();
        let attempts: Vec<Attempt> = outcome.attempts().iter().map(|made| made.attempt().clone()).collect();
        Self {
            index: outcome.index(),
            label: target.name().map(Text::new),
            account_id: target.owner_id().map(Text::new),
            client_name: target.client_name().map(Text::new),
            request_id: outcome.request_id().map(Text::new),
            scope: target.scope().into(),
            attempts: attempts[..].into(),
            starts: outcome.attempts().iter().map(FleetAttempt::started_at).map(Into::into).collect(),
            ended_at: outcome.ended_at().into(),
            _counted: Counted::new(),
            // Last, because it takes the balance out of the outcome, without a copy.
            result: match outcome.into_result() {
                Ok(balance) => Ok(Arc::new(balance.into())),
                Err(error) => Err(Box::new(error.into())),
            },
        }
    }
}

/// Frees an outcome, with its error. Its balance stays valid for its other owners.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_free(outcome: Option<Box<aicredits_outcome>>) {
    infallible((), || drop(outcome));
}

/// Returns the position of the target in the array that was passed to aicredits_fleet_start(), from 0.
///
/// Thread-safe. Does not block. Returns 0 if outcome is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_index(outcome: Option<&aicredits_outcome>) -> usize {
    infallible(0, || outcome.map_or(0, |outcome| outcome.index))
}

/// Returns the balance. NULL if the target failed: aicredits_outcome_error() then has the reason.
///
/// Borrowed from the outcome. To keep it for longer, pass it to aicredits_balance_ref(). Thread-safe. Does not block.
/// Returns NULL if outcome is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_balance(outcome: Option<&aicredits_outcome>) -> *const aicredits_balance {
    infallible(std::ptr::null(), || {
        // Not from a reference to the balance: aicredits_balance_ref() also reaches the count of the owners.
        outcome.and_then(|outcome| outcome.result.as_ref().ok()).map_or(std::ptr::null(), Arc::as_ptr)
    })
}

/// Returns the error of the last attempt, with all attempts. NULL if there is a balance.
///
/// Without an attempt it says why nothing was sent: AICREDITS_STATUS_CANCELLED or AICREDITS_STATUS_TIMEOUT of the fleet,
/// AICREDITS_STATUS_CLOSED of the client, or AICREDITS_STATUS_UNAUTHORIZED of the credential provider.
///
/// Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_error(outcome: Option<&aicredits_outcome>) -> *const aicredits_error {
    borrow(outcome, |outcome| outcome.result.as_ref().err().map(|error| &**error))
}

/// Returns the label of the target. NULL if it has none.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if outcome is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_outcome_label(
    outcome: Option<&aicredits_outcome>,
    length: *mut usize,
) -> *const c_char {
    text(outcome, length, |outcome| outcome.label.as_ref())
}

/// Returns the scope that was asked for.
///
/// Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_scope(outcome: Option<&aicredits_outcome>) -> *const aicredits_scope {
    borrow(outcome, |outcome| Some(outcome.scope.view()))
}

/// Returns the account id of the target, sent or not. NULL if it has none.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if outcome is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_outcome_account_id(
    outcome: Option<&aicredits_outcome>,
    length: *mut usize,
) -> *const c_char {
    text(outcome, length, |outcome| outcome.account_id.as_ref())
}

/// Returns the name of the client that was asked with. NULL if it was that of the fleet.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if outcome is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_outcome_client_name(
    outcome: Option<&aicredits_outcome>,
    length: *mut usize,
) -> *const c_char {
    text(outcome, length, |outcome| outcome.client_name.as_ref())
}

/// Returns the server's id of the last request. NULL if there is none. The text is from the server and is not escaped:
/// before you show it on a terminal, pass it to aicredits_text_escape().
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if outcome is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_outcome_request_id(
    outcome: Option<&aicredits_outcome>,
    length: *mut usize,
) -> *const c_char {
    text(outcome, length, |outcome| outcome.request_id.as_ref())
}

/// Returns the time at which the first attempt started, by this machine's clock. NULL if nothing was sent.
///
/// Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_started_at(outcome: Option<&aicredits_outcome>) -> *const aicredits_timestamp {
    borrow(outcome, |outcome| outcome.starts.first())
}

/// Returns the time at which the outcome was known, by this machine's clock.
///
/// Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_outcome_ended_at(outcome: Option<&aicredits_outcome>) -> *const aicredits_timestamp {
    borrow(outcome, |outcome| Some(&outcome.ended_at))
}

/// Returns all attempts for the target, the successful one too, as an array in order of time. NULL if nothing was sent.
///
/// *count is the number of attempts; count may be NULL. Borrowed from the outcome. Thread-safe. Does not block. Returns
/// NULL, and 0 in *count, if outcome is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_outcome_attempts(
    outcome: Option<&aicredits_outcome>,
    count: *mut usize,
) -> *const aicredits_attempt {
    infallible(std::ptr::null(), || borrowed_slice(outcome.map(|outcome| outcome.attempts.attempts()), count))
}

/// Returns the time at which each attempt started, by this machine's clock: an array with an entry for each one of
/// aicredits_outcome_attempts(). NULL if nothing was sent.
///
/// *count is the number of attempts; count may be NULL. Borrowed from the outcome. Thread-safe. Does not block. Returns
/// NULL, and 0 in *count, if outcome is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_outcome_attempts_started_at(
    outcome: Option<&aicredits_outcome>,
    count: *mut usize,
) -> *const aicredits_timestamp {
    infallible(std::ptr::null(), || borrowed_slice(outcome.map(|outcome| &*outcome.starts), count))
}

fn borrow<'o, T: 'o>(
    outcome: Option<&'o aicredits_outcome>,
    field: impl FnOnce(&'o aicredits_outcome) -> Option<&'o T>,
) -> *const T {
    infallible(std::ptr::null(), || outcome.and_then(field).map_or(std::ptr::null(), std::ptr::from_ref))
}

fn text(
    outcome: Option<&aicredits_outcome>,
    length: *mut usize,
    field: impl FnOnce(&aicredits_outcome) -> Option<&Text>,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(outcome.and_then(field), length))
}

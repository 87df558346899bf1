//! The credits of a balance that can be spent.

use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{fallible, infallible};

use crate::balance::aicredits_balance;
use crate::error::aicredits_error;
use crate::status::aicredits_status;
use crate::timestamp::aicredits_timestamp;

/// Returns the credits that can be spent now, under all rules of the breakdown. NULL if that is unknown, which is
/// neither 0 nor unlimited.
///
/// Each source allows the least of the balances of its rules. The result is the sum of the sources, and never more than
/// aicredits_balance_available(). It assumes that one action may draw on several sources.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_spendable(balance: Option<&aicredits_balance>) -> *const i64 {
    infallible(std::ptr::null(), || {
        balance.and_then(aicredits_balance::spendable).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Computes the credits that can be spent at an instant, if nobody spends until then and the known resets happen. An
/// instant before the reading counts as that of the reading.
///
/// at and spendable must not be NULL. Returns true, and in *spendable the credits. Returns false, and 0 in *spendable,
/// if they are unknown: if aicredits_balance_spendable() is NULL, if the reply has no breakdown, or if a rule that resets
/// lacks its cap. Also if at is not an instant in the years 1 to 9999.
///
/// Thread-safe. Does not block. Returns false if a pointer is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_spendable_at(
    balance: Option<&aicredits_balance>,
    at: Option<&aicredits_timestamp>,
    spendable: *mut i64,
) -> bool {
    infallible(false, || {
        let known = balance.zip(at.and_then(aicredits_timestamp::instant));
        // SAFETY: the caller passes NULL or an integer that may be written.
        unsafe { write(spendable, known.and_then(|(balance, at)| balance.reading().spendable_at(at))) }
    })
}

/// Computes how many of wanted equal actions can be paid now. A gate answers the same and reserves the credits in one
/// step: see aicredits_gate_reserve_up_to().
///
/// balance, count and is_known must not be NULL. unit_cost is the cost of one action. unit_cost and wanted are at most
/// 2^63 - 1; C converts other numbers before the call, see "Costs" on the opening page. error may be NULL. Otherwise
/// *error is always written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK. *is_known is true, and *count is the number. Or *is_known is false, and *count is 0: the
/// number is unknown, because the reply lacks a count. Returns AICREDITS_STATUS_INVALID_ARGUMENT, and the same outputs, if
/// an argument is wrong.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_balance_affordable(
    balance: Option<&aicredits_balance>,
    unit_cost: u64,
    wanted: u64,
    count: *mut u64,
    is_known: *mut bool,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        // SAFETY: the caller passes outputs that are NULL or may be written.
        unsafe {
            write(is_known, Some(false));
            write(count, Some(0));
        }
        if count.is_null() {
            return Err(ArgumentFault::is_null("count").into());
        }
        if is_known.is_null() {
            return Err(ArgumentFault::is_null("is_known").into());
        }
        let balance = balance.ok_or(ArgumentFault::is_null("balance"))?;
        let affordable = balance.reading().affordable(unit_cost, wanted)?;
        // SAFETY: as above.
        unsafe { write(is_known, Some(write(count, affordable))) };
        Ok(())
    })
}

/// Returns the earliest reset after the reading that can bring credits: of a rule that replenishes, and is below its cap
/// or lacks a figure. NULL if there is none.
///
/// Also NULL for a balance without an instant, which aicredits_balance_from_json() made: see
/// aicredits_balance_next_reset_after().
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_next_reset(balance: Option<&aicredits_balance>) -> *const aicredits_timestamp {
    infallible(std::ptr::null(), || {
        balance.and_then(aicredits_balance::next_reset).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Computes the earliest reset after an instant, as aicredits_balance_next_reset() does after the reading.
///
/// after and reset must not be NULL. Returns true, and in *reset the instant. Returns false, and an instant of zeros in
/// *reset, if there is no such reset, or if after is not an instant in the years 1 to 9999.
///
/// Thread-safe. Does not block. Returns false if a pointer is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_next_reset_after(
    balance: Option<&aicredits_balance>,
    after: Option<&aicredits_timestamp>,
    reset: *mut aicredits_timestamp,
) -> bool {
    infallible(false, || {
        let known = balance.zip(after.and_then(aicredits_timestamp::instant));
        let next = known.and_then(|(balance, after)| balance.reading().next_reset_after(after));
        // SAFETY: the caller passes NULL or an instant that may be written.
        unsafe { write(reset, next.map(Into::into)) }
    })
}

/// Writes a value, or its default if it is absent. Returns whether it is there and was written.
///
/// # Safety
///
/// `output` is NULL or may be written.
unsafe fn write<T: Default>(output: *mut T, value: Option<T>) -> bool {
    if output.is_null() {
        return false;
    }
    let is_known = value.is_some();
    // SAFETY: not NULL, and the caller's promise.
    unsafe { output.write(value.unwrap_or_default()) };
    is_known
}

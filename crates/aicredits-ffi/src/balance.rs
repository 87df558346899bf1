//! The balance.

use std::ffi::c_char;
use std::sync::Arc;

use aicredits::{Balance, Timestamp};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{self, Text, borrowed_slice, borrowed_text};
use once_cell::race::OnceBox;

use crate::breakdown::Breakdown;
use crate::error::aicredits_error;
use crate::failure::Failure;
use crate::model::{aicredits_credit_balance, aicredits_credits};
use crate::scope::{OwnedScope, aicredits_scope};
use crate::status::aicredits_status;
use crate::timestamp::aicredits_timestamp;

/// The AI credits that an account or a site has left: one reading, which never changes.
///
/// aicredits_client_get_balance() and aicredits_balance_from_json() return it. Free it with aicredits_balance_free().
///
/// Thread-safe. All values that are read from a balance are borrowed: they are valid until its last owner frees it.
/// Arrays and texts are made when they are first read, and kept until then. Each thread may read them; none waits for
/// another.
pub struct aicredits_balance {
    reading: Balance,
    // C borrows these, so they need an address.
    periodic_credits: Option<aicredits_credits>,
    top_up_credits: Option<aicredits_credits>,
    available: Option<i64>,
    fetched_at: Option<aicredits_timestamp>,
    server_date: Option<aicredits_timestamp>,
    // Made at first use. Threads that need one at once each make it, and the first one stays. A lock would hang a child
    // that is forked while another thread holds it.
    breakdown: OnceBox<Breakdown>,
    scope: OnceBox<Option<OwnedScope>>,
    request_id: OnceBox<Option<Text>>,
    json: OnceBox<Text>,
    text: OnceBox<Text>,
    spendable: OnceBox<Option<i64>>,
    next_reset: OnceBox<Option<aicredits_timestamp>>,
    _counted: Counted,
}

impl aicredits_balance {
    /// Makes the first owner.
    pub(crate) fn hand_out(reading: Balance) -> *mut Self {
        Arc::into_raw(Arc::new(Self::from(reading))).cast_mut()
    }

    /// Another owner.
    ///
    /// # Safety
    ///
    /// `balance` was handed out and still has an owner.
    pub(crate) unsafe fn owner(balance: *const Self) -> Arc<Self> {
        // SAFETY: by this function's own contract.
        unsafe {
            Arc::increment_strong_count(balance);
            Arc::from_raw(balance)
        }
    }

    pub(crate) fn reading(&self) -> &Balance {
        &self.reading
    }

    pub(crate) fn spendable(&self) -> Option<&i64> {
        self.spendable.get_or_init(|| Box::new(self.reading.spendable())).as_ref()
    }

    pub(crate) fn next_reset(&self) -> Option<&aicredits_timestamp> {
        self.next_reset.get_or_init(|| Box::new(self.reading.next_reset().map(Into::into))).as_ref()
    }

    fn breakdown(&self) -> &[aicredits_credit_balance] {
        self.breakdown.get_or_init(|| Box::new(Breakdown::from(&self.reading))).sources()
    }

    fn scope(&self) -> Option<&aicredits_scope> {
        let scope = self.scope.get_or_init(|| Box::new(self.reading.scope().map(Into::into)));
        scope.as_ref().map(OwnedScope::view)
    }

    fn request_id(&self) -> Option<&Text> {
        self.request_id.get_or_init(|| Box::new(self.reading.request_id().map(Text::new))).as_ref()
    }

    fn json(&self) -> &Text {
        self.json.get_or_init(|| Box::new(Text::new(self.reading.json())))
    }

    fn text(&self) -> &Text {
        self.text.get_or_init(|| Box::new(Text::new(&self.reading.to_string())))
    }
}

impl From<Balance> for aicredits_balance {
    fn from(reading: Balance) -> Self {
        Self {
            periodic_credits: reading.periodic_credits().map(Into::into),
            top_up_credits: reading.top_up_credits().map(Into::into),
            available: reading.available(),
            fetched_at: reading.fetched_at().map(Into::into),
            server_date: reading.server_date().map(Into::into),
            breakdown: OnceBox::new(),
            scope: OnceBox::new(),
            request_id: OnceBox::new(),
            json: OnceBox::new(),
            text: OnceBox::new(),
            spendable: OnceBox::new(),
            next_reset: OnceBox::new(),
            _counted: Counted::new(),
            reading,
        }
    }
}

/// Reads a balance from JSON, such as a stored reply.
///
/// json points to length bytes, which need no NUL at the end. They are copied. json may be NULL only if length is 0.
/// balance must not be NULL. error may be NULL. Otherwise *error is always written: NULL on success, or an error that
/// the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *balance a balance that the caller frees. Otherwise *balance is NULL, and the
/// status is:
/// - AICREDITS_STATUS_DECODE if the bytes are not a balance; the message has the path of the wrong field
/// - AICREDITS_STATUS_TOO_LARGE if length is over 1 GiB; then no byte is read
/// - AICREDITS_STATUS_INVALID_ARGUMENT if a pointer is NULL, or if there is no memory for the copy
///
/// 1 GiB is also the largest value of aicredits_config_set_max_reply_bytes(), so every reply of a client can be read
/// back. Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_balance_from_json(
    json: *const c_char,
    length: usize,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    // SAFETY: the caller promises the same.
    fallible(error, || unsafe { read_json(json, length, None, None, balance) })
}

/// Reads a stored balance: as aicredits_balance_from_json(), with the times of the stored reading. Decisions on a balance
/// depend on them, such as aicredits_balance_next_reset().
///
/// fetched_at and server_date are the results of aicredits_balance_fetched_at() and aicredits_balance_server_date() when
/// the balance was stored. They are copied, and may be NULL. The other parameters are those of
/// aicredits_balance_from_json().
///
/// Returns what aicredits_balance_from_json() returns, and AICREDITS_STATUS_INVALID_ARGUMENT if a time is not in the
/// years 1 to 9999. Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_balance_from_json_at(
    json: *const c_char,
    length: usize,
    fetched_at: Option<&aicredits_timestamp>,
    server_date: Option<&aicredits_timestamp>,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    // SAFETY: the caller promises the same.
    fallible(error, || unsafe { read_json(json, length, fetched_at, server_date, balance) })
}

/// # Safety
///
/// `json` is NULL or points to this many bytes. `balance` is NULL or may be written.
unsafe fn read_json(
    json: *const c_char,
    length: usize,
    fetched_at: Option<&aicredits_timestamp>,
    server_date: Option<&aicredits_timestamp>,
    balance: *mut *mut aicredits_balance,
) -> Result<(), Failure> {
    clear("balance", balance)?;
    let fetched_at = stored_time("fetched_at", fetched_at)?;
    let server_date = stored_time("server_date", server_date)?;
    Balance::check_json_bytes(length)?;
    // SAFETY: the caller passes NULL or this many bytes that may be read.
    let json = unsafe { text::copy_bytes("json", json, length)? };
    let reading = Balance::from_json(json)?.with_origin(None, None, fetched_at, server_date);
    // SAFETY: not NULL, as checked; the caller promises that it may be written.
    unsafe { balance.write(aicredits_balance::hand_out(reading)) };
    Ok(())
}

fn stored_time(name: &'static str, time: Option<&aicredits_timestamp>) -> Result<Option<Timestamp>, ArgumentFault> {
    let checked = |time: &aicredits_timestamp| {
        time.instant().ok_or(ArgumentFault { name, fault: "is not an instant in the years 1 to 9999" })
    };
    time.map(checked).transpose()
}

/// Adds an owner to a balance. Each owner frees the balance once, with aicredits_balance_free().
///
/// Returns the same pointer. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_ref(balance: *const aicredits_balance) -> *mut aicredits_balance {
    infallible(std::ptr::null_mut(), || {
        if !balance.is_null() {
            // SAFETY: the caller promises that it is a balance that was handed out and still has an owner.
            unsafe { Arc::increment_strong_count(balance) };
        }
        balance.cast_mut()
    })
}

/// Frees a balance for one owner. After the last owner has freed it, no value that was read from it may be used.
///
/// Thread-safe. Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_free(balance: *mut aicredits_balance) {
    infallible((), || {
        if !balance.is_null() {
            // SAFETY: the caller promises that it owns a balance that was handed out.
            drop(unsafe { Arc::from_raw(balance.cast_const()) });
        }
    });
}

/// Returns the recurring credits, aggregated across all sources. NULL if the account has none.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_periodic_credits(balance: Option<&aicredits_balance>) -> *const aicredits_credits {
    borrow(balance, |balance| balance.periodic_credits.as_ref())
}

/// Returns the one-time top-up credits, aggregated across all purchases. They do not reset. NULL if the account has
/// none.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_top_up_credits(balance: Option<&aicredits_balance>) -> *const aicredits_credits {
    borrow(balance, |balance| balance.top_up_credits.as_ref())
}

/// Returns the same credits by source, as an array in the order of the reply. NULL if the reply has no breakdown.
///
/// The breakdown is a detailed view of the two pools: do not add it to them. Wix limits a reply to 1,000 sources. The
/// breakdown of a reply at this limit may be incomplete.
///
/// *count is the number of sources; count may be NULL. Borrowed from the balance. Thread-safe. Does not block. Returns
/// NULL, and 0 in *count, if balance is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_credit_balance_breakdown(
    balance: Option<&aicredits_balance>,
    count: *mut usize,
) -> *const aicredits_credit_balance {
    infallible(std::ptr::null(), || borrowed_slice(balance.map(aicredits_balance::breakdown), count))
}

/// Returns the sum of the remaining credits of both pools. An absent pool counts as 0.
///
/// NULL means that the sum is unknown, which is not 0:
/// - a pool is present without a balance, or
/// - both pools are absent, and the breakdown has entries, or
/// - aicredits_balance_is_recognized() is false
///
/// The sum is what the account holds. Less may be spendable now, because of rules in the breakdown, such as a daily
/// limit within a monthly allocation. The sum saturates at the limits of int64_t.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_available(balance: Option<&aicredits_balance>) -> *const i64 {
    borrow(balance, |balance| balance.available.as_ref())
}

/// Returns whether the reply is a balance: it has at least one field of a balance, or no field at all.
///
/// An empty object is the balance of an account without credits. False means that the reply has fields, but none of
/// periodicCredits, topUpCredits and creditBalanceBreakdown. A field with the value null counts as present. If the
/// result is false, the base URL may be the address of another service.
///
/// Thread-safe. Does not block. Returns false if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_is_recognized(balance: Option<&aicredits_balance>) -> bool {
    infallible(false, || balance.is_some_and(|balance| balance.reading.is_recognized()))
}

/// Returns the raw reply, with all fields that Wix may add later. JSON contains no NUL, so it is also a plain C string.
///
/// The raw reply is not redacted: if a server echoes the credential, the credential is in it. The other texts of a
/// fetched balance are redacted.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the balance. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if balance is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_json(
    balance: Option<&aicredits_balance>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(balance.map(aicredits_balance::json), length))
}

/// Returns the balance as text, to show or to log: the two pools and the breakdown, in lines, without a newline at the
/// end. Text from the server is escaped.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the balance. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if balance is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_text(
    balance: Option<&aicredits_balance>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(balance.map(aicredits_balance::text), length))
}

/// Returns the scope of the request. NULL if the balance was not fetched.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_scope(balance: Option<&aicredits_balance>) -> *const aicredits_scope {
    borrow(balance, aicredits_balance::scope)
}

/// Returns the server's id of the request, to quote in questions to Wix. NULL if there is none. The text is from the
/// server and is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the balance. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if balance is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_request_id(
    balance: Option<&aicredits_balance>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(balance.and_then(aicredits_balance::request_id), length))
}

/// Returns the time at which the reply was complete, by this machine's clock. NULL if the balance was not fetched.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_fetched_at(balance: Option<&aicredits_balance>) -> *const aicredits_timestamp {
    borrow(balance, |balance| balance.fetched_at.as_ref())
}

/// Returns the time of the reply by the server's clock: its Date header, in whole seconds. NULL if there was none.
///
/// Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_server_date(balance: Option<&aicredits_balance>) -> *const aicredits_timestamp {
    borrow(balance, |balance| balance.server_date.as_ref())
}

fn borrow<'b, T: 'b>(
    balance: Option<&'b aicredits_balance>,
    field: impl FnOnce(&'b aicredits_balance) -> Option<&'b T>,
) -> *const T {
    infallible(std::ptr::null(), || balance.and_then(field).map_or(std::ptr::null(), std::ptr::from_ref))
}

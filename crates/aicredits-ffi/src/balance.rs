//! The balance.

use std::ffi::c_char;
use std::sync::Arc;

use aicredits::Balance;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{self, Text, borrowed_slice, borrowed_text};
use once_cell::race::OnceBox;

use crate::breakdown::Breakdown;
use crate::error::aicredits_error;
use crate::model::{aicredits_credit_balance, aicredits_credits};
use crate::scope::{LentScope, aicredits_scope};
use crate::status::aicredits_status;
use crate::timestamp::aicredits_timestamp;

/// What an account or a site has left: one reading, which never changes.
///
/// Shared by as many threads as wish. Everything that is read from it is borrowed: it lives until the last owner frees
/// the balance. Handed out by aicredits_client_get_balance() and aicredits_balance_from_json(), freed by
/// aicredits_balance_free().
///
/// Arrays and texts are made when they are first read, and then kept.
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
    scope: OnceBox<Option<LentScope>>,
    request_id: OnceBox<Option<Text>>,
    json: OnceBox<Text>,
    text: OnceBox<Text>,
    _counted: Counted,
}

impl aicredits_balance {
    /// Makes the first owner.
    pub(crate) fn hand_out(reading: Balance) -> *mut Self {
        Arc::into_raw(Arc::new(Self::from(reading))).cast_mut()
    }

    fn breakdown(&self) -> &[aicredits_credit_balance] {
        self.breakdown.get_or_init(|| Box::new(Breakdown::from(&self.reading))).sources()
    }

    fn scope(&self) -> Option<&aicredits_scope> {
        let scope = self.scope.get_or_init(|| Box::new(self.reading.scope().map(Into::into)));
        scope.as_ref().map(LentScope::view)
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
            _counted: Counted::new(),
            reading,
        }
    }
}

/// Reads a reply that was stored, or came another way: length bytes of JSON, which need no NUL at their end. They are
/// copied.
///
/// On success *balance is the reading, which the caller frees. On failure it is NULL: AICREDITS_STATUS_DECODE where the
/// bytes are no balance, with the path of the field at fault in the message, AICREDITS_STATUS_TOO_LARGE over 1 GiB
/// (no byte is read then), AICREDITS_STATUS_INVALID_ARGUMENT where there is no memory for the copy.
/// So every reply that aicredits_config_set_max_reply_bytes() lets through can be read back.
///
/// json may be NULL only if length is 0, which is no balance; balance must not be NULL; error may be, otherwise *error
/// is written always: NULL on success, else an error that the caller frees. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_balance_from_json(
    json: *const c_char,
    length: usize,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("balance", balance)?;
        Balance::check_json_bytes(length)?;
        // SAFETY: the caller passes NULL or this many bytes that may be read.
        let json = unsafe { text::copy_bytes("json", json, length)? };
        let reading = Balance::from_json(json)?;
        // SAFETY: not NULL, as checked; the caller vouches that it may be written.
        unsafe { balance.write(aicredits_balance::hand_out(reading)) };
        Ok(())
    })
}

/// Makes another owner of the same balance, which frees it on its own. It returns the same pointer; NULL for NULL. Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_ref(balance: *const aicredits_balance) -> *mut aicredits_balance {
    infallible(std::ptr::null_mut(), || {
        if !balance.is_null() {
            // SAFETY: the caller vouches that it is a balance that was handed out and still has an owner.
            unsafe { Arc::increment_strong_count(balance) };
        }
        balance.cast_mut()
    })
}

/// Frees a balance: what was read from it must not be used any more, unless it has another owner. NULL is fine. Does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_free(balance: *mut aicredits_balance) {
    infallible((), || {
        if !balance.is_null() {
            // SAFETY: the caller vouches that it owns a balance that was handed out.
            drop(unsafe { Arc::from_raw(balance.cast_const()) });
        }
    });
}

/// Recurring credits, aggregated across all sources. NULL when the account has none.
///
/// Borrowed from the balance. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_periodic_credits(balance: Option<&aicredits_balance>) -> *const aicredits_credits {
    borrow(balance, |balance| balance.periodic_credits.as_ref())
}

/// One-time top-up credits, aggregated across all purchases. They don't reset. NULL when the account has none.
///
/// Borrowed from the balance. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_top_up_credits(balance: Option<&aicredits_balance>) -> *const aicredits_credits {
    borrow(balance, |balance| balance.top_up_credits.as_ref())
}

/// The same credits by source, in the reply's order: an array, and how many there are in *count. It is a detailed view
/// of the two pools, never to be added to them. NULL and 0 where the reply has no breakdown. The page limits a reply to
/// 1,000 sources; one at that limit may have been cut.
///
/// Borrowed from the balance. count may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_credit_balance_breakdown(
    balance: Option<&aicredits_balance>,
    count: *mut usize,
) -> *const aicredits_credit_balance {
    infallible(std::ptr::null(), || borrowed_slice(balance.map(aicredits_balance::breakdown), count))
}

/// The remaining credits of both pools: recurring plus top-up, an absent pool counted as none. NULL, which is unknown
/// and not 0, in three cases: a pool is there but lacks its balance; both pools are absent, but the breakdown has
/// entries; aicredits_balance_is_recognized() is false. The sum stops at the ends of an int64_t rather than wrap.
///
/// It is what the account holds, not what can be spent now: rules of the breakdown, such as a daily limit within a
/// monthly allocation, may let less through. Borrowed from the balance. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_available(balance: Option<&aicredits_balance>) -> *const i64 {
    borrow(balance, |balance| balance.available.as_ref())
}

/// Whether the reply is a balance: it has a field of a balance, or no field at all. An empty object is the balance of an
/// account without credits.
///
/// False means that the reply has fields, but none of periodicCredits, topUpCredits and creditBalanceBreakdown; a field
/// that is null counts as there. Such a reply says nothing of credits: the base URL may lead to another service. false
/// for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_is_recognized(balance: Option<&aicredits_balance>) -> bool {
    infallible(false, || balance.is_some_and(|balance| balance.reading.is_recognized()))
}

/// The raw reply, so that nothing which Wix adds is lost; its length goes to *length. JSON holds no NUL, so it is a
/// plain string too. It is not redacted: a server that sends the credential back has it in here, while the texts of a
/// fetched balance have lost it.
///
/// Borrowed from the balance. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_json(
    balance: Option<&aicredits_balance>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(balance.map(aicredits_balance::json), length))
}

/// The balance as text, to be shown or logged: the two pools and the breakdown, a line each, without a newline at the
/// end; its length goes to *length. What came from the server is escaped.
///
/// Made when it is first asked for. Borrowed from the balance. length may be NULL. NULL and 0 for NULL. Any thread;
/// does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_text(
    balance: Option<&aicredits_balance>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(balance.map(aicredits_balance::text), length))
}

/// The scope that was asked for; NULL for a reading that was not fetched.
///
/// Borrowed from the balance. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_scope(balance: Option<&aicredits_balance>) -> *const aicredits_scope {
    borrow(balance, aicredits_balance::scope)
}

/// The server's id of the request, to quote when asking Wix about it; its length goes to *length. NULL and 0 where
/// there is none. Server text, as it came: aicredits_text_escape() makes it fit for a terminal.
///
/// Borrowed from the balance. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_balance_request_id(
    balance: Option<&aicredits_balance>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(balance.and_then(aicredits_balance::request_id), length))
}

/// When the reply had come in, by this machine's clock; NULL for a reading that was not fetched.
///
/// Borrowed from the balance. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_fetched_at(balance: Option<&aicredits_balance>) -> *const aicredits_timestamp {
    borrow(balance, |balance| balance.fetched_at.as_ref())
}

/// The server's clock at the reply, to the second: its Date header. NULL where there was none.
///
/// Borrowed from the balance. NULL for NULL. Any thread; does not block.
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

//! The balance.

use std::ffi::{CStr, c_char};
use std::sync::{Arc, OnceLock};

use aicredits::{Balance, UsageRule};

use crate::boundary::{clear, fallible, infallible};
use crate::error::aicredits_error;
use crate::model::{
    AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP, AICREDITS_HAS_PERIOD, AICREDITS_HAS_RESET_DATE,
    AICREDITS_HAS_SUBSCRIPTION_ID, aicredits_credit_balance, aicredits_credits, aicredits_timestamp,
    aicredits_usage_rule, bit, period,
};
use crate::scope::{LentScope, aicredits_scope};
use crate::status::aicredits_status;
use crate::testing::Counted;
use crate::text::{self, Text, lend, lend_slice, lend_text};

/// What an account or a site has left: one reading, which never changes.
///
/// Shared by as many threads as wish. Everything that is read from it is borrowed: it lives until the last owner frees
/// the balance. Handed out by aicredits_client_get_balance() and aicredits_balance_from_json(), freed by
/// aicredits_balance_free().
pub struct aicredits_balance {
    /// The raw reply and a NUL.
    json: String,
    /// Made when it is asked for.
    text: OnceLock<Text>,
    periodic_credits: Option<aicredits_credits>,
    top_up_credits: Option<aicredits_credits>,
    available: Option<i64>,
    is_recognized: bool,
    sources: Box<[aicredits_credit_balance]>,
    /// Pointed to by the sources.
    _rules: Box<[aicredits_usage_rule]>,
    /// Pointed to by sources and rules.
    _texts: Box<[u8]>,
    scope: Option<LentScope>,
    request_id: Option<Text>,
    fetched_at: Option<aicredits_timestamp>,
    server_date: Option<aicredits_timestamp>,
    _counted: Counted,
}

// SAFETY: the pointers within lead to memory that the balance owns and never changes.
unsafe impl Send for aicredits_balance {}
// SAFETY: as above.
unsafe impl Sync for aicredits_balance {}

impl aicredits_balance {
    /// Makes the first owner.
    pub(crate) fn hand_out(reading: Balance) -> *mut Self {
        Arc::into_raw(Arc::new(Self::from(reading))).cast_mut()
    }

    fn json(&self) -> &str {
        &self.json[..self.json.len() - 1]
    }

    fn text(&self) -> &Text {
        self.text.get_or_init(|| {
            let reading = Balance::from_json(self.json()).expect("it was read before");
            Text::new(&reading.to_string())
        })
    }
}

impl From<Balance> for aicredits_balance {
    fn from(reading: Balance) -> Self {
        let texts = texts(&reading);
        let mut cursor = Cursor(&texts);
        let count = reading.credit_balance_breakdown().map(|source| source.usage_rules().len()).sum();
        let mut rules = Vec::with_capacity(count);
        rules.extend(rules_of(&reading).map(|rule| usage_rule(rule, &mut cursor)));
        let rules = rules.into_boxed_slice();

        let mut next_rules = &rules[..];
        let mut source = |source: aicredits::CreditBalance<'_>| {
            let (mine, others) = next_rules.split_at(source.usage_rules().len());
            next_rules = others;
            let (subscription_id, length) = cursor.take(source.subscription_id());
            aicredits_credit_balance {
                present: bit(source.subscription_id(), AICREDITS_HAS_SUBSCRIPTION_ID),
                subscription_id,
                subscription_id_length: length,
                usage_rules: lend_slice(Some(mine), std::ptr::null_mut()),
                usage_rule_count: mine.len(),
                reserved: [0; 2],
            }
        };
        let sources = reading.credit_balance_breakdown().map(&mut source).collect();

        Self {
            periodic_credits: reading.periodic_credits().map(Into::into),
            top_up_credits: reading.top_up_credits().map(Into::into),
            available: reading.available(),
            is_recognized: reading.is_recognized(),
            sources,
            _rules: rules,
            _texts: texts,
            scope: reading.scope().map(Into::into),
            request_id: reading.request_id().map(Text::new),
            fetched_at: reading.fetched_at().map(Into::into),
            server_date: reading.server_date().map(Into::into),
            _counted: Counted::new(),
            // A redacted reading cannot be made again from its raw reply.
            text: reading
                .redacted_texts()
                .map(|_| Text::new(&reading.to_string()))
                .map_or_else(OnceLock::new, OnceLock::from),
            json: reading.into_json_with_nul(),
        }
    }
}

fn rules_of(reading: &Balance) -> impl Iterator<Item = UsageRule<'_>> + Clone {
    reading.credit_balance_breakdown().flat_map(|source| source.usage_rules())
}

/// The texts of a reading in the order in which a [`Cursor`] hands them out, each with its NUL.
fn texts(reading: &Balance) -> Box<[u8]> {
    let unknown = rules_of(reading).filter_map(|rule| rule.period()).filter(|&name| period(name).1.is_none());
    let ids = reading.credit_balance_breakdown().filter_map(|source| source.subscription_id());
    let all = unknown.map(|name| name.as_str()).chain(ids);
    let mut texts = Vec::with_capacity(all.clone().map(|text| text.len() + 1).sum());
    for text in all {
        texts.extend_from_slice(text.as_bytes());
        texts.push(0);
    }
    texts.into_boxed_slice()
}

/// Walks over [`texts`].
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn take(&mut self, text: Option<&str>) -> (*const c_char, usize) {
        let Some(text) = text else {
            return (std::ptr::null(), 0);
        };
        let (here, rest) = self.0.split_at(text.len() + 1);
        self.0 = rest;
        (here.as_ptr().cast(), text.len())
    }
}

fn usage_rule(rule: UsageRule<'_>, cursor: &mut Cursor<'_>) -> aicredits_usage_rule {
    let known = |name: &'static CStr| (name.as_ptr(), name.count_bytes());
    let (number, (period_name, period_name_length)) = match rule.period().map(|name| (name, period(name))) {
        None => (0, (std::ptr::null(), 0)),
        Some((_, (number, Some(name)))) => (number, known(name)),
        Some((name, (number, None))) => (number, cursor.take(Some(name.as_str()))),
    };
    aicredits_usage_rule {
        present: bit(rule.period(), AICREDITS_HAS_PERIOD)
            | bit(rule.balance(), AICREDITS_HAS_BALANCE)
            | bit(rule.cap(), AICREDITS_HAS_CAP)
            | bit(rule.reset_date(), AICREDITS_HAS_RESET_DATE),
        period: number,
        period_name,
        period_name_length,
        balance: rule.balance().unwrap_or_default(),
        cap: rule.cap().unwrap_or_default(),
        reset_date: rule.reset_date().map(Into::into).unwrap_or_default(),
        reserved: [0; 2],
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
    infallible(std::ptr::null(), || lend_slice(balance.map(|balance| &*balance.sources), count))
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
    infallible(false, || balance.is_some_and(|balance| balance.is_recognized))
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
    infallible(std::ptr::null(), || {
        let json = balance.map(aicredits_balance::json);
        lend(json.map(|json| (json.as_ptr().cast(), json.len())), length)
    })
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
    infallible(std::ptr::null(), || lend_text(balance.map(aicredits_balance::text), length))
}

/// The scope that was asked for; NULL for a reading that was not fetched.
///
/// Borrowed from the balance. NULL for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_balance_scope(balance: Option<&aicredits_balance>) -> *const aicredits_scope {
    borrow(balance, |balance| balance.scope.as_ref().map(LentScope::view))
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
    infallible(std::ptr::null(), || lend_text(balance.and_then(|balance| balance.request_id.as_ref()), length))
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

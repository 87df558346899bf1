//! The figures of a gate.

use std::ffi::c_char;

use aicredits::{GateState, OpenReservation};
use ffi_support::boundary::infallible;
use ffi_support::testing::Counted;
use ffi_support::text::{Text, borrowed_slice};

use crate::gate::aicredits_gate;
use crate::model::bit;
use crate::timestamp::{aicredits_timestamp, milliseconds};

/// The figures of a gate at one moment, for logs and metrics. They never change.
///
/// aicredits_gate_state_new() makes it. Free it with aicredits_gate_state_free(). Thread-safe. All values that are read
/// from it are borrowed: they are valid until it is freed.
pub struct aicredits_gate_state {
    state: GateState,
    // C borrows these, so they need an address.
    grantable: Option<i64>,
    estimate: Option<i64>,
    spendable: Option<i64>,
    age_ms: Option<u64>,
    exhausted_since: Option<aicredits_timestamp>,
    limit: Option<u64>,
    reservations: Box<[aicredits_open_reservation]>,
    /// Pointed to by the reservations.
    _labels: Vec<Text>,
    _counted: Counted,
}

/// In `present`: the field "label" is there, and so is its length.
pub const AICREDITS_HAS_LABEL: u32 = 256;

/// An open reservation of a gate.
///
/// Plain data, borrowed from the state of its gate. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_open_reservation {
    /// AICREDITS_HAS_LABEL.
    pub present: u32,
    /// The label of the reservation, NUL-terminated; NULL if it has none.
    pub label: *const c_char,
    /// Its length in bytes, without the NUL.
    pub label_length: usize,
    /// The credits that are still reserved.
    pub cost: u64,
    /// The time since it was granted, in milliseconds.
    pub age_ms: u64,
    /// Zero.
    pub reserved: [u64; 2],
}

impl From<GateState> for aicredits_gate_state {
    fn from(state: GateState) -> Self {
        let mut labels = Vec::new();
        let open = |open: &OpenReservation| {
            let label = open.label().map(Text::new);
            let converted = aicredits_open_reservation {
                present: bit(open.label(), AICREDITS_HAS_LABEL),
                label: label.as_ref().map_or(std::ptr::null(), Text::as_ptr),
                label_length: label.as_ref().map_or(0, Text::len),
                cost: open.cost(),
                age_ms: milliseconds(open.age()),
                reserved: [0; 2],
            };
            // The text owns heap memory: the address stays the same when the text is moved.
            labels.extend(label);
            converted
        };
        let reservations = state.reservations().iter().map(open).collect();
        Self {
            grantable: state.grantable(),
            estimate: state.estimate(),
            spendable: state.spendable(),
            age_ms: state.age().map(milliseconds),
            exhausted_since: state.exhausted_since().map(Into::into),
            limit: state.limit(),
            reservations,
            _labels: labels,
            _counted: Counted::new(),
            state,
        }
    }
}

/// Takes the figures of a gate or a sub-gate at this moment.
///
/// The caller frees the result. Thread-safe. Does not block. Returns NULL if gate is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_new(gate: Option<&aicredits_gate>) -> *mut aicredits_gate_state {
    infallible(std::ptr::null_mut(), || {
        gate.map_or(std::ptr::null_mut(), |gate| Box::into_raw(Box::new(gate.core().state().into())))
    })
}

/// Frees the figures of a gate.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_free(state: Option<Box<aicredits_gate_state>>) {
    infallible((), || drop(state));
}

/// Returns the credits that the gate would grant: the estimate less the reserved credits and the headroom. Negative if
/// more is reserved than is there. At most what the limits of the gate and its parent allow. NULL without a reading.
///
/// Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_grantable(state: Option<&aicredits_gate_state>) -> *const i64 {
    borrow(state, |state| state.grantable.as_ref())
}

/// Returns the gate's estimate of the credits that are left, before reservations. NULL without a reading.
///
/// Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_estimate(state: Option<&aicredits_gate_state>) -> *const i64 {
    borrow(state, |state| state.estimate.as_ref())
}

/// Returns aicredits_balance_spendable() of the reading in force. NULL without a reading, or if it is unknown.
///
/// Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_spendable(state: Option<&aicredits_gate_state>) -> *const i64 {
    borrow(state, |state| state.spendable.as_ref())
}

/// Returns the credits of open reservations.
///
/// Thread-safe. Does not block. Returns 0 if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_reserved(state: Option<&aicredits_gate_state>) -> u64 {
    count(state, GateState::reserved)
}

/// Returns the age of the reading in force, in milliseconds. NULL without a reading.
///
/// Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_age_ms(state: Option<&aicredits_gate_state>) -> *const u64 {
    borrow(state, |state| state.age_ms.as_ref())
}

/// Returns how many reservations were granted.
///
/// Thread-safe. Does not block. Returns 0 if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_granted(state: Option<&aicredits_gate_state>) -> u64 {
    count(state, GateState::granted)
}

/// Returns how many reservations were denied.
///
/// Thread-safe. Does not block. Returns 0 if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_denied(state: Option<&aicredits_gate_state>) -> u64 {
    count(state, GateState::denied)
}

/// Returns how many reservations were granted although no reading could decide.
///
/// Thread-safe. Does not block. Returns 0 if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_unchecked(state: Option<&aicredits_gate_state>) -> u64 {
    count(state, GateState::unchecked)
}

/// Returns how many reservations a gate with aicredits_gate_config_set_dry_run() granted that it would have denied.
///
/// Thread-safe. Does not block. Returns 0 if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_would_be_denied(state: Option<&aicredits_gate_state>) -> u64 {
    count(state, GateState::would_be_denied)
}

/// Returns since when the gate denies because the vendor refused an action for lack of credits. NULL if it does not.
///
/// Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_exhausted_since(
    state: Option<&aicredits_gate_state>,
) -> *const aicredits_timestamp {
    borrow(state, |state| state.exhausted_since.as_ref())
}

/// Returns the limit of the gate. NULL if it has none.
///
/// Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_limit(state: Option<&aicredits_gate_state>) -> *const u64 {
    borrow(state, |state| state.limit.as_ref())
}

/// Returns the credits that count against the limit: those of commits and of open reservations.
///
/// Thread-safe. Does not block. Returns 0 if state is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_state_used(state: Option<&aicredits_gate_state>) -> u64 {
    count(state, GateState::used)
}

/// Returns the open reservations of the gate, as an array, oldest first. NULL if there are none.
///
/// *count is the number of reservations; count may be NULL. Borrowed from the state. Thread-safe. Does not block.
/// Returns NULL, and 0 in *count, if state is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_gate_state_reservations(
    state: Option<&aicredits_gate_state>,
    count: *mut usize,
) -> *const aicredits_open_reservation {
    infallible(std::ptr::null(), || borrowed_slice(state.map(|state| &*state.reservations), count))
}

fn borrow<'s, T: 's>(
    state: Option<&'s aicredits_gate_state>,
    field: impl FnOnce(&'s aicredits_gate_state) -> Option<&'s T>,
) -> *const T {
    infallible(std::ptr::null(), || state.and_then(field).map_or(std::ptr::null(), std::ptr::from_ref))
}

fn count(state: Option<&aicredits_gate_state>, figure: impl FnOnce(&GateState) -> u64) -> u64 {
    infallible(0, || state.map_or(0, |state| figure(&state.state)))
}

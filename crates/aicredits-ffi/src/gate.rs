//! A credit gate.

use aicredits::{Call, CreditGate, Error, Reservation, Surface};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;
use once_cell::race::OnceBox;

use crate::balance::aicredits_balance;
use crate::call::{self, aicredits_call};
use crate::client::aicredits_client;
use crate::error::aicredits_error;
use crate::failure::Failure;
use crate::gate_config::aicredits_gate_config;
use crate::reservation::aicredits_reservation;
use crate::scope::{OwnedScope, aicredits_scope};
use crate::status::aicredits_status;

/// Grants actions that cost credits, so that actions which run at once do not spend the same credits twice.
///
/// One gate serves one scope of a client: make one and share it between threads. aicredits_gate_new() and
/// aicredits_gate_sub_gate() make it. Free it with aicredits_gate_free(), before or after its client and its
/// reservations. Thread-safe.
///
/// It grants up to the last reading of the balance, less what was committed and what is reserved. It reads again when the
/// reading is too old or shows too few credits. At any time one thread at most makes a reading; the others wait for it.
/// There are no hidden threads.
///
/// A balance is a hint: other programs spend from the same credits, and a charge may show late. The vendor's refusal is
/// final: report it with aicredits_reservation_report_exhausted().
///
/// After fork() the gate of the child starts without a reading and without reservations. A reservation that was made
/// before is the child's own copy: a commit counts in the child's gate, and freeing it does nothing.
pub struct aicredits_gate {
    gate: CreditGate,
    surface: Surface,
    scope: OnceBox<OwnedScope>,
    _counted: Counted,
}

impl aicredits_gate {
    pub(crate) fn core(&self) -> &CreditGate {
        &self.gate
    }

    pub(crate) fn surface(&self) -> Surface {
        self.surface
    }

    fn hand_out(gate: CreditGate, surface: Surface) -> *mut Self {
        Box::into_raw(Box::new(Self { gate, surface, scope: OnceBox::new(), _counted: Counted::new() }))
    }
}

/// Makes a gate for a client. It makes no reading.
///
/// client and gate must not be NULL. config is borrowed for this call; NULL means the default settings. error may be
/// NULL. Otherwise *error is always written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *gate a gate that the caller frees. Otherwise *gate is NULL, and the status is:
/// - AICREDITS_STATUS_INVALID_ARGUMENT if a setting is wrong or missing; the message names the first one
/// - AICREDITS_STATUS_INVALID_ARGUMENT if another gate exists for the client and the scope: share that one
/// - AICREDITS_STATUS_CLOSED if the client is closed
///
/// Make one gate for a scope and keep it as long as the client. A gate that is made after another was freed does not know
/// its reservations and commits.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_new(
    client: Option<&aicredits_client>,
    config: Option<&aicredits_gate_config>,
    gate: *mut *mut aicredits_gate,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("gate", gate)?;
        let client = client.ok_or(ArgumentFault::is_null("client"))?;
        let (core, surface) = (client.core(), client.surface());
        let builder = config.map_or_else(|| Ok(core.gate()), |config| config.builder(core, surface))?;
        let made = builder.build()?;
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { gate.write(aicredits_gate::hand_out(made, surface)) };
        Ok(())
    })
}

/// Frees a gate. Its reservations stay valid, and so do its sub-gates.
///
/// No call on the gate may be in flight. Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_free(gate: Option<Box<aicredits_gate>>) {
    infallible((), || drop(gate));
}

/// Reserves credits for one action.
///
/// It never waits for credits. It may wait for readings: at most two, and at most read_timeout in all.
///
/// gate and reservation must not be NULL. cost is at most 2^63 - 1; C converts other numbers before the call, see
/// "Costs" on the opening page. call has the settings of this call: label, time to live, timeout, and the means to
/// cancel it; NULL means the gate's settings. A scope in it is an error. error may be NULL. Otherwise *error is always
/// written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *reservation a reservation that the caller ends and frees. Otherwise *reservation
/// is NULL, and the status is:
/// - AICREDITS_STATUS_DENIED: the action must not run; aicredits_error_denial() has the reason
/// - AICREDITS_STATUS_INVALID_ARGUMENT, AICREDITS_STATUS_CANCELLED or AICREDITS_STATUS_CLOSED
///
/// A cost of 0 is granted at once.
///
/// Thread-safe: any number of threads may call it at once. Blocks while it waits for a reading.
/// aicredits_call_cancel() and aicredits_client_close() end it earlier. From a callback of the same client it returns
/// AICREDITS_STATUS_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_reserve(
    gate: Option<&aicredits_gate>,
    cost: u64,
    call: Option<&aicredits_call>,
    reservation: *mut *mut aicredits_reservation,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    // SAFETY: the caller passes outputs that are NULL or may be written.
    unsafe { reserve(gate, call, reservation, error, |gate, call| gate.reserve_with(cost, call)) }
}

/// Reserves credits for one action, from the reading that is there. As aicredits_gate_reserve(), but it makes and awaits
/// no reading.
///
/// If a new reading could change the answer, the reason of the denial is AICREDITS_DENIAL_REASON_UNAVAILABLE. Before the
/// first reading every cost but 0 is denied so: call aicredits_gate_refresh() first.
///
/// Parameters, result and ownership are those of aicredits_gate_reserve(). Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_reserve_now(
    gate: Option<&aicredits_gate>,
    cost: u64,
    call: Option<&aicredits_call>,
    reservation: *mut *mut aicredits_reservation,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    // SAFETY: the caller passes outputs that are NULL or may be written.
    unsafe { reserve(gate, call, reservation, error, |gate, call| gate.reserve_now_with(cost, call)) }
}

/// Reserves credits for as many of wanted equal actions as fit, in one step. aicredits_reservation_count() says how
/// many.
///
/// unit_cost is the cost of one action. It is at most 2^63 - 1. If no action fits, the status is
/// AICREDITS_STATUS_DENIED.
///
/// The other parameters, result and ownership are those of aicredits_gate_reserve(). Commit each action with
/// aicredits_reservation_commit_part(), and release the rest. Thread-safe. Blocks while it waits for a reading.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_reserve_up_to(
    gate: Option<&aicredits_gate>,
    unit_cost: u64,
    wanted: u64,
    call: Option<&aicredits_call>,
    reservation: *mut *mut aicredits_reservation,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    let operation = |gate: &CreditGate, call: &Call| gate.reserve_up_to_with(unit_cost, wanted, call);
    // SAFETY: the caller passes outputs that are NULL or may be written.
    unsafe { reserve(gate, call, reservation, error, operation) }
}

/// Reads the balance now, for event loops and before the first reservation.
///
/// It waits for a reading in flight instead of making a second one. A reading that was requested less than min_interval
/// ago is the result. After a failure it returns that error at once until the next reading may start.
///
/// gate must not be NULL. balance may be NULL. call has the settings of this call; NULL means the gate's settings. A
/// scope in it is an error. error may be NULL. Otherwise *error is always written: NULL on success, or an error that the
/// caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *balance the reading, which the caller frees. Otherwise *balance is NULL, and the
/// error is that of the reading.
///
/// Thread-safe. Blocks until the reading is there, at most for read_timeout. aicredits_call_cancel() and
/// aicredits_client_close() end it earlier.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_refresh(
    gate: Option<&aicredits_gate>,
    call: Option<&aicredits_call>,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        // The caller may want the reading for the gate alone.
        let output = clear("balance", balance).is_ok();
        let reading = perform(gate, call, CreditGate::refresh_with)?;
        if output {
            // SAFETY: not NULL, as checked; the caller promises that it may be written.
            unsafe { balance.write(aicredits_balance::hand_out(reading)) };
        }
        Ok(())
    })
}

/// Reports that the vendor refused an action that had no reservation, for lack of credits. The gate and its sub-gates
/// then deny with AICREDITS_DENIAL_REASON_EXHAUSTED until new credits show. With a reservation, use
/// aicredits_reservation_report_exhausted().
///
/// Thread-safe. Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_report_exhausted(gate: Option<&aicredits_gate>) {
    infallible((), || gate.map_or((), |gate| gate.gate.report_exhausted()));
}

/// Makes a gate with its own limit that grants from this gate: for a visitor, a tenant or a job. A sub-gate has no
/// sub-gates.
///
/// gate and sub_gate must not be NULL. limit is the most credits that the sub-gate grants in its life, at most 2^63 - 1.
/// error may be NULL. Otherwise *error is always written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *sub_gate a gate that the caller frees. Otherwise *sub_gate is NULL, and the status
/// is AICREDITS_STATUS_INVALID_ARGUMENT.
///
/// The gate may be freed before the sub-gate. Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_sub_gate(
    gate: Option<&aicredits_gate>,
    limit: u64,
    sub_gate: *mut *mut aicredits_gate,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("sub_gate", sub_gate)?;
        let gate = gate.ok_or(ArgumentFault::is_null("gate"))?;
        let made = gate.gate.sub_gate(limit)?;
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { sub_gate.write(aicredits_gate::hand_out(made, gate.surface)) };
        Ok(())
    })
}

/// Sets the limit of a gate or a sub-gate. Commits before this call count against it. Below what is used, the gate
/// denies; open reservations stay.
///
/// limit is at most 2^63 - 1; more is AICREDITS_STATUS_INVALID_ARGUMENT. error may be NULL. Otherwise *error is always
/// written: NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, or AICREDITS_STATUS_INVALID_ARGUMENT also if gate is NULL. Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_set_limit(
    gate: Option<&aicredits_gate>,
    limit: u64,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || Ok(gate.ok_or(ArgumentFault::is_null("gate"))?.gate.set_limit(limit)?))
}

/// Returns the scope whose credits the gate grants.
///
/// Borrowed from the gate. Thread-safe. Does not block. Returns NULL if gate is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_scope(gate: Option<&aicredits_gate>) -> *const aicredits_scope {
    infallible(std::ptr::null(), || {
        let scope = |gate: &'_ aicredits_gate| {
            std::ptr::from_ref(gate.scope.get_or_init(|| Box::new(gate.gate.scope().into())).view())
        };
        gate.map_or(std::ptr::null(), scope)
    })
}

/// # Safety
///
/// The outputs are NULL or may be written.
unsafe fn reserve(
    gate: Option<&aicredits_gate>,
    call: Option<&aicredits_call>,
    reservation: *mut *mut aicredits_reservation,
    error: *mut *mut aicredits_error,
    operation: impl FnOnce(&CreditGate, &Call) -> Result<Reservation, Error>,
) -> aicredits_status {
    fallible(error, || {
        clear("reservation", reservation)?;
        let made = perform(gate, call, operation)?;
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { reservation.write(aicredits_reservation::hand_out(made)) };
        Ok(())
    })
}

fn perform<T>(
    gate: Option<&aicredits_gate>,
    call: Option<&aicredits_call>,
    operation: impl FnOnce(&CreditGate, &Call) -> Result<T, Error>,
) -> Result<T, Failure> {
    let gate = gate.ok_or(ArgumentFault::is_null("gate"))?;
    call::perform(call, gate.surface, |call| operation(&gate.gate, call))
}

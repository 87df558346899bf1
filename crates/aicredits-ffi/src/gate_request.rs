//! A request to a gate that never blocks, for event loops.

use std::ffi::c_void;
use std::sync::Arc;
use std::time::Duration;

use aicredits::{GateRequest, Outcome, Step, Surface, Wake, Want};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;
use ffi_support::user_data::UserData;

use crate::balance::aicredits_balance;
use crate::call::{self, aicredits_call};
use crate::error::aicredits_error;
use crate::failure::Failure;
use crate::gate::aicredits_gate;
use crate::provider::aicredits_destructor;
use crate::reservation::aicredits_reservation;
use crate::status::aicredits_status;

/// A reservation or a reading in progress, as a state machine that never blocks: for event loops and language
/// bindings. Other programs use aicredits_gate_reserve().
///
/// aicredits_gate_request_new() makes it and takes the first step. aicredits_gate_request_next() says what to do then:
/// - AICREDITS_NEXT_DONE: free it
/// - AICREDITS_NEXT_READ: call aicredits_gate_request_read() in a thread that may block, then
///   aicredits_gate_request_step()
/// - AICREDITS_NEXT_WAIT: another caller makes the reading. Call aicredits_gate_request_step() when the callback is
///   called, or when aicredits_gate_request_remaining_ms() is over
///
/// Free it with aicredits_gate_request_free(), at any step: a request that is not done is then given up, and if it was to
/// make a reading, another caller makes it. It may be freed after its gate. It is used by one thread at a time.
pub struct aicredits_gate_request {
    request: GateRequest,
    wake: Arc<dyn Wake>,
    next: aicredits_next,
    surface: Surface,
    _counted: Counted,
}

/// The next action for a request: AICREDITS_NEXT_DONE or one of the following. Numbers are never reused.
pub type aicredits_next = i32;

/// The request is done: free it.
pub const AICREDITS_NEXT_DONE: aicredits_next = 1;
/// Make the reading with aicredits_gate_request_read(), then take a step.
pub const AICREDITS_NEXT_READ: aicredits_next = 2;
/// Wait for the callback or for the timer, then take a step.
pub const AICREDITS_NEXT_WAIT: aicredits_next = 3;

/// A callback that says: another step of a request is due. It is called by the thread that made the reading, and may be
/// called during the functions of the request, more than once, or when no step is due.
///
/// The library holds no lock meanwhile. It must not block, and it must not use the request: it may write to an eventfd,
/// for example. It must return: no exception, longjmp() or thread exit may leave it.
pub type aicredits_wake = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// A callback that C passed, and its user data.
struct Waker {
    wake: unsafe extern "C" fn(user: *mut c_void),
    user: UserData,
}

impl Wake for Waker {
    fn wake(&self) {
        // SAFETY: the caller promises that any thread may call it with this user, and that it returns.
        unsafe { (self.wake)(self.user.pointer()) };
    }
}

impl Waker {
    fn shared(wake: aicredits_wake, user: UserData) -> Result<Arc<dyn Wake>, ArgumentFault> {
        let wake = wake.ok_or(ArgumentFault::is_null("wake"))?;
        Ok(Arc::new(Self { wake, user }))
    }
}

impl aicredits_gate_request {
    fn new(
        gate: Option<&aicredits_gate>,
        want: Want,
        call: Option<&aicredits_call>,
        wake: aicredits_wake,
        user: UserData,
    ) -> Result<Self, Failure> {
        let wake = Waker::shared(wake, user)?;
        let gate = gate.ok_or(ArgumentFault::is_null("gate"))?;
        let surface = gate.surface();
        let request = call::perform(call, surface, |call| gate.core().request(want, call))?;
        Ok(Self { request, wake, next: AICREDITS_NEXT_WAIT, surface, _counted: Counted::new() })
    }

    /// The outcome, if this was the last step.
    fn step(&mut self) -> Result<Option<Outcome>, Failure> {
        let (next, outcome) = match self.request.step(&self.wake) {
            Step::Done(outcome) => (AICREDITS_NEXT_DONE, Some(outcome)),
            Step::Read => (AICREDITS_NEXT_READ, None),
            Step::Wait => (AICREDITS_NEXT_WAIT, None),
        };
        self.next = next;
        Ok(outcome.transpose()?)
    }
}

/// Starts a reservation, and takes the first step. It is granted or denied at once if the gate needs no reading.
///
/// gate, wake, request and reservation must not be NULL. unit_cost and wanted are as in aicredits_gate_reserve_up_to();
/// for one action, wanted is 1. call is as in aicredits_gate_reserve(). It is borrowed for this function, but
/// aicredits_call_cancel() ends the reading of this request too. error may be NULL. Otherwise *error is always written:
/// NULL on success, or an error that the caller frees.
///
/// user is passed to wake, and may be NULL. Any thread may call wake with it. destroy may be NULL. Otherwise it is called
/// once with user, when wake will not be called again; that may be later than aicredits_gate_request_free(), and at once
/// if this function fails.
///
/// Returns AICREDITS_STATUS_OK, and one of:
/// - in *reservation a reservation that the caller ends and frees; then *request is NULL
/// - in *request a request that the caller frees; then *reservation is NULL
///
/// Otherwise both are NULL, and the status is that of aicredits_gate_reserve().
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_request_new(
    gate: Option<&aicredits_gate>,
    unit_cost: u64,
    wanted: u64,
    call: Option<&aicredits_call>,
    wake: aicredits_wake,
    user: *mut c_void,
    destroy: aicredits_destructor,
    request: *mut *mut aicredits_gate_request,
    reservation: *mut *mut aicredits_reservation,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    // SAFETY: the caller promises that any thread may use them.
    let user = unsafe { UserData::new(user, destroy) };
    fallible(error, move || {
        let cleared = clear("request", request);
        clear("reservation", reservation)?;
        cleared?;
        let want = match wanted {
            1 => Want::Cost(unit_cost),
            _ => Want::UpTo { unit_cost, wanted },
        };
        let mut started = aicredits_gate_request::new(gate, want, call, wake, user)?;
        match started.step()? {
            // SAFETY: not NULL, as checked; the caller promises that it may be written.
            Some(Outcome::Reserved(made)) => unsafe { reservation.write(aicredits_reservation::hand_out(made)) },
            // It did not ask for a reading.
            Some(Outcome::Read(_)) => {}
            // SAFETY: as above.
            None => unsafe { request.write(Box::into_raw(Box::new(started))) },
        }
        Ok(())
    })
}

/// Starts a reading of the balance, as aicredits_gate_refresh(), and takes the first step.
///
/// gate, wake, request and balance must not be NULL. call, wake, user, destroy and error are as in
/// aicredits_gate_request_new().
///
/// Returns AICREDITS_STATUS_OK, and one of:
/// - in *balance a balance that the caller frees, if a reading is younger than min_interval; then *request is NULL
/// - in *request a request that the caller frees, and whose last step has the balance; then *balance is NULL
///
/// Otherwise both are NULL, and the error has the reason. Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_request_new_refresh(
    gate: Option<&aicredits_gate>,
    call: Option<&aicredits_call>,
    wake: aicredits_wake,
    user: *mut c_void,
    destroy: aicredits_destructor,
    request: *mut *mut aicredits_gate_request,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    // SAFETY: the caller promises that any thread may use them.
    let user = unsafe { UserData::new(user, destroy) };
    fallible(error, move || {
        let cleared = clear("request", request);
        clear("balance", balance)?;
        cleared?;
        let mut started = aicredits_gate_request::new(gate, Want::Refresh, call, wake, user)?;
        match started.step()? {
            // SAFETY: not NULL, as checked; the caller promises that it may be written.
            Some(Outcome::Read(reading)) => unsafe { balance.write(aicredits_balance::hand_out(reading)) },
            // It did not ask for a reservation.
            Some(Outcome::Reserved(_)) => {}
            // SAFETY: as above.
            None => unsafe { request.write(Box::into_raw(Box::new(started))) },
        }
        Ok(())
    })
}

/// Returns what to do next for a request: AICREDITS_NEXT_DONE, AICREDITS_NEXT_READ or AICREDITS_NEXT_WAIT.
///
/// Does not block. Returns 0 if request is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_request_next(request: Option<&aicredits_gate_request>) -> aicredits_next {
    infallible(0, || request.map_or(0, |request| request.next))
}

/// Takes a step of a request, and changes the result of aicredits_gate_request_next().
///
/// request and reservation must not be NULL. balance may be NULL. error may be NULL. Otherwise *error is always written:
/// NULL on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK if the request is not done yet, and if it succeeded. After the last step of a reservation
/// *reservation is a reservation that the caller ends and frees. After the last step of a reading *balance is a balance
/// that the caller frees. Otherwise both are NULL. Another status is final: the error has the reason. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_request_step(
    request: Option<&mut aicredits_gate_request>,
    reservation: *mut *mut aicredits_reservation,
    balance: *mut *mut aicredits_balance,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        let wants_balance = clear("balance", balance).is_ok();
        clear("reservation", reservation)?;
        let request = request.ok_or(ArgumentFault::is_null("request"))?;
        match request.step()? {
            // SAFETY: not NULL, as checked; the caller promises that it may be written.
            Some(Outcome::Reserved(made)) => unsafe { reservation.write(aicredits_reservation::hand_out(made)) },
            Some(Outcome::Read(reading)) if wants_balance => {
                // SAFETY: as above.
                unsafe { balance.write(aicredits_balance::hand_out(reading)) };
            }
            Some(Outcome::Read(_)) | None => {}
        }
        Ok(())
    })
}

/// Makes the reading of a request, after AICREDITS_NEXT_READ. Then call aicredits_gate_request_step(): it has the
/// result, also if the reading failed.
///
/// request must not be NULL. call is the one that was passed to aicredits_gate_request_new(), or another one, and is
/// used for this reading; NULL means the client's settings. error may be NULL. Otherwise *error is always written: NULL
/// on success, or an error that the caller frees.
///
/// Returns AICREDITS_STATUS_OK if the next step is due, or AICREDITS_STATUS_INVALID_ARGUMENT. Blocks until the reading is
/// there, at most for read_timeout. aicredits_call_cancel() and aicredits_client_close() end it earlier.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_gate_request_read(
    request: Option<&mut aicredits_gate_request>,
    call: Option<&aicredits_call>,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        let request = request.ok_or(ArgumentFault::is_null("request"))?;
        call::perform(call, request.surface, |call| {
            request.request.read(call);
            Ok(())
        })
    })
}

/// Returns how long to wait at most, in milliseconds, rounded up: for the timer of an event loop. When it is over, call
/// aicredits_gate_request_step(): the request takes over from a reader that is late, or ends if its own time is over. Ask
/// again before each wait.
///
/// Does not block. Returns 0 if request is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_request_remaining_ms(request: Option<&aicredits_gate_request>) -> u64 {
    let rounded_up = |time: Duration| u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    infallible(0, || request.map_or(0, |request| rounded_up(request.request.patience())))
}

/// Says that the time of a request is over, for a deadline of the caller's own. The next step is the last one: the gate
/// then decides without a new reading.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_request_expire(request: Option<&mut aicredits_gate_request>) {
    infallible((), || request.map_or((), |request| request.request.expire()));
}

/// Cancels a request. The next step is the last one, with AICREDITS_STATUS_CANCELLED. To end
/// aicredits_gate_request_read() in another thread, use aicredits_call_cancel().
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_request_cancel(request: Option<&mut aicredits_gate_request>) {
    infallible((), || request.map_or((), |request| request.request.cancel()));
}

/// Frees a request. If it is not done, it is given up, and nothing stays reserved.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_gate_request_free(request: Option<Box<aicredits_gate_request>>) {
    infallible((), || drop(request));
}

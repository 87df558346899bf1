//! A reservation.

use std::ffi::c_char;

use aicredits::Reservation;
use ffi_support::boundary::infallible;
use ffi_support::testing::Counted;
use ffi_support::text::{Text, borrowed_text};
use once_cell::race::OnceBox;

/// Credits that a gate has set aside for an action.
///
/// aicredits_gate_reserve() and its relatives return it. Free it with aicredits_reservation_free(), before or after its
/// gate and its client. Thread-safe.
///
/// A reservation ends once:
/// - aicredits_reservation_commit(), _commit_actual() or _commit_part(): the action ran
/// - aicredits_reservation_release(): the action certainly did not run
/// - aicredits_reservation_report_exhausted(): the vendor refused the action for lack of credits
///
/// A reservation that is freed without an end, or that is older than its time to live, is unresolved: nobody knows
/// whether the action was charged. The gate then counts it as spent in its estimate, but not against a limit.
///
/// The functions that end it never fail. They return false, and do nothing, if the reservation had ended before. Two
/// exceptions: the first commit counts also after the time to live and after a release, and
/// aicredits_reservation_report_exhausted() reaches the gate also after the time to live.
pub struct aicredits_reservation {
    reservation: Reservation,
    label: OnceBox<Option<Text>>,
    _counted: Counted,
}

impl aicredits_reservation {
    /// A handle that the caller frees.
    pub(crate) fn hand_out(reservation: Reservation) -> *mut Self {
        Box::into_raw(Box::new(Self { reservation, label: OnceBox::new(), _counted: Counted::new() }))
    }

    fn label(&self) -> Option<&Text> {
        self.label.get_or_init(|| Box::new(self.reservation.label().map(Text::new))).as_ref()
    }
}

/// Frees a reservation. If the reservation has not ended, it is then unresolved, and counts as spent.
///
/// Does not block. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_free(reservation: Option<Box<aicredits_reservation>>) {
    infallible((), || drop(reservation));
}

/// Returns the credits that are still reserved. 0 after the end.
///
/// Thread-safe. Does not block. Returns 0 if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_cost(reservation: Option<&aicredits_reservation>) -> u64 {
    infallible(0, || reservation.map_or(0, |reservation| reservation.reservation.cost()))
}

/// Returns for how many actions the credits were reserved: 1, or what aicredits_gate_reserve_up_to() could reserve.
///
/// Thread-safe. Does not block. Returns 0 if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_count(reservation: Option<&aicredits_reservation>) -> u64 {
    infallible(0, || reservation.map_or(0, |reservation| reservation.reservation.count()))
}

/// Returns the cost of one action.
///
/// Thread-safe. Does not block. Returns 0 if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_unit_cost(reservation: Option<&aicredits_reservation>) -> u64 {
    infallible(0, || reservation.map_or(0, |reservation| reservation.reservation.unit_cost()))
}

/// Returns the label that aicredits_call_set_label() gave to the reservation. NULL if it has none.
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the reservation. Thread-safe. Does
/// not block. Returns NULL, and 0 in *length, if reservation is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_reservation_label(
    reservation: Option<&aicredits_reservation>,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || borrowed_text(reservation.and_then(aicredits_reservation::label), length))
}

/// Returns whether the reservation has not ended: no function ended it, and its time to live is not over.
///
/// Thread-safe. Does not block. Returns false if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_is_open(reservation: Option<&aicredits_reservation>) -> bool {
    end(reservation, Reservation::is_open)
}

/// Ends a reservation: the action ran, at the reserved cost.
///
/// Returns true if the commit counts, and false if the reservation had been committed before. Thread-safe. Does not
/// block. Returns false if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_commit(reservation: Option<&aicredits_reservation>) -> bool {
    end(reservation, Reservation::commit)
}

/// Ends a reservation: the action ran, at this cost, which may be less or more than the reserved one. More counts in
/// full.
///
/// cost is at most 2^63 - 1. Above that, also for a negative number, the reserved cost that is left counts instead, with a
/// warning in the log; see "Costs" on the opening page.
///
/// Returns true if the commit counts, and false if the reservation had been committed before. Thread-safe. Does not
/// block. Returns false if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_commit_actual(reservation: Option<&aicredits_reservation>, cost: u64) -> bool {
    end(reservation, |reservation| reservation.commit_actual(cost))
}

/// Commits a part of a reservation, for example one action of a batch: this part ran, at this cost. The rest stays
/// reserved. cost is as in aicredits_reservation_commit_actual().
///
/// Returns true if the commit counts, and false if the reservation had been committed before; after a release or the time
/// to live it counts. Thread-safe. Does not block. Returns false if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_commit_part(reservation: Option<&aicredits_reservation>, cost: u64) -> bool {
    end(reservation, |reservation| reservation.commit_part(cost))
}

/// Ends a reservation: the action certainly did not run. Its credits are free at once. If it may have run, free the
/// reservation without a release.
///
/// Returns false if the reservation had ended before. Thread-safe. Does not block. Returns false if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_release(reservation: Option<&aicredits_reservation>) -> bool {
    end(reservation, Reservation::release)
}

/// Ends a reservation: the vendor refused the action for lack of credits. Wix answers with HTTP 428
/// REQUEST_NOT_ELIGIBLE, or with 402. This releases the reservation. The gate and its sub-gates then deny with
/// AICREDITS_DENIAL_REASON_EXHAUSTED until new credits show.
///
/// Returns false if the reservation had ended before. Also after its time to live it returns false, but the gate is told.
/// Thread-safe. Does not block. Returns false if reservation is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_reservation_report_exhausted(reservation: Option<&aicredits_reservation>) -> bool {
    end(reservation, Reservation::report_exhausted)
}

fn end(reservation: Option<&aicredits_reservation>, end: impl FnOnce(&Reservation) -> bool) -> bool {
    infallible(false, || reservation.is_some_and(|reservation| end(&reservation.reservation)))
}

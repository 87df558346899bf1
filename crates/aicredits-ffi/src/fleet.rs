//! A fleet.

use aicredits::{Call, Fleet, FleetProgress, Target};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{clear, fallible, infallible};
use ffi_support::testing::Counted;

use crate::call::{self, aicredits_call};
use crate::client::aicredits_client;
use crate::error::aicredits_error;
use crate::failure::Failure;
use crate::fleet_options::aicredits_fleet_options;
use crate::model::bit;
use crate::outcome::aicredits_outcome;
use crate::status::aicredits_status;
use crate::target::aicredits_target;
use crate::timestamp::milliseconds;

/// Reads the balances of many targets, on its own threads: one outcome for each target, in order of completion. No
/// failure ends the others.
///
/// aicredits_fleet_start() makes it. Free it with aicredits_fleet_free(), before or after its clients and its outcomes.
/// Thread-safe.
///
/// All fleets of a client share its rate and its pauses. Targets with the same scope and client are asked once, and each
/// gets the outcome. At most 1,000 outcomes wait until they are read; then the fleet pauses.
///
/// Its threads exist until the last outcome is known or the fleet is freed. They block all signals. They call the
/// credential providers of its clients and the log function, several at once.
///
/// After fork() the fleet runs in the parent alone. In the child aicredits_fleet_next() returns AICREDITS_STATUS_CLOSED, the
/// progress is zero, and aicredits_fleet_free() waits for nothing.
pub struct aicredits_fleet {
    fleet: Fleet,
    _counted: Counted,
}

/// In `present`: the field "paused_ms" is there.
pub const AICREDITS_HAS_PAUSE: u32 = 512;
/// In `present`: the field "time_left_ms" is there.
pub const AICREDITS_HAS_TIME_LEFT: u32 = 1024;

/// How far a fleet has come. A field whose bit in `present` is 0 is absent.
///
/// Plain data of the caller, which aicredits_fleet_progress() writes. The layout does not change within a SONAME.
#[repr(C)]
#[derive(Default)]
pub struct aicredits_progress {
    /// AICREDITS_HAS_PAUSE, AICREDITS_HAS_TIME_LEFT.
    pub present: u32,
    /// The number of targets.
    pub total: usize,
    /// The targets with an outcome, read or not.
    pub done: usize,
    /// Those of them without a balance.
    pub failed: usize,
    /// The attempts of its clients in the last 60 s.
    pub recent_attempts: usize,
    /// The time until all clients may be asked again, in milliseconds; absent if none is paused.
    pub paused_ms: u64,
    /// The time that is probably left, in milliseconds; absent before ten outcomes.
    pub time_left_ms: u64,
    /// Zero.
    pub reserved: [u64; 2],
}

impl From<FleetProgress> for aicredits_progress {
    fn from(progress: FleetProgress) -> Self {
        Self {
            present: bit(progress.paused_for, AICREDITS_HAS_PAUSE) | bit(progress.time_left, AICREDITS_HAS_TIME_LEFT),
            total: progress.total,
            done: progress.done,
            failed: progress.failed,
            recent_attempts: progress.recent_attempts,
            paused_ms: progress.paused_for.map_or(0, milliseconds),
            time_left_ms: progress.time_left.map_or(0, milliseconds),
            reserved: [0; 2],
        }
    }
}

/// Starts to read the balances of many targets. aicredits_fleet_next() returns the outcomes.
///
/// client asks for the targets that name no other client. targets points to count targets. They and their strings are
/// copied; targets may be NULL only if count is 0, and the fleet then has no outcomes. client and fleet must not be NULL.
/// options is borrowed for this call; NULL means the default settings.
///
/// call has the means to cancel the fleet. Its timeout and its deadline end the whole fleet, and so does the timeout of
/// options: the earliest one counts. NULL means neither. call may be freed at once, but then nothing can cancel the
/// fleet but aicredits_fleet_free(). error may be NULL. Otherwise *error is always written: NULL on success, or an error
/// that the caller frees.
///
/// Each target has the timeout of its client. The time in a queue or a pause does not count. After a cancel, and when the
/// time of the fleet is over, the targets that are left get an outcome with AICREDITS_STATUS_CANCELLED or
/// AICREDITS_STATUS_TIMEOUT.
///
/// Returns AICREDITS_STATUS_OK, and in *fleet a fleet that the caller frees. Otherwise *fleet is NULL, nothing was sent,
/// and the status is:
/// - AICREDITS_STATUS_INVALID_ARGUMENT if a setting is wrong, if call has a scope, or if targets are wrong. The message
///   names all targets whose ids cannot be sent, up to 20, with their index; of other faults it names the first one
/// - AICREDITS_STATUS_UNEXPECTED if no thread can be started
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_fleet_start(
    client: Option<&aicredits_client>,
    targets: *const aicredits_target,
    count: usize,
    options: Option<&aicredits_fleet_options>,
    call: Option<&aicredits_call>,
    fleet: *mut *mut aicredits_fleet,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("fleet", fleet)?;
        let client = client.ok_or(ArgumentFault::is_null("client"))?;
        // SAFETY: the caller passes NULL or this many targets.
        let targets = unsafe { copied(targets, count) }?;
        let builder = options.map_or_else(|| client.core().fleet(), |options| options.builder(client.core()));
        let started = call::perform(call, client.surface(), |call| builder.start_with(targets, call))?;
        let started = aicredits_fleet { fleet: started, _counted: Counted::new() };
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { fleet.write(Box::into_raw(Box::new(started))) };
        Ok(())
    })
}

/// # Safety
///
/// `targets` is NULL or points to this many targets. Their strings are NULL or NUL-terminated, their clients NULL or valid.
unsafe fn copied(targets: *const aicredits_target, count: usize) -> Result<Vec<Target>, Failure> {
    if targets.is_null() {
        return if count == 0 { Ok(Vec::new()) } else { Err(ArgumentFault::is_null("targets").into()) };
    }
    // A slice cannot have any length. The core refuses fewer.
    if count > isize::MAX as usize / size_of::<aicredits_target>() {
        return Err(ArgumentFault { name: "count", fault: "is more than the memory holds" }.into());
    }
    // SAFETY: by this function's own contract.
    let targets = unsafe { std::slice::from_raw_parts(targets, count) };
    // SAFETY: as above.
    targets.iter().enumerate().map(|(index, target)| unsafe { target.target(index) }).collect()
}

/// Waits for the next outcome of a fleet.
///
/// fleet and outcome must not be NULL. error may be NULL. Otherwise *error is always written: NULL on success, or an error
/// that the caller frees.
///
/// Returns AICREDITS_STATUS_OK, and in *outcome an outcome that the caller frees, or NULL if all outcomes were read. The
/// failure of a target is no error of this function: aicredits_outcome_error() has it. Otherwise *outcome is NULL, and
/// the status is:
/// - AICREDITS_STATUS_INVALID_ARGUMENT if a pointer is NULL
/// - AICREDITS_STATUS_CLOSED in a process that was forked after the fleet was started
///
/// Thread-safe: if several threads call it, each outcome goes to one of them. Blocks until there is an outcome.
/// aicredits_call_cancel() on the call of the fleet brings the outcomes that are left. Do not call it in a callback of
/// the library.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_fleet_next(
    fleet: Option<&aicredits_fleet>,
    outcome: *mut *mut aicredits_outcome,
    error: *mut *mut aicredits_error,
) -> aicredits_status {
    fallible(error, || {
        clear("outcome", outcome)?;
        let fleet = fleet.ok_or(ArgumentFault::is_null("fleet"))?;
        if let Some(next) = fleet.fleet.next_with(&Call::new())? {
            // SAFETY: not NULL, as checked; the caller promises that it may be written.
            unsafe { outcome.write(Box::into_raw(Box::new(next.into()))) };
        }
        Ok(())
    })
}

/// Writes to *progress how far a fleet has come.
///
/// Thread-safe, also while another thread is in aicredits_fleet_next(). Does not block. If fleet is NULL, all fields are
/// zero. NULL is allowed for progress.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_fleet_progress(
    fleet: Option<&aicredits_fleet>,
    progress: Option<&mut aicredits_progress>,
) {
    infallible((), || {
        if let Some(progress) = progress {
            *progress = fleet.map_or_else(aicredits_progress::default, |fleet| fleet.fleet.progress().into());
        }
    });
}

/// Frees a fleet. Outcomes that were read stay valid.
///
/// If outcomes are left, it cancels the attempts in flight. No other call on the fleet may be in flight. Blocks until
/// the threads of the fleet have ended: for up to 50 ms after a cancel, or until a callback that runs has returned. Do not
/// call it in a callback of the library. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_fleet_free(fleet: Option<Box<aicredits_fleet>>) {
    infallible((), || drop(fleet));
}

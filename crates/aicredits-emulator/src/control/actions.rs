//! The table of actions. The wrappers of [`Emulator`] and the handlers of HTTP are made from it.

use super::{ControlReply, answer, handlers};
use crate::emulator::Emulator;
use crate::protocol::*;
use crate::shared::Shared;

/// An action of the control protocol.
#[derive(Debug)]
pub struct Action {
    /// Its name: the last part of its path, and the name of its wrapper in each language.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Whether it can change something. If it does, the verdict looks at no pair of requests across it.
    pub changes: bool,
    /// Whether it is also a GET.
    pub is_get: bool,
    pub(super) run: fn(&Shared, &str) -> Result<ControlReply, ControlError>,
}

macro_rules! actions {
    ($(#[doc = $about:literal] $name:ident($request:ty) -> $reply:ty $(, $changes:ident)? $(; $get:ident)?;)*) => {
        /// Every action.
        pub const ACTIONS: &[Action] = &[$(
            Action {
                name: stringify!($name),
                about: $about.trim_ascii(),
                changes: is!($($changes)?),
                is_get: is!($($get)?),
                run: |shared, request| answer::<$request, $reply>(shared, request, handlers::$name),
            },
        )*];

        /// One method for each action of the control protocol.
        impl Emulator {
            $(
                #[doc = $about]
                pub fn $name(&self, request: &$request) -> Result<$reply, ControlError> {
                    self.act(stringify!($name), request)
                }
            )*
        }
    };
}

macro_rules! is {
    () => {
        false
    };
    ($word:ident) => {
        true
    };
}

actions! {
    /// Returns the state: clock, keys, accounts, assumptions, limit and faults.
    state(Nothing) -> State; get;
    /// Starts anew with a scenario. Clears ledger, faults, journal, verdict and clock; ends no connection.
    reset(Reset) -> State, changes;
    /// Adds an account, or extends the one of this id.
    account(Account) -> AccountAdded, changes;
    /// Adds a key, or changes the key of this name.
    key(KeyChange) -> KeyAdded, changes;
    /// Adds an allocation of credits to an account.
    grant(Grant) -> Granted, changes;
    /// Adds credits that were bought once.
    top_up(TopUp) -> Granted, changes;
    /// Changes a rule.
    adjust(Adjust) -> Nothing, changes;
    /// Spends credits, all or nothing.
    spend(Spend) -> Spent, changes;
    /// Changes the clock, or reports it.
    clock(ClockChange) -> Clock, changes;
    /// Adds a fault.
    fault(Fault) -> FaultAdded, changes;
    /// Clears a fault, or all of them.
    clear_faults(ClearFaults) -> Cleared, changes;
    /// Sets the rate limit.
    limit(Limit) -> Nothing, changes;
    /// Changes assumptions, and returns all of them.
    assume(AssumptionsChange) -> AssumptionsReply, changes;
    /// Lists the requests so far.
    journal(JournalQuery) -> Journal; get;
    /// Judges the client.
    verdict(VerdictQuery) -> Verdict; get;
    /// Separates the calls before it from those after it, for the verdict.
    mark(Mark) -> Marked, changes;
    /// Waits until so many requests have come in all.
    wait(Wait) -> Waited;
}

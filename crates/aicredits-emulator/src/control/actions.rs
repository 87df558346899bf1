//! The table of actions. Handlers, HTTP and the wrappers of Rust are made from it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::handlers;
use super::reply::ControlReply;
use crate::protocol::*;
use crate::read;
use crate::shared::Shared;

/// An action of the control protocol.
#[derive(Debug)]
pub struct Action {
    /// Its name: the last part of its path, and the name of its wrapper in each language.
    pub name: &'static str,
    /// Its purpose, in one sentence or two.
    pub about: &'static str,
    /// Whether it can change something. If it does, the verdict looks at no pair of requests across it.
    pub changes: bool,
    /// Whether it is also a GET.
    pub is_get: bool,
    run: fn(&Shared, &str) -> Result<ControlReply, ControlError>,
}

/// Calls the macro `$then` with the rows: about, name, type of the request, type of the reply, `changes`, `get`.
macro_rules! with_actions {
    ($then:ident) => {
        $then! {
            /// Returns the state: clock, keys, accounts, assumptions, limit and faults.
            state(Nothing) -> State; get;
            /// Starts again with a scenario. Clears ledger, faults, journal, verdict and clock; ends no connection.
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
    };
}

pub(crate) use with_actions;

macro_rules! table {
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

with_actions! { table }

impl Action {
    /// The action of this name.
    pub(super) fn named(name: &str) -> Result<&'static Self, ControlError> {
        ACTIONS.iter().find(|known| known.name == name).ok_or_else(|| {
            let names: Vec<_> = ACTIONS.iter().map(|action| action.name).collect();
            ControlError::new(404, "unknown_action", format!("there is no such action; there are {}", names.join(", ")))
        })
    }
}

/// Runs an action. The same bytes come over HTTP.
pub(crate) fn run(shared: &Shared, action: &str, request: &str) -> ControlReply {
    Action::named(action).and_then(|known| (known.run)(shared, request)).unwrap_or_else(ControlReply::from)
}

/// Reads the request, runs the handler and writes the reply.
fn answer<Q: DeserializeOwned, R: Serialize>(
    shared: &Shared,
    request: &str,
    handler: impl FnOnce(&Shared, Q) -> Result<R, ControlError>,
) -> Result<ControlReply, ControlError> {
    let reply = handler(shared, read::read(request)?)?;
    let json = serde_json::to_string(&reply).expect("numbers and text always serialise");
    Ok(ControlReply { status: 200, json })
}

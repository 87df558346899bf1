//! The control protocol: the request and the reply of each action.
//!
//! Every type is one JSON object. An unknown member of a request is an error. Instants are RFC 3339 in UTC, durations end
//! in `_ms`, counts are integers.

mod assumptions;
mod clock;
mod credits;
mod error;
mod fault;
mod instant;
mod journal;
mod state;
mod verdict;

pub use assumptions::{
    Aggregate, Assumption, Assumptions, AssumptionsChange, AssumptionsReply, Bearer, BothScopes, EmptyBody, IdCase,
    NoAccess, NoScope, RefusedKey, RetryAfterOn429, SiteSpendsAccount, UnknownId,
};
pub(crate) use clock::LONGEST_ADVANCE_MS;
pub use clock::{Clock, ClockChange, ClockMode};
pub use credits::{Adjust, Binding, Drawn, Grant, GrantRule, Granted, Spend, Spent, TopUp};
pub use error::{ControlError, ErrorBody, Problem};
pub use fault::{
    ClearFaults, Cleared, Connect, End, Fault, FaultAdded, FaultMatch, FaultReply, Framing, Mangle, Shape,
};
pub(crate) use instant::{INSTANTS, is_instant};
pub use journal::{Ended, Entry, Journal, JournalQuery, Mark, Marked, Route, Wait, Waited};
pub use state::{
    Account, AccountAdded, Allocation, BY_PERIOD, Key, KeyAdded, KeyChange, Limit, Member, Nothing, Reset, Rule,
    ScenarioChoice, Site, State, VERSION,
};
pub use verdict::{Finding, Require, Verdict, VerdictQuery, VerdictRule};

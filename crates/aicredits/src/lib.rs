//! A client for Wix's AI Credits [GetBalance] API, and the one balance model that the C, C++, Python and Go
//! bindings share.
//!
//! ```no_run
//! # fn main() -> Result<(), aicredits::Error> {
//! let client = aicredits::Client::builder()
//!     .api_key("IST.…")
//!     .account("8b1c0c4e-0000-0000-0000-000000000000")
//!     .build()?;
//! let balance = client.get_balance()?;
//! if let Some(recurring) = balance.periodic_credits() {
//!     println!("{:?} of {:?} recurring credits left", recurring.balance(), recurring.cap());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] makes calls. It is thread-safe, and one client can read any number of sites: a [`Call`] can have its own
//!   scope.
//! - [`Balance`] is the result: [`Credits`] in two pools, and their breakdown by source ([`CreditBalance`])
//!   and rule ([`UsageRule`]). [`Balance::from_json`] reads a stored reply without a client.
//! - [`Balance::can_afford`] decides whether an action may run, and [`Balance::affordable`] how many may.
//! - [`CreditGate`] grants actions to many threads at once, so that they do not spend the same credits twice. It makes
//!   [`Reservation`]s.
//! - [`Client::get_balances`] reads many accounts and sites, each with one outcome, at a rate that the clients keep to. A
//!   [`Report`] has the outcomes as tables.
//! - [`Error`] is one type with a small set of [`ErrorKind`]s, the same in every language.
//!
//! The key is never shown: not in an error, not in a log record, not by `Debug`.
//!
//! [GetBalance]: https://dev.wix.com/docs/api-reference/account-level/ai-credits/get-balance

#![deny(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/sites.md")]
struct Sites;

mod advice;
mod attempt;
mod balance;
mod builder;
mod call;
mod cancel;
mod client;
mod clock;
mod constant;
mod conversions;
mod count;
mod credential;
mod decide;
mod decode;
mod denial;
mod display;
mod environment;
mod error;
mod error_kind;
mod excerpt;
mod execution;
mod fleet;
mod fork;
mod gate;
mod http;
mod net;
mod pacing;
mod pasted;
mod period;
mod phase;
mod redact;
mod retry;
mod scope;
mod server_error;
mod settings;
mod text;
mod timestamp;

pub use attempt::Attempt;
#[doc(hidden)]
pub use balance::NOT_RECOGNIZED;
pub use balance::{Balance, CreditBalance, Credits, UsageRule};
pub use builder::ClientBuilder;
#[doc(hidden)]
pub use builder::WIX;
pub use call::Call;
pub use cancel::Cancel;
pub use client::Client;
#[doc(hidden)]
pub use constant::Constant;
pub use decide::{Affordability, Answer, Binding, BindingRules, MAX_COST};
pub use denial::{Denial, DenialReason};
#[doc(hidden)]
pub use error::ERROR_FIELDS;
pub use error::Error;
pub use error_kind::ErrorKind;
pub use fleet::{
    ColumnType, Report, ReportBuilder, RowWriter, Table, TableColumn, TableFormat, TableValue, TableWriter,
};
pub use fleet::{FailureGroup, Fleet, FleetAttempt, FleetBuilder, FleetOutcome, FleetProgress, Target, Totals};
#[doc(hidden)]
pub use fleet::{FleetClock, csv_text};
pub use gate::{CreditGate, GateBuilder, GateState, OpenReservation, Reservation, WhenUnavailable};
#[doc(hidden)]
pub use gate::{GateClock, GateRequest, Outcome, Step, Wake, Want};
#[doc(hidden)]
pub use pasted::has_key;
pub use period::FeaturePeriod;
pub use phase::Phase;
pub use scope::Scope;
pub use server_error::FieldViolation;
#[doc(hidden)]
pub use settings::{CALL_SETTINGS, FLEET_SETTINGS, GATE_SETTINGS, Kind, Length, Row, SETTINGS, Surface};
#[doc(hidden)]
pub use text::{SHOWN_CHARACTERS, duration, escape_for_display, grouped, listed};
pub use timestamp::Timestamp;
#[doc(hidden)]
pub use timestamp::text_of_unix;

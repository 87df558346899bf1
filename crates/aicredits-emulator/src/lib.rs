//! An emulator of Wix's AI Credits API: a real HTTP server on a free loopback port, to try clients against.
//!
//! ```
//! use aicredits_emulator::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("POST {}{}", emulator.url(), aicredits_emulator::PATH);
//! println!("Authorization: {}", emulator.api_key());
//! println!("wix-account-id: {}", emulator.account_id());
//!
//! // The account spends 119 credits: the next reply says so.
//! use aicredits_emulator::Adjust;
//! emulator.adjust(&Adjust { allocation: "monthly".into(), balance: Some(731), ..Adjust::default() })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It has two layers:
//!
//! - [`script`] is the server. It sends exactly the bytes, pauses and broken connections that a test specifies, and keeps
//!   a journal of the requests.
//! - [`Emulator`] is one script. It answers as Wix does, and builds every reply from the values in a [`Ledger`]: accounts
//!   with their sites, sources of credits with stacked rules, keys with account-level or site-level access, and a virtual
//!   clock.
//!
//! # Facts and assumptions
//!
//! The API's page defines the form of a balance, and the rule that account-level access wins. The forms of the errors
//! come from Wix's other documentation and from recorded replies. The rest is an assumption, and not a fact about Wix:
//!
//! - **Aggregates**: a source counts in `periodicCredits` or `topUpCredits` by its rule with the longest period
//!   (no period is the longest, an unknown one the shortest). [`Source::counted_rule`] can name another. A sum is left out
//!   if one of its terms is absent.
//! - **Absence**: a pool without sources and an empty breakdown are absent, so an empty account is `{}`. A breakdown
//!   ends after 1,000 sources, the page's `maxItems`; the aggregates count them all.
//! - **Site-level access** shows the sources that the ledger assigns to the site, and no others of its account.
//! - **Both headers**: the account if the key has access to it, else the site.
//! - **Neither header**: a credential with a context ([`Key::carries_context`]) gets the balance of its context. Any other
//!   gets 428 `MISSING_METASITE_ID`, the only recorded reply to a missing context.
//! - **A missing or wrong key**: 401 `UNAUTHENTICATED` ([`Assumptions::refused_key_status`]). **An unknown account or
//!   site**: 404 `NOT_FOUND` ([`Assumptions::unknown_id_status`]). **No access**: 403 `PERMISSION_DENIED`.
//! - **A body that is no JSON object**: 400 with a field violation. The request's `Content-Type` is ignored.
//! - **The order of these checks**: path and method, key, body, access.
//! - **Any method except `POST`**: an empty 404, because gateways choose a route by method and path. `POST` to any other
//!   path: a 404 with an HTML page.
//! - **Resets**: when the clock passes a rule's reset date, its balance becomes its cap, and the date moves by one
//!   period. A month later is the same day of the next month, or the last day of a shorter month. A rule of an
//!   unknown period never resets.
//! - The wording of all messages, and the digits of `x-wix-request-id`.

#![forbid(unsafe_code)]

mod control;
mod credits;
mod emulator;
pub mod example;
mod facts;
mod faults;
mod front;
mod journal;
mod limiter;
pub mod protocol;
mod read;
mod record;
mod redaction;
mod scenarios;
pub mod script;
mod secret;
mod service;
mod shared;
mod times;
mod verdict;
mod world;

pub use control::{ACTIONS, Action, ControlReply, OPENAPI, SCENARIO_SCHEMA};
pub use emulator::{Emulator, Options, StartError};
pub use faults::{FAULTS, NamedFault, named_fault};
/// An instant of the virtual clock and of reset dates; `"2026-07-01T00:00:00Z".parse()` makes one.
pub use jiff::Timestamp;
pub use protocol::*;
pub use scenarios::{SCENARIOS, Scenario, scenario};
pub use secret::Secret;
pub use service::{PAID_ACTION_PATH, PATH};
pub use shared::Observer;

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
//! - [`Emulator`] is one script. It answers as Wix does, and builds every reply from the values in a ledger: accounts
//!   with their sites, sources of credits with stacked rules, keys with account-level or site-level access, and a virtual
//!   clock.
//!
//! # Facts and assumptions
//!
//! The API's page defines the form of a balance, and the rule that account-level access wins. The forms of the errors
//! come from Wix's other documentation and from recorded replies. The rest is an assumption, and not a fact about Wix.
//!
//! Each of these is a switch of [`Assumptions`]. The first value is the default:
//!
//! - **`no_scope`**: the reply to a request that names neither account nor site, if its key has no context
//!   ([`Key::carries_context`]). `428`: `MISSING_METASITE_ID`, the only recorded reply to a missing context. `401`:
//!   `UNAUTHENTICATED`. `400`: `INVALID_ARGUMENT`. `empty_balance`: 200 with `{}`; a paid action is then refused.
//! - **`both_scopes`**: a request with both headers. `account_wins`: the account if the key has access to it, else the
//!   site. `400`: `INVALID_ARGUMENT`.
//! - **`empty_body`**: a request without a body. `accepted`: as `{}`, because a report says that none is needed. `400`: a
//!   field violation.
//! - **`bearer`**: the secret of a key after the word `Bearer`. `401`: refused as an unknown key. `accepted`: as without.
//! - **`id_case`**: ids in the headers that differ from the ledger's in the case of letters. `exact`: unknown. `folded`:
//!   the same, in the `match` of a fault too. The ids of control requests are always exact.
//! - **`refused_key`**: a missing, unknown or revoked key. `401`: `UNAUTHENTICATED`. `403`: `PERMISSION_DENIED`.
//! - **`unknown_id`**: an account or a site that does not exist. `404`: `NOT_FOUND`. `403`: `PERMISSION_DENIED`.
//! - **`no_access`**: a key without access to the account or the site. `403`: `PERMISSION_DENIED`. `404`: `NOT_FOUND`.
//! - **`aggregate`**: how an allocation counts in `periodicCredits` or `topUpCredits`. `longest_period`: by its rule with
//!   the longest period (no period is the longest, an unknown one the shortest). `sum_of_rules`: by each of its rules.
//!   [`Allocation::counted_rule`] names one rule, whatever this says.
//! - **`site_spends_account`**: what a paid action of a site draws on. `false`: the site's credits. `true`: those of its
//!   account too.
//! - **`retry_after_on_429`**: whether a 429 of the rate limit has `Retry-After`. `false`: it was never seen from this
//!   gateway. `true`: the seconds until the next request can be admitted. [`Limit::retry_after`] decides first.
//!
//! These assumptions have no switch:
//!
//! - **Aggregates**: a sum is left out if one of its terms is absent.
//! - **Absence**: a pool without allocations and an empty breakdown are absent, so an empty account is `{}`. A breakdown
//!   ends after 1,000 allocations, the page's `maxItems`; the aggregates count them all.
//! - **Site-level access** shows the allocations that the ledger assigns to the site, and no others of its account.
//!   Account-level access alone does not show a site. An empty header is no header.
//! - **A body that is no JSON object**: 400 with a field violation. The request's `Content-Type` is ignored.
//! - **The order of these checks**: path and method, fault, rate limit, key, body, access.
//! - **The rate limit** counts requests without a valid key too, all of them together.
//! - **Any method except `POST`**: an empty 404, because gateways choose a route by method and path. `POST` to any other
//!   path: a 404 with an HTML page.
//! - **A spend** takes all or nothing, and may draw on several allocations. Each gives at most the least balance of its
//!   rules, and every rule of it falls by the amount. Allocations whose longest rule has a period come first, the one that
//!   resets soonest before the others; then the order of the ledger decides.
//! - **Idempotency keys** belong to an account. A repetition with another cost or site is refused. The last 65,536 are remembered. A refused spend is not.
//! - **Resets**: when the clock passes a rule's reset date, its balance becomes its cap, and the date moves past the clock
//!   by whole periods. A monthly rule of the 31st resets on the last day of a shorter month, and on the 31st again after
//!   it. A rule of an unknown period never resets. At the end of the calendar, in the year 9999, a rule resets for the
//!   last time.
//! - The wording of all messages, and the digits of `x-wix-request-id`.

#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;

mod control;
mod credits;
mod emulator;
pub mod example;
mod facts;
mod faults;
mod front;
mod journal;
mod limiter;
mod made_secret;
#[cfg(feature = "schema")]
pub mod openapi;
pub mod protocol;
mod read;
mod record;
mod redaction;
mod scenarios;
#[cfg(feature = "schema")]
mod schema;
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

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
//! let mut ledger = emulator.ledger();
//! ledger.accounts[0].sources[0].rules[0].balance = Some(731);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It has two layers. [`script`] is the server: it answers with exactly the bytes, pauses and broken connections
//! that a test asks for, and keeps a journal of what it was sent. [`Emulator`] is one script on top of it, which
//! answers as Wix does and builds every reply from the values in a [`Ledger`]: accounts with their sites, sources of
//! credits with stacked rules, keys with account-level or site-level access, and a virtual clock.
//!
//! # What is known, and what is assumed
//!
//! The shape of a balance and the rule that account-level access wins come from the API's own page; the shapes of the
//! errors from Wix's other documentation and from replies seen. What neither tells, the emulator had to choose. Claim
//! nothing about Wix from it:
//!
//! - **Aggregates**: a source counts in `periodicCredits` or `topUpCredits` by its rule with the longest period
//!   (no period being the longest of all, an unknown one the shortest), unless [`Source::counted_rule`] names another.
//!   A sum is left out when one of the figures in it is.
//! - **Absence**: a pool without sources and an empty breakdown are absent, so an empty account is `{}`. A breakdown
//!   ends after 1,000 sources, the page's `maxItems`; the aggregates count them all.
//! - **Site-level access** shows the sources that the ledger ties to the site, and no others of its account.
//! - **Both headers**: the account if the key has access to it, else the site.
//! - **Neither header**: a credential that carries its context ([`Key::carries_context`]) is answered by it. Any other
//!   gets 428 `MISSING_METASITE_ID`, the one reply to a missing context that was seen with its status.
//! - **A missing or wrong key**: 401 `UNAUTHENTICATED` ([`Assumptions::refused_key_status`]). **An unknown account or
//!   site**: 404 `NOT_FOUND` ([`Assumptions::unknown_id_status`]). **No access**: 403 `PERMISSION_DENIED`.
//! - **A body that is no JSON object**: 400 with a field violation. The request's `Content-Type` is not looked at.
//! - **The order of these**: path and method, key, body, access.
//! - **Any method but `POST`**: an empty 404, since gateways choose a route by method and path. `POST` to any other
//!   path: a 404 with an HTML page.
//! - **Resets**: when the clock passes a rule's reset date, its balance becomes its cap, and the date moves on by one
//!   period: a month later is the same day of the next month, or its last day where it is shorter. A rule of an
//!   unknown period never resets.
//! - The wording of all messages, and the digits of `x-wix-request-id`.

#![forbid(unsafe_code)]

mod balance;
mod clock;
mod errors;
pub mod example;
pub mod ledger;
pub mod script;
mod service;

pub use clock::Clock;
/// An instant of the virtual clock and of reset dates; `"2026-07-01T00:00:00Z".parse()` makes one.
pub use jiff::Timestamp;
pub use ledger::{Account, Assumptions, Key, Ledger, Rule, Source};
pub use service::{Emulator, PATH};

//! Shared parts of the tests over sockets: one key, one account, and a client with both.

use aicredits::{Client, ClientBuilder};

/// No fixture and no message contains it, so each occurrence in an output is a leak.
pub(crate) const API_KEY: &str = "IST.canary-7f3a91c0-not-a-real-key";
pub(crate) const ACCOUNT: &str = "8b1c0c4e-0000-4000-8000-00000000acc0";

/// A client of the server at `url`, but for what the test adds. It repeats nothing, so that a test sees each attempt.
pub(crate) fn client(url: impl Into<String>) -> ClientBuilder {
    Client::builder().api_key(API_KEY).account(ACCOUNT).base_url(url).max_retries(0)
}

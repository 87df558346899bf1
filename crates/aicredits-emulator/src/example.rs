//! The account of the API page's example, a week before its credits renew. All values are invented, also the keys.

use jiff::Timestamp;

use crate::ledger::{Account, Key, Ledger, Rule, Source};

/// A key with account-level access to the account and site-level access to its site.
pub const API_KEY: &str = "IST.emulator-example-api-key-not-a-secret";
/// A key with site-level access to the site alone.
pub const SITE_KEY: &str = "IST.emulator-example-site-key-not-a-secret";
/// The account.
pub const ACCOUNT_ID: &str = "0a1b2c3d-0000-4000-8000-00000000acc0";
/// Its one site.
pub const SITE_ID: &str = "0a1b2c3d-0000-4000-8000-00000000517e";
/// The subscription of the recurring credits, as on the page.
pub const SUBSCRIPTION_ID: &str = "d7a341c4-196b-46e7-813c-2b0fc1847ec6";

/// 2026-06-24T00:00:00Z, the start of the clock.
const NOW: i64 = 1_782_259_200;
/// 2026-07-01T00:00:00Z.
const RESET_DATE: i64 = 1_782_864_000;

impl Ledger {
    /// The page's example: 850 of 1000 credits a month by a subscription, and 200 of 200 bought once.
    ///
    /// The page does not say which credits belong to the site. Here the subscription belongs to the site, and the top-up
    /// to the account. So the two scopes have different replies.
    pub fn example() -> Self {
        let monthly = Rule::new("MONTH", 850, 1000).resets(Timestamp::constant(RESET_DATE, 0));
        let account = Account::new(ACCOUNT_ID)
            .site(SITE_ID)
            .source(Source::new().subscription(SUBSCRIPTION_ID).site(SITE_ID).rule(monthly))
            .source(Source::top_up(200, 200));
        Self::new(Timestamp::constant(NOW, 0))
            .account(account)
            .key(Key::new(API_KEY).account(ACCOUNT_ID).site(SITE_ID))
            .key(Key::new(SITE_KEY).site(SITE_ID))
    }
}

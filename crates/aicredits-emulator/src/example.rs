//! The account of the API page's example, a week before its credits renew. All values are invented, also the keys.

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

use std::sync::Arc;
use std::time::Duration;

use crate::Scope;

/// What one call has of its own: a scope, a timeout. What it does not set is the client's.
///
/// ```
/// # use std::time::Duration;
/// let call = aicredits::Call::new().site("77d2…").timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a call is made by Client::get_balance_with"]
pub struct Call {
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) timeout: Option<Duration>,
}

impl Call {
    /// A call with the client's own settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for this scope instead of the client's; the whole of it is replaced.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// Asks for this account: [`Scope::Account`].
    pub fn account(self, account_id: impl Into<String>) -> Self {
        self.scope(Scope::Account(account_id.into()))
    }

    /// Asks for this site: [`Scope::Site`].
    pub fn site(self, site_id: impl Into<String>) -> Self {
        self.scope(Scope::Site(site_id.into()))
    }

    /// The total time for this call, instead of the client's. It counts from the call's entry.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

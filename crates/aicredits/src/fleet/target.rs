use std::sync::Arc;

use crate::{Client, Scope, pasted};

/// An account or a site that a fleet reads, and the client that asks for it.
///
/// ```
/// use aicredits::Target;
///
/// let target = Target::site("77d2…").label("Shop").owner("8b1c…");
/// assert_eq!((target.name(), target.owner_id()), (Some("Shop"), Some("8b1c…")));
/// ```
#[derive(Clone, Debug)]
pub struct Target {
    pub(super) scope: Arc<Scope>,
    label: Option<Arc<str>>,
    owner: Option<Arc<str>>,
    pub(super) client: Option<(Arc<str>, Client)>,
}

impl Target {
    /// A target with this scope.
    pub fn new(scope: Scope) -> Self {
        Self { scope: Arc::new(scope), label: None, owner: None, client: None }
    }

    /// An account: [`Scope::Account`].
    pub fn account(account_id: impl Into<String>) -> Self {
        Self::new(Scope::Account(account_id.into()))
    }

    /// A site: [`Scope::Site`].
    pub fn site(site_id: impl Into<String>) -> Self {
        Self::new(Scope::Site(site_id.into()))
    }

    /// A name for people, such as the customer's. It is never sent. An API key that was pasted into it is redacted, since
    /// messages and tables show labels.
    pub fn label(mut self, label: impl Into<Arc<str>>) -> Self {
        self.label = Some(shown(label.into()));
        self
    }

    /// The account that the site belongs to. It is never sent.
    pub fn owner(mut self, account_id: impl Into<Arc<str>>) -> Self {
        self.owner = Some(shown(account_id.into()));
        self
    }

    /// The client to ask with, and its name in the outcome: a key belongs to one account. The default is the client of the
    /// fleet, which has no name.
    pub fn client(mut self, name: impl Into<Arc<str>>, client: &Client) -> Self {
        self.client = Some((shown(name.into()), client.clone()));
        self
    }

    /// The scope that is asked for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The label.
    pub fn name(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The account that is asked for, or else the owner.
    pub fn owner_id(&self) -> Option<&str> {
        self.scope.account_id().or(self.owner.as_deref())
    }

    /// The name of the client, if it is not the fleet's.
    pub fn client_name(&self) -> Option<&str> {
        self.client.as_ref().map(|(name, _)| &**name)
    }
}

/// A text that messages and tables show, without a pasted key.
fn shown(text: Arc<str>) -> Arc<str> {
    if pasted::has_key(&text) { pasted::without_keys(&text).into() } else { text }
}

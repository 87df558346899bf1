use std::sync::Arc;

use crate::settings::Setting;
use crate::{Client, Error, Scope, pasted};

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

    /// A target by the columns of a table: ids that are there or not, and the name of a scope, or none. Without a name, a
    /// site's id means the site, and an account's id names its owner.
    ///
    /// # Errors
    ///
    /// The reason, in words that follow the name of the target.
    #[doc(hidden)]
    pub fn of_columns(scope: Option<&str>, account_id: Option<&str>, site_id: Option<&str>) -> Result<Self, String> {
        let owned = |target: Self| match account_id {
            Some(owner) => target.owner(owner),
            None => target,
        };
        match (scope, account_id, site_id) {
            (None | Some("site"), _, Some(site)) => Ok(owned(Self::site(site))),
            (None | Some("account"), Some(account), None) => Ok(Self::account(account)),
            (Some("account_and_site"), Some(account), Some(site)) => {
                Ok(Self::new(Scope::AccountAndSite { account: account.to_owned(), site: site.to_owned() }))
            }
            (Some("credential"), _, None) => Ok(owned(Self::new(Scope::Credential))),
            (None, None, None) => Err("names no account and no site".to_owned()),
            (Some("account"), None, _) => Err("has the scope account and no account_id".to_owned()),
            (Some("site"), _, None) => Err("has the scope site and no site_id".to_owned()),
            (Some("account_and_site"), ..) => Err("has the scope account_and_site, which needs both ids".to_owned()),
            (Some(scope @ ("account" | "credential")), _, Some(_)) => {
                Err(format!("has the scope {scope}, which takes no site_id"))
            }
            (Some(other), ..) => Err(format!(
                "has the scope `{}`; there are account, site, account_and_site and credential",
                crate::escape_for_display(&crate::pasted::without_keys(other))
            )),
        }
    }

    /// The name of the scope in tables: `account`, `site`, `account_and_site` or `credential`.
    pub fn scope_name(&self) -> &'static str {
        scope_name(&self.scope)
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

    /// Checks the ids, for a fleet of this client. For the command, which names the lines of a file.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), as from [`start`](crate::FleetBuilder::start).
    #[doc(hidden)]
    pub fn check(&self, client: &Client) -> Result<(), Error> {
        let client = self.client.as_ref().map_or(client, |(_, client)| client);
        client.check_scope(&self.scope, Setting::TARGET_IDS).map_err(|error| error.worded_for(client.surface()))
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

/// The name of a scope in tables and files.
pub(super) fn scope_name(scope: &Scope) -> &'static str {
    match scope {
        Scope::Account(_) => "account",
        Scope::Site(_) => "site",
        Scope::AccountAndSite { .. } => "account_and_site",
        Scope::Credential => "credential",
    }
}

/// A text that messages and tables show, without a pasted key.
fn shown(text: Arc<str>) -> Arc<str> {
    if pasted::has_key(&text) { pasted::without_keys(&text).into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_name_a_scope_and_an_owner() {
        let of = |scope, account, site| Target::of_columns(scope, account, site);
        for (scope, account, site, name, owner) in [
            (None, None, Some("s"), "site", None),
            (None, Some("a"), Some("s"), "site", Some("a")),
            (Some("site"), Some("a"), Some("s"), "site", Some("a")),
            (None, Some("a"), None, "account", Some("a")),
            (Some("account"), Some("a"), None, "account", Some("a")),
            (Some("account_and_site"), Some("a"), Some("s"), "account_and_site", Some("a")),
            (Some("credential"), Some("a"), None, "credential", Some("a")),
        ] {
            let target = of(scope, account, site).unwrap();
            assert_eq!((target.scope_name(), target.owner_id()), (name, owner));
            assert_eq!(target.scope().site_id(), site);
        }
        for (scope, account, site, reason) in [
            (None, None, None, "names no account and no site"),
            (Some("account"), None, Some("s"), "has the scope account and no account_id"),
            (Some("account"), Some("a"), Some("s"), "has the scope account, which takes no site_id"),
            (Some("site"), Some("a"), None, "has the scope site and no site_id"),
            (Some("account_and_site"), Some("a"), None, "has the scope account_and_site, which needs both ids"),
            (Some("credential"), None, Some("s"), "has the scope credential, which takes no site_id"),
            (
                Some("Site"),
                None,
                Some("s"),
                "has the scope `Site`; there are account, site, account_and_site and credential",
            ),
        ] {
            assert_eq!(of(scope, account, site).unwrap_err(), reason);
        }
    }
}

use std::fmt;

use crate::contract::Setting;
use crate::{Error, pasted};

/// Longest id that is accepted. Wix's are GUIDs of 36 characters.
const MAX_ID_BYTES: usize = 256;

/// Whose credits a call asks for. Every [`Balance`](crate::Balance) and every [`Error`] tells the scope that was
/// asked for, because a valid key with the wrong id is the trap that is hardest to see.
///
/// ```
/// use aicredits::{Client, Scope};
///
/// let both = Scope::AccountAndSite { account: "8b1c".into(), site: "77d2".into() };
/// assert_eq!(both.to_string(), "account 8b1c and site 77d2");
///
/// let client = Client::builder().api_key("IST.example").scope(both).account("8b1c").build()?;
/// assert_eq!(client.scope(), Some(&Scope::Account("8b1c".into())), "the last one set wins");
/// # Ok::<(), aicredits::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All credits of this account (`wix-account-id`). The key needs account-level access.
    Account(String),
    /// The credits and the subscription of this site (`wix-site-id`).
    Site(String),
    /// Both ids are sent. The API's page: when the caller has both, the account-level balance is returned.
    AccountAndSite {
        /// The account.
        account: String,
        /// The site.
        site: String,
    },
    /// No id is sent: the credential carries its own context. Only with
    /// [`authorization`](crate::ClientBuilder::authorization) or a
    /// [provider](crate::ClientBuilder::credential_provider), for an API key has none.
    Credential,
}

impl Scope {
    /// The id for `wix-account-id`, where one is sent.
    pub fn account_id(&self) -> Option<&str> {
        match self {
            Self::Account(account) | Self::AccountAndSite { account, .. } => Some(account),
            Self::Site(_) | Self::Credential => None,
        }
    }

    /// The id for `wix-site-id`, where one is sent.
    pub fn site_id(&self) -> Option<&str> {
        match self {
            Self::Site(site) | Self::AccountAndSite { site, .. } => Some(site),
            Self::Account(_) | Self::Credential => None,
        }
    }

    /// Checked before any socket opens, so that an id never breaks a header.
    pub(crate) fn check(&self, [account, site]: [Setting; 2]) -> Result<(), Error> {
        let ids = [(account, self.account_id()), (site, self.site_id())];
        for (setting, id) in ids.into_iter().filter_map(|(setting, id)| Some((setting, id?))) {
            if let Some(fault) = pasted::fault(pasted::Kind::Id, id, MAX_ID_BYTES) {
                return Err(setting.error(fault));
            }
        }
        Ok(())
    }
}

/// Such as `account 8b1c…` or `account 8b1c… and site 77d2…`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |id: &str| crate::text::shown(id);
        match self {
            Self::Account(account) => write!(f, "account {}", shown(account)),
            Self::Site(site) => write!(f, "site {}", shown(site)),
            Self::AccountAndSite { account, site } => write!(f, "account {} and site {}", shown(account), shown(site)),
            Self::Credential => f.write_str("the credential's own context"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_would_break_a_header_are_refused_by_name() {
        for (id, fault) in
            [("", "is empty"), ("a b", "byte 1"), ("a\r\nX: y", "byte 1"), ("ü", "byte 0"), (&"x".repeat(257), "256")]
        {
            let account = Scope::Account(id.into()).check(Setting::IDS).unwrap_err().to_string();
            assert!(account.contains("account_id") && account.contains(fault), "{account}");
            let site = Scope::AccountAndSite { account: "a".into(), site: id.into() }
                .check(Setting::IDS)
                .unwrap_err()
                .to_string();
            assert!(site.contains("site_id") && site.contains(fault), "{site}");
        }
        Scope::Account("8b1c0c4e-0000-4000-8000-000000000000".into()).check(Setting::IDS).unwrap();
        Scope::Credential.check(Setting::IDS).unwrap();
    }
}

use std::fmt;

use crate::text;

/// The account or site whose credits a call reads. Every [`Balance`](crate::Balance) and every [`Error`](crate::Error) has
/// the scope of its request, because a valid key with the wrong id is the mistake that is hardest to notice.
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
}

/// Such as `account 8b1c…` or `account 8b1c… and site 77d2…`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use text::escape_for_display as escape;
        match self {
            Self::Account(account) => write!(f, "account {}", escape(account)),
            Self::Site(site) => write!(f, "site {}", escape(site)),
            Self::AccountAndSite { account, site } => {
                write!(f, "account {} and site {}", escape(account), escape(site))
            }
            Self::Credential => f.write_str("the credential's own context"),
        }
    }
}

//! The facts of a request that the emulator sees, without any secret.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;

use crate::protocol::Route;

/// The name of every key that the ledger does not have.
pub(crate) const UNKNOWN_KEY: &str = "unknown";

/// The facts of a request for faults, the journal and the verdict.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// None of the API's routes: `None`.
    pub(crate) route: Option<Route>,
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// The name of the key, or `unknown`. `None`: no `Authorization`.
    pub(crate) key: Option<String>,
    /// A digest of the value of `Authorization`.
    pub(crate) credential: u64,
    pub(crate) account: Option<String>,
    pub(crate) site: Option<String>,
    /// A digest of the body.
    pub(crate) body: u64,
}

impl Facts {
    /// A digest of what a repeat of the request has in common with it.
    pub(crate) fn lineage(&self) -> u64 {
        digest((&self.method, &self.path, self.credential, &self.account, &self.site, self.body))
    }

    /// A digest of what the request asks about.
    pub(crate) fn scope(&self) -> u64 {
        let is_named = self.account.is_some() || self.site.is_some();
        // Without a name, the context of the credential is meant.
        digest((&self.account, &self.site, if is_named { 0 } else { self.credential }))
    }
}

/// A digest for comparing, with a seed of this process: nobody can guess a value from it.
pub(crate) fn digest(value: impl Hash) -> u64 {
    static SEED: OnceLock<RandomState> = OnceLock::new();
    SEED.get_or_init(RandomState::new).hash_one(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lineage_is_method_path_key_account_site_and_body() {
        let facts = Facts { method: "POST".into(), path: "/balance".into(), ..Facts::default() };
        let others = [
            Facts { method: "GET".into(), ..facts.clone() },
            Facts { path: "/paid-action".into(), ..facts.clone() },
            Facts { credential: 1, ..facts.clone() },
            Facts { account: Some("a".into()), ..facts.clone() },
            Facts { site: Some("a".into()), ..facts.clone() },
            Facts { body: 1, ..facts.clone() },
        ];
        let mut digests: Vec<u64> = others.iter().chain([&facts]).map(Facts::lineage).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 7);
        assert_eq!(facts.clone().lineage(), facts.lineage());
        assert_eq!(Facts { key: Some("renamed".into()), ..facts.clone() }.lineage(), facts.lineage());
    }

    #[test]
    fn a_scope_is_named_by_the_headers_for_every_key() {
        let account = Facts { account: Some("a".into()), credential: 1, ..Facts::default() };
        assert_eq!(account.scope(), Facts { credential: 2, ..account.clone() }.scope());
        assert_ne!(account.scope(), Facts { site: Some("s".into()), ..account.clone() }.scope());
        let none = Facts { credential: 1, ..Facts::default() };
        assert_ne!(none.scope(), Facts { credential: 2, ..none.clone() }.scope());
    }
}

//! What the emulator sees in a request, without any secret.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::protocol::Route;

/// What faults, the journal and the verdict need to know of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// None of the API's routes: `None`.
    pub(crate) route: Option<Route>,
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// The name of the key, or `unknown`. `None`: no `Authorization`.
    pub(crate) key: Option<String>,
    /// A digest of the value of `Authorization`, with a seed of this process.
    pub(crate) credential: u64,
    pub(crate) account: Option<String>,
    pub(crate) site: Option<String>,
    /// A digest of the body.
    pub(crate) body: u64,
}

/// A digest for comparing. It is not stable between processes.
pub(crate) fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

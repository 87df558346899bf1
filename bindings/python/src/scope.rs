use pyo3::prelude::*;

use crate::object::{parts, repr};

/// Whose credits were asked for. Without an id, the credential carried its own.
#[pyclass(frozen, eq, hash, get_all, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    /// The account's id; None where none was sent.
    pub(crate) account_id: Option<String>,
    /// The site's id; None where none was sent. The API's page: when the caller has both, the account-level balance is
    /// returned.
    pub(crate) site_id: Option<String>,
}

const FIELDS: [&str; 2] = ["account_id", "site_id"];

#[pymethods]
impl Scope {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str) {
        FIELDS.into()
    }

    #[new]
    pub(crate) fn new(account_id: Option<String>, site_id: Option<String>) -> Self {
        Self { account_id, site_id }
    }

    fn __str__(&self) -> String {
        aicredits::Scope::from(self).to_string()
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELDS)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        parts(this, &FIELDS)
    }
}

/// The one value for a client's ``scope``: ``aicredits.PER_CALL``.
#[pyclass(frozen, module = "aicredits")]
pub(crate) struct PerCall;

#[pymethods]
impl PerCall {
    fn __repr__(&self) -> &'static str {
        "aicredits.PER_CALL"
    }

    /// The name of the one value, in its module.
    fn __reduce__(&self) -> &'static str {
        "PER_CALL"
    }
}

impl From<&aicredits::Scope> for Scope {
    fn from(scope: &aicredits::Scope) -> Self {
        Self { account_id: scope.account_id().map(str::to_owned), site_id: scope.site_id().map(str::to_owned) }
    }
}

impl From<&Scope> for aicredits::Scope {
    fn from(scope: &Scope) -> Self {
        match (scope.account_id.clone(), scope.site_id.clone()) {
            (Some(account), Some(site)) => Self::AccountAndSite { account, site },
            (Some(account), None) => Self::Account(account),
            (None, Some(site)) => Self::Site(site),
            (None, None) => Self::Credential,
        }
    }
}

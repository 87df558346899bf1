use pyo3::prelude::*;

use crate::object::{parts, repr};

/// The account or the site whose credits a call asks for. Without an id, the credential implies it.
#[pyclass(frozen, eq, hash, get_all, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    /// The account's id; None if none was sent.
    pub(crate) account_id: Option<String>,
    /// The site's id; None if none was sent. If both ids are sent, the API returns the balance of the account.
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

/// The type of ``aicredits.PER_CALL``, the only value of a client's setting ``scope``.
#[pyclass(frozen, module = "aicredits")]
pub(crate) struct PerCall;

#[pymethods]
impl PerCall {
    fn __repr__(&self) -> &'static str {
        "aicredits.PER_CALL"
    }

    /// Pickles the value by its name.
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

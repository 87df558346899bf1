//! What every language has: the settings of a client and the fields of an error, each in one table.
//!
//! A row that does not work yet keeps its place here and is absent from every language. The tests hold the C header
//! against both tables.

use crate::Error;

/// A row of the contract.
pub struct Row {
    /// Its name in every language, cased there as the language expects.
    pub name: &'static str,
    /// The variable that an explicit `from_env` reads; empty where there is none.
    pub variable: &'static str,
    /// Whether this version has it.
    pub works: bool,
}

/// The settings of a client, in the order in which faults are reported.
pub const SETTINGS: &[Row] = &[
    Setting::ApiKey.row(),
    Setting::Authorization.row(),
    Setting::CredentialSupplier.row(),
    Setting::Account.row(),
    Setting::Site.row(),
    Setting::Scope.row(),
    Setting::BaseUrl.row(),
    Setting::AllowInsecureHttp.row(),
    Setting::Timeout.row(),
    Setting::MaxReplyBytes.row(),
    Setting::MaxRetries.row(),
    planned("max_concurrency"),
    Setting::CaFile.row(),
    Setting::CaPem.row(),
    Setting::Proxy.row(),
    Setting::ProxyFromEnv.row(),
    Setting::Name.row(),
];

/// The fields of an error.
pub const ERROR_FIELDS: &[Row] = &[
    working("kind", ""),
    working("message", ""),
    working("http_status", ""),
    working("code", ""),
    working("description", ""),
    working("field_violations", ""),
    working("scope", ""),
    working("request_id", ""),
    working("retry_after", ""),
    working("attempts", ""),
];

const fn working(name: &'static str, variable: &'static str) -> Row {
    Row { name, variable, works: true }
}

const fn planned(name: &'static str) -> Row {
    Row { name, variable: "", works: false }
}

/// A setting that works; errors name it through here alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    ApiKey,
    Authorization,
    CredentialSupplier,
    Account,
    Site,
    Scope,
    BaseUrl,
    AllowInsecureHttp,
    Timeout,
    MaxReplyBytes,
    MaxRetries,
    CaFile,
    CaPem,
    Proxy,
    ProxyFromEnv,
    Name,
}

impl Setting {
    const fn row(self) -> Row {
        match self {
            Self::ApiKey => working("api_key", "WIX_API_KEY"),
            Self::Authorization => working("authorization", ""),
            Self::CredentialSupplier => working("credential_supplier", ""),
            Self::Account => working("account_id", "WIX_ACCOUNT_ID"),
            Self::Site => working("site_id", "WIX_SITE_ID"),
            Self::Scope => working("scope", ""),
            Self::BaseUrl => working("base_url", "AICREDITS_BASE_URL"),
            Self::AllowInsecureHttp => working("allow_insecure_http", ""),
            Self::Timeout => working("timeout", ""),
            Self::MaxReplyBytes => working("max_reply_bytes", ""),
            Self::MaxRetries => working("max_retries", ""),
            Self::CaFile => working("ca_file", ""),
            Self::CaPem => working("ca_pem", ""),
            Self::Proxy => working("proxy", ""),
            Self::ProxyFromEnv => working("proxy_from_env", ""),
            Self::Name => working("name", ""),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.row().name
    }

    /// The environment variable; empty where the setting has none.
    pub(crate) const fn variable(self) -> &'static str {
        self.row().variable
    }

    pub(crate) fn error(self, fault: impl std::fmt::Display) -> Error {
        Error::invalid_argument(self.name(), fault)
    }
}

//! What every language has: the settings of a client and the fields of an error, each in one table.
//! The tests hold the C header against both tables.

use crate::Error;

/// A row of the contract.
pub struct Row {
    /// Its name in every language, cased there as the language expects.
    pub name: &'static str,
    /// The variable that an explicit `from_env` reads; empty where there is none.
    pub variable: &'static str,
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
    Setting::MaxConcurrency.row(),
    Setting::CaFile.row(),
    Setting::CaPem.row(),
    Setting::Proxy.row(),
    Setting::ProxyFromEnv.row(),
    Setting::Name.row(),
];

/// The fields of an error.
pub const ERROR_FIELDS: &[Row] = &[
    row("kind", ""),
    row("message", ""),
    row("http_status", ""),
    row("code", ""),
    row("description", ""),
    row("field_violations", ""),
    row("scope", ""),
    row("request_id", ""),
    row("retry_after", ""),
    row("attempts", ""),
];

const fn row(name: &'static str, variable: &'static str) -> Row {
    Row { name, variable }
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
    MaxConcurrency,
    CaFile,
    CaPem,
    Proxy,
    ProxyFromEnv,
    Name,
}

impl Setting {
    const fn row(self) -> Row {
        match self {
            Self::ApiKey => row("api_key", "WIX_API_KEY"),
            Self::Authorization => row("authorization", ""),
            Self::CredentialSupplier => row("credential_supplier", ""),
            Self::Account => row("account_id", "WIX_ACCOUNT_ID"),
            Self::Site => row("site_id", "WIX_SITE_ID"),
            Self::Scope => row("scope", ""),
            Self::BaseUrl => row("base_url", "AICREDITS_BASE_URL"),
            Self::AllowInsecureHttp => row("allow_insecure_http", ""),
            Self::Timeout => row("timeout", ""),
            Self::MaxReplyBytes => row("max_reply_bytes", ""),
            Self::MaxRetries => row("max_retries", ""),
            Self::MaxConcurrency => row("max_concurrency", ""),
            Self::CaFile => row("ca_file", ""),
            Self::CaPem => row("ca_pem", ""),
            Self::Proxy => row("proxy", ""),
            Self::ProxyFromEnv => row("proxy_from_env", ""),
            Self::Name => row("name", ""),
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

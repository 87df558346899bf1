use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::client::{Client, check_scope, check_timeout};
use crate::contract::Setting;
use crate::credential::{Credential, CredentialSource, Supplier};
use crate::http::{Endpoint, Http};
use crate::{Balance, Error, Scope};

const WIX: &str = "https://www.wixapis.com";

/// Wix's gateway gives up at about 30 s, and its 504 carries the request id: worth waiting for.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(35);

/// A reading's texts are addressed with 32 bits.
const LARGEST_REPLY_LIMIT: usize = 1 << 30;

/// The settings of a [`Client`]. All of them are checked by [`build`](Self::build), before any socket opens.
#[derive(Clone, Default)]
#[must_use = "a client is made by build()"]
pub struct ClientBuilder {
    credential: Option<GivenCredential>,
    scope: Option<Scope>,
    base_url: Option<String>,
    allow_insecure_http: bool,
    timeout: Option<Duration>,
    max_reply_bytes: Option<usize>,
    environment: Option<Environment>,
}

#[derive(Clone)]
enum GivenCredential {
    ApiKey(Zeroizing<String>),
    Authorization(Zeroizing<String>),
    Supplier(Arc<Supplier>),
}

/// What the environment said when it was asked.
#[derive(Clone)]
struct Environment {
    api_key: Variable,
    account_id: Variable,
    site_id: Variable,
    base_url: Variable,
}

/// `Err` where the variable is set and not UTF-8.
type Variable = Result<Option<Zeroizing<String>>, Error>;

impl ClientBuilder {
    /// The API key, such as `IST.…`, sent as it stands. It replaces an earlier key, authorization value or supplier.
    ///
    /// Our copies of it are wiped when they are dropped; the copies that TLS and the kernel make in passing are not
    /// ours to wipe.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.credential = Some(GivenCredential::ApiKey(Zeroizing::new(api_key.into())));
        self
    }

    /// The whole value of the `Authorization` header, for another credential than an API key. It replaces an earlier
    /// key, authorization value or supplier.
    ///
    /// Wix documents API keys for this API. Whether its other tokens reach it is not known.
    pub fn authorization(mut self, value: impl Into<String>) -> Self {
        self.credential = Some(GivenCredential::Authorization(Zeroizing::new(value.into())));
        self
    }

    /// Asks a function for the value of the `Authorization` header, for credentials that expire. It replaces an earlier
    /// key, authorization value or supplier.
    ///
    /// It is asked once a call, on the caller's thread, with no lock held, and its time counts towards the call's
    /// timeout. After an HTTP 401 it is asked once more, and if its value differs the request goes once more. Its error
    /// becomes [`Unauthorized`](crate::ErrorKind::Unauthorized), with its text escaped.
    ///
    /// ```
    /// # fn fresh_token() -> Result<String, std::io::Error> { Ok("token".to_owned()) }
    /// let client = aicredits::Client::builder()
    ///     .credential_supplier(|| Ok(format!("Bearer {}", fresh_token()?)))
    ///     .scope(aicredits::Scope::Credential)
    ///     .build()?;
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn credential_supplier(
        mut self,
        supplier: impl Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        self.credential = Some(GivenCredential::Supplier(Arc::new(supplier)));
        self
    }

    /// Whose credits are asked for. Each of the four ways to say it replaces the one before.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Asks for an account: [`Scope::Account`].
    pub fn account(self, account_id: impl Into<String>) -> Self {
        self.scope(Scope::Account(account_id.into()))
    }

    /// Asks for a site: [`Scope::Site`].
    pub fn site(self, site_id: impl Into<String>) -> Self {
        self.scope(Scope::Site(site_id.into()))
    }

    /// Another server than Wix's: a proxy of your own, or an emulator. It may have a path, which is put before the
    /// API's.
    ///
    /// `https`, or `http` to a loopback address.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Lets the base URL be `http` to any host. The key then crosses the network for all to read.
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.allow_insecure_http = allow;
        self
    }

    /// The total time of a call, over all that it does. 35 s unless set; more than 0 and at most a day.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The most bytes of a reply that are read: [`Balance::MAX_JSON_BYTES`] (8 MiB) unless set; at most 1 GiB.
    pub fn max_reply_bytes(mut self, bytes: usize) -> Self {
        self.max_reply_bytes = Some(bytes);
        self
    }

    /// Reads `WIX_API_KEY`, `WIX_ACCOUNT_ID`, `WIX_SITE_ID` and `AICREDITS_BASE_URL` now, for whatever is not set
    /// otherwise, before or after. An empty variable counts as missing.
    ///
    /// With both ids in the environment [`build`](Self::build) refuses, unless a scope is named.
    pub fn from_env(mut self) -> Self {
        self.environment = Some(Environment {
            api_key: variable(Setting::ApiKey),
            account_id: variable(Setting::Account),
            site_id: variable(Setting::Site),
            base_url: variable(Setting::BaseUrl),
        });
        self
    }

    /// Checks every setting and makes the client. It opens no connection.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) names the first setting that is wrong or missing.
    pub fn build(self) -> Result<Client, Error> {
        let (environment, asked_environment) = match self.environment {
            Some(environment) => (environment, true),
            None => {
                (Environment { api_key: Ok(None), account_id: Ok(None), site_id: Ok(None), base_url: Ok(None) }, false)
            }
        };

        let fixed = |credential| CredentialSource::Fixed(Arc::new(credential));
        let credential = match (self.credential, environment.api_key) {
            (Some(GivenCredential::ApiKey(key)), _) => fixed(Credential::api_key(key)?),
            (Some(GivenCredential::Authorization(value)), _) => fixed(Credential::raw(value)?),
            (Some(GivenCredential::Supplier(supplier)), _) => CredentialSource::Supplier(supplier),
            (None, key) => match key? {
                Some(key) => fixed(Credential::api_key(key).map_err(from_variable(Setting::ApiKey))?),
                None => return Err(missing(Setting::ApiKey, "set WIX_API_KEY", "pass one", asked_environment)),
            },
        };

        let scope = match self.scope {
            Some(scope) => scope,
            None => match (environment.account_id?, environment.site_id?) {
                (Some(account), None) => checked(Scope::Account(account.to_string()), Setting::Account)?,
                (None, Some(site)) => checked(Scope::Site(site.to_string()), Setting::Site)?,
                (Some(_), Some(_)) => {
                    return Err(Setting::Scope.error(
                        "is not clear: WIX_ACCOUNT_ID and WIX_SITE_ID are both set; unset one, or name the scope",
                    ));
                }
                (None, None) => {
                    return Err(missing(
                        Setting::Scope,
                        "set WIX_ACCOUNT_ID or WIX_SITE_ID",
                        "name an account or a site",
                        asked_environment,
                    ));
                }
            },
        };
        check_scope(&scope, &credential)?;

        let endpoint = match (&self.base_url, environment.base_url) {
            (Some(url), _) => Endpoint::parse(url, self.allow_insecure_http)?,
            (None, url) => match url? {
                Some(url) => {
                    Endpoint::parse(&url, self.allow_insecure_http).map_err(from_variable(Setting::BaseUrl))?
                }
                None => Endpoint::parse(WIX, false)?,
            },
        };

        let timeout = self.timeout.unwrap_or(DEFAULT_TIMEOUT);
        check_timeout(timeout)?;

        let max_reply_bytes = self.max_reply_bytes.unwrap_or(Balance::MAX_JSON_BYTES);
        if !(1..=LARGEST_REPLY_LIMIT).contains(&max_reply_bytes) {
            return Err(Setting::MaxReplyBytes.error("is not between 1 byte and 1 GiB"));
        }

        Ok(Client::new(Http::new(endpoint, max_reply_bytes), credential, Arc::new(scope), timeout))
    }
}

/// Shows the settings, and of a credential only that there is one.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credential", &self.credential.as_ref().map(|_| "[redacted]"))
            .field("scope", &self.scope)
            .field("timeout", &self.timeout)
            .field("max_reply_bytes", &self.max_reply_bytes)
            .field("allow_insecure_http", &self.allow_insecure_http)
            .field("from_env", &self.environment.is_some())
            .finish_non_exhaustive()
    }
}

fn variable(setting: Setting) -> Variable {
    match std::env::var_os(setting.variable()) {
        None => Ok(None),
        Some(value) if value.is_empty() => Ok(None),
        Some(value) => match value.into_string() {
            Ok(value) => Ok(Some(Zeroizing::new(value))),
            Err(_) => Err(from_variable(setting)(setting.error("is not UTF-8"))),
        },
    }
}

fn from_variable(setting: Setting) -> impl Fn(Error) -> Error {
    move |error| Error::new(error.kind(), format!("{} (read from {})", error.message(), setting.variable()))
}

fn checked(scope: Scope, setting: Setting) -> Result<Scope, Error> {
    scope.check().map_err(from_variable(setting))?;
    Ok(scope)
}

fn missing(setting: Setting, by_variable: &str, by_argument: &str, asked_environment: bool) -> Error {
    match asked_environment {
        true => setting.error(format!("is not set: {by_variable}")),
        false => setting.error(format!("is not set: {by_argument}, or {by_variable} and use from_env")),
    }
}

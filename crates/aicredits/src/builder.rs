use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::client::{Client, check_scope};
use crate::environment::{Environment, FromEnv};
use crate::http::Http;
use crate::net::{Link, Lookup, Resolver};
use crate::retry::Retries;
use crate::settings::{Setting, Surface};
use crate::{Error, Scope};

mod connection;
mod credential;
mod scope;
mod values;

#[doc(hidden)]
pub use connection::WIX;

use scope::GivenScope;
use values::{Value, Values};

impl Client {
    /// The settings of a new client. A key and a scope are needed; the other settings have defaults.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from `WIX_API_KEY`, either of `WIX_ACCOUNT_ID` and `WIX_SITE_ID`, and `AICREDITS_BASE_URL` if set.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) names the setting that is wrong or missing.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().from_env().build()
    }
}

/// The settings of a [`Client`]. All of them are checked by [`build`](Self::build), before any socket opens.
///
/// ```
/// use std::time::Duration;
///
/// let client = aicredits::Client::builder()
///     .api_key("IST.example")
///     .account("8b1c0c4e-0000-0000-0000-000000000000")
///     .timeout(Duration::from_secs(5))
///     .build()?;
///
/// let error = aicredits::Client::builder().api_key("IST.example\n").account("8b1c").build().unwrap_err();
/// assert!(error.message().starts_with("api_key ends with a line break"));
/// # Ok::<(), aicredits::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "a client is made by build()"]
pub struct ClientBuilder {
    values: Values,
    scope: Option<GivenScope>,
    no_proxy: Option<String>,
    lookup: Option<Arc<Lookup>>,
    environment: Environment,
    from_env: Option<FromEnv>,
    surface: Surface,
}

impl ClientBuilder {
    /// The API key, such as `IST.…`, sent as it stands. It replaces an earlier key, authorization value or provider.
    ///
    /// Our copies of it are wiped when they are dropped; the copies that TLS and the kernel make in passing are not
    /// ours to wipe.
    pub fn api_key(self, api_key: impl Into<String>) -> Self {
        self.with(Setting::ApiKey, Value::Text(Zeroizing::new(api_key.into())))
    }

    /// The whole value of the `Authorization` header, for another credential than an API key. It replaces an earlier
    /// key, authorization value or provider.
    ///
    /// Wix documents API keys for this API. Whether its other tokens reach it is not known.
    pub fn authorization(self, value: impl Into<String>) -> Self {
        self.with(Setting::Authorization, Value::Text(Zeroizing::new(value.into())))
    }

    /// Asks a function for the value of the `Authorization` header, for credentials that expire. It replaces an earlier
    /// key, authorization value or provider.
    ///
    /// It is asked once a call, on the caller's thread, with no lock held, and its time counts towards the call's
    /// timeout. After an HTTP 401 it is asked once more, and if its value differs the request goes once more. Its error
    /// becomes [`Unauthorized`](crate::ErrorKind::Unauthorized), with its text escaped.
    ///
    /// ```
    /// # fn fresh_token() -> Result<String, std::io::Error> { Ok("token".to_owned()) }
    /// let client = aicredits::Client::builder()
    ///     .credential_provider(|| Ok(format!("Bearer {}", fresh_token()?)))
    ///     .scope(aicredits::Scope::Credential)
    ///     .build()?;
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn credential_provider(
        self,
        provider: impl Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        self.with(Setting::CredentialProvider, Value::Provider(Arc::new(provider)))
    }

    /// Whose credits are asked for. Each of the ways to say it replaces the one before.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(GivenScope::Default(scope));
        self
    }

    /// Gives the client no scope: each call names its own. A call that names none fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), and nothing is sent. It replaces an earlier scope.
    ///
    /// ```
    /// let client = aicredits::Client::builder().api_key("IST.example").per_call_scope().build()?;
    /// assert_eq!(client.scope(), None);
    /// assert!(client.get_balance().unwrap_err().message().starts_with("scope is not set"));
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn per_call_scope(mut self) -> Self {
        self.scope = Some(GivenScope::PerCall);
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
    /// `https`, or `http` to a loopback host: 127.0.0.0/8, `::1`, or `localhost`, which is never looked up.
    pub fn base_url(self, base_url: impl Into<String>) -> Self {
        self.with(Setting::BaseUrl, Value::Text(Zeroizing::new(base_url.into())))
    }

    /// Lets the base URL be `http` to any host, and through any proxy. The key then crosses the network in clear text.
    pub fn allow_insecure_http(self, allow: bool) -> Self {
        self.with(Setting::AllowInsecureHttp, Value::Flag(allow))
    }

    /// The total time of a call, over all that it does. 35 s unless set; more than 0 and at most a day.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(Setting::Timeout, Value::Time(timeout))
    }

    /// The most bytes of a reply that are read: 8 MiB unless set; at most
    /// [`Balance::MAX_JSON_BYTES`] (1 GiB).
    pub fn max_reply_bytes(self, bytes: usize) -> Self {
        self.with(Setting::MaxReplyBytes, Value::Number(bytes))
    }

    /// How often a failed call is repeated: 2 unless set; at most 10; 0 for never.
    ///
    /// Repeated are connection failures and the statuses 429, 500, 502, 503 and 504, after a pause that grows and is
    /// spread at random, or as long as the server asks; always within the call's timeout. All calls of a client share
    /// a budget, so that an outage is not made worse. Certificate failures and other statuses are never repeated.
    pub fn max_retries(self, retries: u32) -> Self {
        self.with(Setting::MaxRetries, Value::Number(retries as usize))
    }

    /// How many of the client's calls run at once, and so how many connections it opens: 64 unless set; 1 to 4096.
    ///
    /// A call beyond that waits until one ends, first come first served, within its own timeout; it can be cancelled
    /// meanwhile. A call that pauses before a retry goes on counting.
    pub fn max_concurrency(self, calls: u32) -> Self {
        self.with(Setting::MaxConcurrency, Value::Number(calls as usize))
    }

    /// Trusts the certificate authorities in this PEM file, and no others. It is read by [`build`](Self::build). It
    /// replaces an earlier file or text.
    ///
    /// Unless set, the operating system's authorities are trusted (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others), or
    /// bundled ones where the system has none. Both variables are read by [`build`](Self::build), the files at the first
    /// `https` call.
    ///
    /// A file that is no regular file, or larger than 16 MiB, is refused. A network file system that hangs blocks the
    /// call that reads the file, past its timeout.
    pub fn ca_file(self, path: impl Into<PathBuf>) -> Self {
        self.with(Setting::CaFile, Value::Path(path.into()))
    }

    /// As [`ca_file`](Self::ca_file), from the file's text, and with the same limit of 16 MiB.
    pub fn ca_pem(self, pem: impl Into<Vec<u8>>) -> Self {
        self.with(Setting::CaPem, Value::Pem(pem.into()))
    }

    /// Reaches the server through this HTTP proxy, which is asked by CONNECT: `http://proxy.example:3128`, or
    /// `https://` for a proxy that is itself spoken to over TLS. A name and a password may stand before the host:
    /// `http://user:password@proxy.example:3128`, with what is special in a URL percent-encoded.
    ///
    /// With an `http` base URL the proxy reads the key, so it must be on this machine, or
    /// [`allow_insecure_http`](Self::allow_insecure_http) be set.
    ///
    /// Unless this or [`proxy_from_env`](Self::proxy_from_env) is set, no proxy is used, whatever the environment says.
    pub fn proxy(self, url: impl Into<String>) -> Self {
        self.with(Setting::Proxy, Value::Text(Zeroizing::new(url.into())))
    }

    /// Reads the proxy from the environment when the client is built, unless [`proxy`](Self::proxy) names one:
    /// `https_proxy` or `HTTPS_PROXY` for an `https` server, `http_proxy` for an `http` one, else `all_proxy` or
    /// `ALL_PROXY`. Hosts in `no_proxy`, or else in `NO_PROXY`, and loopback hosts (127.0.0.0/8, `::1`, `localhost`) get
    /// none. An empty variable is unset. A value that cannot be used is refused, never skipped.
    pub fn proxy_from_env(self, read: bool) -> Self {
        self.with(Setting::ProxyFromEnv, Value::Flag(read))
    }

    /// The hosts that are reached without a proxy, as in `NO_PROXY`, whether [`proxy`](Self::proxy) or the environment
    /// names it. The variables `no_proxy` and `NO_PROXY` are then not read. For the command, which has curl's options.
    #[doc(hidden)]
    pub fn no_proxy(mut self, list: impl Into<String>) -> Self {
        self.no_proxy = Some(list.into());
        self
    }

    /// What log records call this client, where a process has several. At most 64 characters.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with(Setting::Name, Value::Text(Zeroizing::new(name.into())))
    }

    /// Looks hosts up with this instead of the system's resolver. For tests.
    #[doc(hidden)]
    pub fn lookup(mut self, lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        self.lookup = Some(Arc::new(lookup));
        self
    }

    /// Names settings in messages as this surface does. For bindings.
    #[doc(hidden)]
    pub fn surface(mut self, surface: Surface) -> Self {
        self.surface = surface;
        self
    }

    /// Reads every variable from these pairs instead of the environment of the process: for [`from_env`](Self::from_env),
    /// for [`proxy_from_env`](Self::proxy_from_env), and `SSL_CERT_FILE` and `SSL_CERT_DIR`. A variable without a pair is
    /// unset. The order of this call and `from_env` does not matter.
    ///
    /// For hosts that change the environment of the process while other threads run. A call reads no variable, but
    /// glibc's `getaddrinfo`, which looks up the host's name, reads `LOCALDOMAIN`, `RES_OPTIONS` and `HOSTALIASES` by
    /// itself. It is not called for addresses and `localhost`.
    pub fn environment(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>,
    ) -> Self {
        self.environment = Environment::of(variables);
        if self.from_env.is_some() { self.from_env() } else { self }
    }

    /// Reads `WIX_API_KEY`, `WIX_ACCOUNT_ID`, `WIX_SITE_ID` and `AICREDITS_BASE_URL` now, for whatever is not set
    /// otherwise, before or after. An empty variable counts as unset.
    ///
    /// With both ids in the environment [`build`](Self::build) refuses, unless a scope is named.
    pub fn from_env(mut self) -> Self {
        self.from_env = Some(FromEnv::read(&self.environment));
        self
    }

    /// Checks every setting and makes the client. It opens no connection.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) names the first setting that is wrong or missing.
    pub fn build(self) -> Result<Client, Error> {
        let surface = self.surface;
        self.checked().map_err(|error| error.worded_for(surface))
    }

    /// The checks follow the order of the settings in the table.
    fn checked(self) -> Result<Client, Error> {
        let Self { values, scope, no_proxy, lookup, environment, from_env, surface } = self;
        let (values, environment) = (&values, &environment);
        let variables = from_env.unwrap_or_default().worded_for(surface);

        let credential = credential::credential(values, &variables)?;
        let scope = scope::scope(scope, &variables)?;
        scope.iter().try_for_each(|scope| check_scope(scope, &credential, Setting::IDS))?;
        let endpoint = connection::endpoint(values, &variables)?;
        let timeout = values.time(Setting::Timeout)?;
        let max_reply_bytes = values.number(Setting::MaxReplyBytes)?;
        let max_retries = values.number(Setting::MaxRetries)?;
        let max_concurrency = values.number(Setting::MaxConcurrency)?;
        let trust = connection::trust(values, environment)?;
        let proxy = connection::proxy(values, &endpoint, environment, no_proxy.as_deref())?;
        let name = name(values)?;

        let resolver = lookup.map(Resolver::new);
        let link = Link { trust, proxy, max_concurrency, resolver };
        let http = Http::new(endpoint, max_reply_bytes, name, link);
        let retries = Retries::new(max_retries as u32);
        Ok(Client::new(http, credential, scope.map(Arc::new), timeout, retries, surface))
    }

    fn with(mut self, setting: Setting, value: Value) -> Self {
        self.values.set(setting, value);
        self
    }
}

fn name(values: &Values) -> Result<String, Error> {
    let name = values.text(Setting::Name).map(|name| name.to_string()).unwrap_or_default();
    let max = Setting::Name.kind().max_characters();
    if name.chars().count() > max || name.chars().any(char::is_control) {
        return Err(Setting::Name.error(format!("is longer than {max} characters or has control characters")));
    }
    Ok(name)
}

/// Shows the given settings. Of a text it shows only that it is set, because it may be a credential.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ClientBuilder");
        for (name, value) in self.values.shown() {
            out.field(name, &format_args!("{value}"));
        }
        out.field("scope", &self.scope)
            .field("environment", &self.environment)
            .field("from_env", &self.from_env.is_some())
            .finish_non_exhaustive()
    }
}

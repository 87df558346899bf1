//! `Emulator`: a server, and the handler of actions.

use std::fmt;
use std::io;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::control::{self, ControlReply};
use crate::front::Front;
use crate::protocol::{
    AssumptionsChange, ClockChange, ControlError, ErrorBody, Fault, ScenarioChoice, State, VerdictQuery,
};
use crate::scenarios;
use crate::script::{Listen, Script, Server, Tls};
use crate::secret::Secret;
use crate::shared::Shared;

/// How to start an emulator. In JSON, each member is optional.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The scenario. `None`: `example`.
    pub scenario: Option<ScenarioChoice>,
    /// The address to listen on, or a name of one. `None`: 127.0.0.1.
    pub host: Option<String>,
    /// The port. 0: a free one.
    pub port: u16,
    /// Whether to serve HTTPS, with a certificate authority of the emulator's own.
    pub tls: bool,
    /// Changes the scenario's clock.
    pub clock: Option<ClockChange>,
    /// Changes the scenario's assumptions.
    pub assumptions: AssumptionsChange,
    /// Faults after those of the scenario.
    pub faults: Vec<Fault>,
    /// Allows control requests on an address that is not loopback, with `Authorization: Bearer` and this token.
    pub control_token: Option<Secret>,
}

/// Why an emulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// An option is wrong, or there is no such scenario.
    Options(ControlError),
    /// It cannot listen.
    Listen(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(error) => error.fmt(f),
            Self::Listen(error) => write!(f, "cannot listen: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<ControlError> for StartError {
    fn from(error: ControlError) -> Self {
        Self::Options(error)
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Listen(error)
    }
}

/// A running emulator. Dropping it stops its server and joins its threads. Thread-safe.
pub struct Emulator {
    server: Server,
    shared: Arc<Shared>,
    introduction: Introduction,
}

impl Emulator {
    /// Starts with the example of the API's page, on a free port of 127.0.0.1.
    pub fn start() -> Result<Self, StartError> {
        Self::with(Options::default())
    }

    /// Starts with these options.
    pub fn with(options: Options) -> Result<Self, StartError> {
        let scenario = scenarios::load(options.scenario.unwrap_or_else(|| "example".into()))?;
        let introduction = Introduction::of(&scenario);
        let host = options.host.unwrap_or_default();
        let tls = options.tls.then(|| Tls::generate(Some(&host))).transpose()?;
        let ca_pem = tls.as_ref().and_then(Tls::ca_pem).map(str::to_owned);
        let shared = Arc::new(Shared::new(scenario, host.clone(), ca_pem)?);
        let script = Script::service(Arc::new(Front { shared: Arc::clone(&shared) }));
        let server = Server::listen(script, &Listen { host, port: options.port, tls })?;
        let _ = shared.addr.set(server.addr());
        let _ = shared.url.set(server.url());
        Ok(Self { server, shared, introduction })
    }

    /// The base URL, `http://127.0.0.1:<port>` or `https://…`; [`PATH`](crate::PATH) comes after it.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The first key with account-level access at the start; empty if there was none.
    pub fn api_key(&self) -> &str {
        &self.introduction.api_key
    }

    /// The first key with site-level access alone; empty if there was none.
    pub fn site_key(&self) -> &str {
        &self.introduction.site_key
    }

    /// The first account; empty if there was none.
    pub fn account_id(&self) -> &str {
        &self.introduction.account_id
    }

    /// The first site of the first account; empty if there was none.
    pub fn site_id(&self) -> &str {
        &self.introduction.site_id
    }

    /// The certificate authority, for a client's `ca_file`. `None` without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.shared.ca_pem.as_deref()
    }

    /// The server underneath, for its counts of connections.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Runs an action of the control protocol, as `POST /_emulator/<action>` does. The reply has the same bytes.
    pub fn control(&self, action: &str, request: &str) -> ControlReply {
        control::run(&self.shared, action, request)
    }

    /// Runs an action with its types.
    pub(crate) fn act<Q: Serialize, R: DeserializeOwned>(&self, action: &str, request: &Q) -> Result<R, ControlError> {
        let request = serde_json::to_string(request).expect("a request always serialises");
        let reply = self.control(action, &request);
        if reply.status == 200 {
            return Ok(serde_json::from_str(&reply.json).expect("a reply has its type"));
        }
        let ErrorBody { error: problem, details } = serde_json::from_str(&reply.json).expect("an error has its type");
        Err(ControlError { status: reply.status, problem, details })
    }

    /// Asserts that the default rules of the [verdict](Self::verdict) find nothing.
    ///
    /// A test that makes the same call twice on purpose, after a refusal that cannot change, separates the two calls with
    /// [`mark`](Self::mark).
    ///
    /// # Panics
    /// If they find something, with all findings and their evidence.
    #[track_caller]
    pub fn assert_good_client(&self) {
        self.assert_good_client_by(&VerdictQuery::default());
    }

    /// As [`assert_good_client`](Self::assert_good_client), with other rules.
    ///
    /// # Panics
    /// If they find something, with all findings and their evidence.
    #[track_caller]
    pub fn assert_good_client_by(&self, query: &VerdictQuery) {
        let verdict = self.verdict(query).expect("a verdict is always given");
        assert!(verdict.good, "{verdict}");
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("server", &self.server).finish_non_exhaustive()
    }
}

/// The values that a caller needs. They are copies, so that references to them need no lock.
#[derive(Default)]
struct Introduction {
    api_key: Secret,
    site_key: Secret,
    account_id: String,
    site_id: String,
}

impl Introduction {
    fn of(scenario: &State) -> Self {
        let secret = |wanted: fn(&crate::protocol::Key) -> bool| {
            scenario.keys.iter().find(|key| wanted(key)).map(|key| key.secret.clone()).unwrap_or_default()
        };
        let account = scenario.accounts.first();
        let site = account.and_then(|account| account.sites.first());
        Self {
            api_key: secret(|key| !key.accounts.is_empty()),
            site_key: secret(|key| key.accounts.is_empty() && !key.sites.is_empty()),
            account_id: account.map(|account| account.account.clone()).unwrap_or_default(),
            site_id: site.map(|site| site.site.clone()).unwrap_or_default(),
        }
    }
}

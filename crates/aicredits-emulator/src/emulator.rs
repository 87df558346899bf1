//! `Emulator`: a server, and the handler of actions.

use std::fmt;
use std::io;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::control::{self, ControlReply, with_actions};
use crate::front::Front;
use crate::protocol::*;
use crate::read;
use crate::scenarios;
use crate::script::{Listen, Script, Server, Tls};
use crate::secret::Secret;
use crate::shared::{Observer, Shared, Start};

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
    /// Control requests over HTTP need `Authorization: Bearer` and this token. `None`: they need none on a loopback address,
    /// and do not exist on any other.
    pub control_token: Option<Secret>,
    /// Gets each request when its reply has ended. JSON cannot have one.
    #[serde(skip)]
    pub observer: Option<Observer>,
}

impl Options {
    /// The scenario with the changes that the options make.
    fn scenario(&mut self) -> Result<State, ControlError> {
        let mut scenario = scenarios::load(self.scenario.take().unwrap_or_else(|| "example".into()))?;
        if let Some(clock) = &self.clock {
            scenario.clock.now = clock.now.unwrap_or(scenario.clock.now);
            scenario.clock.mode = clock.mode.unwrap_or(scenario.clock.mode);
            scenario.clock.speed = clock.speed.unwrap_or(scenario.clock.speed);
            if clock.advance_ms.is_some() {
                return Err(ControlError::invalid("/clock/advance_ms", "an emulator starts at an instant: use now"));
            }
        }
        if self.control_token.as_deref().is_some_and(str::is_empty) {
            return Err(ControlError::invalid("/control_token", "the control token must not be empty"));
        }
        scenario.assumptions.apply(&self.assumptions);
        scenario.faults.append(&mut self.faults);
        Ok(scenario)
    }
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

impl StartError {
    /// The status that it has across languages: 400 for a wrong option, 404 if there is no such scenario, 500 if it cannot
    /// listen.
    pub fn status(&self) -> u16 {
        match self {
            Self::Options(error) => error.status,
            Self::Listen(_) => 500,
        }
    }

    /// The error as an action's reply has it, `{"error":{"code":…,"message":…}}`.
    pub fn json(&self) -> String {
        let reply = match self {
            Self::Options(error) => error.clone(),
            Self::Listen(_) => ControlError::new(500, "cannot_listen", self.to_string()),
        };
        ControlReply::from(reply).json
    }
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
        Self::answering(options, None)
    }

    /// Starts with the replies of a script, to judge a client by them. Every request counts as one of the API, whose path
    /// ends with [`PATH`](crate::PATH). Journal and verdict are as always; faults and the ledger do nothing, and the control
    /// protocol is there in the process alone.
    ///
    /// ```
    /// use aicredits_emulator::{Emulator, script::Reply};
    ///
    /// let emulator = Emulator::scripted([Reply::status(503).header("Retry-After", "1"), Reply::json(200, "{}")])?;
    /// // A client calls `emulator.url()` here.
    /// emulator.assert_good_client();
    /// # Ok::<(), aicredits_emulator::StartError>(())
    /// ```
    pub fn scripted(script: impl Into<Script>) -> Result<Self, StartError> {
        Self::scripted_with(Options::default(), script)
    }

    /// As [`scripted`](Self::scripted), with these options: over TLS, for example.
    pub fn scripted_with(options: Options, script: impl Into<Script>) -> Result<Self, StartError> {
        Self::answering(options, Some(script.into()))
    }

    fn answering(mut options: Options, script: Option<Script>) -> Result<Self, StartError> {
        let faults = options.faults.len();
        let scenario = options.scenario()?;
        let places = Places { clock: options.clock.is_some(), faults: scenario.faults.len() - faults };
        let Options { host, port, tls, control_token, observer, .. } = options;
        let host = host.unwrap_or_default();
        let tls = tls.then(|| Tls::generate(Some(&host))).transpose()?;
        let ca_pem = tls.as_ref().and_then(Tls::ca_pem).map(str::to_owned);
        let start = Start { scenario, host: host.clone(), ca_pem, control_token, observer };
        let shared = Arc::new(Shared::new(start).map_err(|error| places.of_option(error))?);
        let introduction = Introduction::of(&shared.state());
        let script = Script::service(Arc::new(Front { shared: Arc::clone(&shared), script }));
        let server = Server::listen(script, &Listen { host, port, tls, ..Listen::default() })?;
        let _ = shared.addr.set(server.addr());
        let _ = shared.url.set(server.url());
        Ok(Self { server, shared, introduction })
    }

    /// Starts with options in JSON: an object with the members of [`Options`]. Blank text is `{}`.
    pub fn from_json(options: &str) -> Result<Self, StartError> {
        Self::with(read::read(options)?)
    }

    /// One of `url`, `api_key`, `site_key`, `account_id`, `site_id` and `ca_pem`. `None`: the emulator has none, or there is no
    /// such name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let value = match name {
            "url" => self.shared.url.get().map_or("", String::as_str),
            "api_key" => self.api_key(),
            "site_key" => self.site_key(),
            "account_id" => self.account_id(),
            "site_id" => self.site_id(),
            "ca_pem" => self.ca_pem().unwrap_or_default(),
            _ => "",
        };
        (!value.is_empty()).then_some(value)
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

macro_rules! wrappers {
    ($(#[doc = $about:literal] $name:ident($request:ty) -> $reply:ty $(, $changes:ident)? $(; $get:ident)?;)*) => {
        /// One method for each action of the control protocol.
        impl Emulator {
            $(
                #[doc = $about]
                pub fn $name(&self, request: &$request) -> Result<$reply, ControlError> {
                    self.act(stringify!($name), request)
                }
            )*
        }
    };
}

with_actions! { wrappers }

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The server joins the threads of connections, and one may be in the action `wait`.
        if !self.server.is_inherited() {
            self.shared.stop();
        }
    }
}

/// Which parts of a scenario are from the options, to name their places in errors.
struct Places {
    clock: bool,
    /// How many faults the scenario itself has.
    faults: usize,
}

impl Places {
    /// The pointer of an error of the scenario becomes one of the options.
    fn of_option(&self, error: ControlError) -> ControlError {
        let pointer = error.problem.pointer.clone().unwrap_or_default();
        if self.clock && pointer.starts_with("/clock/") {
            return error;
        }
        if let Some((index, rest)) =
            pointer.strip_prefix("/faults/").map(|rest| rest.split_at(rest.find('/').unwrap_or(rest.len())))
            && let Some(index) = index.parse::<usize>().ok().and_then(|index| index.checked_sub(self.faults))
        {
            return error.at(format!("/faults/{index}{rest}"));
        }
        error.within("/scenario")
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

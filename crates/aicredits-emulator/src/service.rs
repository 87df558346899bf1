//! The service: one handler on the script layer, which answers GetBalance from the ledger.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::balance::Balance;
use crate::clock::Clock;
use crate::errors::Refusal;
use crate::ledger::{Account, Key, Ledger, Source};
use crate::script::{Reply, Request, Script, Server};

/// The path of GetBalance.
pub const PATH: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";

/// A running emulator. Dropping it stops its server.
pub struct Emulator {
    server: Server,
    shared: Arc<Shared>,
    introduction: Introduction,
}

impl Emulator {
    /// Starts with the [example](crate::example) of the API's page.
    pub fn start() -> io::Result<Self> {
        Self::with(Ledger::example())
    }

    /// Starts with this ledger.
    pub fn with(ledger: Ledger) -> io::Result<Self> {
        let introduction = Introduction::of(&ledger);
        let shared = Arc::new(Shared { ledger: Mutex::new(ledger), replies: AtomicU64::new(0) });
        let server = Server::start(Script::handler({
            let shared = Arc::clone(&shared);
            move |request| shared.answer(request)
        }))?;
        Ok(Self { server, shared, introduction })
    }

    /// The base URL, `http://127.0.0.1:<port>`; [`PATH`] comes after it.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The first key with account-level access in the ledger at the start; empty if there was none.
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

    /// The requests so far: see [`Server::journal`].
    pub fn journal(&self) -> Vec<Request> {
        self.server.journal()
    }

    /// The server underneath, for its counts and waits.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The ledger, for reading and changes. Requests wait while you hold its lock.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.shared.ledger()
    }

    /// The clock. While you hold the ledger's lock, use [`Ledger::set_now`] instead.
    pub fn clock(&self) -> Clock<'_> {
        Clock { ledger: &self.shared.ledger }
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
    api_key: String,
    site_key: String,
    account_id: String,
    site_id: String,
}

impl Introduction {
    fn of(ledger: &Ledger) -> Self {
        let secret = |wanted: fn(&Key) -> bool| {
            ledger.keys.iter().find(|key| wanted(key)).map(|key| key.secret.clone()).unwrap_or_default()
        };
        let account = ledger.accounts.first();
        Self {
            api_key: secret(|key| !key.accounts.is_empty()),
            site_key: secret(|key| key.accounts.is_empty() && !key.sites.is_empty()),
            account_id: account.map(|account| account.id.clone()).unwrap_or_default(),
            site_id: account.and_then(|account| account.sites.first().cloned()).unwrap_or_default(),
        }
    }
}

/// State that the connections' threads share with the owner of the emulator.
#[derive(Debug)]
pub(crate) struct Shared {
    ledger: Mutex<Ledger>,
    replies: AtomicU64,
}

impl Shared {
    /// A test that panics while it holds the lock may leave a change incomplete. The ledger stays usable.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Reply {
        let ledger = self.ledger();
        let reply = balance(&ledger, request).unwrap_or_else(|refusal| refusal.reply());
        let number = self.replies.fetch_add(1, Ordering::Relaxed);
        reply.header("Date", http_date(ledger.now())).header("x-wix-request-id", request_id(ledger.now(), number))
    }
}

/// The form is Wix's, `1755591144.0791725973…`; what the digits mean there is not known.
fn request_id(now: Timestamp, number: u64) -> String {
    format!("{}.{number:020}", now.as_second())
}

fn http_date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn balance(ledger: &Ledger, request: &Request) -> Result<Reply, Refusal> {
    check_route(request)?;
    let key = authenticate(ledger, request)?;
    check_body(&request.body)?;
    let sources = sources_in_scope(ledger, key, request)?;
    let body = serde_json::to_vec(&Balance::of(&sources)).expect("numbers and text always serialise");
    Ok(Reply::json(200, body))
}

fn check_route(request: &Request) -> Result<(), Refusal> {
    let path = request.target.split('?').next();
    match (request.method.as_str(), path) {
        ("POST", Some(PATH)) => Ok(()),
        ("POST", _) => Err(Refusal::NoPath),
        _ => Err(Refusal::NoMethod),
    }
}

fn authenticate<'a>(ledger: &'a Ledger, request: &Request) -> Result<&'a Key, Refusal> {
    let status = ledger.assumptions.refused_key_status;
    let Some(secret) = request.header("authorization") else {
        return Err(Refusal::standard(status, "The request has no Authorization header"));
    };
    let key = ledger.keys.iter().find(|key| key.secret == secret);
    key.ok_or_else(|| Refusal::standard(status, "The value of the Authorization header is no valid credential"))
}

fn check_body(body: &[u8]) -> Result<(), Refusal> {
    match serde_json::from_slice(body) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err(Refusal::Validation { violation: "the body must be a JSON object" }),
        Err(_) => Err(Refusal::Validation { violation: "the body must be valid JSON" }),
    }
}

/// The sources that the key can see, of those that the request names. If the key has access to both, the account wins.
fn sources_in_scope<'a>(ledger: &'a Ledger, key: &'a Key, request: &Request) -> Result<Vec<&'a Source>, Refusal> {
    let mut account_id = request.header("wix-account-id");
    let mut site_id = request.header("wix-site-id");
    if account_id.is_none() && site_id.is_none() && key.carries_context {
        account_id = key.accounts.first().map(String::as_str);
        site_id = key.sites.first().map(String::as_str);
    }
    let account = account_id.map(|id| account_scope(ledger, key, id));
    let site = site_id.map(|id| site_scope(ledger, key, id));
    match (account, site) {
        (None, None) => Err(Refusal::no_context()),
        (Some(scope), None) | (None, Some(scope)) => scope,
        (Some(account), Some(site)) => account.or_else(|refusal| site.map_err(|_| refusal)),
    }
}

fn account_scope<'a>(ledger: &'a Ledger, key: &Key, id: &str) -> Result<Vec<&'a Source>, Refusal> {
    let Some(account) = ledger.accounts.iter().find(|account| account.id == id) else {
        return Err(Refusal::standard(ledger.assumptions.unknown_id_status, "There is no account with this id"));
    };
    if !key.accounts.iter().any(|allowed| allowed == id) {
        return Err(Refusal::standard(403, "This credential has no access to the account"));
    }
    Ok(account.sources.iter().collect())
}

fn site_scope<'a>(ledger: &'a Ledger, key: &Key, id: &str) -> Result<Vec<&'a Source>, Refusal> {
    let has_site = |account: &&Account| account.sites.iter().any(|site| site == id);
    let Some(account) = ledger.accounts.iter().find(has_site) else {
        return Err(Refusal::standard(ledger.assumptions.unknown_id_status, "There is no site with this id"));
    };
    if !key.sites.iter().any(|allowed| allowed == id) {
        return Err(Refusal::standard(403, "This credential has no access to the site"));
    }
    Ok(account.sources.iter().filter(|source| source.site.as_deref() == Some(id)).collect())
}

//! The two clients under test, behind one interface.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Deserialize;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// No fixture and no message contains it, so each occurrence in an output is a leak.
pub(crate) const KEY: &str = "IST.canary-51c8d2e7-not-a-real-key";
const ACCOUNT: &str = "account-1";

/// The limit of a wait that must end much earlier.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The balance of the periodic credits, or why there is none.
pub(crate) type Answer = Result<Option<i64>, Failure>;
pub(crate) type Ask = Box<dyn Fn() -> Answer + Send + Sync>;

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: String,
    /// All texts of the error, with every formatter.
    pub(crate) text: String,
}

/// The settings of a client.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) timeout: Duration,
    pub(crate) names: Option<Names>,
}

/// A resolver's answer to any name, and the number of its calls.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) asked: Arc<AtomicUsize>,
}

impl Setup {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), key: KEY.to_owned(), timeout: PATIENCE, names: None }
    }
}

pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// Makes a client, or refuses to.
    pub(crate) make: fn(Setup) -> Result<Ask, Failure>,
}

pub(crate) const OURS: Subject = Subject { name: "ours", make: ours };
pub(crate) const STOCK: Subject = Subject { name: "stock", make: stock };

impl Subject {
    pub(crate) fn client(&self, url: impl Into<String>) -> Ask {
        (self.make)(Setup::new(url)).expect("the settings are good")
    }
}

/// A client without retries, so that each fault is visible.
pub(crate) fn builder(setup: Setup) -> aicredits::ClientBuilder {
    let builder = aicredits::Client::builder().api_key(setup.key).account(ACCOUNT).base_url(setup.url);
    let builder = builder.allow_insecure_http(true).max_retries(0).timeout(setup.timeout);
    match setup.names {
        None => builder,
        Some(Names { addresses, asked }) => builder.lookup(move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(addresses.clone())
        }),
    }
}

fn ours(setup: Setup) -> Result<Ask, Failure> {
    let failure = |error: aicredits::Error| {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(KEY), "the key is in an error: {text}");
        Failure { kind: format!("{:?}", error.kind()), text }
    };
    let client = builder(setup).build().map_err(failure)?;
    Ok(Box::new(move || {
        let balance = client.get_balance().map_err(failure)?;
        Ok(balance.periodic_credits().and_then(|credits| credits.balance()))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    periodic_credits: Option<Credits>,
}

#[derive(Deserialize)]
struct Credits {
    balance: Option<i64>,
}

/// As in its documentation's examples, with a timeout so that the test ends.
fn stock(setup: Setup) -> Result<Ask, Failure> {
    let config = ureq::Agent::config_builder().timeout_global(Some(setup.timeout)).build();
    let agent = match setup.names {
        None => ureq::Agent::new_with_config(config),
        Some(names) => ureq::Agent::with_parts(config, DefaultConnector::new(), names),
    };
    let Setup { url, key, .. } = setup;
    let url = url + "/appmarket/credittransactions/v1/credit-transactions/balance";
    Ok(Box::new(move || {
        let request = agent.post(&url).header("Authorization", &key).header("wix-account-id", ACCOUNT);
        let mut response = request.content_type("application/json").send("{}").map_err(|error| {
            let kind = match &error {
                ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "Tls",
                ureq::Error::Timeout(_) => "Timeout",
                ureq::Error::Io(_) => "Network",
                _ => "Other",
            };
            Failure { kind: kind.to_owned(), text: format!("{error} {error:?}") }
        })?;
        let reply: Reply = serde_json::from_reader(response.body_mut().as_reader())
            .map_err(|error| Failure { kind: "Decode".to_owned(), text: error.to_string() })?;
        Ok(reply.periodic_credits.and_then(|credits| credits.balance))
    }))
}

impl Resolver for Names {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let port = uri.port_u16().ok_or_else(|| io::Error::other("the URL has no port"))?;
        let mut all = self.empty();
        for address in &self.addresses {
            all.push(SocketAddr::new(*address, port));
        }
        Ok(all)
    }
}

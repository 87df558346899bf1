//! One exchange with the server, on ureq.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{HeaderMap, HeaderValue, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};

use crate::contract::Setting;
use crate::credential::Credential;
use crate::{Error, ErrorKind, Scope, Timestamp, roots};

mod seal;

const PATH: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";
const USER_AGENT: &str = concat!("aicredits/", env!("CARGO_PKG_VERSION"));

/// More of an error's body is not read: the status has said what matters.
const MAX_ERROR_BODY_BYTES: u64 = 64 << 10;

/// Where the requests go.
pub(crate) struct Endpoint {
    uri: Uri,
    /// Host and port as the user wrote them, for messages.
    authority: String,
    is_https: bool,
}

impl Endpoint {
    pub(crate) fn parse(base_url: &str, allow_insecure_http: bool) -> Result<Self, Error> {
        let refuse = |fault: &str| Err(Setting::BaseUrl.error(fault));
        // Looked at first, and never shown: a URL may hold a password.
        if base_url.contains('@') {
            return refuse("must not hold a user name or password");
        }
        if base_url.contains(['?', '#']) {
            return refuse("must not have a query or a fragment");
        }
        let scheme = base_url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_https = match scheme.as_deref() {
            Some("https") => true,
            Some("http") => false,
            _ if base_url.is_empty() => return refuse("is empty"),
            _ => return refuse("begins with neither https:// nor http://"),
        };
        let Ok(uri) = format!("{}{PATH}", base_url.trim_end_matches('/')).parse::<Uri>() else {
            return refuse("is no URL, such as https://www.wixapis.com");
        };
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return refuse("has no host; it looks like https://www.wixapis.com");
        };
        let has_port = authority.as_str().len() > authority.host().len();
        if has_port && authority.port_u16().is_none_or(|port| port == 0) {
            return refuse("has no valid port");
        }
        if !is_https && !allow_insecure_http && !is_loopback(authority.host()) {
            return refuse(
                "is http to another machine, where the key could be read on its way; use https, or allow_insecure_http",
            );
        }
        Ok(Self { authority: authority.to_string(), uri, is_https })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(crate) struct Request<'a> {
    pub(crate) credential: &'a Arc<Credential>,
    pub(crate) scope: &'a Scope,
    pub(crate) deadline: Instant,
    /// What the user set, for messages.
    pub(crate) timeout: Duration,
}

/// A reply with a head that was understood. Its body may have failed on its own.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) retry_after: Option<Duration>,
    /// Otherwise the body ends where the connection does.
    pub(crate) has_length: bool,
    pub(crate) body: Result<Vec<u8>, Error>,
}

pub(crate) struct Http {
    endpoint: Endpoint,
    max_reply_bytes: usize,
    /// Made at the first call: only then does an `https` client need the machine's roots.
    agent: OnceLock<Agent>,
}

impl Http {
    pub(crate) fn new(endpoint: Endpoint, max_reply_bytes: usize) -> Self {
        Self { endpoint, max_reply_bytes, agent: OnceLock::new() }
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Reply, Error> {
        let _sealed = seal::credential_for_this_call(request.credential);
        let agent = self.agent.get_or_init(|| agent(self.endpoint.is_https));
        let header =
            |value: &str| HeaderValue::from_str(value).map_err(|_| unexpected("a checked value is no header value"));

        let mut post = agent
            .post(&self.endpoint.uri)
            .config()
            .timeout_global(Some(request.deadline.saturating_duration_since(Instant::now())))
            .build()
            .header("authorization", seal::placeholder(request.credential)?)
            .header("content-type", "application/json");
        if let Some(id) = request.scope.account_id() {
            post = post.header("wix-account-id", header(id)?);
        }
        if let Some(id) = request.scope.site_id() {
            post = post.header("wix-site-id", header(id)?);
        }
        let response = post.send(b"{}").map_err(|error| self.explain(error, request))?;
        Ok(self.read(response, request))
    }

    fn read(&self, mut response: Response<ureq::Body>, request: &Request<'_>) -> Reply {
        let status = response.status().as_u16();
        let headers = response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text("date").and_then(http_date);
        let head = Reply {
            status,
            // It may come twice; the first is the gateway's, which Wix asks for.
            request_id: text("x-wix-request-id")
                .filter(|id| !id.is_empty())
                .map(|id| request.credential.redact(id.to_owned())),
            date,
            retry_after: text("retry-after").and_then(|value| retry_after(value, date)),
            has_length: headers.contains_key("content-length") || headers.contains_key("transfer-encoding"),
            body: Err(unexpected("the body was not read")),
        };
        let encoding = encoding_not_asked_for(headers, request.credential);

        let limit = if status == 200 { self.max_reply_bytes as u64 } else { MAX_ERROR_BODY_BYTES };
        let body = match encoding {
            Some(error) => Err(error),
            None => response.body_mut().with_config().limit(limit).read_to_vec().map_err(|error| match error {
                ureq::Error::BodyExceedsLimit(_) => Error::reply_too_large(self.max_reply_bytes),
                error => self.explain(error, request),
            }),
        };
        Reply { body, ..head }
    }

    /// By what ureq's errors hold, never by their variant alone: it hands TLS failures over as I/O errors.
    fn explain(&self, error: ureq::Error, request: &Request<'_>) -> Error {
        let host = &self.endpoint.authority;
        match error {
            ureq::Error::Timeout(_) => {
                let message = format!("no whole reply from {host} within {:?}", request.timeout);
                Error::new(ErrorKind::Timeout, message)
            }
            ureq::Error::HostNotFound => cannot_resolve(host, "the name has no address"),
            ureq::Error::LargeResponseHeader(_, limit) => {
                Error::new(ErrorKind::TooLarge, format!("the reply's head is larger than {limit} bytes"))
            }
            // Its type is not within reach, so its text must tell.
            ureq::Error::Protocol(error) if error.to_string().contains("too many headers") => {
                Error::new(ErrorKind::TooLarge, "the reply's head has more than 128 headers")
            }
            ureq::Error::Protocol(error) => Error::new(
                ErrorKind::Protocol,
                format!(
                    "{host} did not answer in HTTP; check the base URL: {}",
                    crate::text::shown(&error.to_string())
                ),
            ),
            ureq::Error::Rustls(error) => tls(host, &error),
            ureq::Error::Tls(reason) => tls(host, &reason),
            // So it calls an end of the connection within the line that begins a chunk.
            ureq::Error::BodyStalled => Error::connection_lost("it ended within a chunk's head"),
            ureq::Error::Io(error) => self.explain_io(&error),
            error => unexpected(&error.to_string()),
        }
    }

    fn explain_io(&self, error: &io::Error) -> Error {
        let host = &self.endpoint.authority;
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return match error {
                rustls::Error::InvalidMessage(_) => tls(host, &"it does not answer in TLS; is its base URL http?"),
                error => tls(host, error),
            };
        }
        let network = |message: String| Error::new(ErrorKind::Network, message);
        match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                network(format!("{host} refused the connection; check the base URL, and that the server runs"))
            }
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => {
                network(format!("{host} cannot be reached ({error}); check this machine's network"))
            }
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Error::connection_lost(&error.to_string()),
            // The kind that `getaddrinfo`'s failures have is not stable, so their text must tell.
            _ if error.to_string().contains("lookup address") => cannot_resolve(host, &error.to_string()),
            _ => network(format!("the connection to {host} failed: {}", crate::text::shown(&error.to_string()))),
        }
    }
}

impl Error {
    pub(crate) fn connection_lost(detail: &str) -> Self {
        Self::new(
            ErrorKind::Network,
            format!("the connection was lost before the reply was whole: {}", crate::text::shown(detail)),
        )
    }
}

fn agent(is_https: bool) -> Agent {
    let roots = if is_https { roots::of_this_machine() } else { RootCerts::WebPki };
    let config = Agent::config_builder()
        .user_agent(USER_AGENT)
        .accept("application/json")
        .accept_encoding("identity")
        .http_status_as_error(false)
        // A followed redirect would carry the key along, turn the POST into a GET, and bring back any host's 200.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build();
    Agent::with_parts(config, DefaultConnector::new().chain(seal::SealingConnector), DefaultResolver::default())
}

/// The engine passes what it cannot decode on as the body itself, and looks for `chunked` alone in `Transfer-Encoding`.
fn encoding_not_asked_for(headers: &HeaderMap, credential: &Credential) -> Option<Error> {
    let other_than = |name: &str, plain: &'static str| {
        let mut values = headers.get_all(name).iter();
        values.find(|value| !value.is_empty() && !value.as_bytes().eq_ignore_ascii_case(plain.as_bytes()))
    };
    let encoding = other_than("content-encoding", "identity").or_else(|| other_than("transfer-encoding", "chunked"))?;
    let encoding = credential.redact(String::from_utf8_lossy(encoding.as_bytes()).into_owned());
    let shown = crate::text::shown(&encoding);
    Some(Error::new(ErrorKind::Protocol, format!("the reply is encoded as {shown}, which was not asked for")))
}

fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Seconds, or a date counted from the server's own clock where it tells it.
fn retry_after(text: &str, server_date: Option<Timestamp>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let now = server_date.unwrap_or_else(Timestamp::now);
    let wait = http_date(text)?.unix_seconds() - now.unix_seconds();
    Some(Duration::from_secs(wait.max(0) as u64))
}

fn tls(host: &str, reason: &impl fmt::Display) -> Error {
    let reason = crate::text::shown(&reason.to_string());
    Error::new(ErrorKind::Tls, format!("no trusted connection to {host}: {reason}"))
}

fn cannot_resolve(host: &str, reason: &str) -> Error {
    Error::new(
        ErrorKind::Network,
        format!("cannot find {host} ({reason}); check the base URL, and this machine's network and DNS"),
    )
}

fn unexpected(what: &str) -> Error {
    Error::new(ErrorKind::Unexpected, format!("{}; please report this", crate::text::shown(what)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_that_are_accepted() {
        for (url, uri) in [
            ("https://www.wixapis.com", "https://www.wixapis.com"),
            ("https://www.wixapis.com/", "https://www.wixapis.com"),
            ("https://proxy.example:8443/wix//", "https://proxy.example:8443/wix"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.1.2.3", "http://127.1.2.3"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://LocalHost:8080", "http://LocalHost:8080"),
        ] {
            assert_eq!(format!("{:?}", Endpoint::parse(url, false).unwrap()), format!("{uri}{PATH}"), "{url}");
        }
        assert!(Endpoint::parse("http://wix.example", true).is_ok());
    }

    #[test]
    fn base_urls_that_are_refused_by_name_and_never_shown() {
        for (url, fault) in [
            ("", "is empty"),
            ("www.canary.example", "begins with neither"),
            ("https://", "is no URL"),
            ("https:///path", "is no URL"),
            ("ftp://canary.example", "begins with neither"),
            ("http://canary.example", "allow_insecure_http"),
            ("http://127.0.0.1.canary.example", "allow_insecure_http"),
            ("https://user:canary@wix.example", "password"),
            ("https://canary.example?x=1", "query"),
            ("https://canary.example#x", "fragment"),
            ("https://canary.example:0", "port"),
            ("https://canary.example:99999", "port"),
            ("https://canary.example:", "port"),
            ("https://cana ry.example", "is no URL"),
            ("https://canary.example/ü ", "is no URL"),
        ] {
            let message = Endpoint::parse(url, false).unwrap_err().to_string();
            assert!(
                message.contains("base_url") && message.contains(fault) && !message.contains("canary"),
                "{url}: {message}"
            );
        }
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let now = http_date("Wed, 24 Jun 2026 00:00:00 GMT");
        for (text, expected) in [
            ("0", Some(0)),
            ("60", Some(60)),
            (" 60 ", Some(60)),
            ("1000000000", Some(1_000_000_000)),
            ("Wed, 24 Jun 2026 00:01:30 GMT", Some(90)),
            ("Tue, 23 Jun 2026 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("1e9", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(retry_after(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}

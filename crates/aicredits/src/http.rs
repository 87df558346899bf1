//! One exchange with the server, on ureq.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::config::Config;
use ureq::http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Request, Response};

use crate::credential::Credential;
use crate::net::{self, Context, Engine, Made, PerProcess, Route};
use crate::{Call, Error, ErrorKind, Phase, Scope, Timestamp};

mod endpoint;

pub(crate) use endpoint::Endpoint;

const OUR_NAME: HeaderValue = HeaderValue::from_static(concat!("aicredits/", env!("CARGO_PKG_VERSION")));
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
const WIX_ACCOUNT_ID: HeaderName = HeaderName::from_static("wix-account-id");
const WIX_SITE_ID: HeaderName = HeaderName::from_static("wix-site-id");

/// The head's bytes beside the path, the credential and the ids.
const HEAD_BYTES: usize = 1 << 10;

/// More of an error's body is not read: the status has said what matters.
const MAX_ERROR_BODY_BYTES: usize = 64 << 10;

/// Room for a body before a byte of it has come. The largest documented reply has about 0.9 MB.
const FIRST_BODY_BYTES: usize = 1 << 20;

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
    route: Arc<Route>,
    /// Made at the first call.
    engine: PerProcess<Engine>,
    closed: Arc<AtomicBool>,
}

impl Http {
    pub(crate) fn new(endpoint: Endpoint, max_reply_bytes: usize, link: net::Link) -> Self {
        let route = Route {
            authority: endpoint.authority.clone(),
            host: endpoint.host.clone(),
            port: endpoint.port,
            is_https: endpoint.is_https,
            link,
        };
        Self { endpoint, max_reply_bytes, route: Arc::new(route), engine: PerProcess::empty(), closed: Arc::default() }
    }

    pub(crate) fn max_concurrency(&self) -> usize {
        self.route.link.max_concurrency
    }

    /// Ends the calls that run, and refuses later ones.
    pub(crate) fn close(&self) {
        // The flag first: a call that makes its engine meanwhile looks at it afterwards.
        self.closed.store(true, Ordering::SeqCst);
        if let Some(engine) = self.engine.get() {
            engine.close();
        }
    }

    /// Begins a call, whose time counts from `started`.
    pub(crate) fn begin(&self, scope: &Scope, started: Instant, timeout: Duration, call: &Call) -> Arc<Context> {
        let ids = [scope.account_id(), scope.site_id()].into_iter().flatten().map(str::len).sum::<usize>();
        Context::new(net::Call {
            engine: self.engine.get_or_make(|| Engine::new(&self.route, config())),
            head_room: HEAD_BYTES + self.endpoint.uri.path().len() + ids,
            started,
            timeout,
            cancel: call.cancel.clone(),
            interrupt: call.interrupt.clone(),
            closed: Arc::clone(&self.closed),
        })
    }

    /// One attempt of a call.
    pub(crate) fn send(&self, scope: &Scope, credential: &Credential, context: &Arc<Context>) -> Result<Reply, Error> {
        let _entered = context.enter();
        let unwinding = RebuiltIfUnwound { http: self, engine: Some(context.engine()) };
        let reply = self.exchange(scope, credential, context);
        unwinding.disarm();
        reply
    }

    fn exchange(&self, scope: &Scope, credential: &Credential, context: &Context) -> Result<Reply, Error> {
        let header = |value: &str| {
            HeaderValue::from_str(value).map_err(|_| Error::unexpected("a checked value is no header value"))
        };
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, self.endpoint.host_header.clone());
        headers.insert(AUTHORIZATION, net::placeholder(credential)?);
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(ACCEPT, JSON);
        headers.insert(ACCEPT_ENCODING, IDENTITY);
        headers.insert(USER_AGENT, OUR_NAME);
        if let Some(id) = scope.account_id() {
            headers.insert(WIX_ACCOUNT_ID, header(id)?);
        }
        if let Some(id) = scope.site_id() {
            headers.insert(WIX_SITE_ID, header(id)?);
        }
        let mut request = Request::post(self.endpoint.uri.clone())
            .body(b"{}".as_slice())
            .map_err(|error| Error::unexpected(&error.to_string()))?;
        *request.headers_mut() = headers;

        let response = context.engine().agent.run(request).map_err(|error| self.explain(error, context))?;
        Ok(self.read(response, credential, context))
    }

    fn read(&self, mut response: Response<ureq::Body>, credential: &Credential, context: &Context) -> Reply {
        context.enter_phase(Phase::Body);
        let status = response.status().as_u16();
        let headers = response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text("date").and_then(http_date);
        // It may come twice; the first is the gateway's, which Wix asks for.
        let request_id =
            text("x-wix-request-id").filter(|id| !id.is_empty()).map(|id| credential.redact(id.to_owned()));
        let retry_after = text("retry-after").and_then(|value| retry_after(value, date));
        let length = text("content-length").and_then(|length| length.parse().ok());
        let has_length = headers.contains_key("content-length") || headers.contains_key("transfer-encoding");
        let limit = if status == 200 { self.max_reply_bytes } else { MAX_ERROR_BODY_BYTES };

        let body = match encoding_not_asked_for(headers, credential) {
            Some(error) => Err(error),
            None => self.read_body(response.body_mut(), length.unwrap_or_default(), limit, context),
        };
        // Of an error's body enough has come: its status is the failure.
        let is_enough = |error: &Error| status != 200 && error.kind() == ErrorKind::TooLarge;
        if body.as_ref().err().is_none_or(is_enough) {
            context.enter_phase(Phase::Reply);
        }
        Reply { status, request_id, date, retry_after, has_length, body }
    }

    /// The body, of which `expected` bytes are announced.
    fn read_body(
        &self,
        body: &mut ureq::Body,
        expected: usize,
        limit: usize,
        context: &Context,
    ) -> Result<Vec<u8>, Error> {
        let mut reader = body.as_reader();
        // What is announced is trusted only so far. One byte more than that, so that the last read sees the end.
        let mut bytes = vec![0; expected.min(limit).min(FIRST_BODY_BYTES) + 1];
        let mut count = 0;
        loop {
            match reader.read(&mut bytes[count..]) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) => return Err(self.explain(error.into(), context)),
            }
            if count > limit {
                return Err(Error::reply_too_large(self.max_reply_bytes));
            }
            if count == bytes.len() {
                bytes.resize(bytes.len() * 2, 0);
            }
        }
        bytes.truncate(count);
        Ok(bytes)
    }

    /// By what we know ourselves, then by what the engine's errors hold, never by their variant alone.
    fn explain(&self, error: ureq::Error, context: &Context) -> Error {
        if let Some(error) = context.take_failure() {
            return error;
        }
        let host = &self.endpoint.authority;
        match error {
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
            // So it calls an end of the connection within the line that begins a chunk.
            ureq::Error::BodyStalled => Error::connection_lost("it ended within a chunk's head"),
            ureq::Error::Io(error) => self.explain_io(&error),
            error => Error::unexpected(&error.to_string()),
        }
    }

    fn explain_io(&self, error: &io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Error::connection_lost(&error.to_string()),
            _ => {
                let reason = crate::text::shown(&error.to_string());
                let message = format!("the connection to {} failed: {reason}", self.endpoint.authority);
                Error::new(ErrorKind::Network, message)
            }
        }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.fmt(f)
    }
}

/// A panic within the engine may have left a lock of its poisoned: the next call makes another engine.
struct RebuiltIfUnwound<'a> {
    http: &'a Http,
    engine: Option<&'a Arc<Made<Engine>>>,
}

impl RebuiltIfUnwound<'_> {
    fn disarm(mut self) {
        self.engine = None;
    }
}

impl Drop for RebuiltIfUnwound<'_> {
    fn drop(&mut self) {
        if let Some(engine) = self.engine {
            self.http.engine.discard(engine);
        }
    }
}

fn config() -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_response_header_size(net::INPUT_BYTES - 1)
        // A followed redirect would carry the key along, turn the POST into a GET, and bring back any host's 200.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        // The pool is ours, below the engine.
        .max_idle_connections(0)
        .build()
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

#[cfg(test)]
mod tests {
    use super::*;

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

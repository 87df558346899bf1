//! The control protocol over HTTP, and its guards.
//!
//! Web pages must not reach it through a visitor's browser. So a reply has no CORS header, a request needs a `Host` that
//! no stranger's name server can make, and a request of a page needs a content type that browsers send only after they
//! have asked.

use std::net::IpAddr;

use subtle::ConstantTimeEq as _;

use super::actions::{Action, run};
use super::reply::ControlReply;
use super::{documents, page, query};
use crate::protocol::{ControlError, Fault, Reset, ScenarioChoice};
use crate::read;
use crate::script::{Reply, Request, path_of};
use crate::shared::Shared;

/// The path that all control requests begin with.
const PREFIX: &str = "/_emulator/";

/// The name of the description of the protocol.
const OPENAPI: &str = "openapi.json";

/// The thing that a control request asks for.
enum Asked<'a> {
    Page,
    OpenApi,
    Action(&'a str),
}

/// Whether a connection begins with a control request or with one for the page, given its first bytes.
pub(crate) fn begins(shared: &Shared, first: &[u8]) -> bool {
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = str::from_utf8(line).unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return false };
    asked(shared, method, path_of(target)).is_some()
}

/// The thing that a request asks for. `None`: it is no control request and not for the page, or they do not exist here.
fn asked<'a>(shared: &Shared, method: &str, path: &'a str) -> Option<Asked<'a>> {
    let asked = match path {
        crate::service::PAID_ACTION_PATH => return None,
        "/" => Asked::Page,
        _ => match path.strip_prefix(PREFIX)? {
            OPENAPI => Asked::OpenApi,
            action => Asked::Action(action),
        },
    };
    if shared.control_token.is_none() && !shared.addr.get().is_some_and(|addr| addr.ip().is_loopback()) {
        return None;
    }
    // To the API, which has no such path.
    if matches!(asked, Asked::Page) && !matches!(method, "GET" | "HEAD") {
        return None;
    }
    Some(asked)
}

/// The reply to a control request or to a request for the page. `None`: it is neither, or they do not exist here.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Option<Reply> {
    let asked = asked(shared, &request.method, request.path())?;
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let reply = guard_host(shared, request).and_then(|()| match asked {
        // A browser sends no token with an address. The page has no data, and asks for them with its token.
        Asked::Page => Ok(page::reply()),
        Asked::OpenApi => guard_token(shared, request).and_then(|()| openapi(request)),
        Asked::Action(action) => guard_token(shared, request).and_then(|()| act(shared, request, action, query)),
    });
    Some(reply.unwrap_or_else(refused))
}

/// Refuses requests that a stranger's page may have sent.
fn guard_host(shared: &Shared, request: &Request) -> Result<(), Refused> {
    let host = request.headers_named("host").collect::<Vec<_>>();
    // An absolute target has a host too, before which that of the header counts for nothing.
    let of_target = request.host().is_none_or(|host| is_ours(host, &shared.host));
    if !of_target || !matches!(host[..], [host] if is_ours(host, &shared.host)) {
        let message = "the host of a control request must be an IP address, localhost, or the name that the emulator was given as host";
        return Err(ControlError::new(421, "wrong_host", message).into());
    }
    Ok(())
}

/// Refuses requests without the control token, if there is one.
fn guard_token(shared: &Shared, request: &Request) -> Result<(), Refused> {
    let Some(token) = &shared.control_token else {
        return Ok(());
    };
    let sent = request.header("authorization").and_then(|value| value.split_once(' '));
    let is_right = |(scheme, sent): (&str, &str)| {
        scheme.eq_ignore_ascii_case("bearer") && bool::from(sent.trim().as_bytes().ct_eq(token.as_bytes()))
    };
    if sent.is_some_and(is_right) {
        return Ok(());
    }
    let message = "send the control token: Authorization: Bearer TOKEN";
    Err(Refused::from(ControlError::new(401, "unauthorized", message)).header("WWW-Authenticate", "Bearer"))
}

/// Whether a `Host` is one that only a client which means this server sends: no page can have such a name.
fn is_ours(host: &str, given: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':').or(rest.is_empty().then_some(""))),
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("")),
        },
    };
    let is_port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
    let is_name = name.eq_ignore_ascii_case("localhost") || (!given.is_empty() && name.eq_ignore_ascii_case(given));
    port.is_some_and(is_port) && (is_name || name.parse::<IpAddr>().is_ok())
}

fn act(shared: &Shared, request: &Request, action: &str, query: &str) -> Result<Reply, Refused> {
    let known = Action::named(action)?;
    let json = match request.method.as_str() {
        "GET" if known.is_get => query::as_json(query)?,
        "POST" => body(request)?.to_owned(),
        _ if known.is_get => return Err(method("GET, POST")),
        _ => return Err(method("POST")),
    };
    if shared.ca_pem.is_some() {
        stay_reachable(action, &json)?;
    }
    Ok(json_reply(run(shared, action, &json)))
}

/// Refuses a fault that nobody could clear over HTTP. Over TLS a connection ends before its first line is known.
fn stay_reachable(action: &str, json: &str) -> Result<(), ControlError> {
    let (faults, folder) = match action {
        "fault" => (read::read(json).into_iter().collect(), ""),
        "reset" => match read::read(json) {
            Ok(Reset { scenario: Some(ScenarioChoice::Whole(scenario)) }) => (scenario.faults, "/scenario/faults"),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    let Some(index) = faults.iter().position(Fault::ends_all_connections) else { return Ok(()) };
    let place = if folder.is_empty() { String::new() } else { format!("{folder}/{index}") };
    let message = "over TLS this fault also ends every new connection for control requests, so that none could clear it: \
                   give it `times`, or add it in the emulator's own process";
    Err(ControlError::new(409, "unreachable", message).at(format!("{place}/times")))
}

fn openapi(request: &Request) -> Result<Reply, Refused> {
    match request.method.as_str() {
        "GET" => Ok(json_reply(ControlReply { status: 200, json: documents::OPENAPI.to_owned() })),
        _ => Err(method("GET")),
    }
}

fn method(allowed: &'static str) -> Refused {
    let error = ControlError::new(405, "method_not_allowed", format!("the methods of this path: {allowed}"));
    Refused::from(error).header("Allow", allowed)
}

/// The body. A browser sends `application/json` to another origin only after a preflight request, which gets no CORS header.
fn body(request: &Request) -> Result<&str, ControlError> {
    let is_json = |value: &str| {
        let media_type = value.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("application/json")
    };
    let is_simple = request.body.is_empty() && request.header("origin").is_none();
    if !is_simple && !request.header("content-type").is_some_and(is_json) {
        return Err(ControlError::new(415, "unsupported_media_type", "send Content-Type: application/json"));
    }
    str::from_utf8(&request.body).map_err(|_| ControlError::invalid("", "the body is not UTF-8"))
}

/// The reply to bytes that are no request which the server takes. Its path may be unknown.
pub(crate) fn unreadable(status: u16, why: &str) -> Reply {
    let error = match status {
        408 => ControlError::new(status, "request_timeout", why),
        // The whole body is wrong.
        413 => ControlError::new(status, "content_too_large", why).at(""),
        417 => ControlError::new(status, "expectation_failed", why),
        431 => ControlError::new(status, "head_too_large", why),
        501 => ControlError::new(status, "not_implemented", why),
        503 => ControlError::new(status, "overloaded", why),
        _ => ControlError::new(status, "bad_request", why),
    };
    json_reply(error.into())
}

/// An error and the headers of its reply.
struct Refused {
    error: Box<ControlError>,
    header: Option<(&'static str, &'static str)>,
}

impl From<ControlError> for Refused {
    fn from(error: ControlError) -> Self {
        Self { error: Box::new(error), header: None }
    }
}

impl Refused {
    fn header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }
}

fn refused(Refused { error, header }: Refused) -> Reply {
    let reply = json_reply((*error).into());
    header.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
}

/// No cache may keep it, because a state has secrets.
fn json_reply(ControlReply { status, json }: ControlReply) -> Reply {
    Reply::json(status, json).header("Cache-Control", "no-store").header("X-Content-Type-Options", "nosniff")
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn a_host_is_an_address_localhost_or_the_name_given() {
        for ours in
            ["127.0.0.1:80", "127.0.0.1", "10.1.2.3:4", "[::1]:80", "[::1]", "localhost:8080", "LocalHost", "box:1"]
        {
            assert!(is_ours(ours, "box"), "{ours}");
        }
        for not_ours in [
            "",
            "evil.example:80",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[::1",
            "[::1]x",
            "localhost:x",
            "box.evil.example",
            ":80",
            "boxes",
        ] {
            assert!(!is_ours(not_ours, "box"), "{not_ours}");
        }
        assert!(!is_ours("", ""));
    }
}

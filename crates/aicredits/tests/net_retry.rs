//! Failed attempts are retried, and an error lists all attempts. Unit tests of `retry` test the rules.

use std::time::{Duration, Instant};

use aicredits::{ClientBuilder, Error, ErrorKind, Phase};
use aicredits_emulator::script::{End, Reply, Server};

use common::client;

mod common;

const PATIENCE: Duration = Duration::from_secs(20);

/// A client as a user would make it, retries and all.
fn usual(server: &Server) -> ClientBuilder {
    client(server.url()).max_retries(2).timeout(PATIENCE)
}

fn ok() -> Reply {
    Reply::json(200, "{}")
}

fn failure(replies: impl Into<Vec<Reply>>) -> (Error, usize) {
    let server = Server::start(replies.into()).unwrap();
    let error = usual(&server).build().unwrap().get_balance().unwrap_err();
    (error, server.requests())
}

#[test]
fn transient_failures_are_retried() {
    for passing in [
        Reply::status(500),
        Reply::json(502, "{}"),
        Reply::status(503).header("Retry-After", "0"),
        Reply::status(504).close(),
        Reply::new().close(),
        Reply::new().reset(),
        ok().cut(30, End::Fin),
        ok().cut(40, End::Reset),
        Reply::raw("HTTP/1.1 200 OK\r\n\r\n{").close(),
    ] {
        let server = Server::start([passing.clone(), passing.clone(), ok()]).unwrap();
        let balance = usual(&server).build().unwrap().get_balance();
        assert!(balance.is_ok() && server.requests() == 3, "{passing:?}: {balance:?}");
    }
}

#[test]
fn permanent_failures_are_not_retried() {
    for lasting in [
        Reply::status(400),
        Reply::status(401),
        Reply::status(403),
        Reply::status(404),
        Reply::status(428),
        Reply::status(501),
        Reply::status(302),
        Reply::json(200, "[]"),
        ok().header("Content-Encoding", "gzip"),
        Reply::raw("SSH-2.0\r\n\r\n").close(),
    ] {
        let (error, requests) = failure([lasting, ok()]);
        assert_eq!((error.attempts().len(), requests), (1, 1), "{error}");
    }
}

#[test]
fn an_error_lists_its_attempts() {
    let named = |status, id| Reply::json(status, "{}").header("x-wix-request-id", id);
    let (error, requests) = failure([named(503, "r1"), Reply::raw("H").close(), named(500, "r3")]);
    assert_eq!((error.kind(), error.http_status(), error.request_id()), (ErrorKind::Server, Some(500), Some("r3")));
    assert_eq!(requests, 3);
    let told: Vec<_> =
        error.attempts().iter().map(|attempt| (attempt.phase(), attempt.http_status(), attempt.request_id())).collect();
    assert_eq!(
        told,
        [(Phase::Reply, Some(503), Some("r1")), (Phase::Head, None, None), (Phase::Reply, Some(500), Some("r3"))]
    );
    assert!(error.attempts().iter().all(|attempt| !attempt.duration().is_zero()));
    assert!(error.message().contains("3 attempts") && error.message().contains("request r3"), "{error}");
}

#[test]
fn a_wait_that_does_not_fit_is_not_begun() {
    let begun = Instant::now();
    for status in [429, 503] {
        let (error, requests) = failure([Reply::status(status).header("Retry-After", "3600"), ok()]);
        assert_eq!((error.http_status(), requests), (Some(status), 1));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        let says = "; the server asks to wait 3600 s; not repeated: a pause of 3600 s exceeds the time that is left (";
        assert!(error.message().contains(says), "{error}");
    }
    assert!(begun.elapsed() < PATIENCE / 2);
}

#[test]
fn a_client_that_only_fails_stops_repeating() {
    let server = Server::start(Reply::status(503).header("Retry-After", "0")).unwrap();
    let client = usual(&server).build().unwrap();
    let told: Vec<_> = (0..30).map(|_| client.get_balance().unwrap_err().to_string()).collect();
    let says = "; not repeated: earlier failures used up the client's retry budget (";
    assert_eq!(
        told.iter().filter(|message| message.contains(says)).count(),
        30 - 17,
        "35 retries are 17 and a half calls"
    );
    assert_eq!(server.requests(), 30 + 35, "500 tokens at 14 a retry");
    usual(&server).build().unwrap().get_balance().unwrap_err();
    assert_eq!(server.requests(), 30 + 35 + 3, "another client has its own budget");
}

#[test]
fn more_retries_than_anyone_wants_are_refused() {
    let server = Server::start(ok()).unwrap();
    assert!(usual(&server).max_retries(10).build().is_ok());
    let error = usual(&server).max_retries(11).build().unwrap_err();
    assert!(error.message().starts_with("max_retries "), "{error}");
}

//! The guards of the control protocol over HTTP, and the headers of every reply.

use aicredits_emulator::{ACTIONS, Emulator, JournalQuery, Nothing, Options, PATH, Wait};
use serde_json::Value;

use crate::client::{Client, Received};
use crate::http::{JSON, send};

fn code(reply: &Received) -> String {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_else(|_| panic!("{reply:?}"));
    assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", reply.text());
    body["error"]["code"].as_str().unwrap().to_owned()
}

fn start() -> (Emulator, std::net::SocketAddr) {
    let emulator = Emulator::start().unwrap();
    let addr = emulator.server().addr();
    (emulator, addr)
}

#[test]
fn a_body_needs_the_content_type_of_json() {
    let (_emulator, addr) = start();
    for content_type in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(send(addr, "POST", "/_emulator/mark", &[("Content-Type", content_type)], "{}").status, 200);
    }
    for headers in
        [&[][..], &[("Content-Type", "text/plain")], &[("Content-Type", "application/x-www-form-urlencoded")]]
    {
        let reply = send(addr, "POST", "/_emulator/mark", headers, "{}");
        assert_eq!((reply.status, code(&reply).as_str()), (415, "unsupported_media_type"));
    }
    assert_eq!(send(addr, "POST", "/_emulator/mark", &[], "").status, 200);
    // A browser sends no such request to another origin without asking first.
    let of_a_page = [("Origin", "https://evil.example")];
    assert_eq!(send(addr, "POST", "/_emulator/reset", &of_a_page, "").status, 415);
}

/// The server refuses these before it knows the path.
#[test]
fn a_request_that_cannot_be_read_gets_an_error_of_the_same_form() {
    let (emulator, addr) = start();
    let head = |rest: &str| format!("POST /_emulator/mark HTTP/1.1\r\nHost: localhost\r\n{rest}\r\n");
    let long = format!("A: {}\r\n", "b".repeat(70_000));
    for (bytes, status, expected) in [
        (head("Content-Length: 1048577\r\n"), 413, "content_too_large"),
        (head("Transfer-Encoding: chunked\r\n") + "100001\r\n", 413, "content_too_large"),
        (head("Content-Length: two\r\n"), 400, "bad_request"),
        (head("Expect: a-miracle\r\n"), 417, "expectation_failed"),
        (head(&long), 431, "head_too_large"),
        (head("Transfer-Encoding: gzip\r\n"), 501, "not_implemented"),
        (format!("POST {PATH} HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n"), 413, "content_too_large"),
    ] {
        let mut client = Client::connect(addr);
        client.send(&bytes);
        let reply = client.receive();
        assert_eq!((reply.status, code(&reply).as_str()), (status, expected));
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        let pointer = if status == 413 { Some("") } else { None };
        assert_eq!(body["error"]["pointer"].as_str(), pointer, "{body}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert!(reply.header("date").is_some());
        // The rest of the request may still be on its way, so the connection cannot be used again.
        assert_eq!(reply.header("connection"), Some("close"));
    }
    assert_eq!(emulator.journal(&JournalQuery::default()).unwrap().total, 0);
}

#[test]
fn the_host_must_be_one_that_no_stranger_can_name() {
    let (_emulator, addr) = start();
    for target in ["/_emulator/state", "/_emulator/openapi.json", "/_emulator/nothing", "/"] {
        let reply = send(addr, "GET", target, &[("Host", "evil.example")], "");
        assert_eq!((reply.status, code(&reply).as_str()), (421, "wrong_host"), "{target}");
    }
    for host in ["localhost:1", "[::1]", "192.0.2.7:80"] {
        assert_eq!(send(addr, "GET", "/_emulator/state", &[("Host", host)], "").status, 200, "{host}");
    }
    let named = Emulator::with(Options { host: Some("localhost".into()), ..Options::default() }).unwrap();
    assert_eq!(send(named.server().addr(), "GET", "/_emulator/state", &[("Host", "localhost:9")], "").status, 200);
    // The API itself is for everyone.
    assert_eq!(send(addr, "POST", PATH, &[("Host", "evil.example"), JSON], "{}").status, 401);
}

/// As a proxy is sent it. The host of such a target comes before that of the header.
#[test]
fn an_absolute_target_means_the_same_and_its_host_is_guarded() {
    let (_emulator, addr) = start();
    for target in ["http://127.0.0.1/_emulator/state", "HTTP://localhost:7/_emulator/state?", "http://127.0.0.1/"] {
        assert_eq!(send(addr, "GET", target, &[], "").status, 200, "{target}");
    }
    let found = send(addr, "GET", "http://127.0.0.1/_emulator/journal?status=x", &[], "");
    assert_eq!((found.status, code(&found).as_str()), (400, "invalid_request"));
    for target in ["http://evil.example/_emulator/state", "http://evil.example/", "http://evil.example?"] {
        let reply = send(addr, "GET", target, &[], "");
        assert_eq!((reply.status, code(&reply).as_str()), (421, "wrong_host"), "{target}");
    }
    let reply = send(addr, "GET", "http://127.0.0.1/_emulator/state", &[("Host", "evil.example")], "");
    assert_eq!(reply.status, 421);
}

#[test]
fn no_reply_has_a_cors_header_and_none_is_kept_in_a_cache() {
    let (_emulator, addr) = start();
    let origin = ("Origin", "http://127.0.0.1");
    let preflight = [origin, ("Access-Control-Request-Method", "POST")];
    let replies = [
        send(addr, "OPTIONS", "/_emulator/reset", &preflight, ""),
        send(addr, "GET", "/_emulator/state", &[origin], ""),
        send(addr, "POST", "/_emulator/mark", &[origin, JSON], "{}"),
        send(addr, "GET", "/", &[origin], ""),
    ];
    assert_eq!(replies.each_ref().map(|reply| reply.status), [405, 200, 200, 200]);
    for reply in replies {
        assert!(reply.headers.iter().all(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control")));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn every_path_answers_other_methods_with_405_and_allow() {
    let (_emulator, addr) = start();
    let paths = ACTIONS.iter().map(|action| (action.name, if action.is_get { "GET, POST" } else { "POST" }));
    for (name, allowed) in paths.chain([("openapi.json", "GET")]) {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"] {
            if allowed.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let reply = send(addr, method, &format!("/_emulator/{name}"), &[JSON], "");
            assert_eq!((reply.status, reply.header("allow")), (405, Some(allowed)), "{method} {name}");
            assert_eq!(code(&reply), "method_not_allowed");
        }
    }
}

#[test]
fn an_unknown_action_is_404_by_any_method() {
    let (_emulator, addr) = start();
    for (method, name) in [("POST", "nothing"), ("GET", "nothing"), ("PUT", ""), ("POST", "state/"), ("POST", "State")]
    {
        let reply = send(addr, method, &format!("/_emulator/{name}"), &[JSON], "{}");
        assert_eq!((reply.status, code(&reply).as_str()), (404, "unknown_action"), "{method} {name}");
    }
}

#[test]
fn a_token_is_needed_on_loopback_too_if_there_is_one() {
    let options = Options { control_token: Some("open sesame".into()), ..Options::default() };
    let emulator = Emulator::with(options).unwrap();
    let addr = emulator.server().addr();
    assert_eq!(send(addr, "GET", "/_emulator/state", &[], "").status, 401);
    assert_eq!(send(addr, "GET", "/_emulator/state", &[("Authorization", "Bearer open sesame")], "").status, 200);
    assert_eq!(
        send(
            addr,
            "POST",
            PATH,
            &[("Authorization", emulator.api_key()), ("wix-account-id", emulator.account_id())],
            "{}"
        )
        .status,
        200
    );
}

/// A browser asks for the page and its icon without being told to. A test that waits for its client's requests must not see
/// them.
#[test]
fn requests_of_a_browser_for_the_page_are_none_to_the_api() {
    let open = Options { host: Some("0.0.0.0".into()), ..Options::default() };
    for (emulator, page) in [(Emulator::start().unwrap(), 200), (Emulator::with(open).unwrap(), 404)] {
        let addr = ([127, 0, 0, 1], emulator.server().addr().port()).into();
        for (method, target, status) in
            [("GET", "/", page), ("GET", "/?x", page), ("GET", "/favicon.ico", 404), ("HEAD", "/favicon.ico", 404)]
        {
            let mut client = Client::connect(addr);
            client.send(format!("{method} {target} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n"));
            let (reply, end) = client.receive_to_end();
            end.unwrap();
            assert!(reply.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{method} {target}");
        }
        let mut client = Client::connect(addr);
        client.send(format!("HEAD / HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n"));
        let (reply, _) = client.receive_to_end();
        let reply = String::from_utf8(reply).unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {page} ")) && reply.ends_with("\r\n\r\n"), "{reply}");
        assert!(!emulator.wait(&Wait { requests: 1, timeout_ms: 1 }).unwrap().reached);
        assert_eq!(emulator.journal(&JournalQuery::default()).unwrap().total, 0);
        // A client with a wrong base URL or path is one of the API.
        for target in ["/", "/elsewhere"] {
            assert_eq!(send(addr, "POST", target, &[JSON], "{}").status, 404);
        }
        assert_eq!(send(addr, "GET", PATH, &[], "").status, 404);
        assert_eq!(emulator.wait(&Wait { requests: 3, timeout_ms: 1 }).unwrap().total, 3);
    }
}

#[test]
fn control_requests_are_not_in_the_journal() {
    let (emulator, addr) = start();
    for action in ["state", "journal", "verdict", "openapi.json"] {
        assert_eq!(send(addr, "GET", &format!("/_emulator/{action}"), &[], "").status, 200);
    }
    assert_eq!(send(addr, "POST", "/_emulator/nothing", &[JSON], "{}").status, 404);
    assert_eq!(send(addr, "GET", "/", &[], "").status, 200);
    assert_eq!(emulator.journal(&JournalQuery::default()).unwrap().total, 0);
    send(addr, "POST", PATH, &[], "{}");
    assert_eq!(emulator.journal(&JournalQuery::default()).unwrap().total, 1);
}

#[test]
fn the_query_of_a_get_is_the_request() {
    let (emulator, addr) = start();
    send(addr, "POST", PATH, &[], "{}");
    let over_http = |query: &str| send(addr, "GET", &format!("/_emulator/journal?{query}"), &[], "");
    let same = emulator.control("journal", r#"{"after":1,"route":"balance"}"#);
    assert_eq!(over_http("after=1&route=balance").text(), same.json);
    let listed: Value = serde_json::from_slice(&over_http("after=0&limit=1&status=401").body).unwrap();
    assert_eq!(listed["requests"][0]["n"], 1);
    for (query, pointer) in
        [("after=x", "/after"), ("rote=balance", "/rote"), ("after=1&after=2", "/after"), ("route=other", "/route")]
    {
        let reply = over_http(query);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, body["error"]["pointer"].as_str()), (400, Some(pointer)), "{query}");
    }
    assert_eq!(send(addr, "GET", "/_emulator/state?x=1", &[], "").status, 400);
}

#[test]
fn a_body_that_is_no_text_is_a_wrong_request() {
    let (_emulator, addr) = start();
    let mut client = crate::client::Client::connect(addr);
    client.send("POST /_emulator/mark HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n");
    client.send([0xff, 0xfe]);
    let reply = client.receive();
    assert_eq!((reply.status, code(&reply).as_str()), (400, "invalid_request"));
}

#[test]
fn an_address_that_is_not_loopback_has_no_control_path_without_a_token() {
    let start = |token: Option<&str>| {
        let options =
            Options { host: Some("0.0.0.0".into()), control_token: token.map(Into::into), ..Options::default() };
        let emulator = Emulator::with(options).unwrap();
        let addr = ([127, 0, 0, 1], emulator.server().addr().port()).into();
        (emulator, addr)
    };
    let (emulator, addr) = start(None);
    for (method, target) in
        [("GET", "/_emulator/state"), ("POST", "/_emulator/reset"), ("GET", "/_emulator/openapi.json"), ("GET", "/")]
    {
        let reply = send(addr, method, target, &[JSON], "");
        let elsewhere = send(addr, method, "/elsewhere", &[JSON], "");
        assert_eq!((reply.status, reply.text()), (404, elsewhere.text()), "{method} {target}");
    }
    // In the process it works as ever.
    assert_eq!(emulator.state(&Nothing {}).unwrap().keys.len(), 2);

    let (_emulator, addr) = start(Some("open sesame"));
    for (method, target) in
        [("GET", "/_emulator/state"), ("POST", "/_emulator/reset"), ("GET", "/_emulator/openapi.json")]
    {
        for wrong in ["Bearer open sesamE", "Bearer open sesame2", "Bearer ", "Basic open sesame", "open sesame", ""] {
            let reply = send(addr, method, target, &[JSON, ("Authorization", wrong)], "");
            assert_eq!((reply.status, code(&reply).as_str()), (401, "unauthorized"), "{method} {target} {wrong}");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
            assert!(!reply.text().contains("sesame"));
        }
        let right = [JSON, ("Authorization", "bearer open sesame")];
        assert_eq!(send(addr, method, target, &right, "").status, 200, "{method} {target}");
    }
    // A browser cannot send the token for the page itself. It has no data, and is the same for everyone.
    let page = send(addr, "GET", "/", &[], "");
    let local = Emulator::start().unwrap();
    assert_eq!((page.status, page.text()), (200, send(local.server().addr(), "GET", "/", &[], "").text()));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(!page.text().contains("sesame") && !page.text().contains("IST."));
    assert_eq!(send(addr, "GET", "/", &[("Host", "evil.example")], "").status, 421);
}

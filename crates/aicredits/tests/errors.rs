//! Each kind of error that a reply can cause: a scripted server sends the reply, and each field of the error is checked.

use std::time::Duration;

use aicredits::{Balance, Error, ErrorKind, Scope};
use aicredits_emulator::script::{Reply, Script, Server};

use common::{ACCOUNT, API_KEY, client};

mod common;

const STANDARD: &str = r#"{"message":"m","details":{"applicationError":{"code":"A_CODE","description":"d"}}}"#;

/// The client's error for this reply, which is no balance. Every error of a call has the scope, and never the key.
fn refused(reply: impl Into<Script>) -> Error {
    let server = Server::start(reply).unwrap();
    let outcome = client(server.url()).build().unwrap().get_balance();
    let error = outcome.expect_err("this reply is no balance");
    let shown = format!("{error} {error:?}");
    assert_eq!(error.scope(), Some(&Scope::Account(ACCOUNT.to_owned())), "{shown}");
    assert!(error.message().contains(ACCOUNT) && error.to_string() == error.message(), "{shown}");
    assert!(!shown.contains(API_KEY), "{shown}");
    error
}

fn balance(reply: Reply) -> Balance {
    let server = Server::start(reply).unwrap();
    client(server.url()).build().unwrap().get_balance().unwrap()
}

#[test]
fn the_status_decides_whatever_the_body() {
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(1 << 20));
    let bodies =
        [STANDARD, "", "<html><h1>Oops</h1></html>", r#"{"message":"#, r#"{"topUpCredits":{"balance":1}}"#, &long];
    for (status, kind) in [
        (201, ErrorKind::Protocol),
        (202, ErrorKind::Protocol),
        (204, ErrorKind::Protocol),
        (206, ErrorKind::Protocol),
        (299, ErrorKind::Protocol),
        (300, ErrorKind::Protocol),
        (301, ErrorKind::Protocol),
        (302, ErrorKind::Protocol),
        (304, ErrorKind::Protocol),
        (307, ErrorKind::Protocol),
        (400, ErrorKind::BadRequest),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (407, ErrorKind::BadRequest),
        (409, ErrorKind::BadRequest),
        (428, ErrorKind::BadRequest),
        (429, ErrorKind::RateLimited),
        (499, ErrorKind::BadRequest),
        (500, ErrorKind::Server),
        (501, ErrorKind::Server),
        (502, ErrorKind::Server),
        (503, ErrorKind::Server),
        (504, ErrorKind::Server),
        (599, ErrorKind::Server),
        (600, ErrorKind::Protocol),
        (777, ErrorKind::Protocol),
        (999, ErrorKind::Protocol),
    ] {
        for body in bodies {
            let reply =
                Reply::json(status, body).header("x-wix-request-id", "1755591144.07").header("Connection", "close");
            let shown = &body[..body.len().min(40)];
            let error = refused(reply.close());
            assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{status} {shown}: {error}");
            assert_eq!(error.request_id(), Some("1755591144.07"), "{status} {shown}: {error}");
            assert!(
                error.message().contains(&status.to_string()) && error.message().contains("1755591144.07"),
                "{error}"
            );
        }
    }
}

#[test]
fn every_shape_of_error_body_is_read() {
    for (body, code, description) in [
        (STANDARD, Some("A_CODE"), Some("d")),
        (
            r#"{"message":"m","details":{"applicationError":{"code":"A_CODE","data":{"x":[1]}}}}"#,
            Some("A_CODE"),
            Some("m"),
        ),
        (r#"{"message":"m","details":{"applicationError":{"code":-7,"description":""}}}"#, Some("-7"), Some("m")),
        (r#"{"message":"two\nlines","details":{"validationError":{"fieldViolations":[]}}}"#, None, Some("two\nlines")),
        (r#"{"message":"m","details":{"systemError":{"errorCode":"SYS"}}}"#, Some("SYS"), Some("m")),
        (r#"{"message":"m","details":{}}"#, None, Some("m")),
        (r#"{"message":"","details":{}}"#, None, None),
        (r#"{"message":"m"}"#, None, Some("m")),
        (r#"{"message":"m","errorCode":-100}"#, Some("-100"), Some("m")),
        (r#"{"error":"invalid_client","error_description":"d"}"#, Some("invalid_client"), Some("d")),
        (r#"{"message":null,"details":null}"#, None, None),
        ("<!DOCTYPE html><title>502</title>", None, None),
        ("", None, None),
        ("\u{feff}{}", None, None),
    ] {
        for status in [400, 401, 403, 404, 428, 429, 500, 503] {
            let error = refused(Reply::json(status, body));
            assert_eq!((error.code(), error.description()), (code, description), "{status} {body}");
            assert_eq!(error.http_status(), Some(status));
            assert!(
                [code, description]
                    .into_iter()
                    .flatten()
                    .all(|text| error.message().contains(&text.replace('\n', "\\n"))),
                "{error}"
            );
        }
    }
}

#[test]
fn field_violations_are_read() {
    let body = r#"{"message":"request is invalid:\nid","details":{"validationError":{"fieldViolations":[
        {"field":"filter.id","description":"must be a GUID","violatedRule":"FORMAT","ruleName":"GUID","data":{"a":1}},
        {"field":"page","description":"is too large","violatedRule":"MAX"},
        {"description":"is odd"}]}}}"#;
    let error = refused(Reply::json(400, body));
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let violations: Vec<_> = error
        .field_violations()
        .iter()
        .map(|violation| (violation.field(), violation.description(), violation.violated_rule()))
        .collect();
    let expected =
        [("filter.id", "must be a GUID", Some("FORMAT")), ("page", "is too large", Some("MAX")), ("", "is odd", None)];
    assert_eq!(violations, expected);
    assert!(error.message().contains("filter.id: must be a GUID [FORMAT]"), "{error}");
}

#[test]
fn server_text_is_escaped_and_bounded_where_it_is_shown_and_whole_where_it_is_asked_for() {
    let hostile = format!("\u{1b}[2J\r\n\u{202e}{}", "x".repeat(10_000));
    let escaped: String = hostile
        .chars()
        .flat_map(|c| {
            if c.is_ascii() && !c.is_control() { vec![c] } else { format!("\\u{:04x}", c as u32).chars().collect() }
        })
        .collect();
    let body = format!(
        r#"{{"message":"m","details":{{"applicationError":{{"code":"{escaped}","description":"{escaped}"}},
            "validationError":{{"fieldViolations":[{{"field":"{escaped}","description":"{escaped}"}},{{}},{{}},{{}},{{}}]}}}}}}"#
    );
    let error = refused(Reply::json(403, body).header("x-wix-request-id", format!("i{}", "d".repeat(5000))));
    assert_eq!((error.code(), error.description()), (Some(hostile.as_str()), Some(hostile.as_str())));
    assert_eq!(error.field_violations().len(), 5);
    let message = error.message();
    assert!(message.len() < 3000 && !message.chars().any(|c| c.is_control() || c == '\u{202e}'), "{message:?}");
}

#[test]
fn of_two_request_ids_the_first_counts() {
    let twice =
        |status| Reply::json(status, "{}").header("X-Wix-Request-Id", "first").header("x-wix-request-id", "second");
    assert_eq!(refused(twice(404)).request_id(), Some("first"));
    assert_eq!(balance(twice(200)).request_id(), Some("first"));
    assert_eq!(refused(Reply::json(200, "[]").header("x-wix-request-id", "first")).request_id(), Some("first"));
    assert_eq!(refused(Reply::status(404).header("x-wix-request-id", "")).request_id(), None);
    assert_eq!(refused(Reply::status(404)).request_id(), None);
}

#[test]
fn retry_after_is_read_and_said() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let date = "Wed, 24 Jun 2026 00:00:00 GMT";
    for (status, given, expected) in [
        (429, &["7"][..], seconds(7)),
        (503, &["0"], seconds(0)),
        (503, &["Wed, 24 Jun 2026 00:01:30 GMT"], seconds(90)),
        (503, &["Tue, 23 Jun 2026 00:00:00 GMT"], seconds(0)),
        (429, &["1000000000"], seconds(1_000_000_000)),
        (429, &["7", "60"], seconds(7)),
        (429, &["-1"], None),
        (429, &["1e9"], None),
        (429, &["soon"], None),
        (429, &[""], None),
        (429, &[], None),
    ] {
        let reply = given
            .iter()
            .fold(Reply::status(status).header("Date", date), |reply, text| reply.header("Retry-After", *text));
        let error = refused(reply);
        assert_eq!(error.retry_after(), expected, "{status} {given:?}");
        let advice = match expected {
            Some(Duration::ZERO) => "the call can be repeated".to_owned(),
            Some(wait) => format!("wait {} s", wait.as_secs()),
            None => "wait".to_owned(),
        };
        assert!(error.message().contains(&advice), "{error}");
    }
}

/// A redirect would take the key to another server, so it is named and not followed.
#[test]
fn a_redirect_names_its_target_without_secrets() {
    for (location, shown) in [
        ("https://login.example/x", "it leads to https://login.example/x, and is not followed; check base_url"),
        ("/elsewhere", "it leads to /elsewhere,"),
        ("//host.example/a", "it leads to //host.example/a,"),
        ("https://me:secret@h.example/a?token=secret#secret", "it leads to https://h.example/a,"),
        ("https://h.example?token=secret@x/secret", "it leads to https://h.example,"),
        ("//me:secret@h.example", "it leads to //h.example,"),
        (&format!("https://h.example/{API_KEY}"), "it leads to https://h.example/[redacted],"),
        (&format!("https://h.example/{}", "x".repeat(2000)), "xxx…, and is not followed"),
        ("", "only 200 is a balance"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let error = refused(Reply::status(status).header("Location", location));
            assert!(error.message().contains(shown), "{location}: {error}");
            assert!(!error.message().contains("secret"), "{location}: {error}");
        }
    }
    let error = refused(Reply::status(404).header("Location", "https://login.example/"));
    assert!(!error.message().contains("login.example"), "{error}");
}

#[test]
fn wix_s_codes_say_what_is_missing() {
    for (status, code, says) in [
        (428, "REQUEST_NOT_ELIGIBLE", "the credits are used up"),
        (428, "MISSING_METASITE_ID", "set site_id"),
        (403, "SITE_TOKEN_REQUIRED", "set site_id"),
        (403, "ACCOUNT_TOKEN_REQUIRED", "set account_id"),
        (428, "RESOURCE_EXHAUSTED", "a quota is used up"),
    ] {
        let body = STANDARD.replace("A_CODE", code);
        let error = refused(Reply::json(status, body));
        assert!(error.message().contains(says) && !error.is_transient(), "{error}");
        assert!(!error.message().contains("can be repeated"), "{error}");
    }
}

#[test]
fn a_complete_200_that_is_no_balance_is_told_by_its_field() {
    for (body, says) in [
        ("", "empty"),
        (" \n", "empty"),
        ("<html></html>", "HTML"),
        ("{", "JSON"),
        ("{}{}", "JSON"),
        ("[]", "expected an object"),
        ("null", "expected an object"),
        (STANDARD, "error body"),
        (r#"{"topUpCredits":{"balance":"many"}}"#, "topUpCredits.balance"),
        (
            r#"{"creditBalanceBreakdown":[{},{"usageRules":[{"cap":1.5}]}]}"#,
            "creditBalanceBreakdown[1].usageRules[0].cap",
        ),
        (r#"{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"soon"}]}]}"#, "usageRules[0].resetDate"),
    ] {
        let error = refused(Reply::json(200, body).header("x-wix-request-id", "r7"));
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Decode, Some(200)), "{body}: {error}");
        assert!(error.message().contains(says) && error.request_id() == Some("r7"), "{body}: {error}");
    }
}

#[test]
fn a_body_that_is_not_wixs_is_shown_as_an_excerpt() {
    for (content_type, body, says) in [
        ("text/plain", "Blocked by Corp", "it says: Blocked by Corp;"),
        ("text/html", "<html><title>Sign in &lt;here&gt;</title>", "it says: Sign in <here>;"),
        ("application/problem+json", r#"{"title":"Out of quota","detail":"later"}"#, "it says: Out of quota: later;"),
        ("application/json", r#"{"error":{"message":"nested \u001b[2J"}}"#, r"it says: nested \u{1b}[2J;"),
    ] {
        let error = refused(Reply::status(403).header("Content-Type", content_type).body(body));
        assert_eq!((error.code(), error.description()), (None, None), "{error}");
        assert!(error.message().contains(says), "{error}");
    }
    let echoed = format!("<title>{} is no key</title>", API_KEY);
    assert!(refused(Reply::status(401).body(echoed)).message().contains("it says: [redacted] is no key"));
    let long = refused(Reply::status(502).body("x".repeat(5000)));
    assert!(long.message().contains(&format!("it says: {}…;", "x".repeat(200))), "{long}");
}

#[test]
fn a_redirect_is_an_error_and_its_target_sees_nothing() {
    let target = Server::start(Reply::json(200, r#"{"topUpCredits":{"balance":9000}}"#)).unwrap();
    for status in [300, 301, 302, 303, 307, 308] {
        for location in [format!("{}/x", target.url()), "/elsewhere".to_owned(), "::".to_owned()] {
            let server = Server::start(Reply::status(status).header("Location", location)).unwrap();
            let error = client(server.url()).build().unwrap().get_balance().unwrap_err();
            assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(status)), "{error}");
            assert_eq!(server.requests(), 1);
        }
    }
    assert_eq!((target.requests(), target.connections()), (0, 0));
}

#[test]
fn interim_replies_are_stepped_over() {
    for interim in ["100 Continue\r\n", "102 Processing\r\n", "103 Early Hints\r\nLink: </x>\r\n"] {
        let interim = format!("HTTP/1.1 {interim}\r\n");
        let reply = Reply::raw(interim.repeat(3)).then(Reply::json(200, r#"{"topUpCredits":{"balance":7}}"#));
        assert_eq!(balance(reply).available(), Some(7), "{interim}");
        assert_eq!(refused(Reply::raw(interim).then(Reply::status(404))).kind(), ErrorKind::NotFound);
    }
    let switched = refused(Reply::raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n").close());
    assert_eq!((switched.kind(), switched.http_status()), (ErrorKind::Protocol, Some(101)));
}

#[test]
fn a_head_that_is_not_http_is_a_protocol_error() {
    for head in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\x15\x03\x03\0\x02\x02\x46",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 2xx OK\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Control: \u{1b}[2J\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ] {
        let error = refused(Reply::raw(head).close());
        assert_eq!(error.kind(), ErrorKind::Protocol, "{head:?}: {error}");
    }
}

#[test]
fn an_encoding_that_was_not_asked_for_is_refused() {
    for (header, value) in [
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "br"),
        ("Content-Encoding", "identity, gzip"),
        ("Transfer-Encoding", "gzip"),
        ("Transfer-Encoding", "gzip, chunked"),
    ] {
        let reply = Reply::json(200, "2\r\n{}\r\n0\r\n\r\n").header(header, value).close();
        let error = refused(reply);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{header}: {value}: {error}");
        assert_eq!(
            refused(Reply::json(403, "{}").header(header, value).close()).kind(),
            ErrorKind::Forbidden,
            "{value}"
        );
    }
    for value in ["identity", "Identity", ""] {
        assert_eq!(balance(Reply::json(200, "{}").header("Content-Encoding", value)).json(), "{}");
    }
}

#[test]
fn a_chunked_reply_is_put_together() {
    let chunks = "1\r\n{\r\n2;ext=\"x\"\r\n\"a\r\n5\r\n\":1} \r\n0\r\nTrailer: t\r\n\r\n";
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
    assert_eq!(balance(Reply::raw(format!("{head}{chunks}"))).json(), r#"{"a":1} "#);
}

#[test]
fn a_reply_over_its_limit_is_too_large() {
    let body = r#"{"topUpCredits":{"balance":7}}"#;
    let framings = [
        Reply::json(200, body),
        Reply::raw(format!("HTTP/1.1 200 OK\r\n\r\n{body}")).close(),
        Reply::raw(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        )),
    ];
    for reply in framings {
        let server = Server::start(reply).unwrap();
        let limited = |bytes| client(server.url()).max_reply_bytes(bytes).build().unwrap().get_balance();
        assert_eq!(limited(body.len()).unwrap().available(), Some(7));
        let error = limited(body.len() - 1).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::TooLarge, Some(200)), "{error}");
        assert!(error.message().contains("29 bytes") && error.message().contains("max_reply_bytes"), "{error}");
    }
    let endless = Reply::raw("HTTP/1.1 200 OK\r\n\r\n").endless(vec![b' '; 64 << 10]);
    assert_eq!(refused(endless).kind(), ErrorKind::TooLarge);
}

/// A reply with a too large length is refused at once, even before its first byte.
#[test]
fn a_reply_that_announces_more_than_its_limit_is_not_awaited() {
    for announced in [
        "Content-Length: 8388609\r\n\r\n".to_owned(),
        format!("Content-Length: {}\r\n\r\n", u64::MAX),
        "Transfer-Encoding: chunked\r\n\r\n800001\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n".to_owned(),
    ] {
        let error = refused(Reply::raw(format!("HTTP/1.1 200 OK\r\n{announced}")).mute());
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::TooLarge, Some(200)), "{announced}: {error}");
        // Of an error's body enough has come.
        let error = refused(Reply::raw(format!("HTTP/1.1 403 Forbidden\r\n{announced}")).mute());
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{announced}: {error}");
    }
}

#[test]
fn broken_chunks_are_a_protocol_error_at_once() {
    for chunks in [
        "\r\n{}\r\n0\r\n\r\n",
        "+2\r\n{}\r\n0\r\n\r\n",
        "-2\r\n",
        "2\n{}\n0\n\n",
        "2\r{}",
        "00000000000000002\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}x\r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
    ] {
        let reply = Reply::raw(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}")).mute();
        let error = refused(reply);
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(200)), "{chunks:?}: {error}");
    }
    let long = Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;").endless(vec![b'x'; 4096]);
    assert_eq!(refused(long).kind(), ErrorKind::Protocol);
}

#[test]
fn a_head_over_its_limit_is_too_large() {
    let headers =
        |count| (0..count).fold(Reply::status(200).body("{}"), |reply, n| reply.header(format!("X-{n}"), "v"));
    assert_eq!(balance(headers(127)).json(), "{}");
    let long = Reply::json(200, "{}").header("X-Long", "v".repeat(65 << 10));
    let endless = Reply::raw("HTTP/1.1 200 OK\r\nX-Long: ").endless(vec![b'v'; 4096]);
    for reply in [headers(128), headers(300), long, endless] {
        let error = refused(reply);
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        assert!(error.message().contains("head"), "{error}");
    }
}

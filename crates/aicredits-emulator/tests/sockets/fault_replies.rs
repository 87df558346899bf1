//! The bytes on the socket for each member of a fault's reply.

use std::time::{Duration, Instant};

use aicredits_emulator::{Emulator, PAID_ACTION_PATH, PATH};
use serde_json::{Value, json};

use crate::calls::{
    EXAMPLE, JSON, account_bytes, account_call, account_headers, application_error, assert_whole, pay, request, stamp,
};
use crate::client::{Client, PATIENCE};

/// An emulator whose next request has this fault.
fn with(reply: Value) -> Emulator {
    let emulator = Emulator::start().unwrap();
    let added = emulator.control("fault", &json!({"reply": reply}).to_string());
    assert_eq!(added.status, 200, "{}", added.json);
    emulator
}

/// The head of the reply to the first request, with `Content-Length`.
fn head(status: &str, before: &str, after: &str, length: usize) -> String {
    format!("HTTP/1.1 {status}\r\n{before}{}{after}Content-Length: {length}\r\n\r\n", stamp(1))
}

#[track_caller]
fn assert_reply(fault: Value, expected_head: &str, expected_body: &str) {
    let emulator = with(fault.clone());
    let reply = account_call(&emulator);
    assert_eq!((reply.head.as_str(), reply.text()), (expected_head, expected_body), "{fault}");
    assert_whole(&account_call(&emulator), 2, "200 OK", JSON, EXAMPLE);
}

#[test]
fn a_status_without_a_body_has_wix_s_or_the_gateway_s() {
    let standard = |code: &str, message: &str| (JSON, application_error(code, message));
    let page = |reason: &str| {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{reason}</title></head><body><h1>{reason}</h1></body></html>\n"
        );
        ("Content-Type: text/html\r\n", page)
    };
    for (status, line, (content_type, body)) in [
        (400, "400 Bad Request", standard("INVALID_ARGUMENT", "The request is invalid")),
        (401, "401 Unauthorized", standard("UNAUTHENTICATED", "The request has no valid credential")),
        (403, "403 Forbidden", standard("PERMISSION_DENIED", "This credential has no access")),
        (404, "404 Not Found", standard("NOT_FOUND", "There is nothing with this id")),
        (409, "409 Conflict", standard("ALREADY_EXISTS", "The request is in conflict with an earlier one")),
        (428, "428 Precondition Required", standard("MISSING_METASITE_ID", "The request does not meet a precondition")),
        (429, "429 Too Many Requests", standard("RESOURCE_EXHAUSTED", "Too many requests. Try again in a minute")),
        (418, "418 ", standard("FAILED_PRECONDITION", "An error occurred")),
        (500, "500 Internal Server Error", (JSON, r#"{"message":"An error occurred","errorCode":-100}"#.to_owned())),
        (502, "502 Bad Gateway", page("502 Bad Gateway")),
        (503, "503 Service Unavailable", standard("INTERNAL_ERROR", "The service is unavailable")),
        (504, "504 Gateway Timeout", page("504 Gateway Timeout")),
        (200, "200 OK", ("", String::new())),
        (302, "302 Found", ("", String::new())),
    ] {
        assert_reply(json!({"status": status}), &head(line, content_type, "", body.len()), &body);
    }
}

#[test]
fn the_refusal_of_a_paid_action_is_the_one_of_missing_credits() {
    let emulator = with(json!({"status": 428}));
    let body = application_error("REQUEST_NOT_ELIGIBLE", "The request does not meet a precondition");
    assert_whole(&pay(&emulator, r#"{"cost":1}"#), 1, "428 Precondition Required", JSON, &body);
}

#[test]
fn a_status_without_a_body_in_http_has_no_length() {
    for (status, line) in [(204, "204 No Content"), (100, "100 Continue"), (199, "199 ")] {
        let emulator = with(json!({"status": status, "end": "close"}));
        let (bytes, end) = account_bytes(&emulator);
        end.unwrap();
        assert_eq!(bytes, format!("HTTP/1.1 {line}\r\n{}\r\n", stamp(1)));
    }
}

#[test]
fn each_shape_has_its_body() {
    let message = "The request is invalid";
    for (shape, content_type, body) in [
        ("application_error", JSON, application_error("INVALID_ARGUMENT", message)),
        (
            "validation_error",
            JSON,
            concat!(
                r#"{"message":"request is invalid:\nfield is invalid","details":{"validationError":{"#,
                r#""fieldViolations":[{"field":"field","description":"is invalid","violatedRule":"FORMAT"}]}}}"#
            )
            .to_owned(),
        ),
        (
            "system_error",
            JSON,
            format!(r#"{{"message":"{message}","details":{{"systemError":{{"errorCode":"INVALID_ARGUMENT"}}}}}}"#),
        ),
        ("details_empty", JSON, r#"{"message":"","details":{}}"#.to_owned()),
        ("message_only", JSON, format!(r#"{{"message":"{message}"}}"#)),
        ("error_code", JSON, format!(r#"{{"message":"{message}","errorCode":-100}}"#)),
        ("oauth", JSON, format!(r#"{{"error":"invalid_request","error_description":"{message}"}}"#)),
        (
            "html",
            "Content-Type: text/html\r\n",
            "<!DOCTYPE html>\n<html><head><title>400</title></head><body><h1>400</h1></body></html>\n".to_owned(),
        ),
        ("empty", "", String::new()),
    ] {
        let expected = head("400 Bad Request", content_type, "", body.len());
        assert_reply(json!({"status": 400, "shape": shape}), &expected, &body);
    }
    for (status, error) in
        [(401, "invalid_client"), (403, "unauthorized_client"), (500, "server_error"), (503, "temporarily_unavailable")]
    {
        let reply = account_call(&with(json!({"status": status, "shape": "oauth"})));
        assert_eq!(serde_json::from_slice::<Value>(&reply.body).unwrap()["error"], error, "{status}");
    }
}

#[test]
fn a_body_or_a_shape_without_a_status_replaces_the_real_body() {
    assert_reply(json!({"body": "[1]"}), &head("200 OK", JSON, "", 3), "[1]");
    assert_reply(json!({"body": ""}), &head("200 OK", JSON, "", 0), "");
    let body = r#"{"message":"","details":{}}"#;
    assert_reply(json!({"shape": "details_empty"}), &head("200 OK", JSON, "", body.len()), body);
}

#[test]
fn a_body_has_the_content_type_that_the_headers_say() {
    let expected = format!("HTTP/1.1 503 Service Unavailable\r\n{}{JSON}Content-Length: 2\r\n\r\n", stamp(1));
    assert_reply(json!({"status": 503, "body": "[]"}), &expected, "[]");
    let headers = json!([["content-type", "text/plain"], ["X-Two", "a"], ["X-Two", "\u{e9}\tb"]]);
    let after = "content-type: text/plain\r\nX-Two: a\r\nX-Two: \u{e9}\tb\r\n";
    assert_reply(
        json!({"status": 503, "body": "[]", "headers": headers}),
        &head("503 Service Unavailable", "", after, 2),
        "[]",
    );
}

#[test]
fn headers_replace_the_emulator_s_own_of_the_same_name() {
    assert_reply(
        json!({"headers": [["x-added", "1"]]}),
        &head("200 OK", JSON, "x-added: 1\r\n", EXAMPLE.len()),
        EXAMPLE,
    );
    let headers = json!([["DATE", "yesterday"], ["X-Wix-Request-Id", "7.7"], ["retry-after", "soon"]]);
    let expected = format!(
        "HTTP/1.1 429 Too Many Requests\r\n{JSON}DATE: yesterday\r\nX-Wix-Request-Id: 7.7\r\nretry-after: soon\r\n\
         Content-Length: 26\r\n\r\n"
    );
    assert_reply(
        json!({"status": 429, "shape": "message_only", "retry_after_s": 5, "headers": headers}),
        &expected.replace("26", &r#"{"message":"Too many requests. Try again in a minute"}"#.len().to_string()),
        r#"{"message":"Too many requests. Try again in a minute"}"#,
    );
}

#[test]
fn a_length_that_does_not_fit_is_sent_as_it_is() {
    let emulator = with(json!({"body": "{}", "headers": [["Content-Length", "5"]], "end": "close"}));
    let (bytes, end) = account_bytes(&emulator);
    end.unwrap();
    assert_eq!(bytes, format!("HTTP/1.1 200 OK\r\n{JSON}{}Content-Length: 5\r\n\r\n{{}}", stamp(1)));
}

#[test]
fn retry_after_is_a_number_or_a_date() {
    for (fault, value) in [
        (json!({"status": 503, "shape": "empty", "retry_after_s": 1}), "1"),
        (json!({"status": 503, "shape": "empty", "retry_after_s": 0}), "0"),
        (json!({"status": 503, "shape": "empty", "retry_after_date_s": 90}), "Wed, 24 Jun 2026 00:01:30 GMT"),
        (json!({"status": 503, "shape": "empty", "retry_after_date_s": -1}), "Tue, 23 Jun 2026 23:59:59 GMT"),
    ] {
        let after = format!("Retry-After: {value}\r\n");
        assert_reply(fault, &head("503 Service Unavailable", "", &after, 0), "");
    }
    assert_reply(json!({"retry_after_s": 7}), &head("200 OK", JSON, "Retry-After: 7\r\n", EXAMPLE.len()), EXAMPLE);
}

#[test]
fn a_delay_comes_before_the_first_byte() {
    let emulator = with(json!({"delay_ms": 300}));
    let begun = Instant::now();
    assert_whole(&account_call(&emulator), 1, "200 OK", JSON, EXAMPLE);
    assert!(begun.elapsed() >= Duration::from_millis(300));

    let emulator = with(json!({"delay_ms": 3_600_000}));
    let mut client = Client::connect(emulator.server().addr());
    client.send(request("POST", PATH, &account_headers(&emulator), "{}"));
    assert!(emulator.server().wait_for_requests(1, PATIENCE));
    assert!(client.receives_nothing_for(Duration::from_millis(50)));
    // Other connections are answered meanwhile, and the emulator stops at once.
    assert_eq!(account_call(&emulator).status, 200);
    drop(emulator);
    let (bytes, _) = client.receive_to_end();
    assert!(bytes.is_empty());
}

#[test]
fn drip_sends_one_byte_at_a_time() {
    let emulator = with(json!({"status": 200, "body": "{}", "drip_ms": 2}));
    let begun = Instant::now();
    let reply = account_call(&emulator);
    assert_eq!((reply.status, reply.text()), (200, "{}"));
    let pauses = reply.head.len() + 2 - 1;
    assert!(begun.elapsed() >= Duration::from_millis(2 * pauses as u64), "{:?}", begun.elapsed());
}

#[test]
fn a_cut_reply_ends_after_so_many_bytes() {
    let whole = format!("{}{EXAMPLE}", head("200 OK", JSON, "", EXAMPLE.len()));
    for cut_at in [0, 1, 12, 100, whole.len() - 1] {
        for (end, resets) in [(None, false), (Some("close"), false), (Some("reset"), true)] {
            let emulator = with(json!({"cut_at": cut_at, "end": end}));
            let (bytes, ended) = account_bytes(&emulator);
            assert_eq!((bytes.as_str(), ended.is_err()), (&whole[..cut_at], resets), "{cut_at} {end:?}");
            assert!(emulator.server().wait_until_closed(PATIENCE));
            let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
            let entry = &journal["requests"][0];
            let status = if cut_at < 12 { json!(null) } else { json!(200) };
            assert_eq!((&entry["ended"], &entry["status"]), (&json!("cut"), &status), "{cut_at}");
        }
    }
}

#[test]
fn a_reply_shorter_than_its_cut_is_complete() {
    let whole = format!("{}{EXAMPLE}", head("200 OK", JSON, "", EXAMPLE.len()));
    for cut_at in [whole.len(), whole.len() + 1, 1_000_000] {
        let emulator = with(json!({"cut_at": cut_at}));
        let (bytes, ended) = account_bytes(&emulator);
        ended.unwrap();
        assert_eq!(bytes, whole, "{cut_at}");
        assert!(emulator.server().wait_until_closed(PATIENCE));
        let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
        assert_eq!(journal["requests"][0]["ended"], "complete");
    }
}

#[test]
fn a_header_that_the_server_adds_counts_for_the_cut() {
    let expected =
        format!("HTTP/1.1 503 Service Unavailable\r\n{}Connection: close\r\nContent-Length: 0\r\n\r\n", stamp(1));
    for (cut_at, ended) in [(expected.len() - 1, "cut"), (expected.len(), "complete")] {
        let emulator = with(json!({"status": 503, "shape": "empty", "cut_at": cut_at}));
        let mut client = Client::connect(emulator.server().addr());
        let headers = [account_headers(&emulator).as_slice(), &[("Connection", "close")]].concat();
        client.send(request("POST", PATH, &headers, "{}"));
        let (bytes, end) = client.receive_to_end();
        end.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), expected[..cut_at]);
        assert!(emulator.server().wait_until_closed(PATIENCE));
        let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
        assert_eq!(journal["requests"][0]["ended"], ended);
    }
}

#[test]
fn the_connection_ends_after_the_reply_if_the_fault_says_so() {
    let whole = format!("{}{EXAMPLE}", head("200 OK", JSON, "", EXAMPLE.len()));
    let (bytes, ended) = account_bytes(&with(json!({"end": "close"})));
    ended.unwrap();
    assert_eq!(bytes, whole);
    // A reset may overtake bytes that the client has not read.
    let (bytes, ended) = account_bytes(&with(json!({"end": "reset"})));
    ended.unwrap_err();
    assert!(whole.starts_with(&bytes), "{bytes}");
    // Without it the connection stays open for the next request.
    let emulator = with(json!({"status": 503}));
    let mut client = Client::connect(emulator.server().addr());
    client.send(request("POST", PATH, &account_headers(&emulator), "{}").repeat(2));
    assert_eq!([client.receive().status, client.receive().status], [503, 200]);
}

#[test]
fn each_framing_has_its_bytes() {
    let stamp = stamp(1);
    let close = json!({"status": 200, "body": "abc", "framing": "length", "end": "close"});
    for (framing, expected) in [
        ("length", format!("HTTP/1.1 200 OK\r\n{stamp}{JSON}Content-Length: 3\r\n\r\nabc")),
        (
            "chunked",
            format!("HTTP/1.1 200 OK\r\n{stamp}{JSON}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
        ),
        ("close", format!("HTTP/1.1 200 OK\r\n{stamp}{JSON}Connection: close\r\n\r\nabc")),
    ] {
        let mut fault = close.clone();
        fault["framing"] = framing.into();
        let (bytes, ended) = account_bytes(&with(fault));
        ended.unwrap();
        assert_eq!(bytes, expected, "{framing}");
    }
    // The end of the connection is the body's end, without another member.
    let (bytes, ended) = account_bytes(&with(json!({"framing": "close"})));
    ended.unwrap();
    assert!(bytes.ends_with(&format!("\r\nConnection: close\r\n\r\n{EXAMPLE}")), "{bytes}");
    // A body without bytes has no chunk but the last.
    let (bytes, _) =
        account_bytes(&with(json!({"status": 500, "shape": "empty", "framing": "chunked", "end": "close"})));
    assert!(bytes.ends_with("\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "{bytes}");
}

#[test]
fn each_mangle_has_its_bytes() {
    let example = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from));
        EXAMPLE.replacen(from, to, 1)
    };
    let added = r#""futureField":[{},"text",7,true,null]"#;
    let with_fields = EXAMPLE.replace('}', &format!(",{added}}}"));
    let with_text = EXAMPLE.replace("850", r#""850""#).replace(":200", r#":"200""#).replace(":1000", r#":"1000""#);
    for (mangle, body) in [
        ("truncate", EXAMPLE[..EXAMPLE.len() / 2].to_owned()),
        ("unknown_enum", example(r#""MONTH""#, r#""FORTNIGHT""#)),
        ("unknown_field", with_fields),
        ("numbers_as_text", with_text),
    ] {
        assert_reply(json!({"mangle": [mangle]}), &head("200 OK", JSON, "", body.len()), &body);
    }
    let garbled = account_call(&with(json!({"mangle": ["garble"]}))).body;
    let expected = EXAMPLE.bytes().enumerate().map(|(index, byte)| if index % 7 == 0 { 0xff } else { byte });
    assert_eq!(garbled, expected.collect::<Vec<_>>());

    let second = "x-wix-request-id: 1782259200.000000000000000000002\r\n";
    assert_reply(json!({"mangle": ["double_request_id"]}), &head("200 OK", JSON, second, EXAMPLE.len()), EXAMPLE);
}

#[test]
fn mangles_are_made_in_their_order() {
    let body = r#"{"a":"7","futureField":[{},"text",7,true,null]}"#;
    let fault = |mangle: Value| json!({"body": r#"{"a":7}"#, "mangle": mangle});
    let order = json!(["numbers_as_text", "unknown_field"]);
    assert_reply(fault(order), &head("200 OK", JSON, "", body.len()), body);
    // Half a body is no JSON, and has no numbers any more.
    assert_reply(fault(json!(["truncate", "numbers_as_text"])), &head("200 OK", JSON, "", 3), r#"{"a"#);
}

#[test]
fn an_error_can_be_mangled_too() {
    let body = application_error("INTERNAL_ERROR", "The service is unavailable");
    let half = &body[..body.len() / 2];
    assert_reply(
        json!({"status": 503, "mangle": ["truncate"]}),
        &head("503 Service Unavailable", JSON, "", half.len()),
        half,
    );
}

#[test]
fn a_fault_with_a_status_asks_for_no_key_and_one_without_does() {
    let emulator = with(json!({"status": 503, "shape": "empty"}));
    emulator.control("fault", r#"{"reply":{"retry_after_s":3}}"#);
    let mut client = Client::connect(emulator.server().addr());
    client.send(request("POST", PAID_ACTION_PATH, &[], "[").repeat(2));
    assert_whole(&client.receive(), 1, "503 Service Unavailable", "", "");
    let refused = client.receive();
    assert_eq!((refused.status, refused.header("retry-after")), (401, Some("3")));
}

#[test]
fn a_delay_is_in_real_time_at_any_speed() {
    let emulator = with(json!({"delay_ms": 300}));
    emulator.control("clock", r#"{"speed":1000}"#);
    let begun = Instant::now();
    assert_eq!(account_call(&emulator).status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    // In service time the pauses would be a thousandth of that.
    let reply = json!({"reply": {"drip_ms": 1}}).to_string();
    emulator.control("fault", &reply);
    let begun = Instant::now();
    let length = account_call(&emulator).head.len() as u32;
    assert!(begun.elapsed() >= Duration::from_millis(1) * length);
}

//! The faults that have names.

use std::collections::BTreeSet;
use std::time::Duration;

use aicredits_emulator::{Emulator, FAULTS, PATH, named_fault};
use serde_json::Value;

use crate::calls::{EXAMPLE, account_headers, request};
use crate::client::Client;

#[test]
fn each_name_is_unique_and_described_and_a_wrong_one_is_answered_with_all() {
    let names: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), FAULTS.len());
    for fault in FAULTS {
        let emulator = Emulator::start().unwrap();
        assert!(fault.about.ends_with('.'), "{}", fault.name);
        emulator.fault(&named_fault(fault.name).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", fault.name));
    }
    let error = named_fault("no-such-fault").unwrap_err();
    assert_eq!(error.status, 404);
    assert!(error.problem.message.contains("throttle, "), "{error}");
}

#[test]
fn each_named_fault_does_what_it_says() {
    for fault in FAULTS {
        let emulator = Emulator::start().unwrap();
        emulator.fault(&named_fault(fault.name).unwrap()).unwrap();
        if fault.name == "connect-mute" || fault.name == "slow" {
            let mut client = Client::connect(emulator.server().addr());
            client.send(request("POST", PATH, &account_headers(&emulator), "{}"));
            assert!(client.receives_nothing_for(Duration::from_millis(100)), "{}", fault.name);
            continue;
        }
        let mut client = Client::connect(emulator.server().addr());
        let headers = [account_headers(&emulator).as_slice(), &[("Connection", "close")]].concat();
        let sent = client.try_send(request("POST", PATH, &headers, "{}"));
        let (bytes, ended) = client.receive_to_end();
        // The first of the two that comes after a reset reports it.
        let ended = sent.and(ended);
        let text = String::from_utf8_lossy(&bytes);
        let status = text.split(' ').nth(1).unwrap_or_default();
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let holds = match fault.name {
            "throttle" => status == "429" && text.contains("\r\nRetry-After: 1\r\n"),
            "throttle-date" => status == "429" && text.contains("\r\nRetry-After: Wed, 24 Jun 2026 00:00:02 GMT\r\n"),
            "throttle-silent" => status == "429" && !text.contains("Retry-After"),
            "throttle-forbidden" => status == "403" && body == r#"{"message":"","details":{}}"#,
            "outage" | "unavailable" => status == "503" && body.contains("applicationError"),
            "server-error" => status == "500" && body.contains(r#""errorCode":-100"#),
            "bad-gateway" => status == "502" && body.contains("<h1>502 Bad Gateway</h1>"),
            "gateway-timeout" => status == "504" && body.contains("<h1>504 Gateway Timeout</h1>"),
            "flaky" => status == "200" || status == "503",
            "drip" => status == "200" && body == EXAMPLE,
            "reset" | "connect-reset" => bytes.is_empty() && ended.is_err(),
            "closed" | "connect-closed" => bytes.is_empty() && ended.is_ok(),
            "truncated" => bytes.len() == 200 && !body.is_empty() && EXAMPLE.starts_with(body),
            "half-body" => text.contains(&format!("Content-Length: {}\r\n", body.len())) && EXAMPLE.starts_with(body),
            "garbled" => status == "200" && serde_json::from_str::<Value>(body).is_err(),
            "html" => status == "200" && body.starts_with("<!DOCTYPE html>"),
            "newer-api" => body.contains("FORTNIGHT") && body.contains("futureField"),
            "numbers-as-text" => body.contains(r#""balance":"850""#),
            other => panic!("no test for the fault {other}"),
        };
        assert!(holds, "{}: {text}", fault.name);
    }
}

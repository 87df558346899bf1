//! Calls of the service, and whole replies to compare with.

use std::fmt::Write;

use aicredits_emulator::{Emulator, PAID_ACTION_PATH, PATH};

use crate::client::{Client, Received};

pub(crate) const JSON: &str = "Content-Type: application/json\r\n";

/// The body of the example.
pub(crate) const EXAMPLE: &str = concat!(
    r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200},"#,
    r#""creditBalanceBreakdown":[{"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","#,
    r#""usageRules":[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}]},"#,
    r#"{"usageRules":[{"period":"NO_PERIOD","balance":200,"cap":200}]}]}"#,
);

/// A reading with these headers besides the page's.
pub(crate) fn call(emulator: &Emulator, headers: &[(&str, &str)]) -> Received {
    send(emulator, "POST", PATH, headers, "{}")
}

pub(crate) fn account_call(emulator: &Emulator) -> Received {
    call(emulator, &account_headers(emulator))
}

/// A paid action of the account.
pub(crate) fn pay(emulator: &Emulator, body: &str) -> Received {
    send(emulator, "POST", PAID_ACTION_PATH, &account_headers(emulator), body)
}

pub(crate) fn account_headers(emulator: &Emulator) -> [(&str, &str); 2] {
    [("Authorization", emulator.api_key()), ("wix-account-id", emulator.account_id())]
}

pub(crate) fn send(emulator: &Emulator, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Received {
    let mut client = Client::connect(emulator.server().addr());
    client.send(request(method, path, headers, body));
    client.receive()
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    request + "\r\n" + body
}

/// The bytes of a reading of the account up to the end of the connection. `Err`: it was reset.
pub(crate) fn account_bytes(emulator: &Emulator) -> (String, std::io::Result<()>) {
    let mut client = Client::connect(emulator.server().addr());
    client.send(request("POST", PATH, &account_headers(emulator), "{}"));
    let (bytes, end) = client.receive_to_end();
    (String::from_utf8(bytes).unwrap(), end)
}

/// `Date` and request id of the `n`-th request, at the calendar of the example.
pub(crate) fn stamp(n: u64) -> String {
    format!("Date: Wed, 24 Jun 2026 00:00:00 GMT\r\nx-wix-request-id: 1782259200.{:020}\r\n", n - 1)
}

/// Asserts each byte of the reply to the `n`-th request of an emulator: `headers` come before the stamp.
#[track_caller]
pub(crate) fn assert_whole(reply: &Received, n: u64, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}{}Content-Length: {length}\r\n\r\n", stamp(n));
    assert_eq!((reply.head.as_str(), reply.text()), (head.as_str(), body));
}

/// Wix's standard body of an error.
pub(crate) fn application_error(code: &str, message: &str) -> String {
    format!(
        r#"{{"message":"{message}","details":{{"applicationError":{{"code":"{code}","description":"{message}","data":{{}}}}}}}}"#
    )
}

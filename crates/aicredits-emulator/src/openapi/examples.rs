//! An example of each request. The replies to them come from an emulator.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::service::PATH;

/// The address in the examples of replies.
const ADDRESS: &str = "127.0.0.1:41234";

/// The actions in the order in which they are run, with a request for each.
const REQUESTS: &[(&str, &str)] = &[
    ("state", "{}"),
    ("spend", r#"{"cost":5,"idempotency_key":"k1"}"#),
    ("top_up", r#"{"amount":200}"#),
    (
        "grant",
        r#"{"allocation":"free","rules":[{"period":"DAY","cap":30},{"period":"MONTH","cap":120,"balance":100}]}"#,
    ),
    ("adjust", r#"{"allocation":"free","rule":0,"balance":10,"omit":["cap"]}"#),
    ("clock", r#"{"advance_ms":604800000}"#),
    ("account", r#"{"account":"0a1b2c3d-0000-4000-8000-0000000000a2","label":"Shop"}"#),
    ("key", r#"{"name":"second","accounts":["0a1b2c3d-0000-4000-8000-0000000000a2"]}"#),
    ("fault", r#"{"times":2,"match":{"route":"balance"},"reply":{"status":503,"retry_after_s":1}}"#),
    ("clear_faults", r#"{"fault":"f1"}"#),
    ("limit", r#"{"per_minute":200}"#),
    ("assume", r#"{"no_scope":"401"}"#),
    ("journal", r#"{"after":0,"route":"balance"}"#),
    ("wait", r#"{"requests":1,"timeout_ms":5000}"#),
    ("mark", r#"{"label":"second call"}"#),
    ("verdict", r#"{"require":{"max_per_minute":200}}"#),
    ("reset", r#"{"scenario":"example"}"#),
];

/// An action's request and the reply to it.
pub(super) struct Example {
    pub(super) action: &'static str,
    pub(super) request: Value,
    pub(super) reply: Value,
}

/// All of them, the same in each run.
pub(super) fn all() -> Vec<Example> {
    let emulator = Emulator::start().expect("the example can be served");
    ask_for_a_balance(&emulator);
    let run = |&(action, request): &(&'static str, &str)| {
        let reply = emulator.control(action, request);
        assert_eq!(reply.status, 200, "{action}: {}", reply.json);
        let reply = reply.json.replace(&emulator.server().addr().to_string(), ADDRESS);
        let mut reply = serde_json::from_str(&reply).expect("a reply is JSON");
        settle(&mut reply);
        Example { action, request: serde_json::from_str(request).expect("a request is JSON"), reply }
    };
    REQUESTS.iter().map(run).collect()
}

/// So that the journal has a request.
fn ask_for_a_balance(emulator: &Emulator) {
    let (addr, key, account) = (emulator.server().addr(), emulator.api_key(), emulator.account_id());
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {addr}\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\nContent-Length: 2\r\n\
         Connection: close\r\n\r\n{{}}"
    );
    let asked = TcpStream::connect(addr).and_then(|mut stream| {
        stream.write_all(head.as_bytes())?;
        stream.read_to_end(&mut Vec::new())
    });
    asked.expect("the emulator answers");
}

/// Replaces what differs from run to run.
fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    // Its whole minutes are what a request advanced.
                    "service_ms" => *member = (member.as_u64().unwrap_or_default() / 60_000 * 60_000).into(),
                    "arrived_ms" => *member = 12.into(),
                    "replied_ms" => *member = 13.into(),
                    "ended" => *member = "complete".into(),
                    _ => settle(member),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(settle),
        _ => {}
    }
}

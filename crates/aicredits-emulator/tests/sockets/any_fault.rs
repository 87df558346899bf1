//! Any fault that is accepted: it happens once, as it says, and leaves the emulator well.

use aicredits_emulator::{Emulator, Nothing, PAID_ACTION_PATH, PATH};
use serde_json::{Map, Value, json};

use crate::calls::{account_call, account_headers, request};
use crate::client::Client;
use crate::random::{Random, with_seeds};

/// A `reply` with some of the members, right or wrong.
fn any_reply(random: &mut Random) -> Value {
    let mut reply = Map::new();
    let mut maybe = |random: &mut Random, name: &str, values: &[Value]| {
        if random.one_in(3) {
            reply.insert(name.to_owned(), values[random.up_to(values.len() as i64 - 1) as usize].clone());
        }
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    maybe(
        random,
        "status",
        &[99, 100, 200, 204, 304, 400, 428, 429, 500, 503, 504, 599, 600].map(|status| json!(status)),
    );
    let headers = [json!([["x-a", "1"], ["X-A", "2"]]), json!([["date", ""]]), json!([["x\r\nb", "1"]]), json!([])];
    maybe(random, "headers", &headers);
    maybe(random, "body", &texts(&["", "{}", "[7]", "\u{0}", "x\r\n\r\ny"]));
    let shapes = ["application_error", "validation_error", "system_error", "error_code", "oauth", "html", "empty"];
    maybe(random, "shape", &texts(&shapes));
    maybe(random, "retry_after_s", &[json!(0), json!(u64::MAX)]);
    maybe(random, "retry_after_date_s", &[json!(-1_000_000_000), json!(90), json!(1_000_000_000)]);
    maybe(random, "delay_ms", &[json!(0), json!(1)]);
    maybe(random, "cut_at", &[0, 1, 12, 13, 100, 250, 100_000].map(|bytes| json!(bytes)));
    maybe(random, "end", &texts(&["close", "reset"]));
    maybe(random, "framing", &texts(&["length", "chunked", "close"]));
    let mangles = ["truncate", "garble", "unknown_enum", "unknown_field", "numbers_as_text", "double_request_id"];
    let several = (0..random.up_to(3)).map(|_| random.one_of(&mangles)).collect::<Vec<_>>();
    maybe(random, "mangle", &[json!(several)]);
    if random.one_in(50) {
        reply.insert("drip_ms".to_owned(), json!(1));
    }
    Value::Object(reply)
}

fn spendable(emulator: &Emulator) -> i64 {
    let state = emulator.state(&Nothing {}).unwrap();
    state.accounts[0].allocations.iter().map(|one| one.rules[0].balance).sum()
}

#[test]
fn any_fault_that_is_accepted_happens_once_and_leaves_the_emulator_well() {
    with_seeds(10, |mut random| {
        let emulator = Emulator::start().unwrap();
        let clean = account_call(&emulator).body;
        let mut accepted = 0;
        for _ in 0..30 {
            let reply = any_reply(&mut random);
            let fault = json!({"fault": "any", "reply": reply});
            let added = emulator.control("fault", &fault.to_string());
            if added.status == 400 {
                assert!(emulator.state(&Nothing {}).unwrap().faults.is_empty(), "{fault}");
                continue;
            }
            assert_eq!(added.status, 200, "{fault}: {}", added.json);
            accepted += 1;

            let pays = random.one_in(2);
            let before = spendable(&emulator);
            let path = if pays { PAID_ACTION_PATH } else { PATH };
            let headers = [account_headers(&emulator).as_slice(), &[("Connection", "close")]].concat();
            let mut client = Client::connect(emulator.server().addr());
            client.send(request("POST", path, &headers, r#"{"cost":1}"#));
            let (bytes, ended) = client.receive_to_end();

            let charged = i64::from(pays && reply.get("status").is_none());
            assert_eq!(before - spendable(&emulator), charged, "{fault}");
            let cut_at = reply["cut_at"].as_u64().unwrap_or(u64::MAX);
            assert!(bytes.len() as u64 <= cut_at, "{fault}");
            assert!(ended.is_ok() || reply["end"] == "reset", "{fault}: {ended:?} {}", bytes.len());
            let status = reply["status"].as_u64().unwrap_or(200).to_string();
            if reply["end"] != "reset" && cut_at >= 12 {
                assert_eq!(&bytes[..12], format!("HTTP/1.1 {status}").as_bytes(), "{fault}");
            }
            let journal: Value = serde_json::from_str(&emulator.control("journal", "{}").json).unwrap();
            let entry = journal["requests"].as_array().unwrap().last().unwrap();
            assert_eq!(entry["fault"], "any", "{fault}");

            // The fault is gone, and the next reply is as without it.
            assert!(emulator.state(&Nothing {}).unwrap().faults.is_empty(), "{fault}");
            if pays {
                assert_eq!(account_call(&emulator).status, 200, "{fault}");
            } else if charged == 0 && before == 1050 {
                assert_eq!(account_call(&emulator).body, clean, "{fault}");
            }
        }
        assert!(accepted > 0);
    });
}

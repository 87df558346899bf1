//! The key is in no error, no `Debug` and no log record: not when a call succeeds, not when it fails, and not when
//! the server sends back what it was sent.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use aicredits::{Balance, Call, Client, Error, ErrorKind};
use aicredits_emulator::script::{Reply, Script, Server, refused_addr};

use log::LevelFilter;

use common::{ACCOUNT, API_KEY, client};

mod common;

/// The part of each credential below that must turn up nowhere.
const CANARY: &str = "canary-7f3a91c0";

/// A key, one with characters that JSON escapes, and raw values whose token is the secret.
const CREDENTIALS: [&str; 4] = [
    API_KEY,
    r#"IST."canary-7f3a91c0"\a/b<&>'x"#,
    "Bearer OauthNG.canary-7f3a91c0",
    // Its short words are parts of the secret.
    "Signature key = a c canary-7f3a91c0== canary-7f",
];

fn with_credential(server: &Server, credential: &str) -> Client {
    let client = client(server.url());
    let client = if credential.contains(' ') { client.authorization(credential) } else { client.api_key(credential) };
    client.build().unwrap()
}

/// Everything that an outcome shows of itself.
fn shown(outcome: &Result<Balance, Error>) -> String {
    match outcome {
        Ok(balance) => format!("{balance:?} {:?} {:?}", balance.request_id(), balance.scope()),
        Err(error) => {
            let source = std::error::Error::source(error).map(|source| format!("{source} {source:?}"));
            let violations: Vec<_> = error.field_violations().iter().map(|v| format!("{v} {v:?}")).collect();
            let texts = (error.code(), error.description(), error.request_id(), source, violations);
            format!("{error} {error:?} {error:#?} {texts:?}")
        }
    }
}

#[test]
fn debug_of_a_credential_shows_no_key() {
    let builder = || client("https://proxy.example/wix");
    for credential in CREDENTIALS {
        let with_key = builder().authorization(credential);
        let client = with_key.build().unwrap();
        let call = Call::new().account(ACCOUNT).timeout(Duration::from_secs(1));
        let shown: [&dyn Debug; 4] =
            [&builder().authorization(credential), &builder().api_key(credential), &client, &call];
        for shown in shown {
            let shown = format!("{shown:?} {shown:#?}");
            assert!(!shown.contains(CANARY) && !shown.contains("IST.") && !shown.contains("Oauth"), "{shown}");
        }
        assert!(format!("{client:?}").contains("proxy.example"));
    }
}

/// The ways in which a reply can hold the credential: as the server has it, and escaped for JSON.
fn echoes(credential: &str) -> Vec<(&'static str, Reply)> {
    let json = serde_json::to_string(credential).unwrap();
    let unicode: String = credential.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let error_body = |text: &str| {
        format!(
            r#"{{"message":{text},"details":{{"applicationError":{{"code":{text},"description":{text}}},"validationError":
                {{"fieldViolations":[{{"field":{text},"description":{text},"violatedRule":{text}}}]}}}}}}"#
        )
    };
    let ok = |header: &str| Reply::json(200, "{}").header(header, credential);
    vec![
        ("request id of a success", ok("x-wix-request-id")),
        ("request id of an error", Reply::json(403, "{}").header("x-wix-request-id", credential)),
        ("request id of what is no balance", Reply::json(200, "[]").header("x-wix-request-id", credential)),
        ("error body", Reply::json(401, error_body(&json))),
        ("error body, escaped", Reply::json(401, error_body(&format!("\"{unicode}\"")))),
        (
            "error body, within a text",
            Reply::json(500, error_body(&format!("\"no key {}\"", &json[1..json.len() - 1]))),
        ),
        ("short error body", Reply::json(400, format!(r#"{{"error":{json},"error_description":{json}}}"#))),
        ("HTML", Reply::status(502).body(format!("<p>{credential}</p>"))),
        ("HTML with 200", Reply::status(200).body(format!("<p>{credential}</p>"))),
        ("unknown field", Reply::json(200, format!(r#"{{{json}:{json}}}"#))),
        ("wrong type", Reply::json(200, format!(r#"{{"periodicCredits":{json}}}"#))),
        ("count", Reply::json(200, format!(r#"{{"periodicCredits":{{"cap":{json}}}}}"#))),
        (
            "date",
            Reply::json(200, format!(r#"{{"creditBalanceBreakdown":[{{"usageRules":[{{"resetDate":{json}}}]}}]}}"#)),
        ),
        ("broken JSON", Reply::json(200, format!(r#"{{"a":{credential}"#))),
        ("content encoding", ok("Content-Encoding")),
        ("transfer encoding", ok("Transfer-Encoding").close()),
        ("content length", ok("Content-Length").close()),
        ("retry-after and date", Reply::status(429).header("Retry-After", credential).header("Date", credential)),
        ("location", Reply::status(302).header("Location", format!("http://127.0.0.1/{credential}"))),
        ("reason of an error", Reply::raw(format!("HTTP/1.1 403 {credential}\r\nContent-Length: 0\r\n\r\n"))),
        ("reason of a success", Reply::raw(format!("HTTP/1.1 200 {credential}\r\nContent-Length: 2\r\n\r\n{{}}"))),
        (
            "behind empty lines",
            Reply::raw(format!("\r\n\n\r\nHTTP/1.1 200 OK\r\nX-Echo: {credential}\r\nContent-Length: 2\r\n\r\n{{}}")),
        ),
        ("in place of a head", Reply::raw(format!("{credential}\r\n\r\n")).close()),
        ("header name", Reply::raw(format!("HTTP/1.1 200 OK\r\n{credential}: x\r\nContent-Length: 2\r\n\r\n{{}}"))),
        ("chunk", Reply::raw(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{credential}\r\n")).close()),
        ("cut", Reply::raw(format!("HTTP/1.1 200 {credential}\r\n")).close()),
    ]
}

#[test]
fn a_server_that_sends_the_key_back_makes_no_one_show_it() {
    for level in [LevelFilter::Off, LevelFilter::Trace] {
        let _level = log_at(level);
        for credential in CREDENTIALS {
            for (place, reply) in echoes(credential) {
                let server = Server::start(reply).unwrap();
                let outcome = with_credential(&server, credential).get_balance();
                let shown = shown(&outcome);
                assert!(!shown.contains(CANARY), "{place}: {shown}");
                assert_eq!(server.journal()[0].header("authorization"), Some(credential), "{place}");
                assert_no_record_holds_the_canary(place, level);
            }
        }
    }
}

#[test]
fn no_call_logs_the_key() {
    let _level = log_at(LevelFilter::Trace);
    for credential in CREDENTIALS {
        for (place, script) in [
            ("success", Script::from(Reply::json(200, "{}"))),
            ("error", Reply::json(403, "{}").into()),
            ("redirect", Reply::status(302).header("Location", "/elsewhere").into()),
            ("no balance", Reply::json(200, "[]").into()),
            ("bad head", Reply::raw("SSH-2.0\r\n\r\n").into()),
            ("lost", Reply::new().close().into()),
            ("reset", Reply::new().reset().into()),
            ("closed at once", Script::from(Reply::new()).on_connect(|_| Reply::new().reset())),
            ("mute", Reply::new().mute().into()),
        ] {
            let server = Server::start(script).unwrap();
            let client = with_credential(&server, credential);
            for _ in 0..2 {
                let outcome = client.get_balance_with(&Call::new().timeout(Duration::from_millis(300)));
                assert!(!shown(&outcome).contains(CANARY), "{place}");
            }
            assert_no_record_holds_the_canary(place, LevelFilter::Trace);
        }
    }
    let refused = refused_addr().unwrap();
    for (url, kind) in [
        (refused.url(), ErrorKind::Network),
        ("https://wix.invalid".to_owned(), ErrorKind::Network),
        (refused.url().replace("http", "https"), ErrorKind::Network),
    ] {
        let outcome = client(url.as_str()).build().unwrap().get_balance();
        assert_eq!(outcome.as_ref().unwrap_err().kind(), kind);
        assert!(!shown(&outcome).contains(CANARY), "{url}");
        assert_no_record_holds_the_canary(&url, LevelFilter::Trace);
    }
}

#[test]
fn a_key_that_is_refused_is_not_shown() {
    for (key, fault) in [
        (format!("{API_KEY}\n"), "line break"),
        (format!("{API_KEY} "), "byte"),
        (format!("{API_KEY}ü"), "byte"),
        (API_KEY.repeat(200), "4096"),
    ] {
        for builder in [client("http://127.0.0.1").api_key(&key), client("http://127.0.0.1").authorization(&key)] {
            let error = builder.build().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(fault) || shown.contains("blank"), "{shown}");
            assert!(!shown.contains(CANARY), "{shown}");
        }
    }
}

/// Cut, in another case or encoded: no run of 8 characters of the key is shown.
#[test]
fn a_key_that_comes_back_in_part_or_encoded_is_not_shown() {
    // At trace level the head is struck out before it is read, so that a request id has no mark in it.
    let _level = log_at(LevelFilter::Off);
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let canary = &API_KEY[API_KEY.find(CANARY).unwrap()..];
    for echo in [
        API_KEY[..API_KEY.len() - 2].to_owned(),
        API_KEY[5..].to_owned(),
        canary[2..12].to_owned(),
        API_KEY.to_uppercase(),
        percent(API_KEY),
        percent(&percent(API_KEY)),
        percent(&canary[1..]),
        hex(API_KEY),
        hex(&canary[1..14]),
        base64(API_KEY),
        base64(&canary[1..]),
        base64(&format!("user:{canary}")),
        canary.bytes().map(|byte| format!("&#{byte};")).collect(),
        canary.bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
    ] {
        let text = serde_json::to_string(&echo).unwrap();
        let field = |name: &str| format!(r#"{{"message":"m","{name}":{text}}}"#);
        for (place, reply) in [
            ("message", Reply::json(403, format!(r#"{{"message":{text}}}"#))),
            ("code", Reply::json(500, field("errorCode"))),
            ("request id", Reply::json(404, "{}").header("x-wix-request-id", echo.as_str())),
            ("request id of a success", Reply::json(200, "{}").header("x-wix-request-id", echo.as_str())),
            ("encoding", Reply::json(200, "{}").header("Content-Encoding", echo.as_str())),
        ] {
            let server = Server::start(reply).unwrap();
            let shown = shown(&client(server.url()).max_retries(0).build().unwrap().get_balance());
            // At trace level, which another test of this process sets, a head is struck out before it is read.
            assert!(shown.contains("[redacted]") || shown.contains("****"), "{place}: {echo}: {shown}");
            assert!(!shown.contains(&echo) && !shown.contains(&echo[2..echo.len() - 2]), "{place}: {echo}: {shown}");
        }
    }
}

/// The texts of a fetched balance lose the key as those of an error do; the raw reply is as it came.
#[test]
fn a_key_in_a_balance_is_not_shown() {
    let _level = log_at(LevelFilter::Trace);
    let percent = API_KEY.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for echo in [
        API_KEY.to_owned(),
        API_KEY[..API_KEY.len() - 2].to_owned(),
        API_KEY[5..].to_owned(),
        API_KEY.to_uppercase(),
        percent,
        base64(API_KEY),
        base64(&format!("a{API_KEY}")).trim_end_matches('=').replace('+', "-").replace('/', "_"),
        API_KEY.bytes().map(|byte| format!("{byte:02x}")).collect(),
        API_KEY.bytes().map(|byte| format!("&#{byte};")).collect(),
        format!("before {API_KEY} and after, é"),
    ] {
        let text = serde_json::to_string(&echo).unwrap();
        let unicode: String = echo.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for text in [text, format!("\"{unicode}\"")] {
            let source =
                |id: &str, period: &str| format!(r#"{{"subscriptionId":{id},"usageRules":[{{"period":{period}}}]}}"#);
            let sources = [source(&text, &text), source(r#""d7a341c4""#, r#""FORTNIGHT""#), source(&text, r#""DAY""#)];
            let body = format!(r#"{{"creditBalanceBreakdown":[{}]}}"#, sources.join(","));
            let server = Server::start(Reply::json(200, body.as_str())).unwrap();
            let balance = client(server.url()).build().unwrap().get_balance().unwrap();
            let shown = format!("{balance} {balance:?} {balance:#?}");
            log::info!("{balance} {balance:?}");
            let records = RECORDS.lock().unwrap().get_or_insert_default().remove(&std::thread::current().id());
            let shown = format!("{shown} {records:?}");
            assert!(!shown.contains(&echo) && !shown.contains(&echo[6..echo.len() - 6]), "{echo}: {shown}");
            assert!(!shown.contains(CANARY), "{echo}: {shown}");
            assert!(shown.contains("DAY") && shown.contains("FORTNIGHT") && shown.contains("d7a341c4"), "{shown}");
            let ids: Vec<_> = balance.credit_balance_breakdown().map(|source| source.subscription_id()).collect();
            assert!(ids[0].unwrap().contains("[redacted]") && ids[0] == ids[2], "{echo}: {ids:?}");
            assert_eq!((ids[1], balance.json()), (Some("d7a341c4"), body.as_str()));

            // As the pickle of Python makes it again.
            let again = Balance::from_json(balance.json()).unwrap();
            assert_ne!(again, balance);
            assert_eq!(again.with_texts(balance.redacted_texts().unwrap()), balance);
        }
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(text)
}

/// A packet may end anywhere, within a key as well; and what a reply is must not depend on who listens.
#[test]
fn a_key_that_comes_in_pieces_is_not_logged_and_a_reply_is_the_same_at_each_level() {
    for level in [LevelFilter::Off, LevelFilter::Trace] {
        let _level = log_at(level);
        for credential in CREDENTIALS {
            let body = format!(r#"{{"a":{}}}"#, serde_json::to_string(credential).unwrap());
            let head = format!("HTTP/1.1 200 OK\r\nX-Echo: {credential}\r\nContent-Length: {}\r\n\r\n", body.len());
            let chunked =
                format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
            for reply in [head + &body, chunked] {
                let at = reply.find(CANARY).unwrap() + 5;
                for at in [at, reply.rfind(CANARY).unwrap() + 5] {
                    let server = Server::start(Reply::raw(&reply[..at]).send(&reply[at..])).unwrap();
                    let balance = with_credential(&server, credential).get_balance().unwrap();
                    assert_eq!(balance.json(), body);
                    assert_no_record_holds_the_canary("in pieces", level);
                }
            }
        }
    }
}

/// Each thread's records in order: the engine logs what it sends and receives in rows of 16 bytes.
static RECORDS: Mutex<Option<HashMap<ThreadId, Vec<String>>>> = Mutex::new(None);

struct Capture;

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.args(), record.target());
        let mut records = RECORDS.lock().unwrap();
        records.get_or_insert_default().entry(std::thread::current().id()).or_default().push(line);
    }

    fn flush(&self) {}
}

/// Captures records up to this level, for as long as the guard lives: the level is the process's, so tests take turns.
fn log_at(level: LevelFilter) -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    static ONCE: Once = Once::new();
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    ONCE.call_once(|| log::set_logger(&Capture).unwrap());
    log::set_max_level(level);
    turn
}

/// Takes what was logged so far, and looks for the canary as text, as bytes and in hexadecimal, across records too.
fn assert_no_record_holds_the_canary(place: &str, level: LevelFilter) {
    let records = RECORDS.lock().unwrap().get_or_insert_default().remove(&std::thread::current().id());
    let records = records.unwrap_or_default();
    assert_eq!(records.is_empty(), level == LevelFilter::Off, "the engine logs each call");
    let text = records.join("\n");
    let bytes: Vec<u8> = records.iter().filter_map(|record| bytes_of_row(record)).flatten().collect();
    let bytes = String::from_utf8_lossy(&bytes);
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    assert!(!text.contains(CANARY) && !bytes.contains(CANARY), "{place}: {text}");
    assert!(
        !packed.contains(&hex) && !packed.contains(&CANARY.bytes().map(|b| format!("{b},")).collect::<String>()),
        "{place}: {text}"
    );
}

/// The bytes of one row of a hexadecimal dump, `4854 5450 …`; the last row is filled with dashes.
fn bytes_of_row(record: &str) -> Option<Vec<u8>> {
    let pairs: String = record.get(..40)?.split(' ').collect();
    let digits = pairs.trim_end_matches('-');
    if pairs.len() != 32 || digits.is_empty() {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(pair).collect()
}

#[test]
fn the_capture_sees_what_the_engine_sends() {
    let _level = log_at(LevelFilter::Trace);
    let server = Server::start(Reply::json(200, r#"{"a":"in-the-body"}"#).header("X-Marker", "in-the-head")).unwrap();
    client(server.url()).build().unwrap().get_balance().unwrap();
    let records = RECORDS.lock().unwrap().as_mut().unwrap().remove(&std::thread::current().id()).unwrap();
    let bytes: Vec<u8> = records.iter().filter_map(|record| bytes_of_row(record)).flatten().collect();
    let bytes = String::from_utf8(bytes).unwrap();
    assert!(bytes.contains("POST /appmarket/") && bytes.contains("in-the-head"), "{records:#?}");
    assert!(!bytes.contains("authorization"), "the engine is never given it: {records:#?}");
    assert!(!bytes.contains("in-the-body"), "nor a body: {records:#?}");
}

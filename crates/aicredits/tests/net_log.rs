//! The log records of calls: phases and attempts, with the client's name and a suitable level. `secrets.rs` tests that
//! they contain no secret.

use std::sync::{Mutex, PoisonError};

use aicredits_emulator::script::{Reply, Server};
use log::{Level, LevelFilter, Log, Metadata, Record};

use common::client;

mod common;

struct Capture(Mutex<Vec<(Level, String)>>);

static CAPTURE: Capture = Capture(Mutex::new(Vec::new()));

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aicredits"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            records.push((record.level(), record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

#[test]
fn a_call_logs_its_phases_and_attempts_with_its_clients_name() {
    log::set_logger(&CAPTURE).unwrap();
    log::set_max_level(LevelFilter::Debug);
    let refused = Reply::json(503, r#"{"message":"two\nlines"}"#).header("x-wix-request-id", "r1");
    let server = Server::start([refused, Reply::json(200, "{}").header("x-wix-request-id", "r2")]).unwrap();
    client(server.url()).max_retries(1).name("billing").build().unwrap().get_balance().unwrap();

    let records = std::mem::take(&mut *CAPTURE.0.lock().unwrap());
    let expected = [
        (Level::Debug, "billing: connected to 127.0.0.1:"),
        (Level::Warn, "billing: attempt 1 failed after "),
        (Level::Info, "billing: another attempt in "),
        (Level::Debug, "billing: attempt 2 brought a balance in "),
    ];
    assert_eq!(records.len(), expected.len(), "{records:#?}");
    for ((level, text), (expected_level, begins)) in records.iter().zip(expected) {
        assert!(*level == expected_level && text.starts_with(begins), "{records:#?}");
    }
    assert!(records[1].1.contains("phase: reply") && records[1].1.contains(r"503 Service Unavailable: two\nlines"));
    assert!(records[3].1.contains("request r2"), "{records:#?}");

    client(server.url()).build().unwrap().get_balance().unwrap();
    assert!(std::mem::take(&mut *CAPTURE.0.lock().unwrap())[0].1.starts_with("connected to "));

    let maintenance = Reply::json(200, r#"{"status":"down"}"#).header("x-wix-request-id", "r3");
    client(Server::start(maintenance).unwrap().url()).build().unwrap().get_balance().unwrap();
    let records = std::mem::take(&mut *CAPTURE.0.lock().unwrap());
    let warning = records.iter().find(|(level, _)| *level == Level::Warn).map(|(_, text)| text.as_str());
    assert!(warning.is_some_and(|text| text.contains("base URL") && text.contains("r3")), "{records:#?}");

    let refusing = Server::start(Reply::json(403, "{}")).unwrap();
    client(refusing.url()).build().unwrap().get_balance().unwrap_err();
    let (level, last) = CAPTURE.0.lock().unwrap().last().cloned().unwrap();
    assert!(level == Level::Error && last.starts_with("the call failed: 403 Forbidden"), "{level} {last}");
    assert!(client(server.url()).name("two\nlines").build().unwrap_err().message().starts_with("name "));
}

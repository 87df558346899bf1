//! The verdict over sockets: for each rule a small client that breaks it, and one that nearly does.

#[path = "../sockets/client.rs"]
mod client;

mod default_rules;
mod journal;
mod required_rules;

use aicredits_emulator::{
    Emulator, Fault, FaultReply, Mark, Nothing, PAID_ACTION_PATH, PATH, Require, VerdictQuery, VerdictRule, Wait,
};

use client::{Client, Received};

/// A request with the emulator's key and account, but for what a test changes.
struct Ask {
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    fn balance(emulator: &Emulator) -> Self {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("host", "emulator"),
            header("authorization", emulator.api_key()),
            header("wix-account-id", emulator.account_id()),
        ];
        Self { target: PATH.to_owned(), headers, body: b"{}".to_vec() }
    }

    fn paid(emulator: &Emulator, cost: u64) -> Self {
        let target = PAID_ACTION_PATH.to_owned();
        Self { target, body: format!(r#"{{"cost":{cost}}}"#).into_bytes(), ..Self::balance(emulator) }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn send(&self, client: &mut Client) {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("POST {} HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n", self.target, self.body.len());
        client.send([head.as_bytes(), &self.body].concat());
    }

    /// Sends it, and reads the reply.
    fn on(&self, client: &mut Client) -> Received {
        self.send(client);
        client.receive()
    }
}

fn connect(emulator: &Emulator) -> Client {
    Client::connect(emulator.server().addr())
}

/// The next so many requests are answered so.
fn fault(emulator: &Emulator, times: u64, reply: FaultReply) {
    let fault = Fault { times: Some(times), reply: Some(reply), ..Fault::default() };
    emulator.fault(&fault).unwrap();
}

fn status(status: u16) -> FaultReply {
    FaultReply { status: Some(status), ..FaultReply::default() }
}

fn mark(emulator: &Emulator) {
    emulator.mark(&Mark::default()).unwrap();
}

/// The findings of the default rules: rule and requests.
fn found(emulator: &Emulator) -> Vec<(VerdictRule, Vec<u64>)> {
    found_by(emulator, Require::default())
}

fn found_by(emulator: &Emulator, require: Require) -> Vec<(VerdictRule, Vec<u64>)> {
    let verdict = emulator.verdict(&VerdictQuery { require, ..VerdictQuery::default() }).unwrap();
    assert!(verdict.complete);
    verdict.findings.into_iter().map(|finding| (finding.rule, finding.requests)).collect()
}

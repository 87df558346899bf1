//! Plays a vector: starts the server, sends the settings to the runner, and records what both saw.

use std::error::Error;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aicredits_emulator::script::{End as Ending, RefusedAddr, Reply as ScriptReply, Request, Script, refused_addr};
use aicredits_emulator::{Emulator, Options, VerdictQuery, VerdictRule};
use tempfile::NamedTempFile;

use crate::expectation::{ExpectedRequest, Outcome};
use crate::fields::percent_encoded;
use crate::runner::Runner;
use crate::vector::{Action, End, QUESTION, Reply, Sent, Vector};

/// The tolerance for `fetchedAt`, in seconds: the clock may be adjusted during the run.
const CLOCK_TOLERANCE: i64 = 600;

/// The addresses of one vector's run.
pub(crate) struct Stage {
    /// It answers by the vector, over TLS if that asks for TLS, and judges the client.
    emulator: Emulator,
    /// The request that it got.
    requests: Arc<Mutex<Vec<Request>>>,
    refused: RefusedAddr,
    /// The emulator's certificate authority.
    ca_file: Option<NamedTempFile>,
}

impl Stage {
    pub(crate) fn new(vector: &Vector) -> Result<Self, String> {
        let script: Vec<_> = match &vector.action {
            Action::Fetch { replies, .. } => replies.iter().map(script).collect(),
            Action::FromJson(_) => vec![ScriptReply::new().close()],
        };
        Self::with(script, vector.is_over_tls()).map_err(|error| format!("the server cannot start: {error}"))
    }

    fn with(script: Vec<ScriptReply>, is_over_tls: bool) -> Result<Self, Box<dyn Error>> {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let sent = Arc::clone(&requests);
        let script = Script::handler(move |request| {
            let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            let reply = script[sent.len().min(script.len() - 1)].clone();
            sent.push(request.clone());
            reply
        });
        let emulator = Emulator::scripted_with(Options { tls: is_over_tls, ..Options::default() }, script)?;
        let ca_file = emulator.ca_pem().map(file_of).transpose()?;
        Ok(Self { emulator, requests, refused: refused_addr()?, ca_file })
    }

    /// Replaces the names of addresses with this run's addresses.
    pub(crate) fn resolve(&self, text: &str) -> String {
        let address = self.emulator.server().addr();
        let text = text
            .replace("{url}", &self.emulator.url())
            .replace("{address}", &address.to_string())
            .replace("{port}", &address.port().to_string())
            .replace("{refused}", &self.refused.url());
        match (self.emulator.ca_pem(), &self.ca_file) {
            (Some(ca_pem), Some(ca_file)) => text
                .replace("{tls_url}", &self.emulator.url())
                .replace("{tls_address}", &address.to_string())
                .replace("{ca_pem}", ca_pem)
                .replace("{ca_file}", &ca_file.path().to_string_lossy()),
            _ => text,
        }
    }

    /// Sends the vector to the runner. On an error the runner has ended.
    pub(crate) fn play(&self, vector: &Vector, runner: Runner) -> Result<(Outcome, Runner), String> {
        let mut request = match &vector.action {
            Action::FromJson(json) => vec![format!("from_json={}", percent_encoded(json))],
            Action::Fetch { settings, call, gate, .. } => {
                let resolve = |text: &str| self.resolve(text);
                [settings.lines("", resolve), call.lines("call.", resolve), gate.lines("gate.", resolve)].concat()
            }
        };
        request.extend(vector.questions.iter().map(|ask| format!("{QUESTION}{}", percent_encoded(ask.as_bytes()))));
        let started = Instant::now();
        let (printed, runner) = runner.ask(&request)?;
        let took = started.elapsed();
        let requests = mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner));
        let mut outcome = outcome(vector, printed, requests, took);
        outcome.faults.extend(self.verdict(vector));
        Ok((outcome, runner))
    }

    /// The findings of the emulator's default rules. A vector that asks for both ids allows that rule.
    fn verdict(&self, vector: &Vector) -> Option<String> {
        let sends_both = vector.expected.requests.iter().any(ExpectedRequest::has_both_scopes);
        let allow = if sends_both { vec![VerdictRule::BothScopeHeaders] } else { Vec::new() };
        match self.emulator.verdict(&VerdictQuery { allow, ..VerdictQuery::default() }) {
            Ok(verdict) if verdict.good => None,
            Ok(verdict) => Some(verdict.text()),
            Err(error) => Some(error.to_string()),
        }
    }
}

fn file_of(text: &str) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn script(reply: &Reply) -> ScriptReply {
    let mut script = match &reply.sent {
        Sent::Raw(raw) => ScriptReply::raw(raw.clone()),
        Sent::Message { status, headers, body } => {
            let mut message = ScriptReply::status(*status).body(body.clone());
            if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                message = message.header("Content-Type", "application/json");
            }
            headers.iter().fold(message, |message, (name, value)| message.header(name.as_str(), value.as_str()))
        }
    };
    script = match reply.end {
        None => script,
        Some(End::Fin) => script.close(),
        Some(End::Reset) => script.reset(),
        Some(End::Mute) => script.mute(),
    };
    match reply.cut {
        None => script,
        Some(bytes) => script.cut(bytes, if reply.end == Some(End::Reset) { Ending::Reset } else { Ending::Fin }),
    }
}

/// Removes the values that no vector can predict, and checks them here.
fn outcome(vector: &Vector, mut printed: Vec<String>, requests: Vec<Request>, took: Duration) -> Outcome {
    let mut outcome = Outcome { lines: Vec::new(), message: None, shown: None, requests, faults: Vec::new() };
    for secret in vector.secrets() {
        if printed.iter().any(|line| line.contains(&secret)) {
            outcome.faults.push("the credential was printed".to_owned());
        }
    }
    let questions = printed.iter().position(|line| line.starts_with(QUESTION)).unwrap_or(printed.len());
    let decisions = printed.split_off(questions);
    let (mut json, mut fetched_at) = (None, None);
    let mut durations = Vec::new();
    for line in printed {
        match line.split_once('=') {
            Some(("json", text)) => json = Some(text.to_owned()),
            Some(("shown", text)) => outcome.shown = Some(text.to_owned()),
            Some(("fetchedAt", time)) => fetched_at = Some(time.to_owned()),
            Some(("error.message", message)) => outcome.message = Some(message.to_owned()),
            Some((name, duration)) if name.ends_with(".durationNs") => durations.push(duration.parse::<u128>()),
            _ => outcome.lines.push(line),
        }
    }

    let attempts = outcome.lines.iter().filter(|line| line.contains("].phase=")).count();
    let in_all: Result<u128, _> = durations.iter().cloned().sum();
    if durations.len() != attempts || !in_all.is_ok_and(|in_all| in_all <= took.as_nanos()) {
        outcome.faults.push(format!("the {attempts} attempts of {took:?} took {durations:?} ns"));
    }

    let (Action::FromJson(sent) | Action::Fetch { json: sent, .. }) = &vector.action;
    let is_reading = outcome.message.is_none();
    if is_reading && vector.expected.is_of_decisions_alone {
        outcome.lines.clear();
    }
    outcome.lines.extend(decisions);
    if (is_reading, is_reading) != (json.is_some(), outcome.shown.is_some()) {
        outcome.faults.push("a reading has its raw reply and a form to show, and an error its message".to_owned());
    }
    if json.is_some_and(|json| json != escaped(sent)) {
        outcome.faults.push("json is not the reply as it was sent".to_owned());
    }
    let was_fetched = is_reading && matches!(vector.action, Action::Fetch { .. });
    match fetched_at {
        None if was_fetched => outcome.faults.push("a reading that was fetched lacks fetchedAt".to_owned()),
        Some(time) if !was_fetched => outcome.faults.push(format!("fetchedAt={time}, and nothing was fetched")),
        Some(time) if !is_now(&time) => outcome.faults.push(format!("fetchedAt={time} is not now")),
        _ => {}
    }
    outcome
}

fn is_now(time: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64);
    let Some((seconds, nanoseconds)) = time.split_once('.') else { return false };
    let is_near = seconds.parse().is_ok_and(|seconds: i64| (seconds - now).abs() < CLOCK_TOLERANCE);
    is_near && nanoseconds.len() == 9 && nanoseconds.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text as the canonical lines have it.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\\' => out += "\\x5c",
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out += &format!("\\x{byte:02x}"),
        }
    }
    out
}

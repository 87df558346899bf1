//! A vector: the scenario in `tests/vectors/<name>.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::expectation::{Expectation, ExpectedRequest, Line};
use crate::fields::Fields;

/// Begins the line before the answer to a question, and the line that asks a runner.
pub(crate) const QUESTION: &str = "decide=";

/// One scenario.
pub(crate) struct Vector {
    /// The file's name without `.json`.
    pub(crate) name: String,
    /// Its idea, in a sentence.
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) action: Action,
    /// The questions to the balance, in order.
    pub(crate) questions: Vec<String>,
    pub(crate) expected: Expectation,
}

pub(crate) enum Action {
    /// Read these bytes, without a client.
    FromJson(Vec<u8>),
    /// Make a client and fetch; with settings of a gate, through the gate's refresh.
    Fetch {
        settings: Fields,
        call: Fields,
        gate: Fields,
        /// In order; the last one is repeated.
        replies: Vec<Reply>,
        /// The raw reply that the balance must return.
        json: Vec<u8>,
    },
}

/// The server's answer to a request.
pub(crate) struct Reply {
    pub(crate) sent: Sent,
    /// The connection ends after this many bytes, head included.
    pub(crate) cut: Option<u64>,
    /// How the connection ends; by default it stays open.
    pub(crate) end: Option<End>,
}

pub(crate) enum Sent {
    Message { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Raw(Vec<u8>),
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    Fin,
    Reset,
    /// The server sends nothing more, and keeps the connection open.
    Mute,
}

impl Reply {
    pub(crate) fn body(&self) -> &[u8] {
        match &self.sent {
            Sent::Message { body, .. } => body,
            Sent::Raw(raw) => raw,
        }
    }
}

/// A text in pieces, for long texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Piece(Piece),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Once(String),
    Repeated(RepeatedText),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepeatedText {
    repeat: String,
    times: usize,
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Piece(piece) => piece.text(),
            Self::Pieces(pieces) => pieces.iter().map(Piece::text).collect(),
        }
    }
}

impl Piece {
    fn text(&self) -> String {
        match self {
            Self::Once(text) => text.clone(),
            Self::Repeated(RepeatedText { repeat, times }) => repeat.repeat(*times),
        }
    }
}

/// The content of a file. Members that it leaves out are those of `standard.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    #[serde(default)]
    covers: Vec<String>,
    settings: Option<Fields>,
    #[serde(default)]
    call: Fields,
    #[serde(default)]
    gate: Fields,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    from_json: Option<Text>,
    /// The one request, and the one reply.
    request: Option<RequestFile>,
    reply: Option<ReplyFile>,
    /// Those of a call that asks more than once.
    #[serde(default)]
    requests: Vec<RequestChanges>,
    #[serde(default)]
    replies: Vec<ReplyFile>,
    /// The raw reply of the balance, if that is not the reply's body.
    raw_reply: Option<String>,
    #[serde(default)]
    expect: Vec<Line>,
    #[serde(default)]
    decide: Vec<Decision>,
    #[serde(default)]
    message_contains: Vec<String>,
    #[serde(default)]
    message_lacks: Vec<String>,
    #[serde(default)]
    shown: Vec<String>,
}

/// A question to the balance, and the lines of its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    ask: String,
    answer: Vec<Line>,
}

/// A reply in the file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ReplyFile {
    /// Default 200.
    status: Option<u16>,
    /// Each as `Name: value`.
    headers: Vec<String>,
    /// The body in one of three forms. `json` is sent exactly as in the vector, with its whitespace.
    json: Option<Box<RawValue>>,
    body: Option<Text>,
    body_base64: Option<String>,
    /// Instead of all these: head and body, byte for byte.
    raw: Option<Text>,
    cut: Option<u64>,
    end: Option<End>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RequestFile {
    Word(NotSent),
    Sent(RequestChanges),
}

/// The differences from the standard request.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RequestChanges {
    method: Option<String>,
    path: Option<String>,
    /// `null` for one that is not sent.
    headers: BTreeMap<String, Option<String>>,
    /// Instead of `headers`, if the request has little in common with the standard one.
    all_headers: Option<BTreeMap<String, String>>,
    body: Option<String>,
}

impl RequestChanges {
    fn applied_to(self, standard: &ExpectedRequest) -> ExpectedRequest {
        let mut headers = self.all_headers.unwrap_or_else(|| standard.headers.clone());
        for (name, value) in self.headers {
            match value {
                Some(value) => headers.insert(name, value),
                None => headers.remove(&name),
            };
        }
        ExpectedRequest {
            method: self.method.unwrap_or_else(|| standard.method.clone()),
            path: self.path.unwrap_or_else(|| standard.path.clone()),
            headers,
            body: self.body.unwrap_or_else(|| standard.body.clone()),
        }
    }
}

/// The server must get no request.
#[derive(Deserialize)]
enum NotSent {
    #[serde(rename = "none")]
    NotSent,
}

/// The settings of a standard client, and its request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Standard {
    settings: Fields,
    request: ExpectedRequest,
}

/// Every vector, by name; or all faults in the files.
pub(crate) fn load(folder: &Path, standard: &str) -> Result<Vec<Vector>, Vec<String>> {
    let standard: Standard = serde_json::from_str(standard).map_err(|error| vec![format!("standard.json: {error}")])?;
    let mut paths: Vec<_> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    paths.sort();
    let (vectors, wrong): (Vec<_>, Vec<_>) = paths.iter().map(|path| read(path, &standard)).partition(Result::is_ok);
    if wrong.is_empty() {
        Ok(vectors.into_iter().flatten().collect())
    } else {
        Err(wrong.into_iter().filter_map(Result::err).collect())
    }
}

fn read(path: &Path, standard: &Standard) -> Result<Vector, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let refuse = |fault: String| format!("{name}: {fault}");
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    let stem = name.strip_suffix(".json").ok_or_else(|| refuse("is no .json file".to_owned()))?;
    vector(stem, file, standard).map_err(refuse)
}

fn vector(name: &str, file: File, standard: &Standard) -> Result<Vector, String> {
    if file.about.is_empty() || (file.expect.is_empty() && file.decide.is_empty()) {
        return Err("`about`, and `expect` or `decide`, must say something".to_owned());
    }
    if file.message_contains.iter().any(String::is_empty) {
        return Err("every message contains an empty text".to_owned());
    }
    let (action, requests) = match file.from_json {
        Some(json) => {
            let is_alone = file.settings.is_none() && file.call.is_empty() && file.gate.is_empty();
            if !is_alone
                || file.request.is_some()
                || file.reply.is_some()
                || !file.requests.is_empty()
                || !file.replies.is_empty()
            {
                return Err("`from_json` has no settings, no call, no gate, no request and no reply".to_owned());
            }
            (Action::FromJson(json.text().into_bytes()), Vec::new())
        }
        None => {
            let changed = |changes: RequestChanges| changes.applied_to(&standard.request);
            let requests = match file.request {
                Some(_) if !file.requests.is_empty() => return Err("has both `request` and `requests`".to_owned()),
                Some(RequestFile::Word(NotSent::NotSent)) => Vec::new(),
                Some(RequestFile::Sent(changes)) => vec![changed(changes)],
                None if file.requests.is_empty() => vec![standard.request.clone()],
                None => file.requests.into_iter().map(changed).collect(),
            };
            let files = match file.reply {
                Some(_) if !file.replies.is_empty() => return Err("has both `reply` and `replies`".to_owned()),
                None if !file.replies.is_empty() => file.replies,
                one => vec![one.unwrap_or_default()],
            };
            let replies: Vec<_> = files.into_iter().map(reply).collect::<Result<_, _>>()?;
            let last = replies.last().ok_or("there is no reply")?;
            let json = file.raw_reply.map_or_else(|| last.body().to_owned(), String::into_bytes);
            let settings = file.settings.unwrap_or_else(|| standard.settings.clone());
            (Action::Fetch { settings, call: file.call, gate: file.gate, replies, json }, requests)
        }
    };
    let questions = file.decide.iter().map(|decision| decision.ask.clone()).collect();
    let answers = file
        .decide
        .into_iter()
        .flat_map(|Decision { ask, answer }| std::iter::once(Line::Once(format!("{QUESTION}{ask}"))).chain(answer));
    Ok(Vector {
        name: name.to_owned(),
        about: file.about,
        covers: file.covers,
        environment: file.environment,
        action,
        questions,
        expected: Expectation {
            is_of_decisions_alone: file.expect.is_empty(),
            lines: file.expect.into_iter().chain(answers).collect(),
            message_contains: file.message_contains,
            message_lacks: file.message_lacks,
            shown: file.shown,
            requests,
        },
    })
}

fn reply(file: ReplyFile) -> Result<Reply, String> {
    let body = match (file.json, file.body, file.body_base64) {
        (None, None, None) => Vec::new(),
        (Some(json), None, None) => json.get().as_bytes().to_vec(),
        (None, Some(text), None) => text.text().into_bytes(),
        (None, None, Some(coded)) => BASE64_STANDARD.decode(coded).map_err(|error| format!("body_base64: {error}"))?,
        _ => return Err("a reply has one body".to_owned()),
    };
    let header = |line: &String| {
        let split = line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        split.ok_or_else(|| format!("the header `{line}` is not `Name: value`"))
    };
    let sent = match file.raw {
        Some(raw) if file.status.is_none() && file.headers.is_empty() && body.is_empty() => {
            Sent::Raw(raw.text().into_bytes())
        }
        Some(_) => return Err("a `raw` reply has no status, headers or body".to_owned()),
        None => Sent::Message {
            status: file.status.unwrap_or(200),
            headers: file.headers.iter().map(header).collect::<Result<_, _>>()?,
            body,
        },
    };
    Ok(Reply { sent, cut: file.cut, end: file.end })
}

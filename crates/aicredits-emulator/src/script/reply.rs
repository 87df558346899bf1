//! The answer of a scripted server: its steps, and how the connection ends.

use std::io::Write;
use std::time::Duration;

use super::buffer::{Buffer, wipe};

/// One answer: steps in the order in which they were added, and what becomes of the connection afterwards.
///
/// By default the connection stays open for the next request, or is closed if the client asked for that. The bytes are
/// sent unchanged, so a reply can be wrong on purpose.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(super) steps: Vec<Step>,
    pub(super) cut_after: Option<u64>,
    pub(super) end: Option<End>,
    pub(super) lacks_close_notify: bool,
    pub(super) tag: u64,
}

/// How the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In good order: the client reads what was sent, then the end.
    Fin,
    /// With a reset. The client may lose the bytes that it has not received by then.
    Reset,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Send { payload: Payload, pause: Option<Duration> },
    Unsealed(Vec<u8>),
    CloseNotify,
    Delay(Duration),
    Mute,
    Endless(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(super) enum Payload {
    Bytes(Vec<u8>),
    Message(Message),
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) without_length: bool,
}

/// How a well-formed reply is written for the client that asked.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    /// Without the body: the method was HEAD.
    pub(super) head_only: bool,
    /// The header `Connection`, if the server adds it.
    pub(super) connection: Option<&'static str>,
}

impl Reply {
    /// An empty reply. Without more, the request stays unanswered and the next one is read.
    pub fn new() -> Self {
        Self::default()
    }

    /// These bytes and no others.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new().send(bytes)
    }

    /// A well-formed reply with an empty body. Its `Content-Length` is right, unless [`header`](Self::header) sets
    /// another, and left out where HTTP forbids it (1xx and 204).
    pub fn status(status: u16) -> Self {
        Self::new().step(Payload::Message(Message {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            without_length: false,
        }))
    }

    /// A well-formed reply with this body, as `application/json`.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::status(status).header("Content-Type", "application/json").body(body)
    }

    /// Adds a header to the last well-formed reply of this answer.
    ///
    /// # Panics
    /// If there is none: raw bytes have no headers to add to.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.message("header").headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body of the last well-formed reply of this answer.
    ///
    /// # Panics
    /// If there is none: raw bytes carry their body themselves.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.message("body").body = body.into();
        self
    }

    /// Leaves `Content-Length` out of the last well-formed reply of this answer: the end of the connection ends its body.
    pub(crate) fn without_length(mut self) -> Self {
        self.message("without_length").without_length = true;
        self
    }

    /// Whether its cut leaves something out.
    pub(super) fn is_cut(&self, manner: Manner) -> bool {
        let is_endless = || self.steps.iter().any(|step| matches!(step, Step::Endless(_)));
        self.cut_after.is_some_and(|cut| is_endless() || cut < self.bytes(manner).len() as u64)
    }

    /// The bytes that its steps send, without their pauses.
    pub(super) fn bytes(&self, manner: Manner) -> Buffer {
        let mut bytes = Buffer::default();
        for step in &self.steps {
            match step {
                Step::Send { payload: Payload::Bytes(sent), .. } | Step::Unsealed(sent) => bytes.extend(sent),
                Step::Send { payload: Payload::Message(message), .. } => message.render(manner, &mut bytes),
                Step::CloseNotify | Step::Delay(_) | Step::Mute | Step::Endless(_) => {}
            }
        }
        bytes
    }

    /// Sends these bytes.
    pub fn send(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Payload::Bytes(bytes.into()))
    }

    /// Sends these bytes outside of TLS. Steps without a pause between them leave together, in one packet if they fit.
    pub fn send_unsealed(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Unsealed(bytes.into()));
        self
    }

    /// Sends TLS's end of data (`close_notify`), and keeps the connection. Without TLS it does nothing.
    pub fn close_notify(mut self) -> Self {
        self.steps.push(Step::CloseNotify);
        self
    }

    /// Waits. The wait ends early, and the connection with it, when the client leaves or the server stops.
    pub fn delay(mut self, time: Duration) -> Self {
        self.steps.push(Step::Delay(time));
        self
    }

    /// Sends everything added so far one byte at a time, with this pause before each byte but the first of a step.
    pub fn drip(mut self, pause: Duration) -> Self {
        for step in &mut self.steps {
            if let Step::Send { pause: step_pause, .. } = step {
                *step_pause = Some(pause);
            }
        }
        self
    }

    /// Sends nothing more, and keeps the connection until the client leaves.
    pub fn mute(mut self) -> Self {
        self.steps.push(Step::Mute);
        self
    }

    /// Sends this chunk again and again until the client leaves.
    ///
    /// # Panics
    /// If the chunk is empty: the server would never notice that the client left.
    pub fn endless(mut self, chunk: impl Into<Vec<u8>>) -> Self {
        let chunk = chunk.into();
        assert!(!chunk.is_empty(), "an endless reply needs a chunk of at least one byte");
        self.steps.push(Step::Endless(chunk));
        self
    }

    /// Goes on with the steps of `next`, and ends as `next` does where it says how.
    pub fn then(mut self, next: Reply) -> Self {
        self.steps.extend(next.steps);
        self.cut_after = next.cut_after.or(self.cut_after);
        self.end = next.end.or(self.end);
        self.lacks_close_notify |= next.lacks_close_notify;
        self
    }

    /// Ends the connection after the first `bytes` bytes of this whole answer, or after its last one if it is shorter.
    pub fn cut(mut self, bytes: u64, end: End) -> Self {
        self.cut_after = Some(bytes);
        self.end = Some(end);
        self
    }

    /// Names the reply for [`Service::ended`](super::Service::ended).
    pub fn tag(mut self, tag: u64) -> Self {
        self.tag = tag;
        self
    }

    /// Closes the connection afterwards. No header announces it: add `Connection: close` if one should.
    pub fn close(mut self) -> Self {
        self.end = Some(End::Fin);
        self
    }

    /// Leaves TLS's `close_notify` out when the connection is closed, as if it was lost.
    pub fn without_close_notify(mut self) -> Self {
        self.lacks_close_notify = true;
        self
    }

    /// Resets the connection afterwards.
    pub fn reset(mut self) -> Self {
        self.end = Some(End::Reset);
        self
    }

    fn step(mut self, payload: Payload) -> Self {
        self.steps.push(Step::Send { payload, pause: None });
        self
    }

    fn message(&mut self, wanted: &str) -> &mut Message {
        let last = self.steps.iter_mut().rev().find_map(|step| match step {
            Step::Send { payload: Payload::Message(message), .. } => Some(message),
            _ => None,
        });
        last.unwrap_or_else(|| panic!("`{wanted}` needs a reply made by `Reply::status` or `Reply::json`"))
    }
}

impl Message {
    /// Writes head and body as one piece, so that a whole reply leaves in one packet.
    pub(super) fn render(&self, manner: Manner, out: &mut Buffer) {
        // A buffer takes whatever is written to it.
        let _ = write!(out, "HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let mut header = |name: &str, value: &[u8]| {
            out.extend(name.as_bytes());
            out.extend(b": ");
            out.extend(value);
            out.extend(b"\r\n");
        };
        for (name, value) in &self.headers {
            header(name, value);
        }
        if let Some(connection) = manner.connection.filter(|_| !self.has("connection")) {
            header("Connection", connection.as_bytes());
        }
        if self.needs_content_length() {
            let _ = write!(out, "Content-Length: {}\r\n", self.body.len());
        }
        out.extend(b"\r\n");
        if !manner.head_only {
            out.extend(&self.body);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name))
    }

    fn needs_content_length(&self) -> bool {
        let framed =
            |name: &str| name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding");
        !self.without_length
            && !matches!(self.status, 100..=199 | 204)
            && !self.headers.iter().any(|(name, _)| framed(name))
    }
}

/// A reply of the control protocol has the secrets of keys.
impl Drop for Message {
    fn drop(&mut self) {
        wipe(&mut self.body);
    }
}

/// For the people who read a dump of the traffic; no client may depend on it.
fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

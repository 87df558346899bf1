use std::fmt;
use std::time::Duration;

/// How far an attempt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It had not begun.
    Queue,
    /// The provider was asked for a credential.
    Credential,
    /// The host's addresses were looked up.
    Resolve,
    /// A TCP connection was opened.
    Connect,
    /// A proxy was asked to lead on.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The request was sent.
    Send,
    /// The reply's head was awaited.
    Head,
    /// The reply's body was read.
    Body,
    /// The reply was there, whole.
    Reply,
    /// The time between two attempts.
    Pause,
}

impl Phase {
    /// Its name in every language: `resolve`, `connect`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Credential => "credential",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::Head => "head",
            Self::Body => "body",
            Self::Reply => "reply",
            Self::Pause => "pause",
        }
    }

    pub(crate) fn while_at(self) -> &'static str {
        match self {
            Self::Queue => "before it began",
            Self::Credential => "while the credential provider was asked",
            Self::Resolve => "while the host was looked up",
            Self::Connect => "while connecting",
            Self::Proxy => "while the proxy was asked",
            Self::Tls => "in the TLS handshake",
            Self::Send => "while the request was sent",
            Self::Head => "while the reply was awaited",
            Self::Body => "while the reply was read",
            Self::Reply => "after the reply",
            Self::Pause => "between two attempts",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One attempt of a call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    phase: Phase,
    duration: Duration,
    http_status: Option<u16>,
    request_id: Option<String>,
}

impl Attempt {
    pub(crate) fn new(phase: Phase, duration: Duration, http_status: Option<u16>, request_id: Option<String>) -> Self {
        Self { phase, duration, http_status, request_id }
    }

    /// How far it came; [`Phase::Reply`] where the reply itself is the failure.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// How long it took, pauses aside.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The HTTP status, where a reply came.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// The server's id of the request, where a reply told it. Server text, as it came.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

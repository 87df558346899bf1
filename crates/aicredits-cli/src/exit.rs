//! The exit statuses. The help and the man page print this list, docs/command.md has it, and each error has one of them.

use std::io;

use aicredits::{Answer, ErrorKind};

/// An exit status with a meaning. The numbers are those of `sysexits.h` and `timeout(1)`, where these have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Success = 0,
    No = 1,
    Unknown = 2,
    SomeFailed = 3,
    AllFailed = 4,
    Configuration = 64,
    Decode = 65,
    NotFound = 66,
    Network = 69,
    Other = 70,
    Output = 74,
    RateLimited = 75,
    Server = 76,
    NoAccess = 77,
    Timeout = 124,
    CannotRun = 126,
    NoCommand = 127,
    Interrupted = 130,
    ClosedPipe = 141,
    Terminated = 143,
}

impl Exit {
    pub(crate) const ALL: [Self; 20] = [
        Self::Success,
        Self::No,
        Self::Unknown,
        Self::SomeFailed,
        Self::AllFailed,
        Self::Configuration,
        Self::Decode,
        Self::NotFound,
        Self::Network,
        Self::Other,
        Self::Output,
        Self::RateLimited,
        Self::Server,
        Self::NoAccess,
        Self::Timeout,
        Self::CannotRun,
        Self::NoCommand,
        Self::Interrupted,
        Self::ClosedPipe,
        Self::Terminated,
    ];

    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// Short enough for a line of the help.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Success => "success; with check: yes",
            Self::No => "the answer is no: check, or --fail-under",
            Self::Unknown => "the answer is unknown: the reply lacks a count",
            Self::SomeFailed => "balances: some targets failed",
            Self::AllFailed => "balances: all targets failed",
            Self::Configuration => "configuration: a wrong or missing setting; HTTP 400 and other 4xx",
            Self::Decode => "decode: the reply is no balance or too large; a broken resume file",
            Self::NotFound => "not found: HTTP 404, by this id or at this base URL",
            Self::Network => "network: no connection, a lost connection, or a TLS error",
            Self::Other => "any error without its own exit status here, or a bug",
            Self::Output => "the output could not be written",
            Self::RateLimited => "rate limited: HTTP 429; wait a minute",
            Self::Server => "server: HTTP 5xx",
            Self::NoAccess => "unauthorized or forbidden: HTTP 401 or 403",
            Self::Timeout => "timeout: no complete reply within --timeout",
            Self::CannotRun => "emulator exec: the command cannot be run",
            Self::NoCommand => "emulator exec: there is no such command",
            Self::Interrupted => "balances: interrupted (Ctrl-C)",
            Self::Terminated => "balances: terminated (SIGTERM)",
            Self::ClosedPipe => "the reader closed the output early, as head does",
        }
    }

    /// Of the answer to a question about a balance.
    pub(crate) fn answering(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::Success,
            Answer::No => Self::No,
            // Unknown is never yes.
            _ => Self::Unknown,
        }
    }

    pub(crate) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument | ErrorKind::BadRequest => Self::Configuration,
            ErrorKind::Decode | ErrorKind::TooLarge | ErrorKind::Protocol => Self::Decode,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Network | ErrorKind::Tls => Self::Network,
            ErrorKind::Server => Self::Server,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Unauthorized | ErrorKind::Forbidden => Self::NoAccess,
            ErrorKind::Timeout => Self::Timeout,
            // The command cancels nothing, closes no client and has no gate. The rest are bugs.
            _ => Self::Other,
        }
    }
}

/// The reason why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Safe to show.
    pub(crate) message: String,
    /// The fix, if it needs more than a sentence.
    pub(crate) advice: Option<String>,
    /// The error of a call.
    pub(crate) error: Option<Box<aicredits::Error>>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), advice: None, error: None }
    }

    pub(crate) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// For a call's error, with the server if it is not Wix's.
    pub(crate) fn call(error: aicredits::Error, server: Option<&str>) -> Self {
        Self::from(error).at(server)
    }

    /// For a reply with none of a balance's fields.
    pub(crate) fn unrecognized(server: Option<&str>) -> Self {
        Self::new(Exit::Decode, aicredits::NOT_RECOGNIZED).at(server)
    }

    fn at(self, server: Option<&str>) -> Self {
        match server {
            Some(url) => {
                self.with_advice(format!("The base URL is {}, not Wix's.", aicredits::escape_for_display(url)))
            }
            None => self,
        }
    }

    /// Of writing to standard output.
    pub(crate) fn output(error: io::Error) -> Self {
        let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::ClosedPipe } else { Exit::Output };
        Self::new(exit, format!("cannot write the output: {error}"))
    }
}

/// For an error of the system, after these words.
pub(crate) fn failed(what: &'static str) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::new(Exit::Other, format!("{what}: {error}"))
}

impl From<aicredits::Error> for Failure {
    fn from(error: aicredits::Error) -> Self {
        let failure = Self::new(Exit::of(error.kind()), error.message());
        Self { error: Some(Box::new(error)), ..failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_code() {
        for (kind, code) in [
            (ErrorKind::InvalidArgument, 64),
            (ErrorKind::Unauthorized, 77),
            (ErrorKind::Forbidden, 77),
            (ErrorKind::NotFound, 66),
            (ErrorKind::BadRequest, 64),
            (ErrorKind::RateLimited, 75),
            (ErrorKind::Server, 76),
            (ErrorKind::Network, 69),
            (ErrorKind::Tls, 69),
            (ErrorKind::Protocol, 65),
            (ErrorKind::Decode, 65),
            (ErrorKind::TooLarge, 65),
            (ErrorKind::Timeout, 124),
            (ErrorKind::Cancelled, 70),
            (ErrorKind::Closed, 70),
            (ErrorKind::Denied, 70),
            (ErrorKind::Panic, 70),
            (ErrorKind::Unexpected, 70),
        ] {
            assert_eq!(Exit::of(kind).code(), code, "{kind:?}");
        }
    }
}

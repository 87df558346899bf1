use crate::{Error, ErrorKind};

/// The failures of one kind in a [`Report`](super::Report).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    kind: ErrorKind,
    count: usize,
    first: usize,
    message: String,
}

impl FailureGroup {
    pub(super) fn new(target: usize, error: &Error) -> Self {
        Self { kind: error.kind(), count: 1, first: target, message: error.message().to_owned() }
    }

    pub(super) fn add(&mut self, target: usize, error: &Error) {
        self.count += 1;
        if target < self.first {
            (self.first, self.message) = (target, error.message().to_owned());
        }
    }

    /// The kind of the errors.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How many targets failed so.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The first target that did, as its position in the input.
    pub fn first(&self) -> usize {
        self.first
    }

    /// The message of its error.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The advice for this kind, in one sentence without a full stop.
    pub fn advice(&self) -> &'static str {
        match self.kind {
            ErrorKind::Unauthorized => "the key is missing, wrong or revoked: make a new one",
            ErrorKind::Forbidden => "the key lacks access: check its permissions and its sites, or name another key",
            ErrorKind::NotFound => "there is no such account or site, or the key does not see it: correct or remove it",
            ErrorKind::BadRequest | ErrorKind::InvalidArgument => "the request was refused: read the message",
            ErrorKind::RateLimited => "too many requests: lower the rate, then ask for these again",
            ErrorKind::Server | ErrorKind::Network | ErrorKind::Timeout => "this may pass: ask for these again later",
            ErrorKind::Tls => "no trusted connection: check the certificate authorities and the proxy",
            ErrorKind::Protocol | ErrorKind::Decode | ErrorKind::TooLarge => {
                "the reply is not a balance: check the base URL and the proxy"
            }
            ErrorKind::Cancelled | ErrorKind::Closed => "they were not read: ask for these again",
            ErrorKind::Denied | ErrorKind::Panic | ErrorKind::Unexpected => "this is a bug: please report it",
        }
    }
}

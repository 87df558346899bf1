use std::fmt;

use crate::constant::constants;

constants! {
    /// The phase that an attempt had reached.
    Phase {
        Queue = 1, "QUEUE", "The attempt had not started.";
        Credential = 2, "CREDENTIAL", "The credential provider was called.";
        Resolve = 3, "RESOLVE", "The host's addresses were looked up.";
        Connect = 4, "CONNECT", "A TCP connection was opened.";
        Proxy = 5, "PROXY", "The tunnel through the proxy was established (HTTP CONNECT).";
        Tls = 6, "TLS", "The TLS handshake.";
        Send = 7, "SEND", "The request was sent.";
        Head = 8, "HEAD", "The client waited for the head of the reply.";
        Body = 9, "BODY", "The body of the reply was read.";
        Reply = 10, "REPLY", "The reply was complete.";
        Pause = 11, "PAUSE", "The pause between two attempts.";
    }
}

impl Phase {
    /// Its name in every language, here in lower case: `resolve`, `connect`, …
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_the_table_in_lower_case() {
        let names = Phase::TABLE.iter().map(|row| row.name.to_lowercase());
        let phases = [
            Phase::Queue,
            Phase::Credential,
            Phase::Resolve,
            Phase::Connect,
            Phase::Proxy,
            Phase::Tls,
            Phase::Send,
            Phase::Head,
            Phase::Body,
            Phase::Reply,
            Phase::Pause,
        ];
        assert!(names.eq(phases.map(Phase::name)));
        assert!(phases.map(Phase::number).into_iter().eq(1..=11));
    }
}

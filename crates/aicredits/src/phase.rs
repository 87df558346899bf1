use std::fmt;

use crate::constant::constants;

/// The enum, and its names in messages.
macro_rules! phases {
    ($(#[$meta:meta])* $(
        $variant:ident = $number:literal, $name:literal, $lower_case:literal, $while_at:literal, $summary:literal;
    )+) => {
        constants! {
            $(#[$meta])*
            Phase { $($variant = $number, $name, $summary;)+ }
        }

        impl Phase {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in every language, here in lower case: `resolve`, `connect`, …
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $lower_case,)+
                }
            }

            /// When a call ended that ended in this phase, for messages.
            pub(crate) fn while_at(self) -> &'static str {
                match self {
                    $(Self::$variant => $while_at,)+
                }
            }
        }
    };
}

phases! {
    /// The phase that an attempt had reached.
    Queue = 1, "QUEUE", "queue", "before it began", "The attempt had not started.";
    Credential = 2, "CREDENTIAL", "credential", "while the credential provider was asked",
        "The credential provider was called.";
    Resolve = 3, "RESOLVE", "resolve", "while the host was looked up", "The host's addresses were looked up.";
    Connect = 4, "CONNECT", "connect", "while connecting", "A TCP connection was opened.";
    Proxy = 5, "PROXY", "proxy", "while the proxy was asked",
        "The tunnel through the proxy was established (HTTP CONNECT).";
    Tls = 6, "TLS", "tls", "in the TLS handshake", "The TLS handshake.";
    Send = 7, "SEND", "send", "while the request was sent", "The request was sent.";
    Head = 8, "HEAD", "head", "while the reply was awaited", "The client waited for the head of the reply.";
    Body = 9, "BODY", "body", "while the reply was read", "The body of the reply was read.";
    Reply = 10, "REPLY", "reply", "after the reply", "The reply was complete.";
    Pause = 11, "PAUSE", "pause", "between two attempts", "The pause between two attempts.";
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

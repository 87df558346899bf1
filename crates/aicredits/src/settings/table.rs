use std::time::Duration;

use super::fleet;
use super::gate;
use super::kind::{DAY, Kind, Length, MAX_ID};
use super::row::Row;

/// A setting for each row, and the rows by their settings.
macro_rules! table {
    (
        $(#[$client_doc:meta])* client { $($client:ident: $client_row:expr,)+ }
        $(#[$call_doc:meta])* call { $($call:ident: $call_row:expr,)+ }
        $(#[$gate_doc:meta])* gate { $($gate:ident: $gate_row:expr,)+ }
        $(#[$fleet_doc:meta])* fleet { $($fleet:ident: $fleet_row:expr,)+ }
        other { $($other:ident: $other_row:expr,)+ }
    ) => {
        /// A setting; errors name it through here alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Setting { $($client,)+ $($call,)+ $($gate,)+ $($fleet,)+ $($other,)+ }

        impl Setting {
            /// By its mark.
            pub(crate) const ALL: &[Self] = &[$(Self::$client,)+ $(Self::$call,)+ $(Self::$gate,)+ $(Self::$fleet,)+ $(Self::$other,)+];

            const ROWS: &[Row] = &[$($client_row,)+ $($call_row,)+ $($gate_row,)+ $($fleet_row,)+ $($other_row,)+];
        }

        $(#[$client_doc])*
        pub const SETTINGS: &[Row] = &[$($client_row,)+];

        $(#[$call_doc])*
        pub const CALL_SETTINGS: &[Row] = &[$($call_row,)+];

        $(#[$gate_doc])*
        pub const GATE_SETTINGS: &[Row] = &[$($gate_row,)+];

        $(#[$fleet_doc])*
        pub const FLEET_SETTINGS: &[Row] = &[$($fleet_row,)+];
    };
}

impl Setting {
    /// The ids of the account and of the site, as a client has them, a call, a gate, and a target of a fleet.
    pub(crate) const IDS: [Self; 2] = [Self::Account, Self::Site];
    pub(crate) const CALL_IDS: [Self; 2] = [Self::CallAccount, Self::CallSite];
    pub(crate) const GATE_IDS: [Self; 2] = [Self::GateAccount, Self::GateSite];
    pub(crate) const TARGET_IDS: [Self; 2] = [Self::TargetAccount, Self::TargetSite];

    pub(crate) const fn row(self) -> &'static Row {
        &Self::ROWS[self as usize]
    }

    /// The environment variable; empty if the setting has none.
    pub(crate) const fn variable(self) -> &'static str {
        self.row().variable
    }

    /// Its value, with its default and limits.
    pub(crate) const fn kind(self) -> Kind {
        self.row().kind
    }
}

const MAX_CREDENTIAL: Length = Length::Bytes(4096);

table! {
    /// The settings of a client, in the order in which faults are reported.
    client {
        ApiKey: Row {
            name: "api_key",
            variable: "WIX_API_KEY",
            go: "WithAPIKey",
            command: "--api-key-file",
            // Wix's API keys have well under 1 KiB.
            kind: Kind::Text(MAX_CREDENTIAL),
            summary: "the API key, such as `IST.…`",
            details: "It is sent without changes in the `Authorization` header. It replaces an earlier API key, \
                authorization value or credential provider. The library's copies of the key are wiped when they are freed.",
            ..Row::NONE
        },
        Authorization: Row {
            name: "authorization",
            go: "WithAuthorization",
            kind: Kind::Text(MAX_CREDENTIAL),
            replaces: "api_key",
            summary: "the whole value of the `Authorization` header, for a credential other than an API key",
            details: "It replaces an earlier API key, authorization value or credential provider. Wix documents API keys \
                for this API; whether the API accepts other credentials is not known.",
            ..Row::NONE
        },
        CredentialProvider: Row {
            name: "credential_provider",
            go: "WithCredentialProvider",
            // Of what it returns.
            kind: Kind::Provider(MAX_CREDENTIAL),
            replaces: "api_key",
            summary: "a function that returns the `Authorization` value, for credentials that expire",
            details: "It is called once per call, in the thread of the call, and its time counts towards the timeout. After \
                HTTP 401 it is called once more.",
            ..Row::NONE
        },
        Account: Row {
            name: "account_id",
            variable: "WIX_ACCOUNT_ID",
            go: "WithAccount",
            command: "--account",
            kind: Kind::Id(MAX_ID),
            replaces: "scope",
            summary: "the account whose credits are read",
            ..Row::NONE
        },
        Site: Row {
            name: "site_id",
            variable: "WIX_SITE_ID",
            go: "WithSite",
            command: "--site",
            kind: Kind::Id(MAX_ID),
            replaces: "scope",
            summary: "the site whose credits and subscription are read",
            ..Row::NONE
        },
        Scope: Row {
            name: "scope",
            go: "scope",
            command: "scope",
            summary: "whose credits are read: an account, a site, both, or the credential's own scope",
            ..Row::NONE
        },
        BaseUrl: Row {
            name: "base_url",
            variable: "AICREDITS_BASE_URL",
            go: "WithBaseURL",
            command: "--base-url",
            kind: Kind::Text(Length::Any),
            summary: "the URL of the server, instead of Wix's",
            details: "It is an `https` URL, or an `http` URL of a loopback host: 127.0.0.0/8, `::1`, or `localhost`, which is \
                never looked up. It may have a path, which is put before the API's path.",
            ..Row::NONE
        },
        AllowInsecureHttp: Row {
            name: "allow_insecure_http",
            go: "WithAllowInsecureHTTP",
            kind: Kind::Flag,
            summary: "whether the base URL may be `http` to any host, and through any proxy",
            details: "The key then crosses the network in clear text.",
            ..Row::NONE
        },
        Timeout: Row {
            name: "timeout",
            go: "WithTimeout",
            command: "--timeout",
            // Wix's gateway gives up at about 30 s, and its 504 carries the request id: worth waiting for.
            kind: Kind::Time { default: Some(Duration::from_secs(35)), min: None, max: DAY },
            summary: "the total time of a call, including retries and the pauses between them",
            ..Row::NONE
        },
        MaxReplyBytes: Row {
            name: "max_reply_bytes",
            go: "WithMaxReplyBytes",
            kind: Kind::Bytes { default: 8 << 20, max: 1 << 30 },
            summary: "the largest reply that is read, in bytes",
            details: "The largest reply that the API documents has about 0.9 MB.",
            ..Row::NONE
        },
        MaxRetries: Row {
            name: "max_retries",
            go: "WithMaxRetries",
            command: "--max-retries",
            kind: Kind::Count { default: 2, min: 0, max: 10 },
            summary: "how often a failed call is retried",
            details: "Calls are retried after connection failures and HTTP 429, 500, 502, 503 and 504. Retries use \
                exponential backoff with jitter, or `Retry-After` if the server sends it. They end with the call's timeout. \
                All calls of a client share a retry budget, so that retries do not make an outage worse. Certificate errors \
                and other statuses are never retried.",
            ..Row::NONE
        },
        MaxConcurrency: Row {
            name: "max_concurrency",
            go: "WithMaxConcurrency",
            // A forked child has as many connections to close.
            kind: Kind::Count { default: 64, min: 1, max: 4096 },
            summary: "how many calls of the client run at once, and so how many connections it opens",
            details: "More calls wait for their turn, first in, first out. The wait counts towards the timeout of the call, \
                and can be cancelled. A call that pauses before a retry keeps its place.",
            ..Row::NONE
        },
        CaFile: Row {
            name: "ca_file",
            go: "WithCAFile",
            command: "--ca-file",
            kind: Kind::Path,
            summary: "a PEM file with the certificate authorities to trust, and no others",
            details: "It is a regular file of at most 16 MiB, and is read when the client is made. A network file system that \
                hangs blocks that. It replaces an earlier {ca_file} or {ca_pem}. Without both, the operating system's \
                authorities are trusted, or bundled ones if the system has none. `SSL_CERT_FILE` and `SSL_CERT_DIR` name \
                other places for the system's authorities. Both variables are read when the client is made, and their files \
                at the first `https` call.",
            ..Row::NONE
        },
        CaPem: Row {
            name: "ca_pem",
            go: "WithCAPEM",
            kind: Kind::Pem(16 << 20),
            replaces: "ca_file",
            summary: "PEM text with the certificate authorities to trust, and no others",
            details: "It replaces an earlier {ca_file} or {ca_pem}.",
            ..Row::NONE
        },
        Proxy: Row {
            name: "proxy",
            go: "WithProxy",
            command: "--proxy",
            kind: Kind::Text(Length::Any),
            summary: "the URL of the HTTP proxy, such as `http://user:password@proxy.example:3128`",
            details: "The proxy establishes a tunnel (HTTP `CONNECT`), for `http` servers too. With `https://` the connection to \
                the proxy uses TLS. User name and password are optional, and percent-encoded. If the base URL is `http`, the \
                proxy can read the key: it must then be on this machine, or {allow_insecure_http} must be set. Without {proxy} \
                and {proxy_from_env} no proxy is used.",
            ..Row::NONE
        },
        ProxyFromEnv: Row {
            name: "proxy_from_env",
            go: "WithProxyFromEnv",
            // The command always reads it, so it has no option; the message goes on with the variable.
            command: "the proxy",
            kind: Kind::Flag,
            summary: "whether the proxy is read from the environment when the client is made",
            details: "{proxy} takes precedence. The variables are `https_proxy` or `HTTPS_PROXY` for an `https` server, \
                `http_proxy` for an `http` server, then `all_proxy` or `ALL_PROXY`. Hosts in `no_proxy`, or in `NO_PROXY` if that \
                is unset, and loopback hosts (127.0.0.0/8, `::1`, `localhost`) have no proxy. An empty variable counts as \
                unset. A value that cannot be used is an error.",
            ..Row::NONE
        },
        Name: Row {
            name: "name",
            go: "WithName",
            kind: Kind::Text(Length::Characters(64)),
            summary: "the name of the client in log records",
            ..Row::NONE
        },
    }
    /// The settings of a call, which replace those of its client.
    call {
        CallAccount: Row {
            name: "account_id",
            go: "ForAccount",
            command: "--account",
            kind: Kind::Id(MAX_ID),
            replaces: "scope",
            summary: "the account whose credits are read, instead of the client's scope",
            ..Row::NONE
        },
        CallSite: Row {
            name: "site_id",
            go: "ForSite",
            command: "--site",
            kind: Kind::Id(MAX_ID),
            replaces: "scope",
            summary: "the site whose credits and subscription are read, instead of the client's scope",
            ..Row::NONE
        },
        CallScope: Row {
            name: "scope",
            go: "scope",
            command: "scope",
            summary: "whose credits are read, instead of the client's scope",
            ..Row::NONE
        },
        CallTimeout: Row {
            name: "timeout",
            go: "WithCallTimeout",
            command: "--timeout",
            kind: Kind::Time { default: None, min: None, max: DAY },
            summary: "the total time of this call, instead of the client's timeout",
            ..Row::NONE
        },
        Label: Row {
            name: "label",
            go: "WithLabel",
            kind: Kind::Text(Length::Characters(128)),
            summary: "the label of the reservation, such as the name of the job",
            details: "It must not contain control characters. It is in the gate's state, in denials and in log records. Only a \
                gate's reservation has one.",
            ..Row::NONE
        },
        CallReservationTtl: Row {
            name: "reservation_ttl",
            go: "WithCallReservationTTL",
            kind: Kind::Time { default: None, min: Some(Duration::from_secs(1)), max: DAY },
            summary: "how long the reservation stays open, instead of the gate's time to live",
            details: "Only a gate's reservation has one.",
            ..Row::NONE
        },
    }
    /// The settings of a credit gate, in the order in which faults are reported.
    gate {
        GateAccount: gate::ACCOUNT,
        GateSite: gate::SITE,
        GateScope: gate::SCOPE,
        MaxAge: gate::MAX_AGE,
        MinInterval: gate::MIN_INTERVAL,
        ReadTimeout: gate::READ_TIMEOUT,
        VisibilityDelay: gate::VISIBILITY_DELAY,
        Headroom: gate::HEADROOM,
        Limit: gate::LIMIT,
        Processes: gate::PROCESSES,
        ReservationTtl: gate::RESERVATION_TTL,
        ExhaustedCooldown: gate::EXHAUSTED_COOLDOWN,
        Strict: gate::STRICT,
        WhenUnavailable: gate::WHEN_UNAVAILABLE,
        DryRun: gate::DRY_RUN,
    }
    /// The settings of a fleet, in the order in which faults are reported.
    fleet {
        Targets: fleet::TARGETS,
        Rate: fleet::RATE,
        FleetProcesses: fleet::PROCESSES,
        MaxPauses: fleet::MAX_PAUSES,
        FleetTimeout: fleet::TIMEOUT,
    }
    other {
        // Of a fleet's target, which has them as fields.
        TargetAccount: Row { name: "account_id", go: "AccountID", kind: Kind::Id(MAX_ID), ..Row::NONE },
        TargetSite: Row { name: "site_id", go: "SiteID", kind: Kind::Id(MAX_ID), ..Row::NONE },
        // Of a fleet, in Rust and the command so far.
        Resume: fleet::RESUME,
        ResumeMaxAge: fleet::RESUME_MAX_AGE,
        // Has other settings read from variables.
        FromEnv: Row { name: "from_env", go: "FromEnv", ..Row::NONE },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator depends on these rules.
    #[test]
    fn every_row_is_complete() {
        for row in SETTINGS.iter().chain(CALL_SETTINGS).chain(GATE_SETTINGS).chain(FLEET_SETTINGS) {
            assert!(!row.go.is_empty() && !row.summary.is_empty(), "{row:?}");
            assert!(!row.summary.ends_with('.') && (row.details.is_empty() || row.details.ends_with('.')), "{row:?}");
            assert!(row.replaces.is_empty() || SETTINGS.iter().any(|other| other.name == row.replaces), "{row:?}");
        }
    }
}

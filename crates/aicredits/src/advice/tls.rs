//! TLS: rustls's causes in words. Its own texts have Rust's debug form, and links to its documentation.

use std::time::{Duration, UNIX_EPOCH};

use rustls::pki_types::{UnixTime, pem};
use rustls::{AlertDescription, CertificateError, Error};

use super::side::{Side, authorities};
use crate::Timestamp;
use crate::text::escape_for_display;

/// The most names of a certificate that a message shows.
const SHOWN_NAMES: usize = 3;

/// The words for a cause and its fix. The text is our own, or escaped.
pub(crate) struct Words {
    pub(crate) what: String,
    pub(crate) advice: String,
}

impl Words {
    fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into() }
    }
}

/// Why a peer's certificate is refused. `setting` is the setting or the variable
/// that names the peer.
fn certificate(error: &CertificateError, side: Side, setting: &str) -> Words {
    use CertificateError as E;
    let replace = || format!("the {side}'s operator must replace it");
    let clock = || format!("check this machine's clock, then the {side}'s certificate");
    let trust = |what: &str| {
        let authorities = authorities();
        Words::new(
            what,
            format!("if that authority is to be trusted, set {authorities} or SSL_CERT_FILE to its certificate"),
        )
    };
    match error {
        E::UnknownIssuer => trust("its certificate is not signed by a trusted authority"),
        E::BadSignature => trust("the signature of its certificate is not that of the trusted authority"),
        E::Expired => Words::new("its certificate has expired", clock()),
        E::ExpiredContext { not_after, .. } => {
            Words::new(format!("its certificate has expired{}", at(" on", *not_after)), clock())
        }
        E::NotValidYet => Words::new("its certificate is not valid yet", clock()),
        E::NotValidYetContext { not_before, .. } => {
            Words::new(format!("its certificate is not valid yet{}", at(", but from", *not_before)), clock())
        }
        E::NotValidForNameContext { presented, .. } => Words::new(
            format!("its certificate is for {}, not for this host", names(presented)),
            format!("check the host in {setting}"),
        ),
        E::NotValidForName => {
            Words::new("its certificate is not for this host", format!("check the host in {setting}"))
        }
        E::Revoked => Words::new("its certificate was revoked by the authority that signed it", replace()),
        E::UnknownRevocationStatus | E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => {
            Words::new("it is not known whether its certificate was revoked", replace())
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => Words::new(
            "its certificate is not one for servers (the extended key usage lacks serverAuth)",
            format!("the {side}'s operator must use one that is"),
        ),
        E::UnhandledCriticalExtension => {
            Words::new("its certificate has a critical extension that is not supported", replace())
        }
        E::BadEncoding => Words::new("its certificate is damaged", replace()),
        E::UnsupportedSignatureAlgorithmContext { .. } | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            Words::new("a signature in its chain has an algorithm that is too weak or not supported", replace())
        }
        E::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
            Some(error) => by_webpki(error, side),
            None => Words::new("its certificate cannot be verified", replace()),
        },
        _ => Words::new("its certificate cannot be verified", replace()),
    }
}

/// The errors for which rustls has no variant.
fn by_webpki(error: &webpki::Error, side: Side) -> Words {
    use webpki::Error as E;
    let replace = || format!("the {side}'s operator must replace it");
    match error {
        E::CaUsedAsEndEntity => {
            let authorities = authorities();
            Words::new(
                "its certificate is an authority's own, which is not one for servers",
                format!("sign one for the {side} with that authority, then set {authorities} to the authority's"),
            )
        }
        E::UnsupportedCertVersion => {
            Words::new("its certificate, or one of its chain, is not of X.509 version 3", replace())
        }
        E::EndEntityUsedAsCa => Words::new("its certificate is signed by one that is no authority's", replace()),
        E::NameConstraintViolation
        | E::MalformedNameConstraint
        | E::InvalidNetworkMaskConstraint
        | E::PathLenConstraintViolated => {
            Words::new("an authority of its chain is not allowed to sign this certificate", replace())
        }
        E::MaximumNameConstraintComparisonsExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumPathDepthExceeded
        | E::MaximumSignatureChecksExceeded => {
            Words::new("the chain of its certificate is too long or too complex", replace())
        }
        E::EmptyEkuExtension
        | E::ExtensionValueInvalid
        | E::InvalidSerialNumber
        | E::MalformedDnsIdentifier
        | E::MalformedExtensions
        | E::SignatureAlgorithmMismatch => Words::new("its certificate, or one of its chain, is malformed", replace()),
        E::UnsupportedCriticalExtension | E::UnsupportedNameType => {
            Words::new("its certificate has a part that is not supported", replace())
        }
        _ => Words::new("its certificate cannot be verified", replace()),
    }
}

/// Why a handshake failed for another reason. `setting` is the setting or the variable
/// that names the peer.
pub(crate) fn handshake(error: &Error, side: Side, setting: &str) -> Words {
    let between = || "is a firewall or another proxy in between?".to_owned();
    match error {
        Error::InvalidCertificate(error) => certificate(error, side, setting),
        Error::InvalidMessage(_) => Words::new("it does not answer in TLS", format!("is {setting} one of http?")),
        Error::AlertReceived(alert) => by_alert(*alert, side, setting),
        Error::PeerIncompatible(_) => Words::new(
            "it has no TLS version (1.2 or 1.3), cipher suite or key exchange in common with this client",
            format!("the {side}'s operator must update it"),
        ),
        Error::NoCertificatesPresented => {
            Words::new("it has no certificate", format!("the {side}'s operator must install one"))
        }
        Error::PeerMisbehaved(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::DecryptError
        | Error::PeerSentOversizedRecord => Words::new("it breaks the rules of TLS", between()),
        Error::FailedToGetCurrentTime => {
            Words::new("this machine's clock cannot be read", "check this machine's clock")
        }
        Error::FailedToGetRandomBytes => Words::new("this machine gives no random numbers", "check this machine"),
        _ => Words::new("TLS failed", between()),
    }
}

fn by_alert(alert: AlertDescription, side: Side, setting: &str) -> Words {
    use AlertDescription as A;
    let number = u8::from(alert);
    let (what, advice) = match alert {
        A::ProtocolVersion => (
            "it has no TLS version in common with this client (1.2 or 1.3)",
            format!("the {side}'s operator must update it"),
        ),
        A::HandshakeFailure | A::InsufficientSecurity => (
            "it accepts no cipher suite of this client, or has no certificate for this host",
            format!("check the host in {setting}; then the {side}'s TLS settings"),
        ),
        A::UnrecognisedName => ("it does not serve this host", format!("check the host in {setting}")),
        A::CertificateRequired | A::BadCertificate | A::AccessDenied | A::UnsupportedCertificate => {
            ("it wants a certificate of the client, which is not supported", format!("check {setting}"))
        }
        A::InternalError => ("it failed in the TLS handshake", format!("the {side}'s operator knows why")),
        _ => ("it ended TLS", format!("the {side}'s operator knows why")),
    };
    Words::new(format!("{what} (TLS alert {number})"), advice)
}

/// Why PEM text cannot be read.
pub(crate) fn pem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "its last -----BEGIN line has no -----END line: is it cut off?",
        pem::Error::IllegalSectionStart { .. } => "one of its -----BEGIN lines is damaged",
        pem::Error::Base64Decode(_) => "between -----BEGIN and -----END it is not base64",
        pem::Error::SectionTooLarge => "one of its sections is too large",
        _ => "it cannot be read",
    }
}

fn at(preposition: &str, time: UnixTime) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs())).map(Timestamp::try_from);
    time.and_then(Result::ok).map(|time| format!("{preposition} {time}")).unwrap_or_default()
}

/// The names of a certificate; webpki writes them as `DnsName("wix.test")`.
fn names(presented: &[String]) -> String {
    let name = |text: &String| {
        let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(text);
        escape_for_display(inner.trim_matches('"'))
    };
    let mut names: Vec<_> = presented.iter().take(SHOWN_NAMES).map(name).collect();
    match presented.len() {
        0 => return "no host".to_owned(),
        count if count > SHOWN_NAMES => names.push(format!("{} more", count - SHOWN_NAMES)),
        _ => {}
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

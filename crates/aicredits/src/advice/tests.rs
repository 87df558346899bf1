//! The whole table: no message has Rust's debug text, a byte array, a link, or a setting that its surface lacks.

use std::io;
use std::sync::Arc;

use rustls::pki_types::{AlgorithmIdentifier, ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, OtherError, PeerIncompatible, PeerMisbehaved};

use super::*;
use crate::server_error::ServerError;
use crate::settings::{SETTINGS, Setting, Surface};

const SURFACES: [Surface; 6] =
    [Surface::Rust, Surface::C, Surface::Cpp, Surface::Python, Surface::Go, Surface::Command];

/// Each in a list, so that a new variant has no place here without a thought.
fn certificate_errors() -> Vec<CertificateError> {
    use CertificateError as E;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_782_259_200));
    let far = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::MAX));
    let expected = ServerName::try_from("wix.test").unwrap();
    let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let for_names = |list: &[&str]| E::NotValidForNameContext { expected: expected.clone(), presented: names(list) };
    let other = |error: webpki::Error| E::Other(OtherError(Arc::new(error)));
    use webpki::Error as W;
    let mut all = vec![
        E::BadEncoding,
        E::Expired,
        E::ExpiredContext { time, not_after: time },
        E::ExpiredContext { time, not_after: far },
        E::NotValidYet,
        E::NotValidYetContext { time, not_before: far },
        E::Revoked,
        E::UnhandledCriticalExtension,
        E::UnknownIssuer,
        E::UnknownRevocationStatus,
        E::ExpiredRevocationList,
        E::ExpiredRevocationListContext { time, next_update: time },
        E::BadSignature,
        E::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![1, 2, 3],
            supported_algorithms: vec![AlgorithmIdentifier::from_slice(&[1, 2])],
        },
        E::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: vec![1, 2],
            public_key_algorithm_id: vec![1, 2],
        },
        E::NotValidForName,
        for_names(&[]),
        for_names(&["DnsName(\"other.test\")"]),
        for_names(&["DnsName(\"a\")", "DnsName(\"b\")", "IpAddress(1)", "DnsName(\"c\")", "DnsName(\"d\")"]),
        for_names(&["DnsName(\"\u{1b}[2J\u{fdd0}\")"]),
        E::InvalidPurpose,
        E::InvalidOcspResponse,
        E::ApplicationVerificationFailure,
        E::Other(OtherError(Arc::new(io::Error::other("[1, 2]")))),
    ];
    all.extend(
        [
            W::BadDer,
            W::BadDerTime,
            W::CaUsedAsEndEntity,
            W::EmptyEkuExtension,
            W::EndEntityUsedAsCa,
            W::ExtensionValueInvalid,
            W::InvalidCertValidity,
            W::InvalidNetworkMaskConstraint,
            W::InvalidSerialNumber,
            W::MalformedDnsIdentifier,
            W::MalformedExtensions,
            W::MalformedNameConstraint,
            W::MaximumNameConstraintComparisonsExceeded,
            W::MaximumPathBuildCallsExceeded,
            W::MaximumPathDepthExceeded,
            W::MaximumSignatureChecksExceeded,
            W::NameConstraintViolation,
            W::PathLenConstraintViolated,
            W::SignatureAlgorithmMismatch,
            W::UnsupportedCertVersion,
            W::UnsupportedCriticalExtension,
            W::UnsupportedNameType,
        ]
        .map(other),
    );
    all
}

fn handshake_errors() -> Vec<rustls::Error> {
    use rustls::{Error as E, InvalidMessage};
    let mut all: Vec<E> = certificate_errors().into_iter().map(E::InvalidCertificate).collect();
    all.extend([
        E::InvalidMessage(InvalidMessage::InvalidContentType),
        E::NoCertificatesPresented,
        E::UnsupportedNameType,
        E::DecryptError,
        E::EncryptError,
        E::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
        E::PeerMisbehaved(PeerMisbehaved::IncorrectBinder),
        E::General("[1, 2] https://docs.rs Other(".to_owned()),
        E::FailedToGetCurrentTime,
        E::FailedToGetRandomBytes,
        E::HandshakeNotComplete,
        E::PeerSentOversizedRecord,
        E::NoApplicationProtocol,
        E::BadMaxFragmentSize,
        E::Other(OtherError(Arc::new(io::Error::other("[1, 2]")))),
    ]);
    all.extend((0..=255).map(|number| E::AlertReceived(AlertDescription::from(number))));
    all
}

/// Checks that a message has no forbidden part.
fn check(surface: Surface, marked: &str) -> String {
    let message = surface.render(marked);
    for part in
        ["Other(", "[1, 2", "://docs", "Error {", "Context {", "UnknownIssuer", "DnsName", "\u{fdd0}", "\u{fdee}"]
    {
        assert!(!message.contains(part), "{surface:?}: {part:?} in {message}");
    }
    assert!(!message.contains("://") || message.contains("http://user:password@host:port"), "a link in {message}");
    let lacks = SETTINGS.iter().filter(|row| row.name_in(surface) != Some(row.name) && row.name.contains('_'));
    for row in lacks {
        assert!(!message.contains(row.name), "{surface:?} has no {}: {message}", row.name);
    }
    if surface == Surface::Command {
        assert!(!message.contains("With"), "{message}");
    }
    message
}

#[test]
fn no_message_about_tls_has_what_only_a_developer_reads() {
    for error in handshake_errors() {
        for (side, setting) in
            [(Side::Server, Setting::BaseUrl), (Side::Proxy, Setting::Proxy), (Side::Proxy, Setting::ProxyFromEnv)]
        {
            let setting = &setting.to_string();
            let tls::Words { what, advice } = tls::handshake(&error, side, setting);
            for surface in SURFACES {
                let message = check(surface, &format!("{what}; {advice}"));
                let blamed = if side == Side::Proxy { "server'" } else { "proxy'" };
                assert!(!message.contains(blamed), "{side}: {message}");
                let other = if side == Side::Proxy { "base_url" } else { "proxy_from_env" };
                assert!(!message.contains(other), "{side}: {message}");
            }
        }
    }
}

#[test]
fn each_cause_that_a_user_can_meet_has_its_own_words() {
    let words = |error: CertificateError| tls::handshake(&error.into(), Side::Server, "base_url").what;
    let fallback = words(CertificateError::ApplicationVerificationFailure);
    let without = certificate_errors().into_iter().filter(|error| words(error.clone()) == fallback);
    let without: Vec<_> = without.map(|error| format!("{error:?}")).collect();
    // None of our checks ends in the first two. Errors of another kind do not come here. rustls has separate variants for
    // the last three.
    assert_eq!(without.len(), 6, "{without:#?}");
}

#[test]
fn a_status_can_be_repeated_only_if_it_is_repeated() {
    let codes = [
        None,
        Some("REQUEST_NOT_ELIGIBLE"),
        Some("RESOURCE_EXHAUSTED"),
        Some("ACCOUNT_TOKEN_REQUIRED"),
        Some("SITE_TOKEN_REQUIRED"),
        Some("MISSING_METASITE_ID"),
        Some("\u{fdd0}[1, 2"),
    ];
    for number in 100..=999 {
        for code in codes {
            let (_, advice) = status::meaning(number, code, None);
            SURFACES.iter().for_each(|surface| drop(check(*surface, &advice)));
            for wait in [None, Some(0), Some(60)] {
                let server = ServerError { code: code.map(str::to_owned), ..ServerError::default() };
                let wait = wait.map(std::time::Duration::from_secs);
                let location = Some("https://login.example/\u{1b}[2J");
                let error = error_for_status(number, server.clone(), wait, location);
                assert!(error.is_transient() || !error.message().contains("can be repeated"), "{error}");
                let leads = error.message().contains("leads to https://login.example/\\u{1b}[2J");
                assert_eq!(leads, (300..=399).contains(&number) && wait.is_none_or(|wait| wait.is_zero()), "{error}");
            }
        }
    }
}

#[test]
fn statuses_and_codes_have_their_own_words() {
    let says = |number, code: Option<&str>| Surface::Go.render(&status::meaning(number, code, None).1);
    for (number, code, part) in [
        (428, Some("REQUEST_NOT_ELIGIBLE"), "credits are used up"),
        (428, Some("MISSING_METASITE_ID"), "WithSite"),
        (403, Some("SITE_TOKEN_REQUIRED"), "WithSite"),
        (403, Some("ACCOUNT_TOKEN_REQUIRED"), "WithAccount"),
        (403, Some("PERMISSION_DENIED"), "access"),
        (428, Some("RESOURCE_EXHAUSTED"), "quota"),
        (429, Some("RESOURCE_EXHAUSTED"), "wait a minute"),
        (402, None, "payment"),
        (404, None, "WithBaseURL"),
        (501, None, "does not offer"),
        (505, None, "HTTP/1.1"),
        (511, None, "log-in"),
        (521, None, "gateway"),
        (302, None, "only 200"),
    ] {
        assert!(says(number, code).contains(part), "{number} {code:?}: {}", says(number, code));
    }
}

#[test]
fn every_answer_of_a_proxy_has_advice() {
    for number in (100..200).chain(300..=999) {
        for has_password in [false, true] {
            for setting in [Setting::Proxy, Setting::ProxyFromEnv] {
                let (advice, is_lasting) = proxy_status(number, has_password, &setting.to_string());
                assert_eq!(is_lasting, !matches!(number, 500 | 502 | 503 | 504), "{number}");
                assert!(!is_lasting || !advice.contains("can be repeated"), "{number}: {advice}");
                for surface in SURFACES {
                    let message = check(surface, &advice);
                    assert!(!message.is_empty() && !message.contains("base"), "{number}: {message}");
                }
            }
        }
        assert!(!matches!(number, 401 | 407) || proxy_status(number, false, "proxy").0.contains("password"));
    }
}

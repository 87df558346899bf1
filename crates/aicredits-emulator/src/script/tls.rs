//! The server's side of TLS: a certificate authority per server, or a certificate that a test brings.

use std::io;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

/// The names that every certificate is for.
const NAMES: [&str; 3] = ["127.0.0.1", "::1", "localhost"];
/// The days for which a certificate is valid. Some systems accept no more than 825.
const DAYS: i64 = 730;

/// The certificate and the settings of a server over TLS 1.2 and 1.3.
#[derive(Clone)]
pub struct Tls {
    pub(super) config: Arc<ServerConfig>,
    ca_pem: Option<String>,
}

impl Tls {
    /// A new certificate authority, and a certificate for 127.0.0.1, ::1, `localhost` and `host`.
    ///
    /// Both are valid from yesterday, for two years of real time. The authority signs nothing else: its key is not kept.
    pub fn generate(host: Option<&str>) -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        // The name is how a client with two authorities chooses one.
        let point = key.public_key_raw();
        let id: String = point.iter().rev().take(8).map(|byte| format!("{byte:02x}")).collect();
        let mut params = params(Vec::new(), &format!("aicredits emulator authority {id}"))?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;

        let host = host.filter(|host| !host.is_empty() && !NAMES.contains(host));
        let names = NAMES.into_iter().chain(host).map(str::to_owned).collect();
        let mut params = self::params(names, "aicredits emulator")?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &authority).map_err(io::Error::other)?;
        let tls = Self::with_certificate([certificate.der().to_vec()], key.serialize_der())?;
        Ok(Self { ca_pem: Some(authority.pem()), ..tls })
    }

    /// These certificates, in DER, the server's first, and its key as PKCS #8.
    ///
    /// The certificates are sent as they are, so they can be wrong on purpose: expired, for another name, or no
    /// certificates at all. An error is one of the key.
    pub fn with_certificate(chain: impl IntoIterator<Item = Vec<u8>>, key: Vec<u8>) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
        let key = provider.key_provider.load_private_key(key).map_err(io::Error::other)?;
        let chain = chain.into_iter().map(Into::into).collect();
        // Unlike `with_single_cert` it takes a certificate that rustls cannot read.
        let identity = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let config = config.with_no_client_auth().with_cert_resolver(Arc::new(identity));
        Ok(Self { config: Arc::new(config), ca_pem: None })
    }

    /// The certificate authority in PEM, for a client's `ca_file`. `None` for a certificate that a test brought.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("ca_pem", &self.ca_pem).finish_non_exhaustive()
    }
}

/// A host is a name or an address. OpenSSL takes a certificate with the name of its authority for a self-signed one, so
/// each has another.
fn params(hosts: Vec<String>, name: &str) -> io::Result<CertificateParams> {
    let mut params =
        CertificateParams::new(hosts).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let yesterday = TimeZone::UTC.to_datetime(Timestamp::now()).date().saturating_sub(1.day());
    let date = |date: jiff::civil::Date| date_time_ymd(date.year().into(), date.month() as u8, date.day() as u8);
    params.not_before = date(yesterday);
    params.not_after = date(yesterday.saturating_add(DAYS.days()));
    Ok(params)
}

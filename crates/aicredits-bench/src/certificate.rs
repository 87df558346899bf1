//! The server's certificate, and its side of TLS.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The server's settings, with session tickets and without.
pub(crate) struct Tls {
    pub(crate) resuming: Arc<ServerConfig>,
    pub(crate) full: Arc<ServerConfig>,
}

/// Makes an authority and a certificate for 127.0.0.1, and writes the authority's to `ca_file`, for the contenders.
pub(crate) fn make(ca_file: &Path) -> Result<Tls, Box<dyn Error>> {
    // Two different names: with one name for both, OpenSSL takes the certificate for a self-signed one.
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "aicredits-bench authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    fs::write(ca_file, authority.pem())?;

    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "aicredits-bench server");
    let certificate = params.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));

    let mut full = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    full.send_tls13_tickets = 0;
    let mut resuming = full.clone();
    resuming.send_tls13_tickets = 2;
    resuming.ticketer = ring::Ticketer::new()?;
    Ok(Tls { resuming: Arc::new(resuming), full: Arc::new(full) })
}

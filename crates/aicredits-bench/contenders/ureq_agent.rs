//! ureq's `Agent` with its default settings. With TLS it trusts the server's authority.

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

pub(crate) fn new() -> Agent {
    Agent::config_builder().tls_config(tls()).build().into()
}

fn tls() -> TlsConfig {
    let Ok(file) = std::env::var("SSL_CERT_FILE") else { return TlsConfig::default() };
    let pem = std::fs::read(file).expect("the authority's file");
    let certificates = parse_pem(&pem).filter_map(|item| match item.expect("PEM") {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<Certificate<'static>> = certificates.collect();
    TlsConfig::builder().root_certs(RootCerts::from(certificates)).build()
}

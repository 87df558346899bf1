//! Which certificate authorities are trusted: the operating system's, and bundled ones where the system has none.

use std::sync::OnceLock;

use ureq::tls::{Certificate, RootCerts};

/// Loaded at the first `https` call, once a process: reading a system's roots takes milliseconds.
pub(crate) fn of_this_machine() -> RootCerts {
    static ROOTS: OnceLock<RootCerts> = OnceLock::new();
    ROOTS.get_or_init(load).clone()
}

fn load() -> RootCerts {
    // SSL_CERT_FILE and SSL_CERT_DIR are honoured there. A file that cannot be read among others that can is no
    // reason to trust none of them.
    let system = rustls_native_certs::load_native_certs().certs;
    if system.is_empty() {
        return RootCerts::WebPki;
    }
    system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect::<Vec<_>>().into()
}

//! Which certificate authorities are trusted.

use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::fork::PerProcess;
use crate::contract::Setting;
use crate::{Error, ErrorKind};

/// The authorities that a client trusts.
#[derive(Clone, Debug, Default)]
pub(crate) enum Trust {
    /// The operating system's, and bundled ones where the system has none.
    #[default]
    System,
    /// These and no others.
    Only(Arc<RootCertStore>),
}

impl Trust {
    /// The certificates in PEM text, from the setting that is named in errors.
    pub(crate) fn only(pem: &[u8], setting: Setting) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| setting.error(format!("is not PEM: {error}")))?;
            store.add(certificate).map_err(|error| setting.error(format!("holds no usable certificate: {error}")))?;
        }
        if store.is_empty() {
            return Err(setting.error("holds no certificate (-----BEGIN CERTIFICATE-----)"));
        }
        Ok(Self::Only(Arc::new(store)))
    }

    pub(super) fn roots(&self) -> Result<Arc<RootCertStore>, Error> {
        match self {
            Self::System => of_this_machine(),
            Self::Only(store) => Ok(Arc::clone(store)),
        }
    }
}

/// Loaded at the first `https` call, once a process: reading a system's roots takes milliseconds.
fn of_this_machine() -> Result<Arc<RootCertStore>, Error> {
    static ROOTS: PerProcess<OnceLock<Result<Arc<RootCertStore>, Error>>> = PerProcess::empty();
    ROOTS.get_or_make(OnceLock::new).get_or_init(load).clone()
}

fn load() -> Result<Arc<RootCertStore>, Error> {
    // A file that cannot be read among others that can is no reason to trust none of them.
    let system = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(system.certs);
    if !store.is_empty() {
        return Ok(Arc::new(store));
    }
    // Whoever names the roots wants those: trusting others instead would be a silent change of mind.
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        if std::env::var_os(variable).is_some_and(|value| !value.is_empty()) {
            let why = system.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
            return Err(Error::new(
                ErrorKind::Tls,
                format!("{variable} is set and leads to no certificate{why}; correct it, unset it, or set ca_file"),
            ));
        }
    }
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    Ok(Arc::new(store))
}

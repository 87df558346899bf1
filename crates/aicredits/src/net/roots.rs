//! Which certificate authorities are trusted.

use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_native_certs::CertificateResult;

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

/// Loaded at the first `https` call, once a process: reading a system's roots takes milliseconds. What failed is tried
/// again at the next.
fn of_this_machine() -> Result<Arc<RootCertStore>, Error> {
    static ROOTS: PerProcess<OnceLock<Arc<RootCertStore>>> = PerProcess::empty();
    let roots = ROOTS.get_or_make(OnceLock::new);
    match roots.get() {
        Some(roots) => Ok(Arc::clone(roots)),
        None => {
            let loaded = load()?;
            Ok(Arc::clone(roots.get_or_init(|| loaded)))
        }
    }
}

fn load() -> Result<Arc<RootCertStore>, Error> {
    let is_set = |variable: &&str| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    chosen(rustls_native_certs::load_native_certs(), ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(is_set))
}

/// Of what the system has, where `named` is the variable that says where.
fn chosen(system: CertificateResult, named: Option<&str>) -> Result<Arc<RootCertStore>, Error> {
    // A file that cannot be read among others that can is no reason to trust none of them.
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(system.certs);
    if !store.is_empty() {
        return Ok(Arc::new(store));
    }
    let why = system.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
    let message = match named {
        // Whoever names the roots wants those: trusting others instead would be a silent change of mind.
        Some(variable) => {
            format!("{variable} is set and leads to no certificate{why}; correct it, unset it, or set ca_file")
        }
        // There are some.
        None if !why.is_empty() => {
            format!("the system's certificate authorities cannot be read{why}; mend that, or set ca_file")
        }
        None => {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            return Ok(Arc::new(store));
        }
    };
    Err(Error::new(ErrorKind::Tls, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreadable() -> CertificateResult {
        let mut result = CertificateResult::default();
        result.errors.push(rustls_native_certs::Error {
            context: "failed to open the store",
            kind: rustls_native_certs::ErrorKind::Io {
                inner: std::io::Error::from_raw_os_error(24),
                path: "/etc/ssl".into(),
            },
        });
        result
    }

    #[test]
    fn bundled_roots_are_for_systems_that_have_none() {
        let bundled = chosen(CertificateResult::default(), None).unwrap();
        assert_eq!(bundled.len(), webpki_roots::TLS_SERVER_ROOTS.len());

        let named = chosen(CertificateResult::default(), Some("SSL_CERT_DIR")).unwrap_err();
        assert!(named.message().starts_with("SSL_CERT_DIR is set"), "{named}");

        let error = chosen(unreadable(), None).unwrap_err();
        assert!(error.message().contains("cannot be read") && error.message().contains("open files"), "{error}");
        assert_eq!(error.kind(), ErrorKind::Tls);
    }
}

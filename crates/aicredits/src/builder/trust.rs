//! The certificate authorities that a client's settings or the environment name.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::values::{Value, Values};
use crate::environment::Environment;
use crate::net::{MAX_CA_BYTES, Named, Trust, read_file};
use crate::settings::{Kind, Setting};
use crate::{Error, advice, text};

const _: () = assert!(matches!(Setting::CaPem.kind(), Kind::Pem(MAX_CA_BYTES)));

pub(super) fn trust(values: &Values, environment: &Environment) -> Result<Trust, Error> {
    match (values.get(Setting::CaPem), values.get(Setting::CaFile)) {
        (Some(Value::Pem(pem)), _) if pem.len() > MAX_CA_BYTES => {
            Err(Setting::CaPem.error(format!("is larger than {} MiB", MAX_CA_BYTES >> 20)))
        }
        (Some(Value::Pem(pem)), _) => only(pem, Setting::CaPem),
        (_, Some(Value::Path(path))) => trust_file(path),
        _ => Ok(system(environment)),
    }
}

fn trust_file(path: &Path) -> Result<Trust, Error> {
    let refuse = |why: &dyn fmt::Display| {
        Setting::CaFile.error(format!("cannot be read ({}: {why})", text::escape_for_display(&path.to_string_lossy())))
    };
    if path.to_string_lossy().contains(char::is_control) {
        return Err(refuse(&"it has control characters in its name"));
    }
    only(&read_file(path).map_err(|error| refuse(&error))?, Setting::CaFile)
}

/// The system's, unless the environment names others. Nothing is read yet but the variables.
fn system(environment: &Environment) -> Trust {
    let value = |name| environment.bytes(name).map(|value| OsString::from_vec(value.to_vec()));
    Trust::System(Named { file: value("SSL_CERT_FILE"), folders: value("SSL_CERT_DIR") })
}

/// The certificates in PEM text, from the setting that is named in errors.
fn only(pem: &[u8], setting: Setting) -> Result<Trust, Error> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate =
            certificate.map_err(|error| setting.error(format!("is not whole PEM: {}", advice::pem(&error))))?;
        // rustls says no more than that it is damaged.
        let unusable = |_| setting.error("holds a certificate that is not usable: it is damaged, or not of version 3");
        store.add(certificate).map_err(unusable)?;
    }
    if store.is_empty() {
        return Err(setting.error("holds no certificate (-----BEGIN CERTIFICATE-----)"));
    }
    Ok(Trust::Only(Arc::new(store)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_unset() {
        let named = |pairs: &[(&str, &str)]| match system(&Environment::of(pairs.iter().copied())) {
            Trust::System(named) => named,
            Trust::Only(_) => unreachable!(),
        };
        assert_eq!(named(&[]), Named::default());
        assert_eq!(named(&[("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")]), Named::default());
        let both = Named { file: Some("/a".into()), folders: Some("/b:/c".into()) };
        assert_eq!(named(&[("SSL_CERT_FILE", "/a"), ("SSL_CERT_DIR", "/b:/c")]), both);
    }
}

//! Which certificate authorities are trusted.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::file;
use crate::fork::PerProcess;
use crate::{Error, advice, text};

/// The first one that exists is read: Debian, RHEL, Fedora, openSUSE, OpenELEC, Alpine, Entware, OpenHarmony.
const FILES: [&str; 8] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/opt/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/certs/cacert.pem",
];

/// Those that exist are read: Debian and SUSE, Fedora and RHEL, OpenHarmony.
const FOLDERS: [&str; 3] = ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/security/certificates"];

/// So many sets are kept for later clients.
const KEPT_SETS: usize = 8;

/// The authorities that a client trusts.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// The operating system's, and bundled ones where the system has none.
    System(Named),
    /// These and no others.
    Only(Arc<RootCertStore>),
}

/// The files that the environment names: the values of `SSL_CERT_FILE` and `SSL_CERT_DIR` when the client was built.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Named {
    pub(crate) file: Option<OsString>,
    pub(crate) folders: Option<OsString>,
}

impl Trust {
    pub(super) fn roots(&self) -> Result<Arc<RootCertStore>, Error> {
        match self {
            Self::System(named) => of_this_machine(named),
            Self::Only(store) => Ok(Arc::clone(store)),
        }
    }
}

/// Loaded at the first `https` call, once per process and names: reading a system's roots takes milliseconds. The next
/// call tries again if it failed.
fn of_this_machine(named: &Named) -> Result<Arc<RootCertStore>, Error> {
    type Sets = Vec<(Named, Arc<RootCertStore>)>;
    static SETS: PerProcess<Mutex<Sets>> = PerProcess::empty();
    let sets = SETS.get_or_make(Mutex::default);
    let find = |sets: &Sets| sets.iter().find(|(of, _)| of == named).map(|(_, store)| Arc::clone(store));
    if let Some(store) = find(&sets.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(store);
    }
    // Not under the lock: a file system that hangs holds up nobody else.
    let loaded = chosen(Found::load(named), named)?;
    let mut sets = sets.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = find(&sets) {
        return Ok(store);
    }
    if sets.len() == KEPT_SETS {
        sets.remove(0);
    }
    sets.push((named.clone(), Arc::clone(&loaded)));
    Ok(loaded)
}

/// The certificates and the faults found in files.
#[derive(Default)]
struct Found {
    certificates: Vec<CertificateDer<'static>>,
    first_fault: Option<String>,
    /// Device and inode of each file: a folder has several links to one.
    seen: HashSet<(u64, u64)>,
}

impl Found {
    fn load(named: &Named) -> Self {
        let mut found = Self::default();
        if *named == Named::default() {
            if let Some(file) = FILES.iter().map(Path::new).find(|path| path.exists()) {
                found.read_file(file);
            }
            FOLDERS.iter().map(Path::new).filter(|path| path.exists()).for_each(|path| found.read_folder(path));
            return found;
        }
        if let Some(file) = &named.file {
            found.read_file(Path::new(file));
        }
        for folder in named.folders.iter().flat_map(|folders| std::env::split_paths(folders)) {
            if folder != OsStr::new("") {
                found.read_folder(&folder);
            }
        }
        found
    }

    fn read_folder(&mut self, folder: &Path) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.note(folder, &error),
        };
        for entry in entries {
            let path: PathBuf = match entry {
                Ok(entry) => entry.path(),
                Err(error) => return self.note(folder, &error),
            };
            // A dangling link, a folder or a pipe is no certificate, and no fault.
            if path.is_file() {
                self.read_file(&path);
            }
        }
    }

    fn read_file(&mut self, path: &Path) {
        let seen = &mut self.seen;
        let pem = match file::read_new(path, |file| seen.insert((file.dev(), file.ino()))) {
            Ok(None) => return,
            Ok(Some(pem)) => pem,
            Err(error) => return self.note(path, &error),
        };
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            match certificate {
                Ok(certificate) => self.certificates.push(certificate),
                Err(_) => self.note(path, &"its PEM is damaged"),
            }
        }
    }

    fn note(&mut self, path: &Path, fault: &dyn fmt::Display) {
        let path = text::escape_for_display(&path.to_string_lossy());
        self.first_fault.get_or_insert_with(|| format!("{path}: {fault}"));
    }
}

/// Of what was found, where `named` says who named the files.
fn chosen(found: Found, named: &Named) -> Result<Arc<RootCertStore>, Error> {
    // A file that cannot be read among others that can is no reason to trust none of them.
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.certificates);
    if !store.is_empty() {
        return Ok(Arc::new(store));
    }
    let variable = match named {
        Named { file: Some(_), .. } => Some("SSL_CERT_FILE"),
        Named { folders: Some(_), .. } => Some("SSL_CERT_DIR"),
        _ => None,
    };
    // Other authorities than the named ones, or than those of the system, would be a silent change.
    if variable.is_some() || found.first_fault.is_some() {
        return Err(advice::no_authorities(variable, found.first_fault.as_deref()));
    }
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    Ok(Arc::new(store))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn bundled_roots_are_for_systems_that_have_none() {
        let nothing = Named::default();
        let bundled = chosen(Found::default(), &nothing).unwrap();
        assert_eq!(bundled.len(), webpki_roots::TLS_SERVER_ROOTS.len());

        let folder = Named { file: None, folders: Some("/etc".into()) };
        let named = chosen(Found::default(), &folder).unwrap_err();
        assert!(named.message().starts_with("SSL_CERT_DIR is set"), "{named}");

        let mut unreadable = Found::default();
        unreadable.note(Path::new("/etc/ssl"), &std::io::Error::from_raw_os_error(libc::EMFILE));
        let error = chosen(unreadable, &nothing).unwrap_err();
        assert!(error.message().contains("cannot be read") && error.message().contains("open files"), "{error}");
        assert_eq!(error.kind(), ErrorKind::Tls);
    }
}

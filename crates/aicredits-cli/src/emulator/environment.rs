//! The variables with which a client finds the emulator.

use std::io::Write;

use aicredits_emulator::Emulator;
use tempfile::NamedTempFile;

use crate::exit::{Failure, failed};

/// The variables that name a file of certificate authorities: OpenSSL and rustls, Node, requests, curl.
const CA_VARIABLES: [&str; 4] = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The variables, and the file that some of them name.
pub(super) struct Environment {
    variables: Vec<(&'static str, String)>,
    /// Readable for this user alone. It is removed with this value.
    _ca_file: Option<NamedTempFile>,
}

impl Environment {
    pub(super) fn of(emulator: &Emulator) -> Result<Self, Failure> {
        let mut variables = vec![
            ("WIX_API_KEY", emulator.api_key().to_owned()),
            ("WIX_ACCOUNT_ID", emulator.account_id().to_owned()),
            ("AICREDITS_BASE_URL", emulator.url()),
        ];
        let ca_file = emulator.ca_pem().map(ca_file).transpose()?;
        if let Some(file) = &ca_file {
            let path = file.path().display().to_string();
            variables.extend(CA_VARIABLES.map(|name| (name, path.clone())));
        }
        Ok(Self { variables, _ca_file: ca_file })
    }

    /// Each variable, to be set.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.variables.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// `NAME=value` lines. No value needs quoting in a shell.
    pub(super) fn lines(&self) -> String {
        self.variables().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}

fn ca_file(pem: &str) -> Result<NamedTempFile, Failure> {
    let made = tempfile::Builder::new().prefix("aicredits-emulator-ca-").suffix(".pem").tempfile();
    let written = made.and_then(|mut file| file.write_all(pem.as_bytes()).map(|()| file));
    written.map_err(failed("cannot write the file of the certificate authority"))
}

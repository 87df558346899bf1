//! The variables with which a client finds the emulator.

use std::env;
use std::io::Write;

use aicredits_emulator::Emulator;
use tempfile::NamedTempFile;

use crate::exit::{Failure, failed};
use crate::output::note;

/// The variables that name a file of certificate authorities: OpenSSL and rustls, Node, requests, curl.
const CA_VARIABLES: [&str; 4] = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The hosts that no proxy may be asked for: it would get the key.
const NOT_BY_PROXY: &str = "127.0.0.1,localhost,::1";

/// The variables, and the file that some of them name.
pub(super) struct Environment {
    variables: Vec<(&'static str, String)>,
    /// Readable for this user alone. It is removed with this value.
    _ca_file: Option<NamedTempFile>,
}

impl Environment {
    pub(super) fn of(emulator: &Emulator) -> Result<Self, Failure> {
        let mut variables = Vec::new();
        for (name, value, what) in [
            ("WIX_API_KEY", emulator.api_key(), "key with account-level access"),
            ("WIX_ACCOUNT_ID", emulator.account_id(), "account"),
        ] {
            match value {
                "" => note(&format!("note: the scenario has no {what}, so {name} is not set\n")),
                value => variables.push((name, value.to_owned())),
            }
        }
        variables.push(("AICREDITS_BASE_URL", emulator.url()));
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

    /// The variables that must not come from outside: both ids would be two scopes, and an empty key or account is none.
    pub(super) fn unset(&self) -> impl Iterator<Item = &'static str> {
        let is_set = |name: &str| self.variables.iter().any(|(set, _)| *set == name);
        ["WIX_API_KEY", "WIX_ACCOUNT_ID", "WIX_SITE_ID"].into_iter().filter(move |name| !is_set(name))
    }

    /// `NO_PROXY` and `no_proxy`: what is there, and the emulator's hosts. Programs look at either.
    pub(super) fn not_by_proxy(emulator: &Emulator) -> impl Iterator<Item = (&'static str, String)> {
        let names = ["NO_PROXY", "no_proxy"];
        let values = names.map(|name| env::var(name).unwrap_or_default());
        let address = emulator.server().addr().ip();
        let is_known = NOT_BY_PROXY.split(',').any(|known| known == address.to_string());
        let hosts = if is_known { NOT_BY_PROXY.to_owned() } else { format!("{NOT_BY_PROXY},{address}") };
        names.into_iter().enumerate().map(move |(index, name)| {
            let there = if values[index].is_empty() { &values[1 - index] } else { &values[index] };
            let value = if there.is_empty() { hosts.clone() } else { format!("{there},{hosts}") };
            (name, value)
        })
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

//! The client that the options and the variables describe.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use aicredits::{Balance, Client, ClientBuilder, Scope, Surface, escape_for_display};

use crate::args::EMULATOR_RECIPE;
use crate::connection::{Connection, Server};
use crate::environment::variable;
use crate::exit::{Exit, Failure};
use crate::verbose;

/// Longer than any key. The client refuses a longer one by its length.
const MAX_KEY_FILE_BYTES: u64 = 64 << 10;

/// Reads the balance. The failure of a call names `server`, which is that of [`other_server`].
pub(crate) fn read(args: &Connection, server: Option<&str>) -> Result<Balance, Failure> {
    if args.server.verbose {
        verbose::start();
    }
    new(args)?.get_balance().map_err(|error| Failure::call(error, server))
}

fn new(args: &Connection) -> Result<Client, Failure> {
    let mut builder = match &args.server.api_key_file {
        None if !is_set("WIX_API_KEY") => return Err(no_key()),
        file => with_key(file.as_deref())?,
    };
    builder = match scope(args) {
        Some(scope) => builder.scope(scope),
        None => match (is_set("WIX_ACCOUNT_ID"), is_set("WIX_SITE_ID")) {
            (true, false) | (false, true) => builder,
            (false, false) => return Err(no_scope("neither WIX_ACCOUNT_ID nor WIX_SITE_ID is set")),
            (true, true) => return Err(no_scope("WIX_ACCOUNT_ID and WIX_SITE_ID are both set")),
        },
    };
    Ok(with_options(builder, &args.server)?.build()?)
}

/// A client whose calls name their scopes, with the key in this file or else in the variable.
pub(crate) fn for_targets(server: &Server, key_file: Option<&Path>) -> Result<Client, Failure> {
    if key_file.is_none() && !is_set("WIX_API_KEY") {
        return Err(no_key());
    }
    Ok(with_options(with_key(key_file)?, server)?.per_call_scope().build()?)
}

fn with_key(file: Option<&Path>) -> Result<ClientBuilder, Failure> {
    let builder = Client::builder().surface(Surface::Command).from_env();
    Ok(match file {
        Some(file) => builder.api_key(read_key(file)?),
        None => builder,
    })
}

fn with_options(mut builder: ClientBuilder, server: &Server) -> Result<ClientBuilder, Failure> {
    if let Some(url) = &server.base_url {
        builder = builder.base_url(url);
    }
    if let Some(timeout) = server.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(retries) = server.max_retries {
        builder = builder.max_retries(retries);
    }
    if let Some(file) = &server.ca_file {
        builder = builder.ca_file(file);
    }
    proxied(builder, server)
}

/// The server that is asked, if it is not Wix's.
pub(crate) fn other_server(args: &Server) -> Option<String> {
    let named = || variable("AICREDITS_BASE_URL").map(|url| url.to_string_lossy().into_owned());
    args.base_url.clone().or_else(named).filter(|url| !is_wix(url))
}

fn is_wix(url: &str) -> bool {
    let url = url.trim_end_matches('/').to_ascii_lowercase();
    url.strip_suffix(":443").unwrap_or(&url) == aicredits::WIX
}

/// curl's rules: `--proxy ''` is none at all, and `no_proxy` holds for `--proxy` too, unless `--no-proxy` replaces it.
fn proxied(mut builder: ClientBuilder, args: &Server) -> Result<ClientBuilder, Failure> {
    let listed = || ["no_proxy", "NO_PROXY"].into_iter().find_map(|name| Some((name, variable(name)?)));
    if let Some(list) = &args.no_proxy {
        builder = builder.no_proxy(list);
    } else if let (Some(_), Some((name, list))) = (&args.proxy, listed()) {
        let not_utf8 = |_| Failure::new(Exit::Configuration, format!("the variable {name} is not UTF-8"));
        builder = builder.no_proxy(list.into_string().map_err(not_utf8)?);
    }
    Ok(match args.proxy.as_deref() {
        None => builder.proxy_from_env(true),
        Some("") => builder,
        Some(proxy) => builder.proxy(proxy),
    })
}

fn scope(args: &Connection) -> Option<Scope> {
    match (args.account.clone(), args.site.clone()) {
        (None, None) => None,
        (Some(account), None) => Some(Scope::Account(account)),
        (None, Some(site)) => Some(Scope::Site(site)),
        (Some(account), Some(site)) => Some(Scope::AccountAndSite { account, site }),
    }
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

fn no_key() -> Failure {
    Failure::new(Exit::Configuration, "no API key").with_advice(format!(
        "Set WIX_API_KEY, or name a file that holds the key with --api-key-file FILE (- is standard input).\n\n\
             To try this without an account, run the command with the emulator:\n\n  {EMULATOR_RECIPE}"
    ))
}

fn no_scope(fault: &str) -> Failure {
    let advice = "name an account with --account ID, or a site with --site ID";
    Failure::new(Exit::Configuration, format!("whose credits? {fault}; {advice}"))
}

fn read_key(file: &Path) -> Result<String, Failure> {
    let from_stdin = file.as_os_str() == "-";
    let name = if from_stdin { "standard input".into() } else { escape_for_display(&file.to_string_lossy()) };
    let failed = |error: io::Error| Failure::new(Exit::Configuration, format!("no API key from {name}: {error}"));

    let source: &mut dyn Read =
        if from_stdin { &mut io::stdin().lock() } else { &mut File::open(file).map_err(failed)? };
    let mut key = Vec::new();
    source.take(MAX_KEY_FILE_BYTES).read_to_end(&mut key).map_err(failed)?;
    let mut key = String::from_utf8(key).map_err(|error| failed(not_utf8(error.as_bytes())))?;
    if key.ends_with('\n') {
        key.pop();
        if key.ends_with('\r') {
            key.pop();
        }
    }
    match key.is_empty() {
        true => Err(failed(io::Error::other("it is empty"))),
        false => Ok(key),
    }
}

/// PowerShell's `>` writes UTF-16.
fn not_utf8(key: &[u8]) -> io::Error {
    let is_utf16 = key.starts_with(b"\xff\xfe") || key.starts_with(b"\xfe\xff");
    io::Error::other(if is_utf16 { "it is UTF-16: write it as UTF-8 or ASCII" } else { "it is not UTF-8" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_of_wix_s_url_is_recognized() {
        for url in ["https://www.wixapis.com", "https://www.wixapis.com/", "HTTPS://WWW.WixApis.com:443//"] {
            assert!(is_wix(url), "{url}");
        }
        for url in ["http://www.wixapis.com", "https://www.wixapis.com/path", "https://www.wixapis.com.test", ""] {
            assert!(!is_wix(url), "{url}");
        }
    }
}

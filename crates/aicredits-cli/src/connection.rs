//! The options of each command that reads a balance: whose it is, which server, and how to reach it.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;

#[derive(Debug, clap::Args)]
pub(crate) struct Connection {
    /// Ask for this account; with --site, both ids are sent
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,

    /// Ask for this site; with --account, both ids are sent
    #[arg(long, value_name = "ID")]
    pub(crate) site: Option<String>,

    #[command(flatten)]
    pub(crate) server: Server,
}

/// Which server, with which key, and how to reach it.
#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// Read the API key from this file, or from standard input if it is -
    ///
    /// One line break at the end of the file is removed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Ask this server instead of Wix's
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) base_url: Option<String>,

    /// Timeout for the whole call, such as 5s, 500ms or 5 (seconds); default 35 s
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,

    /// The most retries of a failed call, 0 to 10; default 2
    ///
    /// Lost connections and the HTTP statuses 429, 500, 502, 503 and 504 are retried, within --timeout.
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_retries: Option<u32>,

    /// Connect through this HTTP proxy instead of the environment's
    ///
    /// Such as http://proxy.example:3128, or https:// for a proxy that uses TLS. An empty URL means no proxy. All users of
    /// this machine can read a password in an argument: put it into https_proxy instead.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) proxy: Option<String>,

    /// Connect to these hosts without a proxy: a list with commas, instead of no_proxy
    ///
    /// A host name includes its subdomains. A network is written as 10.0.0.0/8. A port can follow a name, as in
    /// example.com:8443. * means all hosts. An empty list means none.
    #[arg(long, value_name = "LIST")]
    pub(crate) no_proxy: Option<String>,

    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Log connections, attempts and delays to standard error
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// A time such as 5s, 500ms or 5, in seconds.
pub(crate) fn timeout(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| "not a time such as 5s, 500ms or 5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts() {
        for (text, milliseconds) in [("5", 5000), ("5s", 5000), ("500ms", 500), ("1m 30s", 90_000), ("1.5s", 1500)] {
            assert_eq!(timeout(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "soon", "-5s", "5 parsecs", "1.5", "99999999999999999999"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}

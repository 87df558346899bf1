//! The server, the proxy and the trusted certificate authorities that a client's settings name.

use std::fmt;
use std::path::Path;

use super::values::{Value, Values};
use crate::environment::{Environment, FromEnv};
use crate::http::Endpoint;
use crate::net::{MAX_CA_BYTES, Proxy, Trust, read_file};
use crate::settings::{Kind, Setting, optional};
use crate::{Error, text};

/// Wix's own server.
#[doc(hidden)]
pub const WIX: &str = "https://www.wixapis.com";

const _: () = assert!(matches!(Setting::CaPem.kind(), Kind::Pem(MAX_CA_BYTES)));

pub(super) fn endpoint(values: &Values, variables: &FromEnv) -> Result<Endpoint, Error> {
    let allow_insecure_http = values.flag(Setting::AllowInsecureHttp);
    if let Some(url) = values.text(Setting::BaseUrl) {
        return Endpoint::parse(url, allow_insecure_http);
    }
    match variables.get(Setting::BaseUrl)? {
        Some(url) => Endpoint::parse(url, allow_insecure_http).map_err(variables.names(Setting::BaseUrl)),
        None => Endpoint::parse(WIX, false),
    }
}

pub(super) fn trust(values: &Values, environment: &Environment) -> Result<Trust, Error> {
    match (values.get(Setting::CaPem), values.get(Setting::CaFile)) {
        (Some(Value::Pem(pem)), _) if pem.len() > MAX_CA_BYTES => {
            Err(Setting::CaPem.error(format!("is larger than {} MiB", MAX_CA_BYTES >> 20)))
        }
        (Some(Value::Pem(pem)), _) => Trust::only(pem, Setting::CaPem),
        (_, Some(Value::Path(path))) => trust_file(path),
        _ => Ok(Trust::system(environment)),
    }
}

fn trust_file(path: &Path) -> Result<Trust, Error> {
    let refuse = |why: &dyn fmt::Display| {
        Setting::CaFile.error(format!("cannot be read ({}: {why})", text::escape_for_display(&path.to_string_lossy())))
    };
    if path.to_string_lossy().contains(char::is_control) {
        return Err(refuse(&"it has control characters in its name"));
    }
    Trust::only(&read_file(path).map_err(|error| refuse(&error))?, Setting::CaFile)
}

/// `no_proxy` replaces the variables of that name.
pub(super) fn proxy(
    values: &Values,
    endpoint: &Endpoint,
    environment: &Environment,
    no_proxy: Option<&str>,
) -> Result<Option<Proxy>, Error> {
    let proxy = match values.text(Setting::Proxy) {
        Some(url) => {
            let proxy = Proxy::parse(url, Setting::Proxy)?;
            Some(proxy).filter(|_| !no_proxy.is_some_and(|list| endpoint.is_exempt(list)))
        }
        None if values.flag(Setting::ProxyFromEnv) => endpoint.proxy_from_env(environment, no_proxy)?,
        None => None,
    };
    // A proxy of the environment is not used for loopback hosts, so here the caller named both.
    let is_exposed = proxy.as_ref().is_some_and(|proxy| endpoint.exposes_key_to(proxy));
    if is_exposed && !values.flag(Setting::AllowInsecureHttp) {
        return Err(Setting::Proxy.error(format!(
            "is on another machine, where the key could be read on its way, since {} is http; use https, or a proxy \
             on this machine{}",
            Setting::BaseUrl,
            optional(format_args!(", or {}", Setting::AllowInsecureHttp)),
        )));
    }
    Ok(proxy)
}

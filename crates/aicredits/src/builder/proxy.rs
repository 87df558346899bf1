//! The proxy that a client's settings or the environment name.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::authority::Authority;
use super::no_proxy::is_exempt;
use super::values::Values;
use crate::Error;
use crate::environment::Environment;
use crate::http::Endpoint;
use crate::net::{Peer, Proxy, is_loopback};
use crate::settings::{Setting, optional};

/// The proxy, and how messages name it. `no_proxy` replaces the variables of that name.
pub(super) fn proxy(
    values: &Values,
    endpoint: &Endpoint,
    environment: &Environment,
    no_proxy: Option<&str>,
) -> Result<Option<(Proxy, Peer)>, Error> {
    let proxy = match values.text(Setting::Proxy) {
        Some(url) => {
            let proxy = parse(url, Setting::Proxy)?;
            Some(proxy).filter(|_| !no_proxy.is_some_and(|list| is_exempt(list, &endpoint.host, endpoint.port)))
        }
        None if values.flag(Setting::ProxyFromEnv) => from_env(environment, no_proxy, endpoint)?,
        None => None,
    };
    // A proxy of the environment is not used for loopback hosts, so here the caller named both.
    let is_exposed = proxy.as_ref().is_some_and(|(proxy, _)| endpoint.exposes_key_to(proxy));
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

/// `http://user:password@host:port`, or `https://`. Errors name `setting` and never show the URL.
fn parse(url: &str, setting: Setting) -> Result<(Proxy, Peer), Error> {
    let refuse = |fault: &str| Err(setting.error(fault));
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let is_https = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return refuse("is neither an http:// nor an https:// proxy; no other kind is supported"),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (user, authority) = match rest.rsplit_once('@') {
        Some((user, authority)) => (Some(user), authority),
        None => (None, rest),
    };
    if authority.contains(['/', '?', '#']) {
        return refuse("has a path or a query, which a proxy has not");
    }
    let Authority { host, port } = Authority::parse(authority).map_err(|fault| setting.error(fault))?;
    let port = port.unwrap_or(if is_https { 443 } else { 80 });
    let authorization = match user {
        None => None,
        Some(user) => {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            let pair = percent_decode_str(name).chain([b':']).chain(percent_decode_str(password));
            let pair = Zeroizing::new(pair.collect::<Vec<u8>>());
            Some(Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(&*pair))))
        }
    };
    let peer = Peer { name: format!("the proxy {authority}"), named_by: setting.to_string() };
    Ok((Proxy { host, port, is_https, authorization }, peer))
}

/// The proxy that the environment names for this server. A value that cannot be used is an error. A given `no_proxy` is
/// read instead of the variables of that name.
fn from_env(
    environment: &Environment,
    no_proxy: Option<&str>,
    endpoint: &Endpoint,
) -> Result<Option<(Proxy, Peer)>, Error> {
    let Endpoint { is_https, host, port, .. } = endpoint;
    // `HTTP_PROXY` is ignored: in a CGI program a request's header can set it.
    let names: &[&str] = match is_https {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let text = |name: &str| {
        let not_utf8 = |_| Setting::ProxyFromEnv.error(format!("finds {name}, which is not UTF-8"));
        environment.text(name).map_err(not_utf8)
    };
    if is_loopback(host) {
        return Ok(None);
    }
    // As curl does, each is read only without the one before.
    let is_exempt = match no_proxy {
        Some(list) => is_exempt(list, host, *port),
        None => {
            let list = text("no_proxy").transpose().or_else(|| text("NO_PROXY").transpose()).transpose()?;
            list.is_some_and(|list| is_exempt(&list, host, *port))
        }
    };
    if is_exempt {
        return Ok(None);
    }
    for name in names {
        if let Some(url) = text(name)? {
            let named = |error: Error| error.with_message(|message| format!("{message} (read from {name})"));
            let (proxy, peer) = parse(&url, Setting::ProxyFromEnv).map_err(named)?;
            return Ok(Some((proxy, Peer { named_by: (*name).to_owned(), ..peer })));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_that_are_accepted() {
        let parsed = |url| parse(url, Setting::Proxy).unwrap().0;
        for (url, host, port, is_https) in [
            ("http://proxy.example:3128", "proxy.example", 3128, false),
            ("http://proxy.example/", "proxy.example", 80, false),
            ("HTTPS://proxy.example", "proxy.example", 443, true),
            ("proxy.example:8080", "proxy.example", 8080, false),
            ("http://[::1]:3128", "[::1]", 3128, false),
        ] {
            let proxy = parsed(url);
            assert_eq!((proxy.host.as_str(), proxy.port, proxy.is_https), (host, port, is_https), "{url}");
            assert!(proxy.authorization.is_none());
        }
        let secret = |url| parsed(url).authorization.unwrap().to_string();
        assert_eq!(secret("http://Aladdin:open%20sesame@p:1"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(secret("http://user@p:1"), "Basic dXNlcjo=");
    }

    #[test]
    fn proxies_that_are_refused_by_name_and_never_shown() {
        for (url, fault) in [
            ("", "no URL"),
            ("http://", "no URL"),
            ("socks5://canary.example:1080", "no other kind"),
            ("http://user:canary@p:99999", "no valid port"),
            ("http://canary.example:0", "port"),
            ("http://canary.example:", "port"),
            ("http://canary.example:+80", "port"),
            ("http://canary.example/path", "path"),
            ("http://cana ry", "no URL"),
        ] {
            let error = parse(url, Setting::Proxy).err().unwrap_or_else(|| panic!("{url}"));
            let message = error.message();
            assert!(message.starts_with("proxy ") && message.contains(fault), "{url}: {message}");
            assert!(!message.contains("canary"), "{message}");
        }
    }
}

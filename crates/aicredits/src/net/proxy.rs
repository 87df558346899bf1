//! An HTTP proxy: its URL, the variables that name one, and the hosts that need none.

use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::host::{Authority, is_loopback};
use crate::Error;
use crate::environment::Environment;
use crate::settings::Setting;

/// A proxy, with the user's credentials for it.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// For messages.
    pub(crate) name: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_https: bool,
    /// The setting or the variable that named it.
    pub(crate) named_by: String,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<Zeroizing<String>>,
}

impl Proxy {
    /// `http://user:password@host:port`, or `https://`. Errors name `setting` and never show the URL.
    pub(crate) fn parse(url: &str, setting: Setting) -> Result<Self, Error> {
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
        Ok(Self {
            name: format!("the proxy {authority}"),
            host,
            port,
            is_https,
            named_by: setting.to_string(),
            authorization,
        })
    }

    /// Whether what is sent to it stays on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// The proxy that the environment names for a URL of this scheme, host and port. A value that cannot
    /// be used is an error. A given `no_proxy` is read instead of the variables of that name.
    pub(crate) fn from_env(
        environment: &Environment,
        no_proxy: Option<&str>,
        is_https: bool,
        host: &str,
        port: u16,
    ) -> Result<Option<Self>, Error> {
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
            Some(list) => is_exempt(list, host, port),
            None => {
                let list = text("no_proxy").transpose().or_else(|| text("NO_PROXY").transpose()).transpose()?;
                list.is_some_and(|list| is_exempt(&list, host, port))
            }
        };
        if is_exempt {
            return Ok(None);
        }
        for name in names {
            if let Some(url) = text(name)? {
                let named = |error: Error| error.with_message(|message| format!("{message} (read from {name})"));
                let proxy = Self::parse(&url, Setting::ProxyFromEnv).map_err(named)?;
                return Ok(Some(Self { named_by: (*name).to_owned(), ..proxy }));
            }
        }
        Ok(None)
    }
}

/// Whether a `NO_PROXY` list names the host: by itself, by a domain that it lies in, by its network, or with all
/// others.
pub(crate) fn is_exempt(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    let address = host.parse::<IpAddr>().ok();
    let is_separator = |character: char| character == ',' || character.is_whitespace();
    list.split(is_separator).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        if let (Some(address), Some((network, bits))) = (address, entry.split_once('/')) {
            return network
                .parse()
                .is_ok_and(|network| bits.parse().is_ok_and(|bits| is_in_network(address, network, bits)));
        }
        let (name, only_port) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') || name.ends_with(']') => (name, digits.parse::<u16>().ok()),
            _ => (entry.as_str(), None),
        };
        if only_port.is_some_and(|only| only != port) {
            return false;
        }
        if name == "*" {
            return true;
        }
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let name = name.strip_prefix('*').unwrap_or(name).trim_start_matches('.').trim_end_matches('.');
        match address {
            Some(address) => name.parse() == Ok(address),
            None => host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        }
    })
}

fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (address.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    bits <= width && (bits == 0 || (address ^ network) >> (width - bits) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_that_are_accepted() {
        let parse = |url| Proxy::parse(url, Setting::Proxy).unwrap();
        for (url, host, port, is_https) in [
            ("http://proxy.example:3128", "proxy.example", 3128, false),
            ("http://proxy.example/", "proxy.example", 80, false),
            ("HTTPS://proxy.example", "proxy.example", 443, true),
            ("proxy.example:8080", "proxy.example", 8080, false),
            ("http://[::1]:3128", "[::1]", 3128, false),
        ] {
            let proxy = parse(url);
            assert_eq!((proxy.host.as_str(), proxy.port, proxy.is_https), (host, port, is_https), "{url}");
            assert!(proxy.authorization.is_none());
        }
        let secret = |url| parse(url).authorization.unwrap().to_string();
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
            let error = Proxy::parse(url, Setting::Proxy).err().unwrap_or_else(|| panic!("{url}"));
            let message = error.message();
            assert!(message.starts_with("proxy ") && message.contains(fault), "{url}: {message}");
            assert!(!message.contains("canary"), "{message}");
        }
    }

    #[test]
    fn no_proxy_lists_hosts() {
        for (list, host, exempt) in [
            ("*", "www.wixapis.com", true),
            ("*:443", "www.wixapis.com", true),
            ("*:80", "www.wixapis.com", false),
            ("*", "127.0.0.1", true),
            ("a.test\twixapis.com\n", "www.wixapis.com", true),
            ("wixapis.com", "www.wixapis.com", true),
            (".wixapis.com", "www.wixapis.com", true),
            ("*.wixapis.com", "www.wixapis.com", true),
            ("WWW.WixApis.com.", "www.wixapis.com", true),
            ("a.test, www.wixapis.com:443", "www.wixapis.com", true),
            ("www.wixapis.com:80", "www.wixapis.com", false),
            ("apis.com", "www.wixapis.com", false),
            ("www.wixapis.com.evil.test", "www.wixapis.com", false),
            ("", "www.wixapis.com", false),
            (", ,", "www.wixapis.com", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.0/8", "127.1.2.3", true),
            ("10.0.0.0/8,0.0.0.0/0", "127.1.2.3", true),
            ("10.0.0.0/8", "127.1.2.3", false),
            ("10.0.0.0/99", "10.1.2.3", false),
            ("::1", "[::1]", true),
            ("[::1]:443", "[::1]", true),
            ("fd00::/8", "[fd12::1]", true),
            ("1", "127.0.0.1", false),
        ] {
            assert_eq!(is_exempt(list, host, 443), exempt, "{list:?} {host}");
        }
    }
}

use std::fmt;

use ureq_proto::http::{HeaderValue, Uri};

use crate::Error;
use crate::contract::Setting;
use crate::environment::Environment;
use crate::net::{self, Proxy};

const PATH: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";

/// Where the requests go.
pub(crate) struct Endpoint {
    pub(super) uri: Uri,
    /// Host and port as the user wrote them, for messages.
    pub(super) authority: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_https: bool,
    /// The `Host` header's value.
    pub(super) host_header: HeaderValue,
}

impl Endpoint {
    pub(crate) fn parse(base_url: &str, allow_insecure_http: bool) -> Result<Self, Error> {
        let refuse = |fault: &str| Err(Setting::BaseUrl.error(fault));
        // Looked at first, and never shown: a URL may hold a password.
        if base_url.contains('@') {
            return refuse("must not hold a user name or password");
        }
        if base_url.contains(['?', '#']) {
            return refuse("must not have a query or a fragment");
        }
        let scheme = base_url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_https = match scheme.as_deref() {
            Some("https") => true,
            Some("http") => false,
            _ if base_url.is_empty() => return refuse("is empty"),
            _ => return refuse("begins with neither https:// nor http://"),
        };
        let Ok(uri) = format!("{}{PATH}", base_url.trim_end_matches('/')).parse::<Uri>() else {
            return refuse("is no URL, such as https://www.wixapis.com");
        };
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return refuse("has no host; it looks like https://www.wixapis.com");
        };
        let has_port = authority.as_str().len() > authority.host().len();
        let port = net::port_of(&uri);
        if has_port && port.is_none_or(|port| port == 0) {
            return refuse("has no valid port");
        }
        if !is_https && !allow_insecure_http && !is_loopback(authority.host()) {
            return refuse(
                "is http to another machine, where the key could be read on its way; use https, or allow_insecure_http",
            );
        }
        let default_port = if is_https { 443 } else { 80 };
        let port = port.unwrap_or(default_port);
        let host_header = if port == default_port { authority.host() } else { authority.as_str() };
        let Ok(host_header) = HeaderValue::from_str(host_header) else {
            return refuse("has no host that a request can name");
        };
        Ok(Self {
            host_header,
            authority: authority.to_string(),
            host: authority.host().to_owned(),
            port,
            uri,
            is_https,
        })
    }

    /// The proxy that the environment names for it.
    pub(crate) fn proxy_from_env(&self, environment: &Environment) -> Result<Option<Proxy>, Error> {
        Proxy::from_env(environment, self.is_https, &self.host, self.port)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_that_are_accepted() {
        for (url, uri) in [
            ("https://www.wixapis.com", "https://www.wixapis.com"),
            ("https://www.wixapis.com/", "https://www.wixapis.com"),
            ("https://proxy.example:8443/wix//", "https://proxy.example:8443/wix"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.1.2.3", "http://127.1.2.3"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://LocalHost:8080", "http://LocalHost:8080"),
        ] {
            assert_eq!(format!("{:?}", Endpoint::parse(url, false).unwrap()), format!("{uri}{PATH}"), "{url}");
        }
        assert!(Endpoint::parse("http://wix.example", true).is_ok());
    }

    #[test]
    fn base_urls_that_are_refused_by_name_and_never_shown() {
        for (url, fault) in [
            ("", "is empty"),
            ("www.canary.example", "begins with neither"),
            ("https://", "is no URL"),
            ("https:///path", "is no URL"),
            ("ftp://canary.example", "begins with neither"),
            ("http://canary.example", "allow_insecure_http"),
            ("http://127.0.0.1.canary.example", "allow_insecure_http"),
            ("https://user:canary@wix.example", "password"),
            ("https://canary.example?x=1", "query"),
            ("https://canary.example#x", "fragment"),
            ("https://canary.example:0", "port"),
            ("https://canary.example:99999", "port"),
            ("https://canary.example:", "port"),
            ("https://canary.example:+443", "port"),
            ("https://cana ry.example", "is no URL"),
            ("https://canary.example/ü ", "is no URL"),
        ] {
            let message = Endpoint::parse(url, false).unwrap_err().to_string();
            assert!(
                message.contains("base_url") && message.contains(fault) && !message.contains("canary"),
                "{url}: {message}"
            );
        }
    }
}

//! The server that a client's settings name.

use http::{HeaderValue, Uri};

use super::authority::Authority;
use super::values::Values;
use crate::environment::FromEnv;
use crate::http::{BALANCE_PATH, Endpoint};
use crate::net::is_loopback;
use crate::settings::{Setting, optional};
use crate::{Error, pasted};

/// Wix's own server.
#[doc(hidden)]
pub const WIX: &str = "https://www.wixapis.com";

pub(super) fn endpoint(values: &Values, variables: &FromEnv) -> Result<Endpoint, Error> {
    let allow_insecure_http = values.flag(Setting::AllowInsecureHttp);
    if let Some(url) = values.text(Setting::BaseUrl) {
        return parse(url, allow_insecure_http);
    }
    match variables.get(Setting::BaseUrl)? {
        Some(url) => parse(url, allow_insecure_http).map_err(variables.names(Setting::BaseUrl)),
        None => parse(WIX, false),
    }
}

fn parse(base_url: &str, allow_insecure_http: bool) -> Result<Endpoint, Error> {
    let refuse = |fault: &str| Err(Setting::BaseUrl.error(fault));
    let (scheme, rest) = base_url.split_once("://").unwrap_or_default();
    let is_https = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ if base_url.is_empty() => return refuse("is empty"),
        _ => return refuse("begins with neither https:// nor http://"),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return refuse("must not hold a user name or password");
    }
    if pasted::has_key(base_url) {
        return refuse("has an API key in it, which would be shown in messages");
    }
    if path.contains(['?', '#']) {
        return refuse("must not have a query or a fragment");
    }
    let Authority { host, port } = Authority::parse(authority).map_err(|fault| Setting::BaseUrl.error(fault))?;
    if !is_path(path) {
        return refuse("is no URL: its path has a character that must be percent-encoded (%C3%A9 for é)");
    }
    if !is_https && !allow_insecure_http && !is_loopback(&host) {
        return refuse(&format!(
            "is http to another machine, where the key could be read on its way; use https{}",
            optional(format_args!(", or {}", Setting::AllowInsecureHttp)),
        ));
    }
    let Ok(uri) = format!("{scheme}://{authority}{}{BALANCE_PATH}", path.trim_end_matches('/')).parse::<Uri>() else {
        return refuse("is no URL, such as https://www.wixapis.com");
    };
    let default_port = if is_https { 443 } else { 80 };
    let port = port.unwrap_or(default_port);
    let host_header = if port == default_port { &host } else { authority };
    let Ok(host_header) = HeaderValue::from_str(host_header) else {
        return refuse("has no host that a request can name");
    };
    Ok(Endpoint { host_header, authority: authority.to_owned(), host, port, uri, is_https })
}

/// The characters of RFC 3986, section 3.3.
fn is_path(path: &str) -> bool {
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let is_allowed = match byte {
            b'%' => (0..2).all(|_| bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte),
        };
        if !is_allowed {
            return false;
        }
    }
    true
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
            ("https://h/a@b", "https://h/a@b"),
            ("https://h/a:b/%C3%A9/~x;y=1,2!$&'()*+//", "https://h/a:b/%C3%A9/~x;y=1,2!$&'()*+"),
            ("HTTPS://[2001:DB8::1]:8443", "https://[2001:DB8::1]:8443"),
            ("https://wix.example./", "https://wix.example."),
            ("https://wix_proxy", "https://wix_proxy"),
        ] {
            assert_eq!(format!("{:?}", parse(url, false).unwrap()), format!("{uri}{BALANCE_PATH}"), "{url}");
        }
        assert!(parse("http://wix.example", true).is_ok());
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
            ("https://h/canary/é", "its path"),
            ("https://h/canary/%", "its path"),
            ("https://h/canary/%2", "its path"),
            ("https://h/canary/%zz", "its path"),
            ("https://h/canary\\x", "its path"),
            ("https://h/canary\u{7f}", "its path"),
            ("https://h/canary\0", "its path"),
            ("https://h/canary<", "its path"),
            ("https://h/canary\"", "its path"),
            ("https://h/canary{id}", "its path"),
            ("https://h/canary|", "its path"),
            ("https://h/canary^`", "its path"),
            ("https://h/canary[1]", "its path"),
            ("https://h/?canary@", "query"),
            ("https://canary@", "password"),
            ("https://canary:@h", "password"),
            ("https://me:canary@h@i", "password"),
            ("https://me:canary%40h/", "port"),
            ("https://h:canary/x@i", "port"),
            ("https://[::canary]", "IPv6 address"),
            ("https://[::1]canary:1", "only a port"),
            ("https://canary.1.2.3", "no IPv4 address"),
            ("http://2130706433", "no IPv4 address"),
            ("http://0177.0.0.1", "no IPv4 address"),
            ("http://127.1", "no IPv4 address"),
            ("http://a.localhost", "allow_insecure_http"),
            ("http://[::ffff:127.0.0.1]", "allow_insecure_http"),
            ("https:canary.example", "begins with neither"),
            ("https:/canary.example", "begins with neither"),
            (" https://canary.example", "begins with neither"),
            ("https://canary.example\\@h", "password"),
            ("https://canary.example ", "no name"),
            ("https://canary%2eexample", "no name"),
            ("https://bücher-canary.example", "punycode"),
        ] {
            let message = parse(url, false).unwrap_err().to_string();
            assert!(
                message.contains("base_url") && message.contains(fault) && !message.contains("canary"),
                "{url}: {message}"
            );
        }
    }
}

//! The host and port of a URL, validated by parts.

use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 1035, section 2.3.4, as text without the final dot.
const MAX_NAME_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

/// `host` or `host:port`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Authority {
    /// As written: an IPv6 address has its brackets.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// The fault names the part and never repeats the text.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(literal) => {
                let Some((address, rest)) = literal.split_once(']') else {
                    return Err("is no URL: the bracket of its IPv6 address is not closed");
                };
                if address.parse::<Ipv6Addr>().is_err() {
                    return Err("is no URL: in brackets its host must be an IPv6 address, without a zone");
                }
                text.split_at(text.len() - rest.len())
            }
            None => {
                let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                check_host(host)?;
                (host, rest)
            }
        };
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return Err("is no URL: after its IPv6 address only a port may follow"),
            Some(digits) if digits.contains(':') => return Err("is no URL: an IPv6 address needs brackets"),
            Some(digits) => match port(digits) {
                Some(port) => Some(port),
                None => return Err("has no valid port (1 to 65535)"),
            },
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

fn port(digits: &str) -> Option<u16> {
    // `parse` takes a sign too.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|&port| is_number && port != 0)
}

/// An IPv4 address, or a name that a certificate can have.
fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("is no URL: it has no host");
    }
    if !host.is_ascii() {
        return Err("is no URL: its host is not ASCII; write an international name in punycode (xn--...)");
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    // The system's resolver would read it as an address: 1.2.3 is 1.2.0.3 there, and 0177.0.0.1 is 127.0.0.1.
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")).is_some_and(is_hexadecimal);
    if !last.is_empty() && is_number {
        return match host.parse::<Ipv4Addr>() {
            Ok(_) => Ok(()),
            Err(_) => {
                Err("is no URL: its host ends in a number and is no IPv4 address (four decimal numbers up to 255)")
            }
        };
    }
    if name.len() > MAX_NAME_BYTES || name.split('.').any(|label| label.len() > MAX_LABEL_BYTES) {
        return Err("is no URL: its host is longer than a name may be (63 characters a label, 253 in all)");
    }
    if !name.split('.').all(is_label) {
        return Err(
            "is no URL: its host is no name that a certificate can have (letters, digits, hyphens and underscores, with dots between)",
        );
    }
    Ok(())
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Underscores are not in RFC 952, and are in names of containers and in certificates.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::ServerName;

    use super::*;

    #[test]
    fn authorities_that_are_accepted() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        for (text, host, port) in [
            ("www.wixapis.com", "www.wixapis.com", None),
            ("www.wixapis.com.", "www.wixapis.com.", None),
            ("WIX.Example:65535", "WIX.Example", Some(65535)),
            ("a", "a", None),
            ("xn--bcher-kva.example:1", "xn--bcher-kva.example", Some(1)),
            ("my_service:8080", "my_service", Some(8080)),
            ("3com.example", "3com.example", None),
            ("1.2.3.4.example", "1.2.3.4.example", None),
            ("0x7f.example", "0x7f.example", None),
            ("127.0.0.1:080", "127.0.0.1", Some(80)),
            ("255.255.255.255", "255.255.255.255", None),
            ("[::1]", "[::1]", None),
            ("[::1]:443", "[::1]", Some(443)),
            ("[FD00::1]:1", "[FD00::1]", Some(1)),
            ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]", None),
            (&longest, &longest, None),
        ] {
            let parsed = Authority::parse(text);
            assert_eq!(parsed, Ok(Authority { host: host.to_owned(), port }), "{text}");
            let name = host.trim_matches(['[', ']']).to_owned();
            ServerName::try_from(name).unwrap_or_else(|_| panic!("no certificate can have {host}"));
        }
    }

    #[test]
    fn authorities_that_are_refused() {
        let label = "a".repeat(63);
        let too_long = format!("{label}.{label}.{label}.{}", "b".repeat(62));
        for (text, fault) in [
            ("", "no host"),
            (":80", "no host"),
            (".", "no name"),
            ("a..b", "no name"),
            (".a", "no name"),
            ("a..", "no name"),
            ("-a.example", "no name"),
            ("a-.example", "no name"),
            ("a b", "no name"),
            ("a%2eb", "no name"),
            ("a%00", "no name"),
            ("a\\b", "no name"),
            ("a\tb", "no name"),
            ("a,b", "no name"),
            ("*.example", "no name"),
            ("a]", "no name"),
            ("bücher.example", "punycode"),
            ("1。2.example", "punycode"),
            (&too_long, "longer"),
            (&"a".repeat(64), "longer"),
            ("1.2.3", "no IPv4 address"),
            ("1.2.3.4.5", "no IPv4 address"),
            ("1.2.3.4.", "no IPv4 address"),
            ("1.2.3.256", "no IPv4 address"),
            ("0177.0.0.1", "no IPv4 address"),
            ("127.0.0.01", "no IPv4 address"),
            ("0x7f.0.0.1", "no IPv4 address"),
            ("127.0.0.0x1", "no IPv4 address"),
            ("0x7f000001", "no IPv4 address"),
            ("0x", "no IPv4 address"),
            ("2130706433", "no IPv4 address"),
            ("a.1", "no IPv4 address"),
            ("[::g]", "IPv6 address"),
            ("[]", "IPv6 address"),
            ("[127.0.0.1]", "IPv6 address"),
            ("[fe80::1%eth0]", "without a zone"),
            ("[fe80::1%25eth0]", "without a zone"),
            ("[::1", "not closed"),
            ("[::1]x:1", "only a port"),
            ("[::1]1", "only a port"),
            ("[::1]]", "only a port"),
            ("::1", "no host"),
            ("fd00::1", "needs brackets"),
            ("a:", "no valid port"),
            ("[::1]:", "no valid port"),
            ("a:0", "no valid port"),
            ("a:65536", "no valid port"),
            ("a:+80", "no valid port"),
            ("a:-1", "no valid port"),
            ("a:8 0", "no valid port"),
            ("a:0x50", "no valid port"),
            ("a:٨٠", "no valid port"),
            ("a:1:2", "needs brackets"),
        ] {
            let error = Authority::parse(text).expect_err(text);
            assert!(error.contains(fault), "{text}: {error}");
        }
    }
}

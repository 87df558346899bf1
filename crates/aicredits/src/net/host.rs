//! Hosts that need no look-up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses of a host that needs no look-up: an address, or `localhost` (RFC 6761, section 6.3).
pub(super) fn known_addresses(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Some(vec![literal.parse().ok()?])
}

/// Whether what is sent to this host stays on this machine. Of names only `localhost` does: another may resolve to
/// anything.
pub(crate) fn is_loopback(host: &str) -> bool {
    known_addresses(host).is_some_and(|addresses| addresses.iter().all(IpAddr::is_loopback))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_loopback() {
        for host in ["127.0.0.1", "127.255.0.1", "[::1]", "localhost", "LocalHost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.",
            "a.localhost",
            "localhost.localdomain",
            "localhost.example",
            "ip6-localhost",
            "127.0.0.1.example",
            "0.0.0.0",
            "128.0.0.1",
            "10.0.0.1",
            "169.254.0.1",
            "[::]",
            "[::2]",
            "[fe80::1]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "wix.test",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

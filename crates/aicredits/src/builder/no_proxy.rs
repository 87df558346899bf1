//! Which hosts a `NO_PROXY` list exempts from a proxy.

use std::net::IpAddr;

/// Whether a `NO_PROXY` list names the host: by itself, by a domain that it lies in, by its network, or with all
/// others.
pub(super) fn is_exempt(list: &str, host: &str, port: u16) -> bool {
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

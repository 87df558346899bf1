use std::fmt;

use http::{HeaderValue, Uri};

use crate::net::Proxy;

/// The path of the API, behind that of the base URL.
pub(crate) const BALANCE_PATH: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";

/// Where the requests go.
pub(crate) struct Endpoint {
    pub(crate) uri: Uri,
    /// Host and port as the user wrote them, for messages.
    pub(crate) authority: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_https: bool,
    /// The `Host` header's value.
    pub(crate) host_header: HeaderValue,
}

impl Endpoint {
    /// Whether this proxy gets the key in clear text and is on another machine.
    pub(crate) fn exposes_key_to(&self, proxy: &Proxy) -> bool {
        !self.is_https && !proxy.is_loopback()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}

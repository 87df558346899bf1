//! Where a server listens, and its URL.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::tls::Tls;

/// Connections that may wait to be accepted. `std` asks for 128, and a burst of a thousand clients would overflow it.
const BACKLOG: i32 = 1024;

/// Where a server listens, and whether it speaks TLS. The default is a free port of 127.0.0.1, without TLS.
#[derive(Clone, Debug, Default)]
pub struct Listen {
    /// An address, with or without the brackets of IPv6, or a name of this machine. Empty: 127.0.0.1.
    pub host: String,
    /// The port. 0: a free one.
    pub port: u16,
    /// The certificate. `None`: no TLS.
    pub tls: Option<Tls>,
    /// The most connections that are open at once. `None`: 4,096. One more is answered with 503, or closed under TLS.
    pub max_connections: Option<usize>,
    /// The longest time from a request's first byte to its last, or of a TLS handshake. `None`: a minute. A slower
    /// request is answered with 408. A connection without a request has no limit.
    pub request_timeout: Option<Duration>,
}

impl Listen {
    /// A free port of 127.0.0.1, over TLS.
    pub fn over(tls: Tls) -> Self {
        Self { tls: Some(tls), ..Self::default() }
    }

    fn host(&self) -> &str {
        let host = self.host.trim();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() { "127.0.0.1" } else { bare }
    }

    /// Listens on the first address of the host that can be listened on.
    pub(super) fn bind(&self) -> io::Result<TcpListener> {
        let (host, port) = (self.host(), self.port);
        let failed = |error: io::Error| {
            let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            let advice = match error.kind() {
                io::ErrorKind::AddrInUse => "the port is in use: choose another one, or 0 for a free one",
                io::ErrorKind::AddrNotAvailable => "this machine does not have that address",
                io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege: choose another one",
                _ => "the host must be an address or a name of this machine",
            };
            io::Error::new(error.kind(), format!("{place}: {error}; {advice}"))
        };
        let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "the name has no address");
        for addr in (host, port).to_socket_addrs().map_err(failed)? {
            match bind(addr) {
                Ok(listener) => return Ok(listener),
                Err(error) => last = error,
            }
        }
        Err(failed(last))
    }

    /// The base URL for clients on this machine. `addr` is where the server really listens.
    pub(super) fn url(&self, addr: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let host = self.host();
        // The certificate is for the name. No client can connect to "any address", so its URL has the loopback one.
        let host = match addr.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.to_string(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => format!("[{}]", Ipv6Addr::LOCALHOST),
            _ if host.parse::<IpAddr>().is_err() && !host.contains('%') => host.to_owned(),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        format!("{scheme}://{host}:{}", addr.port())
    }
}

fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    if addr.port() != 0 {
        // Connections of an earlier process may still wait for their last packets on this port.
        socket.set_reuse_address(true)?;
    }
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

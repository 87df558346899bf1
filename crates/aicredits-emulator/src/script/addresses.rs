//! Addresses where no connection comes about.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// An address that refuses every connection for as long as this lives.
///
/// Its port is bound and not listened on: nobody else can be given it meanwhile, as could happen with a closed one.
#[derive(Debug)]
pub struct RefusedAddr {
    addr: SocketAddr,
    _bound: Socket,
}

/// An address of 127.0.0.1 that refuses every connection while the returned guard lives.
pub fn refused_addr() -> io::Result<RefusedAddr> {
    let (addr, bound) = bind()?;
    Ok(RefusedAddr { addr, _bound: bound })
}

impl RefusedAddr {
    /// The address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

/// An address where connecting hangs for as long as this lives: the system drops each attempt's SYN.
#[derive(Debug)]
pub struct SynDropped {
    addr: SocketAddr,
    _listener: Socket,
    _clients: Vec<Socket>,
}

impl SynDropped {
    /// A listener that accepts nobody and has no room left for another.
    pub fn start() -> io::Result<Self> {
        let (addr, listener) = bind()?;
        listener.listen(0)?;
        // A backlog of 0 has room for one connection. The others fill it again if the first is dropped.
        let mut clients = vec![Socket::new(Domain::IPV4, Type::STREAM, None)?];
        clients[0].connect(&addr.into())?;
        for _ in 0..3 {
            let client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            client.set_nonblocking(true)?;
            // It cannot have been connected yet, and that is no failure.
            let _ = client.connect(&addr.into());
            clients.push(client);
        }
        Ok(Self { addr, _listener: listener, _clients: clients })
    }

    /// The address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

fn bind() -> io::Result<(SocketAddr, Socket)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let addr = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok((addr, socket))
}

//! A TCP connection to the address of a host that answers first.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::sockopt::{set_tcp_nodelay, socket_error};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};

use super::context::Context;
use super::socket::Socket;
use super::transport::forked;
use crate::fork::Fd;
use crate::{Error, ErrorKind};

/// After this time without an answer, the next address is tried in parallel (RFC 8305, section 8).
const HEAD_START: Duration = Duration::from_millis(250);
/// More addresses of one host are not tried.
const MAX_ADDRESSES: usize = 16;

/// Connects with Happy Eyeballs (RFC 8305): each address has a head start before the next, unless it fails earlier.
pub(super) fn connect_happy_eyeballs(addresses: &[IpAddr], port: u16, context: &Context) -> Result<Socket, Error> {
    let mut waiting = alternating(addresses).into_iter().take(MAX_ADDRESSES);
    let mut running: Vec<Fd> = Vec::new();
    let mut first_failure = None;
    let mut exhausted = false;
    loop {
        match waiting.next() {
            Some(address) => match begin(SocketAddr::new(address, port)) {
                Ok(fd) => running.push(fd),
                Err(error) => {
                    first_failure.get_or_insert(error);
                    continue;
                }
            },
            None => exhausted = true,
        }
        let until = (!exhausted).then(|| Instant::now() + HEAD_START);
        loop {
            if running.is_empty() {
                if exhausted {
                    let error = first_failure.unwrap_or(Errno::HOSTUNREACH);
                    return Err(cannot_connect(context, &error.into()));
                }
                break;
            }
            let ready = {
                let watched: Vec<(BorrowedFd<'_>, PollFlags)> =
                    running.iter().filter_map(|fd| Some((fd.get()?, PollFlags::OUT))).collect();
                if watched.len() < running.len() {
                    return Err(forked());
                }
                context.wait(&watched, until)?
            };
            if ready == 0 {
                break;
            }
            let mut failed = false;
            for index in (0..running.len()).rev().filter(|index| ready & (1 << index) != 0) {
                let fd = running.swap_remove(index);
                match fd.get().map(socket_error) {
                    Some(Ok(Ok(()))) => return Ok(Socket::new(fd)),
                    Some(Ok(Err(error)) | Err(error)) => {
                        first_failure.get_or_insert(error);
                        failed = true;
                    }
                    None => {}
                }
            }
            if failed && !exhausted {
                break;
            }
        }
    }
}

fn begin(address: SocketAddr) -> Result<Fd, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = Fd::new(socket_with(family, SocketType::STREAM, flags, None)?);
    let socket = fd.get().ok_or(Errno::BADF)?;
    set_tcp_nodelay(socket, true)?;
    match connect(socket, &address) {
        // An interrupted connect goes on by itself.
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(fd),
        Err(error) => Err(error),
    }
}

/// The system's order of preference, with the two families taking turns: one that leads nowhere costs one head start.
fn alternating(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let Some(preferred) = addresses.first() else { return Vec::new() };
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.iter().partition(|address| address.is_ipv4() == preferred.is_ipv4());
    let mut ordered = Vec::with_capacity(addresses.len());
    let mut second = second.into_iter();
    for address in first {
        ordered.push(address);
        ordered.extend(second.next());
    }
    ordered.extend(second);
    ordered
}

fn cannot_connect(context: &Context, error: &io::Error) -> Error {
    let (host, setting) = (context.peer(), context.peer_setting());
    let message = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("{host} refused the connection; check {setting}, and that it runs")
        }
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::TimedOut => {
            format!("{host} cannot be reached ({error}); check this machine's network")
        }
        _ => format!("no connection to {host}: {error}"),
    };
    Error::new(ErrorKind::Network, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_take_turns() {
        let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
        assert_eq!(alternating(&parse(&["::1", "::2", "::3", "1.1.1.1"])), parse(&["::1", "1.1.1.1", "::2", "::3"]));
        assert_eq!(alternating(&parse(&["1.1.1.1", "::1", "::2", "::3"])), parse(&["1.1.1.1", "::1", "::2", "::3"]));
        assert_eq!(alternating(&[]), parse(&[]));
    }
}

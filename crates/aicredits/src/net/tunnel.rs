//! The tunnel through an HTTP proxy, for `http` as for `https`.

use zeroize::Zeroizing;

use super::context::Context;
use super::head::end_of_head;
use super::proxy::Proxy;
use super::transport::{Transport, TransportError};
use crate::{Error, ErrorKind, Phase, advice};

/// No answer to CONNECT is longer.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// Establishes a tunnel through the proxy, which is the call's peer, to `host` and `port` (HTTP CONNECT).
pub(super) fn establish_tunnel(
    transport: &mut dyn Transport,
    proxy: &Proxy,
    host: &str,
    port: u16,
    context: &Context,
) -> Result<(), TransportError> {
    context.enter_phase(Phase::Proxy);
    let mut request = Zeroizing::new(format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"));
    if let Some(authorization) = &proxy.authorization {
        // Room for all of it at once: growing would leave a copy behind.
        request.reserve(authorization.len() + 32);
        *request += "Proxy-Authorization: ";
        *request += authorization;
        *request += "\r\n";
    }
    *request += "\r\n";
    transport.send(request.as_bytes(), context)?;

    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    let mut received = 0;
    let end = loop {
        match end_of_head(&head) {
            // More is to come.
            Some(end) if status(&head).is_some_and(|status| (100..200).contains(&status) && status != 101) => {
                head.drain(..end);
                continue;
            }
            Some(end) => break end,
            None if received > MAX_HEAD_BYTES => return Err(no_answer(context)),
            None => {}
        }
        let count = transport.receive(&mut buffer, context)?;
        if count == 0 {
            let message = format!("{} ended the connection before it answered", context.peer());
            return Err(Error::new(ErrorKind::Network, message).into());
        }
        received += count;
        head.extend_from_slice(&buffer[..count]);
    };
    let Some(status) = status(&head) else { return Err(no_answer(context)) };
    if (200..300).contains(&status) {
        // The server speaks second.
        let has_more = head.len() > end || matches!(transport.receive_now(&mut [0]), Ok(Some(1..)));
        return if has_more { Err(no_answer(context)) } else { Ok(()) };
    }
    let (advice, is_lasting) = advice::proxy_status(status, proxy.authorization.is_some(), context.peer_setting());
    let error = Error::new(ErrorKind::Network, format!("{} refused with status {status}; {advice}", context.peer()));
    Err(if is_lasting { error.lasting() } else { error }.into())
}

fn no_answer(context: &Context) -> TransportError {
    Error::new(
        ErrorKind::Network,
        format!("{} did not answer as an HTTP proxy does; check {}", context.peer(), context.peer_setting()),
    )
    .lasting()
    .into()
}

/// The text after the status is for people, in any encoding, and is ignored.
fn status(head: &[u8]) -> Option<u16> {
    let [version, b' ', digits @ ..] = head.strip_prefix(b"HTTP/1.")? else { return None };
    let (digits, rest) = digits.split_at_checked(3)?;
    let is_status = version.is_ascii_digit()
        && digits.iter().all(u8::is_ascii_digit)
        && rest.first().is_some_and(u8::is_ascii_whitespace);
    is_status.then(|| digits.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_proxies() {
        for (head, expected) in [
            (&b"HTTP/1.1 200 OK\r\n"[..], Some(200)),
            (b"HTTP/1.0 407\n", Some(407)),
            (b"HTTP/1.1 200 \xe9tabli\r\n", Some(200)),
            (b"HTTP/1.1 2000 OK\r\n", None),
            (b"HTTP/1.1 20", None),
            (b"HTTP/1.1 +20 OK\r\n", None),
            (b"HTTP/2 200 OK\r\n", None),
            (b"ICY 200 OK\r\n", None),
            (b"", None),
        ] {
            assert_eq!(status(head), expected, "{}", head.escape_ascii());
        }
    }
}

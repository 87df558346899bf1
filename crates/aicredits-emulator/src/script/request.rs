//! A request as it came.

use std::fmt;
use std::time::Instant;

use super::buffer::{wipe, wipe_text};

/// One request, as the client sent it.
///
/// `Debug` leaves the value of `Authorization` out, so that a failed assertion prints no key. The memory of the target,
/// of the headers' values and of the body is wiped when a request is dropped.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// As sent, `POST`.
    pub method: String,
    /// The request target as sent, query included.
    pub target: String,
    /// The minor version: 1 for HTTP/1.1.
    pub version: u8,
    /// Every header in order, its name as sent. Each character of a value is one byte (ISO 8859-1), so nothing is lost.
    pub headers: Vec<(String, String)>,
    /// The body, out of its chunks if it came in chunks.
    ///
    /// In the journal it is cut at [`JOURNAL_BODY_BYTES`](super::JOURNAL_BODY_BYTES).
    pub body: Vec<u8>,
    /// The length of the whole body.
    pub body_bytes: usize,
    /// Which connection of the server it came by, counted from 0.
    pub connection: usize,
    /// Its place on that connection, counted from 0.
    pub ordinal: usize,
    /// Whether its connection resumed a TLS session.
    pub tls_resumed: bool,
    /// When its first byte was read.
    pub arrived: Instant,
}

impl Request {
    /// The value of the first header with this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).next()
    }

    /// The values of all headers with this name, whatever their case, in the order sent.
    pub fn headers_named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The path of the target, without its query. In the absolute form, which a proxy is sent, it comes after the host.
    pub fn path(&self) -> &str {
        path_of(&self.target)
    }

    /// The host that the request is for: that of an absolute target, else the header `Host`.
    pub fn host(&self) -> Option<&str> {
        absolute(&self.target).map(|(host, _)| host).or_else(|| self.header("host"))
    }

    /// Whether the client wants the connection closed after the reply.
    pub(super) fn wants_close(&self) -> bool {
        if self.version == 0 { !self.says("keep-alive") } else { self.says("close") }
    }

    fn says(&self, token: &str) -> bool {
        self.headers_named("connection")
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(token))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| {
                let secret = name.eq_ignore_ascii_case("authorization");
                (name.as_str(), if secret { "(not shown)" } else { value.as_str() })
            })
            .collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("version", &self.version)
            .field("headers", &headers)
            .field("body", &String::from_utf8_lossy(&self.body))
            .field("body_bytes", &self.body_bytes)
            .field("connection", &self.connection)
            .field("ordinal", &self.ordinal)
            .finish()
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        wipe_text(&mut self.target);
        wipe(&mut self.body);
        self.headers.iter_mut().for_each(|(_, value)| wipe_text(value));
    }
}

/// The path of a target, as [`Request::path`] has it.
pub(crate) fn path_of(target: &str) -> &str {
    let target = match absolute(target) {
        Some((_, rest)) if rest.starts_with('/') => rest,
        Some(_) => "/",
        None => target,
    };
    target.split('?').next().unwrap_or_default()
}

/// The host of an absolute target, and the rest.
fn absolute(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Some(rest.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::{parse, with_headers};

    #[test]
    fn a_connection_is_closed_when_the_client_asks_for_it() {
        let wants_close = |version: &str, connection: &str| {
            let bytes = format!("GET / HTTP/{version}\r\nHost: h\r\n{connection}\r\n");
            parse(bytes.as_bytes()).unwrap().unwrap().0.wants_close()
        };
        assert!(!wants_close("1.1", ""));
        assert!(wants_close("1.1", "Connection: x, Close\r\n"));
        assert!(wants_close("1.0", ""));
        assert!(!wants_close("1.0", "Connection: keep-alive\r\n"));
    }

    #[test]
    fn debug_shows_no_key() {
        let bytes = with_headers("authorization: IST.canary\r\n");
        let shown = format!("{:?}", parse(&bytes).unwrap().unwrap().0);
        assert!(shown.contains("authorization") && !shown.contains("canary"), "{shown}");
    }

    #[test]
    fn the_path_and_the_host_are_found_in_each_form_of_a_target() {
        for (target, path, host) in [
            ("/a/b?c=/d", "/a/b", "h"),
            ("*", "*", "h"),
            ("http://wix.test:80/a?b", "/a", "wix.test:80"),
            ("HTTPS://wix.test", "/", "wix.test"),
            ("http://wix.test?q=/a", "/", "wix.test"),
            ("ftp://wix.test/a", "ftp://wix.test/a", "h"),
            ("/http://wix.test/a", "/http://wix.test/a", "h"),
        ] {
            let bytes = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
            let request = parse(bytes.as_bytes()).unwrap().unwrap().0;
            assert_eq!((request.path(), request.host()), (path, Some(host)), "{target}");
            assert_eq!(request.target, target);
        }
    }
}

//! A request as it came, and the reading of one from the bytes of a connection.

use std::fmt;
use std::time::Instant;

/// The longest head that is read; a longer one is answered with 431.
const HEAD_LIMIT: usize = 64 * 1024;
/// The largest body that is read; a larger one is answered with 413.
const BODY_LIMIT: usize = 1024 * 1024;
/// The most bytes of a chunked body around its data. With more the request is refused.
const CHUNKS_LIMIT: usize = 2 * BODY_LIMIT;
const HEADERS_LIMIT: usize = 128;

/// One request, as the client sent it.
///
/// `Debug` leaves the value of `Authorization` out, so that a failed assertion prints no key.
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

    /// Whether the client wants the connection closed after the reply.
    pub(super) fn wants_close(&self) -> bool {
        let says = |token: &str| {
            self.headers_named("connection")
                .flat_map(|value| value.split(','))
                .any(|part| part.trim().eq_ignore_ascii_case(token))
        };
        if self.version == 0 { !says("keep-alive") } else { says("close") }
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

/// Why bytes are no request that the server takes: the status that says so, and a sentence for the client's author.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) why: &'static str,
}

fn refused(status: u16, why: &'static str) -> Refused {
    Refused { status, why }
}

/// Reads one request from the front of `bytes`, and returns its length too. `None`: more bytes are needed.
///
/// Deliberately strict: a client that is sloppy about framing should hear of it here first.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refused> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_LIMIT];
    let mut head = httparse::Request::new(&mut headers);
    let head_length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= HEAD_LIMIT => length,
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_LIMIT => return Ok(None),
        Ok(_) => return Err(refused(431, "the request's head is longer than 64 KiB")),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(refused(431, "the request has more than 128 headers"));
        }
        Err(_) => return Err(refused(400, "this is no HTTP/1.1 request")),
    };
    let mut request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        version: head.version.unwrap_or_default(),
        headers: head.headers.iter().map(|header| (header.name.to_owned(), latin1(header.value))).collect(),
        body: Vec::new(),
        body_bytes: 0,
        connection: 0,
        ordinal: 0,
        tls_resumed: false,
        arrived: Instant::now(),
    };
    if request.version == 1 && request.headers_named("host").count() != 1 {
        return Err(refused(400, "an HTTP/1.1 request has exactly one Host header"));
    }
    let rest = &bytes[head_length..];
    let body = match framing(&request)? {
        Framing::Length(length) => rest.get(..length).map(|body| (body.to_vec(), length)),
        Framing::Chunked => chunked(rest)?,
    };
    Ok(body.map(|(body, body_length)| {
        request.body_bytes = body.len();
        request.body = body;
        (request, head_length + body_length)
    }))
}

enum Framing {
    Length(usize),
    Chunked,
}

fn framing(request: &Request) -> Result<Framing, Refused> {
    let mut lengths = request.headers_named("content-length");
    let length = lengths.next();
    if lengths.next().is_some() {
        return Err(refused(400, "the request has two Content-Length headers"));
    }
    let encodings: Vec<&str> = request.headers_named("transfer-encoding").collect();
    match (encodings.as_slice(), length) {
        ([], None) => Ok(Framing::Length(0)),
        ([], Some(length)) => content_length(length).map(Framing::Length),
        ([coding], None) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (_, Some(_)) => Err(refused(400, "the request has both Content-Length and Transfer-Encoding")),
        (_, None) => Err(refused(501, "the only transfer coding known here is chunked")),
    }
}

fn content_length(text: &str) -> Result<usize, Refused> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused(400, "Content-Length is not a number"));
    }
    // Digits alone can fail to parse only by being too many.
    match text.parse() {
        Ok(length) if length <= BODY_LIMIT => Ok(length),
        _ => Err(refused(413, "the request's body is larger than 1 MiB")),
    }
}

/// The data of a chunked body, and its length on the wire with sizes and trailers.
fn chunked(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Refused> {
    let mut data = Vec::new();
    let mut at = 0;
    loop {
        let size = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete((line, size))) => {
                at += line;
                size
            }
            Ok(httparse::Status::Partial) => return incomplete(bytes),
            Err(_) => return Err(refused(400, "a chunk does not begin with its size")),
        };
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > BODY_LIMIT - data.len() {
            return Err(refused(413, "the request's body is larger than 1 MiB"));
        }
        let Some(chunk) = bytes.get(at..at + size + 2) else {
            return incomplete(bytes);
        };
        let Some(chunk) = chunk.strip_suffix(b"\r\n") else {
            return Err(refused(400, "a chunk does not end where its size says"));
        };
        data.extend_from_slice(chunk);
        at += size + 2;
    }
    let mut trailers = [httparse::EMPTY_HEADER; HEADERS_LIMIT];
    match httparse::parse_headers(&bytes[at..], &mut trailers) {
        Ok(httparse::Status::Complete((length, _))) => Ok(Some((data, at + length))),
        Ok(httparse::Status::Partial) => incomplete(bytes),
        Err(_) => Err(refused(400, "what follows the last chunk is no trailer")),
    }
}

fn incomplete<T>(bytes: &[u8]) -> Result<Option<T>, Refused> {
    if bytes.len() < CHUNKS_LIMIT { Ok(None) } else { Err(refused(413, "the request's chunks take more than 2 MiB")) }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> u16 {
        parse(bytes).expect_err("this should be refused").status
    }

    fn with_headers(headers: &str) -> Vec<u8> {
        format!("POST /x HTTP/1.1\r\nHost: h\r\n{headers}\r\n").into_bytes()
    }

    #[test]
    fn a_request_is_taken_once_its_last_byte_is_there_and_not_before() {
        let length = b"POST /x?y HTTP/1.1\r\nHost: h\r\nX-a: \xe9\r\nx-A: 2\r\nContent-Length: 2\r\n\r\n{}".as_slice();
        let chunks = b"POST /x?y HTTP/1.1\r\nHost: h\r\nX-a: \xe9\r\nx-A: 2\r\nTransfer-Encoding: Chunked\r\n\r\n\
            1;ext=1\r\n{\r\n1\r\n}\r\n0\r\nTrailer: t\r\n\r\n"
            .as_slice();
        for bytes in [length, chunks] {
            for cut in 0..bytes.len() {
                assert_eq!(parse(&bytes[..cut]), Ok(None), "cut at {cut}");
            }
            let followed = [bytes, b"POST"].concat();
            let (request, taken) = parse(&followed).unwrap().unwrap();
            assert_eq!(taken, bytes.len());
            assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/x?y"));
            assert_eq!(request.headers[1], ("X-a".to_owned(), "\u{e9}".to_owned()));
            assert_eq!(request.headers_named("X-A").collect::<Vec<_>>(), ["\u{e9}", "2"]);
            assert_eq!(request.body, b"{}");
        }
    }

    #[test]
    fn sloppy_requests_are_refused() {
        assert_eq!(refusal(b"\x16\x03\x01\x02\x00\x01"), 400);
        assert_eq!(refusal(b"POST /x HTTP/1.1\r\n\r\n"), 400);
        assert_eq!(refusal(&with_headers("Host: two\r\n")), 400);
        assert_eq!(refusal(&with_headers("Content-Length: +2\r\n")), 400);
        assert_eq!(refusal(&with_headers("Content-Length: 2\r\nContent-Length: 2\r\n")), 400);
        assert_eq!(refusal(&with_headers("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n")), 400);
        assert_eq!(refusal(&with_headers("Transfer-Encoding: gzip, chunked\r\n")), 501);
        let chunked = |body: &str| [with_headers("Transfer-Encoding: chunked\r\n"), body.into()].concat();
        assert_eq!(refusal(&chunked("x\r\n")), 400);
        assert_eq!(refusal(&chunked("1\r\nabc")), 400);
        assert_eq!(refusal(&chunked("ffffffffffffffff\r\n")), 413);
    }

    #[test]
    fn head_and_body_are_bounded() {
        assert_eq!(refusal(&with_headers(&"A: b\r\n".repeat(HEADERS_LIMIT))), 431);
        assert_eq!(refusal(&with_headers(&format!("A: {}\r\n", "b".repeat(HEAD_LIMIT)))), 431);
        assert_eq!(refusal(format!("POST /{}", "x".repeat(HEAD_LIMIT)).as_bytes()), 431);
        assert_eq!(refusal(&with_headers("Content-Length: 1048577\r\n")), 413);
        assert_eq!(refusal(&with_headers("Content-Length: 99999999999999999999999\r\n")), 413);
        let chunk = format!("8\r\n{}\r\n", "x".repeat(8));
        let chunks = [with_headers("Transfer-Encoding: chunked\r\n"), chunk.repeat(BODY_LIMIT / 8 + 1).into()].concat();
        assert_eq!(refusal(&chunks), 413);
    }

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
}

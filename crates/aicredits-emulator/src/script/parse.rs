//! The reading of a request from the bytes of a connection.

use std::borrow::Cow;
use std::time::Instant;

use super::buffer::Buffer;
use super::request::Request;

/// The longest head that is read; a longer one is answered with 431.
const HEAD_LIMIT: usize = 64 * 1024;
/// The largest body that is read; a larger one is answered with 413.
const BODY_LIMIT: usize = 1024 * 1024;
/// The most bytes of a chunked body around its data. With more the request is refused.
const CHUNKS_LIMIT: usize = 2 * BODY_LIMIT;
const HEADERS_LIMIT: usize = 128;

/// Why bytes are no request that the server takes: the status that says so, and a sentence for the client's author.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) why: Cow<'static, str>,
}

impl Refused {
    pub(super) fn late() -> Self {
        refused(408, "the request did not come in time")
    }
}

fn refused(status: u16, why: &'static str) -> Refused {
    Refused { status, why: why.into() }
}

/// A request whose head has come, and whose body may still be on its way.
pub(super) struct Pending {
    request: Request,
    framing: Framing,
    /// The client waits for 100 before it sends the body.
    pub(super) expects_continue: bool,
}

/// Reads a request's head from the front of `bytes`, and returns its length too. `None`: more bytes are needed.
///
/// Deliberately strict: a client that is sloppy about framing should hear of it here first.
pub(super) fn head(bytes: &[u8]) -> Result<Option<(Pending, usize)>, Refused> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_LIMIT];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= HEAD_LIMIT => length,
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_LIMIT => return Ok(None),
        Ok(_) => return Err(refused(431, "the request's head is longer than 64 KiB")),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(refused(431, "the request has more than 128 headers"));
        }
        Err(_) => return Err(refused(400, "this is no HTTP/1.1 request")),
    };
    let request = Request {
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
    let framing = framing(&request)?;
    // HTTP/1.0 has no expectations.
    let expectations: Vec<&str> = request.headers_named("expect").filter(|_| request.version == 1).collect();
    if !expectations.iter().all(|value| value.eq_ignore_ascii_case("100-continue")) {
        return Err(refused(417, "the only expectation known here is 100-continue"));
    }
    let expects_continue = !expectations.is_empty() && !matches!(framing, Framing::Length(0));
    Ok(Some((Pending { request, framing, expects_continue }, length)))
}

impl Pending {
    /// Takes what it can of the body from the front of `bytes`, and returns how much that was, and whether it was all.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(usize, bool), Refused> {
        match &mut self.framing {
            Framing::Length(length) => Ok(match bytes.get(..*length) {
                Some(body) => {
                    self.request.body = body.to_vec();
                    (*length, true)
                }
                None => (0, false),
            }),
            Framing::Chunked(chunks) => chunks.take(bytes),
        }
    }

    /// The whole request, when its body has been taken.
    pub(super) fn request(self) -> Request {
        let mut request = self.request;
        if let Framing::Chunked(chunks) = self.framing {
            request.body = chunks.data.to_vec();
        }
        request.body_bytes = request.body.len();
        request
    }
}

enum Framing {
    Length(usize),
    Chunked(Chunks),
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
        (_, None) if request.version == 0 => Err(refused(400, "HTTP/1.0 has no Transfer-Encoding")),
        ([coding], None) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked(Chunks::default())),
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

/// A chunked body that comes in pieces.
#[derive(Default)]
struct Chunks {
    data: Buffer,
    /// All bytes so far, with sizes and line ends.
    wire: usize,
    /// The last chunk has come. The trailers follow.
    ended: bool,
}

impl Chunks {
    fn take(&mut self, bytes: &[u8]) -> Result<(usize, bool), Refused> {
        let mut at = 0;
        while !self.ended {
            let (line, size) = match httparse::parse_chunk_size(&bytes[at..]) {
                Ok(httparse::Status::Complete((line, size))) => (line, size),
                Ok(httparse::Status::Partial) => return self.more(bytes, at),
                Err(_) => return Err(refused(400, "a chunk does not begin with its size")),
            };
            if size == 0 {
                at += line;
                self.ended = true;
                break;
            }
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if size > BODY_LIMIT - self.data.len() {
                return Err(refused(413, "the request's body is larger than 1 MiB"));
            }
            let Some(chunk) = bytes.get(at + line..at + line + size + 2) else {
                return self.more(bytes, at);
            };
            let Some(chunk) = chunk.strip_suffix(b"\r\n") else {
                return Err(refused(400, "a chunk does not end where its size says"));
            };
            self.data.extend(chunk);
            at += line + size + 2;
        }
        let mut trailers = [httparse::EMPTY_HEADER; HEADERS_LIMIT];
        match httparse::parse_headers(&bytes[at..], &mut trailers) {
            Ok(httparse::Status::Complete((length, _))) => Ok((at + length, true)),
            Ok(httparse::Status::Partial) => self.more(bytes, at),
            Err(_) => Err(refused(400, "what follows the last chunk is no trailer")),
        }
    }

    /// The first `taken` bytes are done with, and the rest needs more.
    fn more(&mut self, bytes: &[u8], taken: usize) -> Result<(usize, bool), Refused> {
        if self.wire + bytes.len() >= CHUNKS_LIMIT {
            return Err(refused(413, "the request's chunks take more than 2 MiB"));
        }
        self.wire += taken;
        Ok((taken, false))
    }
}

fn latin1(bytes: &[u8]) -> String {
    // A text that grows would leave copies of a key behind.
    let mut text = String::with_capacity(bytes.len() + bytes.iter().filter(|byte| !byte.is_ascii()).count());
    text.extend(bytes.iter().copied().map(char::from));
    text
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A request from the front of `bytes`, and its length.
    pub(in super::super) fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refused> {
        let Some((mut pending, head)) = head(bytes)? else { return Ok(None) };
        let (length, complete) = pending.take(&bytes[head..])?;
        Ok(complete.then(|| (pending.request(), head + length)))
    }

    fn refusal(bytes: &[u8]) -> u16 {
        parse(bytes).expect_err("this should be refused").status
    }

    pub(in super::super) fn with_headers(headers: &str) -> Vec<u8> {
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
        assert_eq!(refusal(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
        assert_eq!(refusal(&with_headers("Content-Length: 2\r\nExpect: a-miracle\r\n")), 417);
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
}

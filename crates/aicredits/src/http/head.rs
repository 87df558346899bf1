//! Corrects the forms of a reply's head that other clients accept and the engine does not.

use http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use http::{HeaderName, Response};
use httparse::{EMPTY_HEADER, ParserConfig, Status};

use crate::net::end_of_head;

/// The most header fields that the engine reads.
pub(super) const MAX_HEADERS: usize = 128;

/// The start of the received bytes.
#[derive(Debug, PartialEq)]
pub(super) enum Front {
    /// An interim reply of this length (1xx). It may have header fields.
    Interim(usize),
    /// A part of one.
    Partial,
    /// For the engine: the reply, 101 (a switch that nobody asked for), or what is no HTTP at all.
    Other,
}

/// Where the status line begins: the engine passes over empty lines before it.
fn begin(input: &[u8]) -> usize {
    input.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(input.len())
}

/// From the status line to the empty line, and all of it where that has not come yet.
pub(super) fn of(input: &mut [u8]) -> &mut [u8] {
    let begin = begin(input);
    let input = &mut input[begin..];
    let length = end_of_head(input).unwrap_or(input.len());
    &mut input[..length]
}

/// A warm call pays for a look at one byte.
pub(super) fn front(input: &[u8]) -> Front {
    const CLASS: usize = "HTTP/1.1 ".len();
    let line = &input[begin(input)..];
    if line.get(CLASS) != Some(&b'1') || !line.starts_with(b"HTTP/1.") {
        return Front::Other;
    }
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut reply = httparse::Response::new(&mut headers);
    let mut config = ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    let parsed = config.parse_response(&mut reply, input);
    match (parsed, reply.code) {
        (_, Some(101)) => Front::Other,
        (Ok(Status::Complete(length)), Some(100..200)) => Front::Interim(length),
        (Ok(Status::Partial), _) => Front::Partial,
        _ => Front::Other,
    }
}

/// Makes blanks of the line breaks within header fields (obsolete line folding; RFC 9112, 5.2). False where there are
/// none. The status line is not folded.
pub(super) fn unfold(input: &mut [u8]) -> bool {
    let head = of(input);
    let is_break = |head: &[u8], at: usize| head[at] == b'\n' && matches!(head.get(at + 1), Some(b' ' | b'\t'));
    let status_line = head.iter().position(|byte| *byte == b'\n').map_or(head.len(), |end| end + 1);
    let mut unfolded = false;
    for at in status_line..head.len() {
        if is_break(head, at) {
            head[at] = b' ';
            if head[at - 1] == b'\r' {
                head[at - 1] = b' ';
            }
            unfolded = true;
        }
    }
    unfolded
}

/// How the reply is encoded, if it is in a way that was not asked for. `identity` is no encoding, and servers write
/// `none` for it.
pub(super) fn encoding(head: &Response<()>) -> Option<&[u8]> {
    other_than(head, CONTENT_ENCODING, &["identity", "none"], 0)
        .or_else(|| other_than(head, TRANSFER_ENCODING, &["identity"], 1))
}

/// Whether the body is framed by its encoding.
pub(super) fn has_transfer_encoding(head: &Response<()>) -> bool {
    other_than(head, TRANSFER_ENCODING, &["identity"], 0).is_some()
}

/// The first value that has another word than these, in any case, or `chunked` more often than it may be.
fn other_than<'h>(head: &'h Response<()>, name: HeaderName, fine: &[&str], mut chunked: usize) -> Option<&'h [u8]> {
    let mut values = head.headers().get_all(name).iter().map(|value| value.as_bytes());
    let mut is_fine = |word: &[u8]| {
        let word = word.trim_ascii();
        let is_chunked = word.eq_ignore_ascii_case(b"chunked") && chunked > 0;
        chunked -= usize::from(is_chunked);
        word.is_empty() || is_chunked || fine.iter().any(|fine| word.eq_ignore_ascii_case(fine.as_bytes()))
    };
    values.find(|value| !value.split(|byte| *byte == b',').all(&mut is_fine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_replies_are_found_wherever_they_are_cut() {
        for interim in [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 100\r\n\r\n",
            "HTTP/1.0 102 Processing\r\nX: y\r\n\r\n",
            "\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>,\r\n </c>\r\n\r\n",
            "HTTP/1.1 199 x\nDate: x\n\n",
        ] {
            let bytes = interim.as_bytes();
            for end in 0..bytes.len() {
                assert_ne!(front(&bytes[..end]), Front::Interim(end), "{interim:?} to {end}");
            }
            for rest in ["", "HTTP/1.1 200 OK\r\n\r\n"] {
                assert_eq!(front(format!("{interim}{rest}").as_bytes()), Front::Interim(bytes.len()), "{interim:?}");
            }
        }
        for other in [
            "",
            "HTTP/1.1 ",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 1xx No\r\n\r\n",
            "HTTP/1.1 1000 No\r\n\r\n",
            "HTTP/1.1 100 Continue\r\nno colon\r\n\r\n",
            "SSH-2.0-x 100",
        ] {
            assert_eq!(front(other.as_bytes()), Front::Other, "{other:?}");
        }
    }

    #[test]
    fn folded_lines_become_one() {
        for (folded, unfolded) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n x", "HTTP/1.1 200 OK\r\nA: b   c\r\n\r\n x"),
            ("HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n  d\r\nE: f", "HTTP/1.1 200 OK\r\nA: b  \tc    d\r\nE: f"),
            ("HTTP/1.1 200 OK\nA:\n b\n\n", "HTTP/1.1 200 OK\nA:  b\n\n"),
            ("HTTP/1.1 200 OK\r\nA: b\r\n \r\n\r\n", "HTTP/1.1 200 OK\r\nA: b   \r\n\r\n"),
        ] {
            let mut bytes = folded.as_bytes().to_vec();
            assert!(unfold(&mut bytes), "{folded:?}");
            assert_eq!(String::from_utf8(bytes.clone()).unwrap(), unfolded);
            assert!(!unfold(&mut bytes));
        }
        for plain in ["", "\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n\r\n c"] {
            let mut bytes = plain.as_bytes().to_vec();
            assert!(!unfold(&mut bytes) && bytes == plain.as_bytes(), "{plain:?}");
        }
    }
}

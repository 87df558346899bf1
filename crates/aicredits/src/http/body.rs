//! A reply's body, read as its head frames it.
//!
//! The engine does not read it, for two reasons. It would log the body at `trace` level, with an echoed key in it. And it
//! would wait for the rest of a line that is already invalid.

use httparse::{InvalidChunkSize, Status};
use zeroize::Zeroizing;

use crate::net::{Connection, Context, INPUT_BYTES, TransportError};
use crate::{Error, ErrorKind, advice};

/// The most room that is made for an announced length before its bytes arrive.
const STEP_BYTES: usize = 1 << 20;
/// The first room for a body that announces nothing.
const UNANNOUNCED_BYTES: usize = 4 << 10;

/// How the end of a body is known (RFC 9112, 6.3).
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Framing {
    NoBody,
    Length(u64),
    Chunked,
    /// It ends where the connection does.
    UntilClose,
}

/// A body that is complete by its framing.
pub(super) struct Body {
    /// Wiped when dropped: a refused reply may echo the credential.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Its end was within the connection, which may go on.
    pub(super) is_over: bool,
}

/// Reads the body of the reply whose head was read from the connection. More than `limit` bytes are an error.
pub(super) fn read(
    connection: &mut Connection,
    framing: Framing,
    limit: usize,
    context: &Context,
) -> Result<Body, TransportError> {
    Reader { connection, context }.body(framing, limit)
}

struct Reader<'a> {
    connection: &'a mut Connection,
    context: &'a Context,
}

impl Reader<'_> {
    fn body(&mut self, framing: Framing, limit: usize) -> Result<Body, TransportError> {
        match framing {
            Framing::NoBody => Ok(Body { bytes: Zeroizing::default(), is_over: true }),
            Framing::Length(length) => {
                // It is refused before a byte of it is awaited.
                let length = usize::try_from(length).ok().filter(|length| *length <= limit);
                let length = length.ok_or_else(|| advice::reply_too_large(limit))?;
                let mut bytes = Zeroizing::new(Vec::with_capacity(length.min(STEP_BYTES)));
                self.fill(&mut bytes, length)?;
                Ok(Body { bytes, is_over: true })
            }
            Framing::Chunked => self.chunks(limit),
            Framing::UntilClose => self.rest(limit),
        }
    }

    /// Takes exactly so many bytes more.
    fn fill(&mut self, bytes: &mut Zeroizing<Vec<u8>>, mut more: usize) -> Result<(), TransportError> {
        while more > 0 {
            let (mut at, step) = (bytes.len(), more.min(STEP_BYTES));
            grow(bytes, at + step);
            while at < bytes.len() {
                match self.connection.receive_into(&mut bytes[at..], self.context)? {
                    0 => return Err(cut().into()),
                    count => at += count,
                }
            }
            more -= step;
        }
        Ok(())
    }

    /// Until the server ends the connection.
    fn rest(&mut self, limit: usize) -> Result<Body, TransportError> {
        let (mut bytes, mut count) = (Zeroizing::new(vec![0; UNANNOUNCED_BYTES.min(limit + 1)]), 0);
        loop {
            match self.connection.receive_into(&mut bytes[count..], self.context) {
                Ok(0) | Err(TransportError::Lost(_)) => break,
                Ok(more) => count += more,
                Err(fault) => return Err(fault),
            }
            if count > limit {
                return Err(advice::reply_too_large(limit).into());
            }
            if count == bytes.len() {
                grow(&mut bytes, (count * 2).min(limit + 1));
            }
        }
        bytes.truncate(count);
        Ok(Body { bytes, is_over: false })
    }

    fn chunks(&mut self, limit: usize) -> Result<Body, TransportError> {
        let mut bytes = Zeroizing::new(Vec::new());
        loop {
            let size = self.parsed(chunk_size)?.ok_or_else(cut)?;
            if size == 0 {
                break;
            }
            let size = usize::try_from(size).ok().filter(|size| *size <= limit - bytes.len());
            let size = size.ok_or_else(|| advice::reply_too_large(limit))?;
            self.fill(&mut bytes, size)?;
            self.parsed(line_end)?.ok_or_else(cut)?;
        }
        // The line of the last chunk says that the body is whole, even if nothing more comes.
        let is_over = match self.trailers() {
            Ok(is_over) => is_over,
            Err(TransportError::Lost(_)) => false,
            Err(fault) => return Err(fault),
        };
        Ok(Body { bytes, is_over })
    }

    /// Passes over the trailers, of which nothing is needed. False where the server ends before they do.
    fn trailers(&mut self) -> Result<bool, TransportError> {
        let mut room = INPUT_BYTES;
        loop {
            match self.parsed(trailer)? {
                None => return Ok(false),
                Some(0) => return Ok(true),
                Some(length) if length <= room => room -= length,
                Some(_) => {
                    let message = format!("the reply's trailers are larger than {INPUT_BYTES} bytes");
                    return Err(Error::new(ErrorKind::TooLarge, message).into());
                }
            }
        }
    }

    /// Waits until there is enough to parse, and takes that. `None` where the server ends before.
    fn parsed<T, E>(
        &mut self,
        parse: impl Fn(&[u8]) -> Result<Status<(usize, T)>, E>,
    ) -> Result<Option<T>, TransportError> {
        loop {
            match parse(self.connection.unread()) {
                Ok(Status::Complete((length, value))) => {
                    self.connection.consume(length);
                    return Ok(Some(value));
                }
                Ok(Status::Partial) if self.connection.is_full() => {
                    let message = format!("a line between the reply's chunks is longer than {INPUT_BYTES} bytes");
                    return Err(Error::new(ErrorKind::Protocol, message).into());
                }
                Ok(Status::Partial) if self.connection.receive(self.context)? > 0 => {}
                Ok(Status::Partial) => return Ok(None),
                Err(_) => return Err(Error::new(ErrorKind::Protocol, "the reply's chunks are broken").into()),
            }
        }
    }
}

fn chunk_size(input: &[u8]) -> Result<Status<(usize, u64)>, InvalidChunkSize> {
    // The parser takes a line without a digit for 0, which would be the end.
    match input.first() {
        Some(first) if !first.is_ascii_hexdigit() => Err(InvalidChunkSize),
        _ => httparse::parse_chunk_size(input),
    }
}

fn line_end(input: &[u8]) -> Result<Status<(usize, ())>, InvalidChunkSize> {
    match input {
        [b'\r', b'\n', ..] => Ok(Status::Complete((2, ()))),
        [] | [b'\r'] => Ok(Status::Partial),
        _ => Err(InvalidChunkSize),
    }
}

/// A trailer, with its length; that of the line that ends them is 0.
fn trailer(input: &[u8]) -> Result<Status<(usize, usize)>, httparse::Error> {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        return Ok(Status::Partial);
    };
    let line = input[..end].strip_suffix(b"\r").unwrap_or(&input[..end]);
    let length = end + 1;
    match line {
        [] => Ok(Status::Complete((length, 0))),
        // The rest of the one before: obsolete line folding.
        [b' ' | b'\t', ..] => Ok(Status::Complete((length, length))),
        _ if line.contains(&b':') => Ok(Status::Complete((length, length))),
        _ => Err(httparse::Error::HeaderName),
    }
}

/// As `resize`, which would leave a copy behind where it moves.
fn grow(bytes: &mut Zeroizing<Vec<u8>>, length: usize) {
    if length > bytes.capacity() {
        let mut larger = Vec::with_capacity(length.max(2 * bytes.len()));
        larger.extend_from_slice(bytes);
        *bytes = Zeroizing::new(larger);
    }
    bytes.resize(length, 0);
}

fn cut() -> Error {
    Error::connection_lost("the server ended it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_chunk() {
        for (line, size) in [
            ("0\r\n", Some(0)),
            ("1a\r\n", Some(26)),
            ("1A;name=\"a value that is longer than the size\"\r\n", Some(26)),
            ("1a \r\n", Some(26)),
            ("ffffffffffffffff\r\n", Some(u64::MAX)),
            ("00000000000000001\r\n", None),
            ("\r\n", None),
            (";x\r\n", None),
            ("+2\r\n", None),
            ("-2\r\n", None),
            ("2\n", None),
            ("2\rx", None),
            ("0x2\r\n", None),
            ("g\r\n", None),
        ] {
            let parsed = chunk_size(line.as_bytes());
            assert_eq!(parsed.is_ok(), size.is_some(), "{line:?}");
            if let Some(size) = size {
                assert_eq!(parsed.unwrap(), Status::Complete((line.len(), size)), "{line:?}");
                for at in 0..line.len() {
                    assert_eq!(chunk_size(&line.as_bytes()[..at]).unwrap(), Status::Partial, "{line:?} to {at}");
                }
            }
        }
    }
}

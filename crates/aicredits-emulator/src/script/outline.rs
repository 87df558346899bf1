//! A reply as a client sees it, as far as the verdict on the client needs it.

use super::reply::{End, Manner, Message, Payload, Reply, Step};

/// A reply as a client sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The status of the final reply. `None`: the bytes are no HTTP reply.
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: RetryAfter,
    /// Whether the body has the length that the head declares, or ends with the connection.
    pub(crate) is_whole: bool,
    /// Whether a reset ends the connection: the client may lose the reply's last bytes.
    pub(crate) is_reset: bool,
    /// Whether the server ends the connection afterwards.
    pub(crate) ends_connection: bool,
    /// Whether the whole reply leaves without a pause.
    pub(crate) is_prompt: bool,
}

/// `Retry-After`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    #[default]
    None,
    Seconds(u64),
    /// A date, or no valid value.
    Other,
}

impl Reply {
    /// Whether this end of its connection leaves the client with a body that has no end.
    pub(super) fn loses_its_end(&self, end: End) -> bool {
        end == End::Reset && !self.outline().is_whole
    }

    pub(crate) fn outline(&self) -> Outline {
        // After a reset a client cannot know that a body without a length is whole.
        let closes = self.end == Some(End::Fin);
        let mut outline = match self.steps.as_slice() {
            // Most replies, without a copy.
            [.., Step::Send { payload: Payload::Message(message), .. }] => of_message(message, closes),
            _ => of_bytes(&self.bytes(Manner::default()), closes),
        };
        outline.is_reset = self.end == Some(End::Reset);
        outline.ends_connection = self.end.is_some();
        outline.is_prompt = self.steps.iter().all(|step| matches!(step, Step::Send { pause: None, .. }));
        outline
    }
}

fn of_message(message: &Message, closes: bool) -> Outline {
    let headers = message.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    outline(message.status, headers, &message.body, closes, !message.without_length)
}

/// Skips interim replies.
fn of_bytes(mut bytes: &[u8], closes: bool) -> Outline {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut head = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(length)) = head.parse(bytes) else {
            return Outline::default();
        };
        bytes = &bytes[length..];
        let status = head.code.unwrap_or_default();
        if !(100..200).contains(&status) {
            let headers = head.headers.iter().map(|header| (header.name, header.value));
            return outline(status, headers, bytes, closes, false);
        }
    }
}

/// `is_framed`: without a length in the headers, the server adds the right one.
fn outline<'a>(
    status: u16,
    headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
    closes: bool,
    is_framed: bool,
) -> Outline {
    let mut outline = Outline { status: Some(status), is_whole: is_framed || closes, ..Outline::default() };
    for (name, value) in headers {
        let value = value.trim_ascii();
        let number = || std::str::from_utf8(value).ok().and_then(|digits| digits.parse::<u64>().ok());
        if name.eq_ignore_ascii_case("retry-after") {
            // Clients differ in which of two they take.
            outline.retry_after = match (outline.retry_after, number()) {
                (RetryAfter::None, Some(seconds)) => RetryAfter::Seconds(seconds),
                _ => RetryAfter::Other,
            };
        } else if name.eq_ignore_ascii_case("content-length") {
            outline.is_whole = number().is_some_and(|length| length <= body.len() as u64);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            outline.is_whole = body.ends_with(b"0\r\n\r\n");
        }
    }
    outline.is_whole |= matches!(status, 204 | 304);
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Outline {
        Reply::raw(text).outline()
    }

    #[test]
    fn a_reply_is_seen_as_a_client_sees_it() {
        let reply = Reply::status(429).header("retry-after", "60").body("{}");
        let Outline { status, retry_after, is_whole, ends_connection, is_prompt, .. } = reply.outline();
        assert_eq!((status, retry_after, is_whole), (Some(429), RetryAfter::Seconds(60), true));
        assert_eq!((ends_connection, is_prompt), (false, true));
        let later = Reply::new().delay(std::time::Duration::from_secs(1)).then(reply).close().outline();
        assert_eq!((later.status, later.ends_connection, later.is_prompt), (Some(429), true, false));
        let dated = Reply::status(503).header("Retry-After", "Wed, 24 Jun 2026 00:00:00 GMT").outline();
        assert_eq!(dated.retry_after, RetryAfter::Other);
        assert_eq!(Reply::new().mute().outline().status, None);
    }

    #[test]
    fn bytes_that_a_test_wrote_are_read_like_others() {
        let seen = raw("HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
        assert_eq!((seen.status, seen.is_whole), (Some(403), true));
        assert!(!raw("HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno").is_whole);
        assert!(!raw("HTTP/1.1 403 No\r\n\r\nno").is_whole, "nothing ends it");
        assert!(Reply::raw("HTTP/1.1 403 No\r\n\r\nno").close().outline().is_whole);
        assert!(!Reply::raw("HTTP/1.1 403 No\r\n\r\nno").reset().outline().is_whole, "a reset ends no body");
        assert!(raw("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").is_whole);
        assert!(!raw("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n").is_whole);
        assert_eq!(raw("nonsense").status, None);
    }
}

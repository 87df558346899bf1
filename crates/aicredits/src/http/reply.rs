//! The reply, from its first byte to its last.

use std::time::Duration;

use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult};
use ureq_proto::http::header::{CONTENT_ENCODING, DATE, RETRY_AFTER, TRANSFER_ENCODING};
use ureq_proto::http::{HeaderMap, HeaderName, Response};

use crate::credential::Credential;
use crate::net::{Connection, Context, Fault, INPUT_BYTES};
use crate::{Error, ErrorKind, Phase, Timestamp};

/// More of an error's body is not read: the status has said what matters.
const MAX_ERROR_BODY_BYTES: usize = 64 << 10;

/// Room for a body before a byte of it has come. The largest documented reply has about 0.9 MB.
const FIRST_BODY_BYTES: usize = 1 << 20;
const UNANNOUNCED_BODY_BYTES: usize = 4 << 10;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-wix-request-id");

/// A reply with a head that was understood. Its body may have failed on its own.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) retry_after: Option<Duration>,
    /// Otherwise the body ends where the connection does.
    pub(crate) has_length: bool,
    pub(crate) body: Result<Vec<u8>, Error>,
}

/// What comes in on a connection, until the reply is there.
pub(super) struct Incoming<'a> {
    connection: Connection,
    credential: &'a Credential,
    context: &'a Context,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(connection: Connection, credential: &'a Credential, context: &'a Context) -> Self {
        Self { connection, credential, context }
    }

    /// Reads the reply. The connection goes back to the client's idle ones if the server keeps it and nothing is left
    /// on it; otherwise it is closed.
    pub(super) fn reply(mut self, mut call: Call<RecvResponse>, max_bytes: usize) -> Result<Reply, Fault> {
        let (credential, context) = (self.credential, self.context);
        let head = self.head(&mut call)?;
        let call = call.proceed().ok_or_else(|| Error::unexpected("the engine does not go on after a head"))?;
        context.enter_phase(Phase::Body);
        let status = head.status().as_u16();
        let headers = head.headers();
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text(DATE).and_then(http_date);
        // It may come twice; the first is the gateway's, which Wix asks for.
        let request_id = text(REQUEST_ID).filter(|id| !id.is_empty()).map(|id| credential.redact(id.to_owned()));
        let retry_after = text(RETRY_AFTER).and_then(|value| retry_after(value, date));

        let mut has_length = true;
        let body = match (encoding_not_asked_for(headers, credential), call) {
            (Some(error), _) => Err(error),
            (None, RecvResponseResult::RecvBody(call)) => {
                has_length = call.body_mode() != BodyMode::CloseDelimited;
                let limit = if status == 200 { max_bytes } else { MAX_ERROR_BODY_BYTES };
                self.body(call, limit).map_err(|fault| fault.explain(context))
            }
            (None, RecvResponseResult::Cleanup(call)) => {
                self.end(call.must_close_connection());
                Ok(Vec::new())
            }
            (None, RecvResponseResult::Redirect(call)) => {
                self.end(call.must_close_connection());
                Ok(Vec::new())
            }
        };
        // Of an error's body enough has come: its status is the failure.
        let is_enough = |error: &Error| status != 200 && error.kind() == ErrorKind::TooLarge;
        if body.as_ref().err().is_none_or(is_enough) {
            context.enter_phase(Phase::Reply);
        }
        Ok(Reply { status, request_id, date, retry_after, has_length, body })
    }

    /// The head of the reply proper: those that only inform are passed over.
    fn head(&mut self, call: &mut Call<RecvResponse>) -> Result<Response<()>, Fault> {
        loop {
            let (consumed, head) = call
                .try_response(self.connection.unread(), false)
                .map_err(|error| Error::not_http(&error, self.context))?;
            self.connection.consume(consumed);
            if let Some(head) = head {
                return Ok(head);
            }
            if self.connection.is_full() {
                let message = format!("the reply's head is larger than {INPUT_BYTES} bytes");
                return Err(Error::new(ErrorKind::TooLarge, message).into());
            }
            if consumed == 0 && !self.receive()? {
                return Err(Error::connection_lost("the server ended it").into());
            }
        }
    }

    fn body(mut self, mut call: Call<RecvBody>, limit: usize) -> Result<Vec<u8>, Fault> {
        let room = match call.body_mode() {
            // What is announced is trusted only so far.
            BodyMode::LengthDelimited(length) => length.min(FIRST_BODY_BYTES as u64) as usize,
            _ => UNANNOUNCED_BODY_BYTES,
        };
        // One more, for the NUL that the decoder puts behind it.
        let (mut bytes, mut count) = (vec![0; room + 1], 0);
        let ends_with_connection = call.body_mode() == BodyMode::CloseDelimited;
        loop {
            let (consumed, produced) = call
                .read(self.connection.unread(), &mut bytes[count..])
                .map_err(|error| Error::not_http(&error, self.context))?;
            self.connection.consume(consumed);
            count += produced;
            if count > limit {
                return Err(Error::reply_too_large(limit).into());
            }
            if !ends_with_connection && call.can_proceed() {
                break;
            }
            if count == bytes.len() {
                bytes.resize(count * 2, 0);
            } else if consumed == 0 {
                if self.connection.is_full() {
                    let message = format!("a line between the reply's chunks is longer than {INPUT_BYTES} bytes");
                    return Err(Error::new(ErrorKind::Protocol, message).into());
                }
                match self.receive() {
                    Ok(true) => {}
                    // The line of a last chunk says that the body is whole, even if nothing more comes.
                    Ok(false) | Err(Fault::Lost(_)) if ends_with_connection || call.is_ended_chunked() => {
                        bytes.truncate(count);
                        return Ok(bytes);
                    }
                    Ok(false) => return Err(Error::connection_lost("the server ended it").into()),
                    Err(fault) => return Err(fault),
                }
            }
        }
        bytes.truncate(count);
        self.end(match call.proceed() {
            Some(RecvBodyResult::Cleanup(call)) => call.must_close_connection(),
            Some(RecvBodyResult::Redirect(call)) => call.must_close_connection(),
            None => true,
        });
        Ok(bytes)
    }

    /// The reply was read to its end.
    fn end(self, must_close: bool) {
        if !must_close && self.connection.is_read() {
            self.context.engine().keep(self.connection);
        }
    }

    /// Waits for more; false is the server's end.
    fn receive(&mut self) -> Result<bool, Fault> {
        let count = self.connection.receive(self.context)?;
        if log::max_level() >= log::LevelFilter::Trace {
            strike_out(self.connection.unread_mut(), self.credential);
        }
        Ok(count > 0)
    }
}

/// The engine logs at `trace` level what it reads, byte for byte, and a server may send back what it was sent. So at that
/// level the credential is struck out of what comes in, save where a read ends within it.
fn strike_out(input: &mut [u8], credential: &Credential) {
    // A word of a few letters is no secret, and may well be a part of any reply.
    for secret in credential.secrets().filter(|secret| secret.len() >= 8) {
        // As it stands, and as JSON has it within a text.
        let quoted = serde_json::to_string(secret).unwrap_or_default();
        let escaped = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or_default();
        for secret in [secret, escaped] {
            let mut from = 0;
            while let Some(at) = input[from..].windows(secret.len()).position(|bytes| bytes == secret.as_bytes()) {
                input[from + at..][..secret.len()].fill(b'*');
                from += at + secret.len();
            }
        }
    }
}

/// The engine passes what it cannot decode on as the body itself, and looks for `chunked` alone in `Transfer-Encoding`.
fn encoding_not_asked_for(headers: &HeaderMap, credential: &Credential) -> Option<Error> {
    let other_than = |name: HeaderName, plain: &'static str| {
        let mut values = headers.get_all(name).iter();
        values.find(|value| !value.is_empty() && !value.as_bytes().eq_ignore_ascii_case(plain.as_bytes()))
    };
    let encoding = other_than(CONTENT_ENCODING, "identity").or_else(|| other_than(TRANSFER_ENCODING, "chunked"))?;
    let encoding = credential.redact(String::from_utf8_lossy(encoding.as_bytes()).into_owned());
    let shown = crate::text::shown(&encoding);
    Some(Error::new(ErrorKind::Protocol, format!("the reply is encoded as {shown}, which was not asked for")))
}

fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Seconds, or a date counted from the server's own clock where it tells it.
fn retry_after(text: &str, server_date: Option<Timestamp>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let now = server_date.unwrap_or_else(Timestamp::now);
    let wait = http_date(text)?.unix_seconds() - now.unix_seconds();
    Some(Duration::from_secs(wait.max(0) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let now = http_date("Wed, 24 Jun 2026 00:00:00 GMT");
        for (text, expected) in [
            ("0", Some(0)),
            ("60", Some(60)),
            (" 60 ", Some(60)),
            ("1000000000", Some(1_000_000_000)),
            ("Wed, 24 Jun 2026 00:01:30 GMT", Some(90)),
            ("Tue, 23 Jun 2026 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("1e9", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(retry_after(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}

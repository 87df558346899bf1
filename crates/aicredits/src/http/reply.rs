//! The reply, from its first byte to its last.

use std::time::Duration;

use ureq_proto::BodyMode;
use ureq_proto::client::state::RecvResponse;
use ureq_proto::client::{Call, RecvResponseResult};
use ureq_proto::http::header::{CONNECTION, CONTENT_LENGTH, DATE, LOCATION, RETRY_AFTER, TRANSFER_ENCODING};
use ureq_proto::http::{HeaderName, Response, Version};
use zeroize::Zeroizing;

use super::head::{self, Front};
use crate::credential::Credential;
use crate::net::{Connection, Context, Fault, INPUT_BYTES};
use crate::{Error, ErrorKind, Phase, Timestamp};

/// More replies that only inform are no reply.
const MOST_INTERIM: usize = 100;
/// More of an error's body is not read: the status has said what matters.
const MAX_ERROR_BODY_BYTES: usize = 64 << 10;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-wix-request-id");

/// A reply with a head that was understood. Its body may have failed on its own.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) retry_after: Option<Duration>,
    /// Where a redirect leads.
    pub(crate) location: Option<String>,
    /// Otherwise the body ends where the connection does.
    pub(crate) has_length: bool,
    pub(crate) body: Result<Zeroizing<Vec<u8>>, Error>,
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
        let framing = match call.proceed() {
            Some(RecvResponseResult::RecvBody(call)) => call.body_mode(),
            _ => BodyMode::NoBody,
        };
        context.enter_phase(Phase::Body);
        let status = head.status().as_u16();
        let headers = head.headers();
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text(DATE).and_then(http_date);
        // It may come twice; the first is the gateway's, which Wix asks for.
        let request_id = text(REQUEST_ID).filter(|id| !id.is_empty()).map(|id| credential.redact(id).into_owned());
        let retry_after = text(RETRY_AFTER).and_then(|value| retry_after(value, date));

        let is_redirect = (300..400).contains(&status);
        let location = if is_redirect { text(LOCATION) } else { None };
        let location = location.map(|url| without_secrets(&credential.redact(url)));

        let limit = if status == 200 { max_bytes } else { MAX_ERROR_BODY_BYTES };
        let body = match encoding_not_asked_for(&head, credential) {
            Some(error) => Err(error),
            None => self.body(framing, limit).map_err(|fault| fault.explain(context)),
        };
        // Of an error's body enough has come: its status is the failure.
        let is_enough = |error: &Error| status != 200 && error.kind() == ErrorKind::TooLarge;
        if body.as_ref().err().is_none_or(is_enough) {
            context.enter_phase(Phase::Reply);
        }
        if status != 200 {
            self.connection.wipe();
        }
        if body.as_ref().is_ok_and(|body| body.is_over) && keeps_connection(&head) && self.connection.is_read() {
            context.engine().keep(self.connection);
        }
        let has_length = framing != BodyMode::CloseDelimited;
        Ok(Reply { status, request_id, date, retry_after, location, has_length, body: body.map(|body| body.bytes) })
    }

    /// The head of the reply proper: those that only inform are passed over.
    fn head(&mut self, call: &mut Call<RecvResponse>) -> Result<Response<()>, Fault> {
        let mut interim = 0;
        loop {
            match head::front(self.connection.unread()) {
                Front::Interim(length) => {
                    interim += 1;
                    if interim > MOST_INTERIM {
                        let message = format!("more than {MOST_INTERIM} interim replies (1xx) came before the reply");
                        return Err(Error::new(ErrorKind::Protocol, message).into());
                    }
                    self.connection.consume(length);
                    continue;
                }
                Front::Partial => {
                    self.more_of_the_head()?;
                    continue;
                }
                Front::Other => {}
            }
            // The engine logs each head that it reads at `trace` level, byte for byte.
            if log::max_level() >= log::LevelFilter::Trace {
                self.credential.redactor().strike_out(head::of(self.connection.unread_mut()));
            }
            let (consumed, head) = match call.try_response(self.connection.unread(), false) {
                Ok(parsed) => parsed,
                Err(_) if head::unfold(self.connection.unread_mut()) => continue,
                Err(error) => return Err(Error::not_http(&error, self.connection.unread(), self.context).into()),
            };
            self.connection.consume(consumed);
            match head {
                Some(head) => return Ok(head),
                None if consumed > 0 => {}
                None => self.more_of_the_head()?,
            }
        }
    }

    fn more_of_the_head(&mut self) -> Result<(), Fault> {
        if self.connection.is_full() {
            let message = format!("the reply's head is larger than {INPUT_BYTES} bytes");
            return Err(Error::new(ErrorKind::TooLarge, message).into());
        }
        match self.receive()? {
            true => Ok(()),
            false => Err(Error::connection_lost("the server ended it").into()),
        }
    }

    pub(super) fn unread(&self) -> &[u8] {
        self.connection.unread()
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.connection.consume(count);
    }

    pub(super) fn is_full(&self) -> bool {
        self.connection.is_full()
    }

    /// Waits for more; false is the server's end.
    pub(super) fn receive(&mut self) -> Result<bool, Fault> {
        self.connection.receive(self.context).map(|count| count > 0)
    }

    /// What is unread, or waits for more; 0 is the server's end.
    pub(super) fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        self.connection.receive_into(buffer, self.context)
    }
}

/// A URL without its user and password, and without its query, which may hold a token.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("//").map_or((url, None), |(scheme, rest)| (scheme, Some(rest)));
    let Some(rest) = rest else { return scheme.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}//{host}{path}")
}

/// Whether another request may follow on the connection of a reply that was read to its end.
fn keeps_connection(head: &Response<()>) -> bool {
    let headers = head.headers();
    let says = |word: &str| {
        let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|each| each.trim().eq_ignore_ascii_case(word))
    };
    let is_persistent = if head.version() == Version::HTTP_10 { says("keep-alive") } else { !says("close") };
    // A body that has no business there may follow; and where its end is told twice, others may read it otherwise.
    let is_clear = matches!(head.status().as_u16(), 200 | 400..600)
        && !(headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING));
    is_persistent && is_clear
}

/// The engine passes what it cannot decode on as the body itself, and looks for `chunked` alone in `Transfer-Encoding`.
fn encoding_not_asked_for(head: &Response<()>, credential: &Credential) -> Option<Error> {
    // RFC 9112, 6.1: where its body ends nobody can tell.
    if head.version() == Version::HTTP_10 && head::has_transfer_encoding(head) {
        return Some(Error::new(ErrorKind::Protocol, "the reply has a Transfer-Encoding, which HTTP/1.0 has not"));
    }
    let encoding = String::from_utf8_lossy(head::encoding(head)?);
    let shown = crate::text::shown(&credential.redact(&encoding));
    Some(Error::new(ErrorKind::Protocol, format!("the reply is encoded as {shown}, which was not asked for")))
}

fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Seconds, or a date counted from the server's own clock where it tells it.
fn retry_after(text: &str, server_date: Option<Timestamp>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // What cannot be counted is as good as for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
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
            ("18446744073709551615", Some(u64::MAX)),
            ("99999999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(retry_after(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}

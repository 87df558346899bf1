//! The reply, from its first byte to its last.

use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, DATE, LOCATION, RETRY_AFTER, TRANSFER_ENCODING};
use http::{HeaderName, Response, Version};
use ureq_proto::BodyMode;
use ureq_proto::client::{MAX_RESPONSE_HEADERS, RecvResponseResult};
use zeroize::Zeroizing;

use super::body::{self, Framing};
use super::head::{self, Front, MAX_HEADERS};
use super::header::{http_date, retry_after, without_secrets};
use super::request::PendingReply;
use crate::credential::Credential;
use crate::net::{Connection, Context, INPUT_BYTES, TransportError};
use crate::{Error, ErrorKind, Phase, Timestamp, text};

/// More replies that only inform are no reply.
const MOST_INTERIM: usize = 100;
/// More of an error's body is not read: the status has said what matters.
const MAX_ERROR_BODY_BYTES: usize = 64 << 10;

const _: () = assert!(MAX_HEADERS == MAX_RESPONSE_HEADERS);

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
    /// The server keeps the connection, and nothing is left on it.
    pub(super) is_connection_reusable: bool,
}

/// Receives the reply to a request that was sent on this connection.
pub(super) fn receive(
    connection: &mut Connection,
    mut pending: PendingReply,
    credential: &Credential,
    max_bytes: usize,
    context: &Context,
) -> Result<Reply, TransportError> {
    let head = receive_head(connection, &mut pending, credential, context)?;
    let framing = match pending.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => match call.body_mode() {
            BodyMode::NoBody => Framing::NoBody,
            BodyMode::LengthDelimited(length) => Framing::Length(length),
            BodyMode::Chunked => Framing::Chunked,
            BodyMode::CloseDelimited => Framing::UntilClose,
        },
        _ => Framing::NoBody,
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
        None => body::read(connection, framing, limit, context).map_err(|error| error.explain(context)),
    };
    // Of an error's body enough has come: its status is the failure.
    let is_enough = |error: &Error| status != 200 && error.kind() == ErrorKind::TooLarge;
    if body.as_ref().err().is_none_or(is_enough) {
        context.enter_phase(Phase::Reply);
    }
    if status != 200 {
        connection.wipe();
    }
    let is_over = body.as_ref().is_ok_and(|body| body.is_over);
    Ok(Reply {
        status,
        request_id,
        date,
        retry_after,
        location,
        has_length: framing != Framing::UntilClose,
        body: body.map(|body| body.bytes),
        is_connection_reusable: is_over && keeps_connection(&head) && connection.is_read(),
    })
}

/// The head of the reply proper: those that only inform are passed over.
fn receive_head(
    connection: &mut Connection,
    pending: &mut PendingReply,
    credential: &Credential,
    context: &Context,
) -> Result<Response<()>, TransportError> {
    let mut interim = 0;
    loop {
        match head::front(connection.unread()) {
            Front::Interim(length) => {
                interim += 1;
                if interim > MOST_INTERIM {
                    let message = format!("more than {MOST_INTERIM} interim replies (1xx) came before the reply");
                    return Err(Error::new(ErrorKind::Protocol, message).into());
                }
                connection.consume(length);
                continue;
            }
            Front::Partial => {
                receive_more_of_head(connection, context)?;
                continue;
            }
            Front::Other => {}
        }
        // The engine logs each head that it reads at `trace` level, byte for byte.
        if log::max_level() >= log::LevelFilter::Trace {
            credential.redactor().strike_out(head::of(connection.unread_mut()));
        }
        let (consumed, head) = match pending.try_response(connection.unread(), false) {
            Ok(parsed) => parsed,
            Err(_) if head::unfold(connection.unread_mut()) => continue,
            Err(error) => return Err(not_http(&error, connection.unread(), context).into()),
        };
        connection.consume(consumed);
        match head {
            Some(head) => return Ok(head),
            None if consumed > 0 => {}
            None => receive_more_of_head(connection, context)?,
        }
    }
}

fn receive_more_of_head(connection: &mut Connection, context: &Context) -> Result<(), TransportError> {
    if connection.is_full() {
        let message = format!("the reply's head is larger than {INPUT_BYTES} bytes");
        return Err(Error::new(ErrorKind::TooLarge, message).into());
    }
    match connection.receive(context)? {
        0 => Err(Error::connection_lost("the server ended it").into()),
        _ => Ok(()),
    }
}

/// The engine's texts are its own; they hold nothing that came.
fn not_http(error: &ureq_proto::Error, input: &[u8], context: &Context) -> Error {
    if *error == ureq_proto::Error::HttpParseTooManyHeaders {
        return Error::new(ErrorKind::TooLarge, format!("the reply's head has more than {MAX_HEADERS} headers"));
    }
    let peer = context.peer();
    let message = match error {
        ureq_proto::Error::BadContentLengthHeader | ureq_proto::Error::TooManyContentLengthHeaders => {
            format!("the reply of {peer} has a Content-Length that is no number, or several that differ")
        }
        _ if input.trim_ascii_start().starts_with(b"HTTP/1.") => {
            format!("the reply of {peer} is broken: a line of its head is no status line and no header field")
        }
        _ => format!("{peer} did not answer in HTTP/1.0 or HTTP/1.1; check {}", context.peer_setting()),
    };
    Error::new(ErrorKind::Protocol, message)
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
    let shown = text::escape_for_display(&credential.redact(&encoding));
    Some(Error::new(ErrorKind::Protocol, format!("the reply is encoded as {shown}, which was not asked for")))
}

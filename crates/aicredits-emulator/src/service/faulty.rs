//! A reply with a fault: other contents, and another way onto the wire.

use std::iter;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::errors;
use super::reply::{ApiReply, http_date};
use crate::faults::mangle;
use crate::protocol::{End, FaultReply, Framing, Mangle, Route};
use crate::script::{self, Reply};

const REQUEST_ID: &str = "x-wix-request-id";

/// The reply with the fault's contents. It has `Date` and the request id already.
pub(super) fn changed(mut reply: ApiReply, fault: &FaultReply, route: Route, now: Timestamp) -> ApiReply {
    if let Some(shape) = fault.shape {
        let shaped = errors::of_shape(reply.status, shape, route);
        let is_content_type = |name: &str| name.eq_ignore_ascii_case("content-type");
        reply.headers.retain(|(name, _)| !is_content_type(name));
        reply.headers.splice(..0, shaped.headers);
        (reply.body, reply.code) = (shaped.body, shaped.code);
    }
    if let Some(body) = &fault.body {
        reply.body = body.clone().into_bytes();
        reply.code = code(body).map(Into::into);
        if reply.value("content-type").is_none() {
            reply = reply.header("Content-Type", "application/json");
        }
    }
    if let Some(seconds) = fault.retry_after_s {
        reply = reply.header("Retry-After", seconds.to_string());
    }
    if let Some(seconds) = fault.retry_after_date_s {
        let date = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        reply = reply.header("Retry-After", http_date(date));
    }
    reply.headers.retain(|(name, _)| !fault.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
    reply.headers.extend(fault.headers.iter().map(|(name, value)| (name.clone().into(), value.clone())));
    for change in &fault.mangle {
        match change {
            Mangle::DoubleRequestId => {
                // Another value, so that a test sees which one a client keeps.
                let second = reply.value(REQUEST_ID).map(|first| format!("{first}2")).unwrap_or_default();
                reply = reply.header(REQUEST_ID, second);
            }
            _ => reply.body = mangle::body(reply.body, *change),
        }
    }
    reply
}

/// The application code in a body that a test wrote.
fn code(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    body.pointer("/details/applicationError/code")?.as_str().map(str::to_owned)
}

/// The steps by which the reply leaves.
pub(super) fn scripted(reply: ApiReply, fault: &FaultReply) -> Reply {
    let head = reply.head();
    let mut made = match fault.framing {
        None | Some(Framing::Length) => head.body(reply.body),
        Some(Framing::Chunked) => head.header("Transfer-Encoding", "chunked").body(chunked(&reply.body)),
        Some(Framing::Close) => head.header("Connection", "close").body(reply.body).without_length().close(),
    };
    let end = fault.end.map(|end| match end {
        End::Close => script::End::Fin,
        End::Reset => script::End::Reset,
    });
    if fault.drip_ms > 0 {
        made = made.drip(Duration::from_millis(fault.drip_ms));
    }
    if fault.delay_ms > 0 {
        made = Reply::new().delay(Duration::from_millis(fault.delay_ms)).then(made);
    }
    match (fault.cut_at, end) {
        (Some(bytes), end) => made.cut(bytes, end.unwrap_or(script::End::Fin)),
        (None, None) => made,
        (None, Some(script::End::Fin)) => made.close(),
        (None, Some(script::End::Reset)) => made.reset(),
    }
}

/// In two chunks where the body has two bytes, so that a client has something to put together.
fn chunked(body: &[u8]) -> Vec<u8> {
    let (first, second) = body.split_at(body.len().div_ceil(2));
    let chunk = |data: &[u8]| [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
    let chunks = [first, second].into_iter().filter(|data| !data.is_empty()).map(chunk);
    chunks.chain(iter::once(b"0\r\n\r\n".to_vec())).flatten().collect()
}

//! The request. ureq-proto writes the first lines of the head, and this module appends the other lines as text.
//!
//! The engine logs every byte that it writes at level `trace`, so it never gets the credential. The credential is in one
//! buffer, only while it is sent.

use std::ops::{Deref, Range};

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, Request};
use ureq_proto::client::state::RecvResponse;
use ureq_proto::client::{Call, SendRequestResult};
use zeroize::Zeroize;

use super::endpoint::Endpoint;
use crate::credential::Credential;
use crate::{Error, Scope};

const BODY: &str = "{}";
const LINES: &str = concat!(
    "content-type: application/json\r\n",
    "accept: application/json\r\n",
    "accept-encoding: identity\r\n",
    "user-agent: aicredits/",
    env!("CARGO_PKG_VERSION"),
    "\r\n",
);
const ACCOUNT: &str = "wix-account-id: ";
const SITE: &str = "wix-site-id: ";
const AUTHORIZATION: &str = "authorization: ";
const LINE_END: &str = "\r\n";
/// The end of the last line, the empty line, and the body.
const END: &str = "\r\n\r\n{}";

/// The engine's side of an exchange whose request is sent.
pub(super) type PendingReply = Call<RecvResponse>;

/// The parts that are the same in all requests of a client.
pub(super) struct Template {
    request: Request<()>,
    /// No head that the engine writes of it is longer.
    head_room: usize,
}

impl Template {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.uri.clone();
        request.headers_mut().insert(HOST, endpoint.host_header.clone());
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(BODY.len()));
        let head_room = 256 + endpoint.uri.path().len() + endpoint.host_header.len();
        Self { request, head_room }
    }

    /// A call's request, and the engine's side of the exchange, which awaits the reply to it.
    ///
    /// Ids and credential were checked when they were set: none of them breaks a line.
    pub(super) fn fill(&self, scope: &Scope, credential: &Credential) -> Result<(Outgoing, PendingReply), Error> {
        let ids = [(ACCOUNT, scope.account_id()), (SITE, scope.site_id())];
        let ids = ids.into_iter().filter_map(|(name, id)| Some((name, id?)));
        let value = credential.expose();
        // All the room at once: growing would leave a copy of the credential behind.
        let ids_room: usize = ids.clone().map(|(name, id)| name.len() + id.len() + LINE_END.len()).sum();
        let mut bytes =
            Vec::with_capacity(self.head_room + LINES.len() + ids_room + AUTHORIZATION.len() + value.len() + END.len());

        bytes.resize(self.head_room, 0);
        let (length, call) = self.head(&mut bytes).map_err(|error| Error::unexpected(&error.to_string()))?;
        let call = call.ok_or_else(|| Error::unexpected("the request's head does not fit"))?;
        // Without the empty line that ends it.
        bytes.truncate(length - LINE_END.len());
        bytes.extend_from_slice(LINES.as_bytes());
        for (name, id) in ids {
            for part in [name, id, LINE_END] {
                bytes.extend_from_slice(part.as_bytes());
            }
        }
        bytes.extend_from_slice(AUTHORIZATION.as_bytes());
        let secret = bytes.len()..bytes.len() + value.len();
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(END.as_bytes());
        Ok((Outgoing { bytes, secret }, call))
    }

    /// Writes the head, and returns its length.
    fn head(&self, output: &mut [u8]) -> Result<(usize, Option<PendingReply>), ureq_proto::Error> {
        let mut call = Call::new(self.request.clone())?.proceed();
        let length = call.write(output)?;
        let Some(SendRequestResult::SendBody(mut call)) = call.proceed()? else { return Ok((length, None)) };
        call.consume_direct_write(BODY.len())?;
        Ok((length, call.proceed()))
    }
}

/// A request as it is sent. The credential is wiped from it when it is dropped.
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    secret: Range<usize>,
}

impl Deref for Outgoing {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.bytes[self.secret.clone()].zeroize();
    }
}

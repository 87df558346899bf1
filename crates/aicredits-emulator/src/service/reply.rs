//! A reply of the API, before it becomes bytes.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::script::Reply;

/// A reply before faults change it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ApiReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: Vec<u8>,
    /// The application code in the body.
    pub(crate) code: Option<Cow<'static, str>>,
}

impl ApiReply {
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::empty(status).header("Content-Type", content_type) }
    }

    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The value of the first header of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The steps that send it, without its body.
    pub(super) fn head(&self) -> Reply {
        let headers = self.headers.iter();
        headers.fold(Reply::status(self.status), |head, (name, value)| head.header(name.as_ref(), value.as_str()))
    }
}

/// The form is Wix's, `1755591144.0791725973…`; what the digits mean there is not known.
pub(super) fn request_id(now: Timestamp, number: u64) -> String {
    format!("{}.{number:020}", now.as_second())
}

pub(crate) fn http_date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use once_cell::race::OnceBox;

use crate::attempt::Attempt;
use crate::denial::{Denial, DenialReason};
use crate::error_kind::ErrorKind;
use crate::scope::Scope;
use crate::server_error::{FieldViolation, ServerError};
use crate::text;

/// The fields of an error, which every language has.
pub const ERROR_FIELDS: &[&str] = &[
    "kind",
    "message",
    "http_status",
    "code",
    "description",
    "field_violations",
    "setting",
    "scope",
    "request_id",
    "retry_after",
    "attempts",
];

/// Why there is no balance.
///
/// `Display` is the whole story in one line: what happened, what to do, for which scope and request. It never shows
/// a credential, and text from the server is escaped and bounded.
///
/// ```
/// use aicredits::{Client, ErrorKind};
///
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// let client = Client::builder().api_key("IST.wrong").account(emulator.account_id()).base_url(emulator.url()).build()?;
/// let error = client.get_balance().unwrap_err();
/// match error.kind() {
///     ErrorKind::Unauthorized => assert_eq!(error.http_status(), Some(401)),
///     other => panic!("{other:?}: {error}"),
/// }
/// assert_eq!(error.scope().unwrap().account_id(), Some(emulator.account_id()));
/// assert!(error.request_id().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Error(Box<Detail>);

#[derive(Clone)]
struct Detail {
    kind: ErrorKind,
    message: String,
    /// The message as it was written, where it has marks of settings.
    marked: Option<String>,
    http_status: Option<u16>,
    server: ServerError,
    scope: Option<Arc<Scope>>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: Vec<Attempt>,
    setting: Option<&'static str>,
    /// Another attempt would end in the same way, although the kind does not say so.
    is_lasting: bool,
    denied: Option<Arc<Denied>>,
}

/// A gate's denial. Its message is written when it is asked for: a program that is denied often may never read it.
struct Denied {
    denial: Denial,
    message: OnceBox<String>,
    cause: Option<Arc<Error>>,
}

impl Error {
    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The text of `Display`.
    pub fn message(&self) -> &str {
        match &self.0.denied {
            Some(denied) => denied.message.get_or_init(|| Box::new(self.denied_message(denied))),
            None => &self.0.message,
        }
    }

    /// The message of a failed reading names the scope already.
    fn denied_message(&self, Denied { denial, cause, .. }: &Denied) -> String {
        match &self.0.scope {
            Some(scope) if cause.is_none() => format!("{denial} ({scope})"),
            _ => denial.to_string(),
        }
    }

    /// The HTTP status, if a reply came.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Wix's own code, such as `PERMISSION_DENIED`. Server text, not escaped.
    pub fn code(&self) -> Option<&str> {
        self.0.server.code.as_deref()
    }

    /// The server's description of the failure. Server text, without escapes.
    pub fn description(&self) -> Option<&str> {
        self.0.server.description.as_deref()
    }

    /// Which fields of the request the server refused, and why.
    pub fn field_violations(&self) -> &[FieldViolation] {
        &self.0.server.field_violations
    }

    /// The setting to correct, by its name in [`ClientBuilder`](crate::ClientBuilder) or [`Call`](crate::Call) that is the same
    /// in every language: `api_key`, `account_id`, `timeout`. The message names it as the caller's language does.
    ///
    /// It is there if a setting is wrong or missing, and if a reply exceeds `max_reply_bytes`.
    pub fn setting(&self) -> Option<&str> {
        self.0.setting
    }

    /// The requested scope; `None` if no call was made.
    pub fn scope(&self) -> Option<&Scope> {
        self.0.scope.as_deref()
    }

    /// The server's id of the request. Quote it if you ask Wix about the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The wait that the server requests before the next call.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The failed attempts of the call, first to last. The last one failed with this error. Empty if none was started.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// Why a [`CreditGate`](crate::CreditGate) did not grant a reservation, for an error of kind
    /// [`Denied`](ErrorKind::Denied).
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denied.as_ref().map(|denied| &denied.denial)
    }

    /// Whether an equal call may succeed later: after a lost or failed connection, a timeout, HTTP 429, 500, 502, 503 or
    /// 504. It is `false` for a network failure that lasts, such as a proxy that refuses the user's password. A gate's
    /// denial is transient if its reason is [`Unavailable`](DenialReason::Unavailable).
    pub fn is_transient(&self) -> bool {
        !self.0.is_lasting
            && match self.kind() {
                ErrorKind::Network | ErrorKind::RateLimited | ErrorKind::Timeout => true,
                ErrorKind::Server => matches!(self.http_status(), Some(500 | 502 | 503 | 504)),
                ErrorKind::Denied => self.denial().is_some_and(|denial| denial.reason() == DenialReason::Unavailable),
                _ => false,
            }
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        let marked = text::has_marks(&message).then(|| message.clone());
        Self(Box::new(Detail {
            kind,
            message: marked.as_deref().map_or(message, text::without_marks),
            marked,
            http_status: None,
            server: ServerError::default(),
            scope: None,
            request_id: None,
            retry_after: None,
            attempts: Vec::new(),
            setting: None,
            is_lasting: false,
            denied: None,
        }))
    }

    /// A gate's denial for this scope, with the error of the reading that it lacks.
    pub(crate) fn denied(denial: Denial, scope: &Arc<Scope>, cause: Option<Arc<Self>>) -> Self {
        let mut error = Self::new(ErrorKind::Denied, String::new());
        error.0.scope = Some(Arc::clone(scope));
        error.0.denied = Some(Arc::new(Denied { denial, message: OnceBox::new(), cause }));
        error
    }

    /// Replaces the message by what `render` makes of it, if it has marks of settings.
    pub(crate) fn reworded(mut self, render: impl FnOnce(&str) -> String) -> Self {
        if let Some(marked) = self.0.marked.take() {
            self.0.message = render(&marked);
        }
        self
    }

    /// The message to make another of, with the marks of its settings.
    pub(crate) fn marked_message(&self) -> &str {
        self.0.marked.as_ref().unwrap_or(&self.0.message)
    }

    /// With another message, made from the one with the marks of its settings.
    pub(crate) fn with_message(mut self, change: impl FnOnce(&str) -> String) -> Self {
        let Self(changed) = Self::new(self.kind(), change(self.marked_message()));
        (self.0.message, self.0.marked) = (changed.message, changed.marked);
        self
    }

    /// Another attempt would end in the same way, although the kind does not say so.
    pub(crate) fn lasting(mut self) -> Self {
        self.0.is_lasting = true;
        self
    }

    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the client is closed")
    }

    pub(crate) fn connection_lost(detail: &str) -> Self {
        Self::new(
            ErrorKind::Network,
            format!("the connection was lost before the reply was whole: {}", text::escape_for_display(detail)),
        )
    }

    pub(crate) fn unexpected(what: &str) -> Self {
        Self::new(ErrorKind::Unexpected, format!("{}; please report this", text::escape_for_display(what)))
    }

    pub(crate) fn invalid_argument(name: impl fmt::Display, fault: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidArgument, format!("{name} {fault}"))
    }

    /// With what a server said in a reply that it refused the request with.
    pub(crate) fn with_server_error(mut self, server: ServerError, retry_after: Option<Duration>) -> Self {
        self.0.server = server;
        self.0.retry_after = retry_after;
        self
    }

    /// Whether the status is 408, which a server also sends on an idle connection that it closes (RFC 9110, 15.5.9).
    pub(crate) fn is_request_timeout(&self) -> bool {
        self.0.http_status == Some(408)
    }

    /// A reply that came whole with this status, and failed for another reason.
    pub(crate) fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// With the name of the setting to correct.
    pub(crate) fn with_setting(mut self, name: &'static str) -> Self {
        self.0.setting = Some(name);
        self
    }

    /// With more at the end of its message.
    pub(crate) fn with_note(mut self, note: Option<String>) -> Self {
        self.0.message.extend(note);
        self
    }

    /// With these attempts instead: the calls of a fleet for one target have one each.
    pub(crate) fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Completes the message: every error of a call has the scope and the request.
    pub(crate) fn with_request(
        mut self,
        scope: &Arc<Scope>,
        request_id: Option<String>,
        attempts: Vec<Attempt>,
    ) -> Self {
        self.0.message += &format!(" ({scope}");
        if let Some(id) = &request_id {
            self.0.message += &format!("; request {}", text::escape_for_display(id));
        }
        if attempts.len() > 1 {
            self.0.message += &format!("; {} attempts", attempts.len());
        }
        self.0.message.push(')');
        self.0.attempts = attempts;
        self.0.scope = Some(Arc::clone(scope));
        self.0.request_id = request_id;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.message())
            .field("http_status", &self.http_status())
            .field("code", &self.code())
            .field("description", &self.description())
            .field("field_violations", &self.field_violations())
            .field("setting", &self.setting())
            .field("scope", &self.scope())
            .field("request_id", &self.request_id())
            .field("retry_after", &self.retry_after())
            .field("attempts", &self.attempts())
            .field("denial", &self.denial())
            .finish()
    }
}

impl std::error::Error for Error {
    /// The error of the failed reading, for a denial because no reading was available.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.0.denied.as_ref()?.cause.as_deref()?;
        Some(cause)
    }
}

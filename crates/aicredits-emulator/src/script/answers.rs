//! `Script`: the behaviour of a server.

use std::borrow::Cow;
use std::sync::Arc;

use super::reply::Reply;
use super::request::Request;
use super::service::Service;

/// The behaviour of the server: its answer to each request, and its greeting of a connection.
pub struct Script {
    answers: Answers,
    on_connect: Option<Box<dyn Fn(usize) -> Reply + Send + Sync>>,
}

enum Answers {
    InTurn(Vec<Reply>),
    Handler(Box<dyn Fn(&Request) -> Reply + Send + Sync>),
    Service(Arc<dyn Service>),
}

impl Script {
    /// The n-th request of the server gets the n-th reply, and every later one the last.
    ///
    /// # Panics
    /// If there are no replies.
    pub fn replies(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = replies.into();
        assert!(!replies.is_empty(), "a script needs at least one reply");
        Self { answers: Answers::InTurn(replies), on_connect: None }
    }

    /// Each request is answered by `handler`, in the thread of its connection. If it panics, that connection closes.
    pub fn handler(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self { answers: Answers::Handler(Box::new(handler)), on_connect: None }
    }

    /// Each request is answered by the service. The server keeps no journal, because the service may keep its own.
    pub fn service(service: Arc<dyn Service>) -> Self {
        Self { answers: Answers::Service(service), on_connect: None }
    }

    /// Plays what `greet` returns on each new connection, given its number (from 0), before any request is read, and
    /// before the TLS handshake.
    ///
    /// `Reply::new()` changes nothing, `Reply::new().close()` closes at once, `Reply::new().mute()` never answers.
    pub fn on_connect(mut self, greet: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        self.on_connect = Some(Box::new(greet));
        self
    }
}

impl Script {
    /// The reply to a request, after so many others.
    pub(crate) fn answer(&self, request: &Request, before: usize) -> Cow<'_, Reply> {
        match &self.answers {
            Answers::InTurn(replies) => Cow::Borrowed(&replies[before.min(replies.len() - 1)]),
            Answers::Handler(handler) => Cow::Owned(handler(request)),
            Answers::Service(service) => Cow::Owned(service.answer(request)),
        }
    }

    /// The service, if that answers.
    pub(super) fn as_service(&self) -> Option<&Arc<dyn Service>> {
        match &self.answers {
            Answers::Service(service) => Some(service),
            _ => None,
        }
    }

    /// The greeting of a new connection, before any request is read.
    pub(crate) fn greeting(&self, connection: usize) -> Option<Reply> {
        self.on_connect.as_ref().map(|greet| greet(connection))
    }
}

impl From<Reply> for Script {
    fn from(reply: Reply) -> Self {
        Self::replies([reply])
    }
}

impl From<Vec<Reply>> for Script {
    fn from(replies: Vec<Reply>) -> Self {
        Self::replies(replies)
    }
}

impl<const N: usize> From<[Reply; N]> for Script {
    fn from(replies: [Reply; N]) -> Self {
        Self::replies(replies)
    }
}

//! The routes of the API: GetBalance and the paid action.

mod access;
mod balance;
mod errors;
mod paid_action;

use crate::facts::Facts;
use crate::protocol::Route;
use crate::script::Request;
use crate::times::Moment;
use crate::world::World;

pub(crate) use errors::Refusal;

/// The path of GetBalance.
pub const PATH: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";
/// The path of the emulator's paid action.
pub const PAID_ACTION_PATH: &str = "/_emulator/paid-action";

/// A reply before faults change it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ApiReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The application code in the body.
    pub(crate) code: Option<&'static str>,
}

impl ApiReply {
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::empty(status).header("Content-Type", content_type).with_body(body)
    }

    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// The API's route of a request, if it has one.
pub(crate) fn route(method: &str, path: &str) -> Option<Route> {
    match (method, path) {
        ("POST", PATH) => Some(Route::Balance),
        ("POST", PAID_ACTION_PATH) => Some(Route::PaidAction),
        _ => None,
    }
}

/// The reply to a request, without `Date` and request id.
pub(crate) fn answer(world: &mut World, moment: &Moment, facts: &Facts, request: &Request) -> ApiReply {
    let replied = match facts.route {
        Some(Route::Balance) => balance(world, request),
        Some(Route::PaidAction) => paid_action::answer(world, moment, request),
        None if facts.method == "POST" => Err(Refusal::NoPath),
        None => Err(Refusal::NoMethod),
    };
    replied.unwrap_or_else(|refusal| refusal.reply())
}

fn balance(world: &World, request: &Request) -> Result<ApiReply, Refusal> {
    let key = access::authenticate(world, request)?;
    check_body(&request.body)?;
    let allocations = access::in_scope(world, key, request)?;
    let body = serde_json::to_vec(&balance::Balance::of(&allocations)).expect("numbers and text always serialise");
    Ok(ApiReply::json(200, body))
}

fn check_body(body: &[u8]) -> Result<(), Refusal> {
    match serde_json::from_slice(body) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err(Refusal::Validation { violation: "the body must be a JSON object" }),
        Err(_) => Err(Refusal::Validation { violation: "the body must be valid JSON" }),
    }
}

//! The routes of the API: GetBalance and the paid action.

mod access;
mod balance;
mod body;
mod errors;
mod faulty;
mod paid_action;
mod reply;

use errors::Refusal;
use reply::{ApiReply, request_id};

use crate::facts::{Facts, UNKNOWN_KEY};
use crate::protocol::{FaultReply, RetryAfterOn429, Route};
use crate::script::{Reply, Request};
use crate::times::Moment;
use crate::world::World;

pub(crate) use access::{is_id, key_of};
pub(crate) use paid_action::cost;
pub(crate) use reply::http_date;

/// The path of GetBalance.
pub const PATH: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";
/// The path of the emulator's paid action.
pub const PAID_ACTION_PATH: &str = "/_emulator/paid-action";

/// The answer to a request: the reply, and what the journal and the verdict need to know of it.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    /// `None`: a fault cuts the reply before its status.
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    /// The name of the fault that happens to the request.
    pub(crate) fault: Option<String>,
    /// The application code of the body.
    pub(crate) code: Option<String>,
}

/// The API's route of a request, if it has one.
pub(crate) fn route(method: &str, path: &str) -> Option<Route> {
    match (method, path) {
        ("POST", PATH) => Some(Route::Balance),
        ("POST", PAID_ACTION_PATH) => Some(Route::PaidAction),
        _ => None,
    }
}

/// Answers a request: first the faults, then the limit, then the route. `number` counts the requests, from 0.
pub(crate) fn answer(world: &mut World, moment: &Moment, facts: &Facts, request: &Request, number: u64) -> Answer {
    let route = facts.route.unwrap_or(Route::Balance);
    let chosen = facts.route.and_then(|_| world.faults.choose(facts, world.assumptions.id_case));
    let fault = chosen.as_ref().map(|chosen| &chosen.reply);
    let reply = match fault {
        Some(FaultReply { status: Some(status), body: Some(_), .. }) => ApiReply::empty(*status),
        Some(FaultReply { status: Some(status), .. }) => errors::of_status(*status, route),
        _ => without_fault(world, moment, facts, request).unwrap_or_else(Refusal::reply),
    };
    let reply =
        reply.header("Date", http_date(moment.date)).header("x-wix-request-id", request_id(moment.date, number));
    let reply = match fault {
        None => reply,
        Some(fault) => faulty::changed(reply, fault, route, moment.date),
    };
    Answer {
        status: Some(reply.status).filter(|_| fault.is_none_or(sends_status)),
        request_id: reply.value("x-wix-request-id").map(str::to_owned),
        fault: chosen.as_ref().map(|chosen| chosen.name.clone()),
        code: reply.code.as_deref().map(str::to_owned),
        reply: match fault {
            None => reply.head().body(reply.body),
            Some(fault) => faulty::scripted(reply, fault),
        },
    }
}

/// Whether the status line leaves whole: a client takes the status from its first 12 bytes, `HTTP/1.1 200`.
fn sends_status(fault: &FaultReply) -> bool {
    fault.cut_at.is_none_or(|bytes| bytes >= 12)
}

fn without_fault(world: &mut World, moment: &Moment, facts: &Facts, request: &Request) -> Result<ApiReply, Refusal> {
    let Some(route) = facts.route else {
        return Err(if facts.method == "POST" { Refusal::NoPath } else { Refusal::NoMethod });
    };
    check_limit(world, moment, facts)?;
    match route {
        Route::Balance => balance(world, request),
        Route::PaidAction => paid_action::answer(world, moment, request),
    }
}

/// A request without a key, or with one that the ledger does not have, counts as one of the key `unknown`.
fn check_limit(world: &mut World, moment: &Moment, facts: &Facts) -> Result<(), Refusal> {
    let key = facts.key.as_deref().unwrap_or(UNKNOWN_KEY);
    world.limiter.admit(key, moment).map_err(|left| {
        let assumed = world.assumptions.retry_after_on_429 == RetryAfterOn429::True;
        let announced = world.limiter.limit().and_then(|limit| limit.retry_after).unwrap_or(assumed);
        let client_nanos = left.as_nanos().div_ceil(u128::from(world.times.speed()));
        let seconds = u64::try_from(client_nanos.div_ceil(1_000_000_000)).unwrap_or(u64::MAX);
        Refusal::Limited { retry_after: announced.then_some(seconds) }
    })
}

fn balance(world: &World, request: &Request) -> Result<ApiReply, Refusal> {
    let key = access::authenticate(world, request)?;
    body::members(&request.body, world.assumptions.empty_body)?;
    let allocations = access::in_scope(world, key, request)?.allocations(&world.ledger);
    let balance = balance::Balance::of(&allocations, world.assumptions.aggregate);
    Ok(ApiReply::json(200, serde_json::to_vec(&balance).expect("numbers and text always serialise")))
}

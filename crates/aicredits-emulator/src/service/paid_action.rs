//! The paid action: it charges credits, or answers as Wix does when they do not suffice.

use serde::Serialize;
use serde_json::{Map, Value};

use super::access::{self, Scope};
use super::body::members;
use super::errors::{Refusal, Violation};
use super::reply::ApiReply;
use crate::credits::is_name;
use crate::protocol::{EmptyBody, SiteSpendsAccount, Spend, Spent};
use crate::script::Request;
use crate::times::Moment;
use crate::world::World;

#[derive(Debug)]
struct Charge {
    cost: i64,
    idempotency_key: Option<String>,
}

#[derive(Serialize)]
struct Charged {
    transaction: String,
    charged: i64,
    repeated: bool,
}

/// The cost in the body of a paid action, if the body is valid.
pub(crate) fn cost(request: &Request) -> Option<i64> {
    let members = members(&request.body, EmptyBody::Status400).ok()?;
    charge(&members).ok().map(|charge| charge.cost)
}

pub(super) fn answer(world: &mut World, moment: &Moment, request: &Request) -> Result<ApiReply, Refusal> {
    let key = access::authenticate(world, request)?;
    let charge = charge(&members(&request.body, world.assumptions.empty_body)?)?;
    let (account, site) = match access::in_scope(world, key, request)? {
        Scope::Account(account) => (account.account.clone(), None),
        Scope::Site(account, site) => (account.account.clone(), Some(site.to_owned())),
        Scope::Nothing => return Err(not_eligible()),
    };
    let spend = Spend {
        account: Some(account),
        site,
        cost: charge.cost,
        idempotency_key: charge.idempotency_key,
        shown_after_ms: None,
    };
    let site_spends_account = world.assumptions.site_spends_account == SiteSpendsAccount::True;
    let spent = world.ledger.spend(spend, site_spends_account, world.shown_after, moment);
    let Spent { transaction, cost, repeated, .. } = spent.map_err(|error| match error.problem.code.as_str() {
        "insufficient" => not_eligible(),
        "idempotency_conflict" => Refusal::standard(409, "The idempotency key was used with another cost or site"),
        _ => Refusal::standard(500, "The ledger refuses the charge"),
    })?;
    let charged = Charged { transaction, charged: cost, repeated };
    Ok(ApiReply::json(200, serde_json::to_vec(&charged).expect("numbers and text always serialise")))
}

fn not_eligible() -> Refusal {
    let message = "The request is not eligible: the credits do not suffice";
    Refusal::Application { status: 428, code: "REQUEST_NOT_ELIGIBLE", message }
}

/// Reads the body. Members without a meaning are ignored, as Wix does.
fn charge(members: &Map<String, Value>) -> Result<Charge, Refusal> {
    let mut violations = Vec::new();
    let mut violated = |field, violated_rule, description| {
        violations.push(Violation { field, description, violated_rule });
    };
    let cost = match members.get("cost") {
        None | Some(Value::Null) => Err(("REQUIRED_FIELD", "is missing")),
        Some(cost) => match cost.as_i64() {
            Some(cost @ 0..) => Ok(cost),
            Some(_) => Err(("MIN", "must be 0 or more")),
            None => Err(("FORMAT", "must be a whole number of at most 64 bits")),
        },
    };
    let cost = cost.unwrap_or_else(|(rule, description)| {
        violated("cost", rule, description);
        0
    });
    let idempotency_key = match members.get("idempotency_key") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) if is_name(key) => Some(key.clone()),
        Some(_) => {
            violated("idempotency_key", "FORMAT", "must be a text of 1 to 256 bytes without control characters");
            None
        }
    };
    if violations.is_empty() { Ok(Charge { cost, idempotency_key }) } else { Err(Refusal::Validation(violations)) }
}

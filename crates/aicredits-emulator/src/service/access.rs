//! Which credits a request may see.

use super::Refusal;
use crate::protocol::{Allocation, Key, RefusedKey, UnknownId};
use crate::script::Request;
use crate::world::World;

pub(super) fn authenticate<'a>(world: &'a World, request: &Request) -> Result<&'a Key, Refusal> {
    let status = match world.assumptions.refused_key {
        RefusedKey::Status401 => 401,
        RefusedKey::Status403 => 403,
    };
    let Some(secret) = request.header("authorization") else {
        return Err(Refusal::standard(status, "The request has no Authorization header"));
    };
    let key = world.ledger.key(secret).filter(|key| !key.revoked);
    key.ok_or_else(|| Refusal::standard(status, "The value of the Authorization header is no valid credential"))
}

/// The allocations that the key can see, of those that the request names. If the key has access to both, the account wins.
pub(super) fn in_scope<'a>(world: &'a World, key: &'a Key, request: &Request) -> Result<Vec<&'a Allocation>, Refusal> {
    let mut account_id = request.header("wix-account-id");
    let mut site_id = request.header("wix-site-id");
    if account_id.is_none() && site_id.is_none() && key.carries_context {
        account_id = key.accounts.first().map(String::as_str);
        site_id = key.sites.first().map(String::as_str);
    }
    let account = account_id.map(|id| account_scope(world, key, id));
    let site = site_id.map(|id| site_scope(world, key, id));
    match (account, site) {
        (None, None) => Err(Refusal::no_context()),
        (Some(scope), None) | (None, Some(scope)) => scope,
        (Some(account), Some(site)) => account.or_else(|refusal| site.map_err(|_| refusal)),
    }
}

fn unknown_id(world: &World) -> u16 {
    match world.assumptions.unknown_id {
        UnknownId::Status404 => 404,
        UnknownId::Status403 => 403,
    }
}

fn account_scope<'a>(world: &'a World, key: &Key, id: &str) -> Result<Vec<&'a Allocation>, Refusal> {
    let Some(account) = world.ledger.account(Some(id)) else {
        return Err(Refusal::standard(unknown_id(world), "There is no account with this id"));
    };
    if !key.accounts.iter().any(|allowed| allowed == id) {
        return Err(Refusal::standard(403, "This credential has no access to the account"));
    }
    Ok(account.allocations.iter().collect())
}

fn site_scope<'a>(world: &'a World, key: &Key, id: &str) -> Result<Vec<&'a Allocation>, Refusal> {
    let Some(account) = world.ledger.account_of_site(id) else {
        return Err(Refusal::standard(unknown_id(world), "There is no site with this id"));
    };
    if !key.sites.iter().any(|allowed| allowed == id) {
        return Err(Refusal::standard(403, "This credential has no access to the site"));
    }
    Ok(account.allocations.iter().filter(|one| one.site.as_deref() == Some(id)).collect())
}

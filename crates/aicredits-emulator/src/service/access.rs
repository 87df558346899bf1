//! Which credits a request may see.

use super::errors::Refusal;
use crate::credits::Ledger;
use crate::protocol::{Account, Allocation, Bearer, BothScopes, IdCase, Key, NoAccess, NoScope, RefusedKey, UnknownId};
use crate::script::Request;
use crate::world::World;

/// The credits that a request is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope<'a> {
    /// All of an account.
    Account(&'a Account),
    /// Those of a site, and its account.
    Site(&'a Account, &'a str),
    /// None: the request names neither, and the assumption is an empty balance.
    Nothing,
}

impl<'a> Scope<'a> {
    pub(super) fn allocations(self, ledger: &'a Ledger) -> Vec<&'a Allocation> {
        match self {
            Self::Account(account) => account.allocations.iter().collect(),
            Self::Site(_, site) => ledger.allocations_of_site(site).collect(),
            Self::Nothing => Vec::new(),
        }
    }
}

/// The key of the ledger that the request has in `Authorization`, revoked ones too.
pub(crate) fn key_of<'a>(world: &'a World, request: &Request) -> Option<&'a Key> {
    let value = request.header("authorization")?;
    world.ledger.key(value).or_else(|| match world.assumptions.bearer {
        Bearer::Status401 => None,
        Bearer::Accepted => {
            let (scheme, secret) = value.split_once(' ')?;
            world.ledger.key(secret.trim_start()).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
        }
    })
}

pub(super) fn authenticate<'a>(world: &'a World, request: &Request) -> Result<&'a Key, Refusal> {
    let status = match world.assumptions.refused_key {
        RefusedKey::Status401 => 401,
        RefusedKey::Status403 => 403,
    };
    if request.header("authorization").is_none() {
        return Err(Refusal::standard(status, "The request has no Authorization header"));
    }
    let key = key_of(world, request).filter(|key| !key.revoked);
    key.ok_or_else(|| Refusal::standard(status, "The value of the Authorization header is no valid credential"))
}

/// The credits that the key can see, of those that the request names. If the key has access to both, the account wins.
pub(super) fn in_scope<'a>(world: &'a World, key: &'a Key, request: &'a Request) -> Result<Scope<'a>, Refusal> {
    let id = |name| request.header(name).filter(|id| !id.is_empty());
    let (account, site) = match (id("wix-account-id"), id("wix-site-id")) {
        (None, None) if key.carries_context => {
            (key.accounts.first().map(String::as_str), key.sites.first().map(String::as_str))
        }
        (Some(_), Some(_)) if world.assumptions.both_scopes == BothScopes::Status400 => {
            let message = "The request names both an account (wix-account-id) and a site (wix-site-id)";
            return Err(Refusal::standard(400, message));
        }
        ids => ids,
    };
    let account = account.map(|id| account_scope(world, key, id));
    let site = site.map(|id| site_scope(world, key, id));
    match (account, site) {
        (None, None) => no_scope(world.assumptions.no_scope),
        (Some(scope), None) | (None, Some(scope)) => scope,
        (Some(account), Some(site)) => account.or_else(|refusal| site.map_err(|_| refusal)),
    }
}

fn no_scope<'a>(assumed: NoScope) -> Result<Scope<'a>, Refusal> {
    let status = match assumed {
        NoScope::Status428 => 428,
        NoScope::Status401 => 401,
        NoScope::Status400 => 400,
        NoScope::EmptyBalance => return Ok(Scope::Nothing),
    };
    let message = "The request names neither an account (wix-account-id) nor a site (wix-site-id)";
    Err(Refusal::standard(status, message))
}

fn account_scope<'a>(world: &'a World, key: &Key, id: &str) -> Result<Scope<'a>, Refusal> {
    let Some(account) = account(world, id) else {
        return Err(unknown_id(world, "There is no account with this id"));
    };
    if !key.accounts.iter().any(|allowed| same(world, allowed, id)) {
        return Err(no_access(world, "This credential has no access to the account"));
    }
    Ok(Scope::Account(account))
}

fn site_scope<'a>(world: &'a World, key: &Key, id: &'a str) -> Result<Scope<'a>, Refusal> {
    let Some((account, site)) = site(world, id) else {
        return Err(unknown_id(world, "There is no site with this id"));
    };
    if !key.sites.iter().any(|allowed| same(world, allowed, id)) {
        return Err(no_access(world, "This credential has no access to the site"));
    }
    Ok(Scope::Site(account, site))
}

/// Whether it is the id of an account or a site of the ledger.
pub(crate) fn is_id(world: &World, text: &str) -> bool {
    account(world, text).is_some() || site(world, text).is_some()
}

fn account<'a>(world: &'a World, id: &str) -> Option<&'a Account> {
    let folded = || world.ledger.folded_account(id).filter(|_| folds(world));
    world.ledger.account(Some(id)).or_else(folded)
}

/// The site's account, and its id as the ledger has it.
fn site<'a>(world: &'a World, id: &'a str) -> Option<(&'a Account, &'a str)> {
    let folded = || world.ledger.folded_site(id).filter(|_| folds(world));
    world.ledger.account_of_site(id).map(|account| (account, id)).or_else(folded)
}

fn folds(world: &World) -> bool {
    world.assumptions.id_case == IdCase::Folded
}

fn same(world: &World, one: &str, other: &str) -> bool {
    one == other || (folds(world) && one.eq_ignore_ascii_case(other))
}

fn unknown_id(world: &World, message: &'static str) -> Refusal {
    let status = match world.assumptions.unknown_id {
        UnknownId::Status404 => 404,
        UnknownId::Status403 => 403,
    };
    Refusal::standard(status, message)
}

fn no_access(world: &World, message: &'static str) -> Refusal {
    let status = match world.assumptions.no_access {
        NoAccess::Status403 => 403,
        NoAccess::Status404 => 404,
    };
    Refusal::standard(status, message)
}

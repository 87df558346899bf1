//! The scope that a client's settings name.

use crate::client::check_ids;
use crate::environment::FromEnv;
use crate::settings::Setting;
use crate::{Error, Scope};

#[derive(Clone, Debug)]
pub(super) enum GivenScope {
    Default(Scope),
    PerCall,
}

/// The client's scope; none if each call names its own.
pub(super) fn scope(given: Option<GivenScope>, variables: &FromEnv) -> Result<Option<Scope>, Error> {
    match given {
        Some(GivenScope::Default(scope)) => return Ok(Some(scope)),
        Some(GivenScope::PerCall) => return Ok(None),
        None => {}
    }
    let (scope, setting) = match (variables.get(Setting::Account)?, variables.get(Setting::Site)?) {
        (Some(account), None) => (Scope::Account(account.to_string()), Setting::Account),
        (None, Some(site)) => (Scope::Site(site.to_string()), Setting::Site),
        (Some(_), Some(_)) => {
            return Err(Setting::Scope
                .error("is not clear: WIX_ACCOUNT_ID and WIX_SITE_ID are both set; unset one, or name the scope"));
        }
        (None, None) => {
            let by_variable = "set WIX_ACCOUNT_ID or WIX_SITE_ID";
            return Err(variables.missing(Setting::Scope, by_variable, "name an account or a site"));
        }
    };
    check_ids(&scope, Setting::IDS).map_err(variables.names(setting))?;
    Ok(Some(scope))
}

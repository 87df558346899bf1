//! Settings that several setters or variables can give, and what a client gets from them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::client::check_ids;
use crate::contract::{Setting, optional};
use crate::credential::{Credential, CredentialSource, Provider};
use crate::environment::{Variable, from_variable};
use crate::net::{MAX_CA_BYTES, Trust, read_file};
use crate::{Error, Scope, text};

#[derive(Clone)]
pub(super) enum GivenCredential {
    ApiKey(Zeroizing<String>),
    Authorization(Zeroizing<String>),
    Provider(Arc<Provider>),
}

impl GivenCredential {
    /// `asked` is whether the environment was asked.
    pub(super) fn resolve(given: Option<Self>, variable: Variable, asked: bool) -> Result<CredentialSource, Error> {
        let fixed = |credential| CredentialSource::Fixed(Arc::new(credential));
        Ok(match given {
            Some(Self::ApiKey(key)) => fixed(Credential::api_key(key)?),
            Some(Self::Authorization(value)) => fixed(Credential::raw(value)?),
            Some(Self::Provider(provider)) => CredentialSource::Provider(provider),
            None => match variable? {
                Some(key) => fixed(Credential::api_key(key).map_err(from_variable(Setting::ApiKey))?),
                None => return Err(missing(Setting::ApiKey, "set WIX_API_KEY", "pass one", asked)),
            },
        })
    }
}

#[derive(Clone, Debug)]
pub(super) enum GivenScope {
    Default(Scope),
    PerCall,
}

impl GivenScope {
    /// The client's scope; none if each call names its own.
    pub(super) fn resolve(
        given: Option<Self>,
        account_id: Variable,
        site_id: Variable,
        asked: bool,
    ) -> Result<Option<Scope>, Error> {
        match given {
            Some(Self::Default(scope)) => return Ok(Some(scope)),
            Some(Self::PerCall) => return Ok(None),
            None => {}
        }
        let (scope, setting) = match (account_id?, site_id?) {
            (Some(account), None) => (Scope::Account(account.to_string()), Setting::Account),
            (None, Some(site)) => (Scope::Site(site.to_string()), Setting::Site),
            (Some(_), Some(_)) => {
                return Err(Setting::Scope
                    .error("is not clear: WIX_ACCOUNT_ID and WIX_SITE_ID are both set; unset one, or name the scope"));
            }
            (None, None) => {
                let by_variable = "set WIX_ACCOUNT_ID or WIX_SITE_ID";
                return Err(missing(Setting::Scope, by_variable, "name an account or a site", asked));
            }
        };
        check_ids(&scope, Setting::IDS).map_err(from_variable(setting))?;
        Ok(Some(scope))
    }
}

/// Where trusted authorities are read from.
#[derive(Clone)]
pub(super) enum Ca {
    File(PathBuf),
    Pem(Vec<u8>),
}

impl Ca {
    pub(super) fn trust(self) -> Result<Trust, Error> {
        let path = match self {
            Self::Pem(pem) if pem.len() > MAX_CA_BYTES => {
                return Err(Setting::CaPem.error(format!("is larger than {} MiB", MAX_CA_BYTES >> 20)));
            }
            Self::Pem(pem) => return Trust::only(&pem, Setting::CaPem),
            Self::File(path) => path,
        };
        let refuse = |why: &dyn fmt::Display| {
            Setting::CaFile.error(format!("cannot be read ({}: {why})", text::shown(&path.to_string_lossy())))
        };
        if path.to_string_lossy().contains(char::is_control) {
            return Err(refuse(&"it has control characters in its name"));
        }
        Trust::only(&read_file(&path).map_err(|error| refuse(&error))?, Setting::CaFile)
    }
}

fn missing(setting: Setting, by_variable: &str, by_argument: &str, asked: bool) -> Error {
    match asked {
        true => setting.error(format!("is not set: {by_variable}")),
        false => {
            let from_env = optional(format_args!(", or {by_variable} and use {}", Setting::FromEnv));
            setting.error(format!("is not set: {by_argument}{from_env}"))
        }
    }
}

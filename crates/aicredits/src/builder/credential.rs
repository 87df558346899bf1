//! The credential that a client's settings name.

use std::sync::Arc;

use super::values::{Value, Values};
use crate::Error;
use crate::credential::{Credential, CredentialSource};
use crate::environment::FromEnv;
use crate::settings::Setting;

pub(super) fn credential(values: &Values, variables: &FromEnv) -> Result<CredentialSource, Error> {
    let credential = if let Some(key) = values.text(Setting::ApiKey) {
        Credential::api_key(key.clone())?
    } else if let Some(value) = values.text(Setting::Authorization) {
        Credential::raw(value.clone())?
    } else if let Some(Value::Provider(provider)) = values.get(Setting::CredentialProvider) {
        return Ok(CredentialSource::Provider(Arc::clone(provider)));
    } else if let Some(key) = variables.get(Setting::ApiKey)? {
        Credential::api_key(key.clone()).map_err(variables.names(Setting::ApiKey))?
    } else {
        return Err(variables.missing(Setting::ApiKey, "set WIX_API_KEY", "pass one"));
    };
    Ok(CredentialSource::Fixed(Arc::new(credential)))
}

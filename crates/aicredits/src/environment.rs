//! Environment variables: those of the process, or those that the caller passes instead.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::Error;
use crate::contract::Setting;

/// The one place that reads a variable. A variable that is set to nothing is unset.
#[derive(Clone, Default)]
pub(crate) struct Environment(Option<Arc<[Pair]>>);

/// A variable may hold a credential, so all values are wiped.
type Pair = (Vec<u8>, Zeroizing<Vec<u8>>);

/// A variable that is set, and is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NotUtf8;

impl Environment {
    pub(crate) fn of(pairs: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>) -> Self {
        let pairs = pairs.into_iter();
        Self(Some(pairs.map(|(name, value)| (name.into().into_vec(), value.into().into_vec().into())).collect()))
    }

    pub(crate) fn bytes(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let value = match &self.0 {
            // The first of equal names, as getenv() does.
            Some(pairs) => pairs.iter().find(|(given, _)| given == name.as_bytes()).map(|(_, value)| value.clone()),
            None => std::env::var_os(name).map(|value| Zeroizing::new(value.into_vec())),
        };
        value.filter(|value| !value.is_empty())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<Zeroizing<String>>, NotUtf8> {
        let Some(value) = self.bytes(name) else { return Ok(None) };
        str::from_utf8(&value).map(|value| Some(Zeroizing::new(value.to_owned()))).map_err(|_| NotUtf8)
    }

    /// The variable of a setting, for `from_env`.
    fn setting(&self, setting: Setting) -> Variable {
        self.text(setting.variable()).map_err(|NotUtf8| from_variable(setting)(setting.error("is not UTF-8")))
    }
}

/// Shows no variable.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "given pairs" } else { "the process's" })
    }
}

/// `Err` if the variable is set and not UTF-8.
pub(crate) type Variable = Result<Option<Zeroizing<String>>, Error>;

/// The variables that `from_env` read.
#[derive(Clone)]
pub(crate) struct FromEnv {
    pub(crate) api_key: Variable,
    pub(crate) account_id: Variable,
    pub(crate) site_id: Variable,
    pub(crate) base_url: Variable,
}

impl FromEnv {
    pub(crate) fn read(environment: &Environment) -> Self {
        Self {
            api_key: environment.setting(Setting::ApiKey),
            account_id: environment.setting(Setting::Account),
            site_id: environment.setting(Setting::Site),
            base_url: environment.setting(Setting::BaseUrl),
        }
    }

    /// Without `from_env`.
    pub(crate) fn nothing() -> Self {
        Self { api_key: Ok(None), account_id: Ok(None), site_id: Ok(None), base_url: Ok(None) }
    }
}

/// Adds the variable's name to an error of its value.
pub(crate) fn from_variable(setting: Setting) -> impl Fn(Error) -> Error {
    move |error| Error::new(error.kind(), format!("{} (read from {})", error.marked_message(), setting.variable()))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn given_pairs_are_read_as_getenv_reads_environ() {
        let not_utf8 = OsStr::from_bytes(b"\xff");
        let environment = Environment::of([
            ("SET", OsStr::new("value")),
            ("SET", OsStr::new("later")),
            ("EMPTY", OsStr::new("")),
            ("BROKEN", not_utf8),
        ]);
        assert_eq!(environment.text("SET").unwrap().unwrap().as_str(), "value");
        assert_eq!(environment.text("EMPTY"), Ok(None));
        assert_eq!(environment.text("set"), Ok(None), "names are case-sensitive");
        assert_eq!(environment.text("PATH"), Ok(None), "the process's variables are not read");
        assert_eq!(environment.text("BROKEN"), Err(NotUtf8));
        assert_eq!(environment.bytes("BROKEN").unwrap().as_slice(), b"\xff");
        assert_eq!(format!("{environment:?}"), "given pairs");
    }
}

//! Environment variables: those of the process, or those that the caller passes instead.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::Error;
use crate::settings::{Setting, Surface, optional};

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
}

/// Shows no variable.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "given pairs" } else { "the process's" })
    }
}

/// The variables of settings that `from_env` read.
#[derive(Clone, Default)]
pub(crate) struct FromEnv {
    values: Vec<(Setting, Result<Zeroizing<String>, NotUtf8>)>,
    was_read: bool,
    /// The command's options and variables are two ways to say the same, so its messages name the one that was used.
    surface: Surface,
}

impl FromEnv {
    /// Reads the variables of all settings that have one.
    pub(crate) fn read(environment: &Environment) -> Self {
        let with_variable = Setting::ALL.iter().filter(|setting| !setting.variable().is_empty());
        let values = with_variable
            .filter_map(|&setting| Some((setting, environment.text(setting.variable()).transpose()?)))
            .collect();
        Self { values, was_read: true, surface: Surface::default() }
    }

    pub(crate) fn worded_for(self, surface: Surface) -> Self {
        Self { surface, ..self }
    }

    /// The error of a setting that nothing sets. It says how to set it: by its variable, or by an argument.
    pub(crate) fn missing(&self, setting: Setting, by_variable: &str, by_argument: &str) -> Error {
        match self.was_read {
            true => setting.error(format!("is not set: {by_variable}")),
            false => {
                let from_env = optional(format_args!(", or {by_variable} and use {}", Setting::FromEnv));
                setting.error(format!("is not set: {by_argument}{from_env}"))
            }
        }
    }

    pub(crate) fn get(&self, setting: Setting) -> Result<Option<&Zeroizing<String>>, Error> {
        match self.values.iter().find(|(given, _)| *given == setting) {
            Some((_, Ok(value))) => Ok(Some(value)),
            Some((_, Err(NotUtf8))) => Err(self.names(setting)(setting.error("is not UTF-8"))),
            None => Ok(None),
        }
    }

    /// Has an error of a setting's value name its variable.
    pub(crate) fn names(&self, setting: Setting) -> impl Fn(Error) -> Error {
        let surface = self.surface;
        move |error| match surface {
            Surface::Command => {
                error.with_message(|marked| marked.replacen(&setting.to_string(), setting.variable(), 1))
            }
            _ => error.with_message(|marked| format!("{marked} (read from {})", setting.variable())),
        }
    }
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

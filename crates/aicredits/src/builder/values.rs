//! The values that a client's settings were given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::Error;
use crate::credential::Provider;
use crate::settings::{Kind, Setting};

/// At most one value for each setting, and for all those that replace each other.
#[derive(Clone, Default)]
pub(super) struct Values(Vec<(Setting, Value)>);

/// Text may be a credential, so it is wiped.
#[derive(Clone)]
pub(super) enum Value {
    Flag(bool),
    Number(usize),
    Time(Duration),
    Text(Zeroizing<String>),
    Path(PathBuf),
    Pem(Vec<u8>),
    Provider(Arc<Provider>),
}

impl Values {
    pub(super) fn set(&mut self, setting: Setting, value: Value) {
        let group = group(setting);
        self.0.retain(|&(earlier, _)| self::group(earlier) != group);
        self.0.push((setting, value));
    }

    pub(super) fn get(&self, setting: Setting) -> Option<&Value> {
        self.0.iter().find(|&&(given, _)| given == setting).map(|(_, value)| value)
    }

    pub(super) fn text(&self, setting: Setting) -> Option<&Zeroizing<String>> {
        match self.get(setting) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn flag(&self, setting: Setting) -> bool {
        matches!(self.get(setting), Some(Value::Flag(true)))
    }

    /// A count or a size: the given one or the default, within the limits of the table.
    pub(super) fn number(&self, setting: Setting) -> Result<usize, Error> {
        let number = match (self.get(setting), setting.kind()) {
            (Some(Value::Number(number)), _) => *number,
            (_, Kind::Count { default, .. }) => default as usize,
            (_, Kind::Bytes { default, .. }) => default,
            _ => 0,
        };
        setting.kind().number_fault(number).map_or(Ok(number), |fault| Err(setting.error(fault)))
    }

    /// A time: the given one or the default, within the limits of the table.
    pub(super) fn time(&self, setting: Setting) -> Result<Duration, Error> {
        let time = match (self.get(setting), setting.kind()) {
            (Some(Value::Time(time)), _) => *time,
            (_, Kind::Time { default: Some(default), .. }) => default,
            _ => Duration::ZERO,
        };
        setting.kind().time_fault(time).map_or(Ok(time), |fault| Err(setting.error(fault)))
    }

    /// The given settings and their values, for `Debug`. A text may be a credential, so none is shown.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0.iter().map(|(setting, value)| {
            let shown = match value {
                Value::Flag(flag) => flag.to_string(),
                Value::Number(number) => number.to_string(),
                Value::Time(time) => format!("{time:?}"),
                Value::Text(_) | Value::Path(_) | Value::Pem(_) | Value::Provider(_) => "[redacted]".to_owned(),
            };
            (setting.row().name, shown)
        })
    }
}

/// The first of the settings that replace each other.
fn group(setting: Setting) -> &'static str {
    let row = setting.row();
    if row.replaces.is_empty() { row.name } else { row.replaces }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_value_replaces_the_earlier_one_of_its_group() {
        let text = |text: &str| Value::Text(Zeroizing::new(text.to_owned()));
        let mut values = Values::default();
        values.set(Setting::ApiKey, text("IST.a"));
        values.set(Setting::Name, text("one"));
        values.set(Setting::Authorization, text("Bearer b"));
        values.set(Setting::Name, text("two"));
        assert!(values.text(Setting::ApiKey).is_none());
        assert_eq!(values.text(Setting::Authorization).unwrap().as_str(), "Bearer b");
        assert_eq!(values.text(Setting::Name).unwrap().as_str(), "two");
    }

    #[test]
    fn a_setting_without_a_value_has_the_default_of_the_table() {
        let mut values = Values::default();
        assert_eq!(values.time(Setting::Timeout).unwrap(), Duration::from_secs(35));
        assert_eq!(values.number(Setting::MaxRetries).unwrap(), 2);
        values.set(Setting::MaxRetries, Value::Number(11));
        assert_eq!(values.number(Setting::MaxRetries).unwrap_err().message(), "max_retries is more than 10");
    }
}

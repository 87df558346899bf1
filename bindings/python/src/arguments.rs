//! Conversion of Python's arguments to the library's settings.
//!
//! An error names the argument and never shows its value: the value may be a key.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyUnicodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyDelta, PyString};

use crate::callbacks;
use crate::errors::invalid;
use crate::scope::Scope;
use crate::timestamp::{self, Timestamp};

/// Calls the setter of a builder if there is a value.
pub(crate) fn set<B, T>(builder: B, value: Option<T>, setter: impl FnOnce(B, T) -> B) -> B {
    match value {
        Some(value) => setter(builder, value),
        None => builder,
    }
}

/// The scope that these arguments name; none if all of them are None or left out.
pub(crate) fn named_scope(
    py: Python<'_>,
    account_id: Option<&Bound<'_, PyAny>>,
    site_id: Option<&Bound<'_, PyAny>>,
    credential_scope: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Scope>> {
    let credential_scope = flag("credential_scope", credential_scope)?;
    match (text("account_id", account_id)?, text("site_id", site_id)?, credential_scope) {
        (None, None, false) => Ok(None),
        (None, None, true) => Ok(Some(Scope::new(None, None))),
        (account_id, site_id, false) => Ok(Some(Scope::new(account_id, site_id))),
        _ => Err(invalid(py, "scope", "is not clear: credential_scope sends no id, and an id is named")),
    }
}

/// False for None. Accepts numpy's bool, and refuses numbers.
pub(crate) fn flag(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
    let Some(value) = value else { return Ok(false) };
    value.extract().map_err(|_: PyErr| wrong_type(setting, "a bool", value))
}

/// A text. Python's own error would show the text, which may be a key.
pub(crate) fn text(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    let string = value.cast::<PyString>().map_err(|_| wrong_type(setting, "a str", value))?;
    string.to_cow().map(|text| Some(text.into_owned())).map_err(|_| not_unicode(setting, value))
}

fn not_unicode(setting: &str, value: &Bound<'_, PyAny>) -> PyErr {
    invalid(value.py(), setting, "is not valid Unicode: it contains half of a surrogate pair")
}

pub(crate) fn path(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<PathBuf>> {
    let Some(value) = value else { return Ok(None) };
    value.extract().map(Some).map_err(|error: PyErr| match error.is_instance_of::<PyUnicodeError>(value.py()) {
        true => not_unicode(setting, value),
        false => wrong_type_after(error, setting, "a str or a path", value),
    })
}

pub(crate) fn pem(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<u8>>> {
    let Some(value) = value else { return Ok(None) };
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(Some(bytes.as_bytes().to_vec())),
        Err(_) if !value.is_instance_of::<PyString>() => Err(wrong_type("ca_pem", "a str or bytes", value)),
        Err(_) => Ok(text("ca_pem", Some(value))?.map(String::into_bytes)),
    }
}

/// A whole number. A number that does not fit, or is negative, becomes the largest `u32`: no setting allows it, so the
/// library refuses it by name.
pub(crate) fn whole(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<u32>> {
    let Some(value) = value else { return Ok(None) };
    if value.extract::<bool>().is_ok() {
        return Err(wrong_type(setting, "an int", value));
    }
    match value.extract::<u32>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(Some(u32::MAX)),
        number => number.map(Some).map_err(|error| wrong_type_after(error, setting, "an int", value)),
    }
}

/// Seconds, or a timedelta. A time that is not positive becomes 0, which the library refuses by name.
pub(crate) fn duration(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    Ok(number_of_seconds(setting, value)?.map(seconds))
}

/// As [`duration`], of a setting that may be 0.
pub(crate) fn duration_from_zero(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    match (number_of_seconds(setting, value)?, value) {
        (Some(number), Some(value)) if number.is_nan() || number < 0.0 => {
            Err(invalid(value.py(), setting, "must be a time of 0 or more"))
        }
        (number, _) => Ok(number.map(seconds)),
    }
}

/// Infinite, if it is too large for a float.
fn number_of_seconds(setting: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<f64>> {
    let Some(value) = value else { return Ok(None) };
    const WANTED: &str = "a number of seconds or a timedelta";
    if value.extract::<bool>().is_ok() {
        return Err(wrong_type(setting, WANTED, value));
    }
    let number: PyResult<f64> = match value.cast::<PyDelta>() {
        Ok(delta) => delta.call_method0("total_seconds")?.extract(),
        Err(_) => value.extract(),
    };
    match number {
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
            Ok(Some(if value.lt(0).unwrap_or(false) { f64::NEG_INFINITY } else { f64::INFINITY }))
        }
        number => number.map(Some).map_err(|error| wrong_type_after(error, setting, WANTED, value)),
    }
}

fn seconds(time: f64) -> Duration {
    Duration::try_from_secs_f64(time).unwrap_or(if time > 0.0 { Duration::MAX } else { Duration::ZERO })
}

/// Replaces a TypeError of a conversion; other exceptions say more than this one would.
fn wrong_type_after(error: PyErr, setting: &str, wanted: &str, value: &Bound<'_, PyAny>) -> PyErr {
    if error.is_instance_of::<PyTypeError>(value.py()) { wrong_type(setting, wanted, value) } else { error }
}

pub(crate) fn wrong_type(setting: &str, wanted: &str, value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("{setting} {}", wrong_type_text(wanted, value)))
}

/// The fault of a value that has another type.
pub(crate) fn wrong_type_text(wanted: &str, value: &Bound<'_, PyAny>) -> String {
    format!("must be {wanted}, not {}", callbacks::name(&value.get_type()))
}

/// The instant of an argument: a Timestamp, or an aware datetime.
pub(crate) fn instant(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    if let Ok(timestamp) = value.cast::<Timestamp>() {
        return Ok(*timestamp.get());
    }
    let py = value.py();
    if !value.is_instance_of::<PyDateTime>() {
        return Err(wrong_type(name, "an aware datetime or a Timestamp", value));
    }
    if value.call_method0("utcoffset")?.is_none() {
        return Err(invalid(py, name, "must be an aware datetime: this one has no time zone"));
    }
    const EPOCH: Option<aicredits::Timestamp> = aicredits::Timestamp::from_unix(0, 0);
    // A difference of two aware datetimes counts in UTC.
    let since_epoch = value.sub(timestamp::datetime(py, EPOCH.map(Timestamp))?)?;
    let part = |part: &str| since_epoch.getattr(part)?.extract::<i64>();
    let (seconds, micros) = (part("days")? * 86_400 + part("seconds")?, part("microseconds")?);
    // Microseconds are below a million.
    let instant = aicredits::Timestamp::from_unix(seconds, micros as u32 * 1000);
    instant.map(Timestamp).ok_or_else(|| invalid(py, name, "is not an instant of the years 1 to 9999 in UTC"))
}

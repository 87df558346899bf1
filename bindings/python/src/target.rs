//! The targets of a fleet.

use std::collections::HashMap;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyMapping, PyString};

use crate::arguments::{text, wrong_type_text};
use crate::errors::invalid;
use crate::object::{parts, repr};

/// An account or a site that ``get_balances()`` reads. Immutable data: it can be compared, hashed and pickled.
///
/// - ``site_id``, ``account_id``: the ids. With ``site_id``, ``account_id`` only names whose site it is, unless ``scope`` says
///   otherwise.
/// - ``scope``: ``"account"``, ``"site"``, ``"account_and_site"`` or ``"credential"``. By default a ``site_id`` means the site,
///   and an ``account_id`` without one the account.
/// - ``label``: a name for people, such as the customer's. It is never sent.
/// - ``key``: the name of the client to ask with, in the argument ``clients`` of ``get_balances()``. Never an API key. By
///   default the client asks whose method is called.
#[pyclass(frozen, eq, hash, get_all, module = "aicredits")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    site_id: Option<String>,
    account_id: Option<String>,
    label: Option<String>,
    scope: Option<String>,
    key: Option<String>,
}

const FIELDS: [&str; 5] = ["site_id", "account_id", "label", "scope", "key"];

#[pymethods]
impl Target {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str, &'static str) {
        FIELDS.into()
    }

    #[new]
    #[pyo3(signature = (site_id=None, account_id=None, label=None, scope=None, key=None))]
    fn new(
        site_id: Option<&Bound<'_, PyAny>>,
        account_id: Option<&Bound<'_, PyAny>>,
        label: Option<&Bound<'_, PyAny>>,
        scope: Option<&Bound<'_, PyAny>>,
        key: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            site_id: text("site_id", site_id)?,
            account_id: text("account_id", account_id)?,
            label: text("label", label)?,
            scope: text("scope", scope)?,
            key: text("key", key)?,
        })
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        repr(this, &FIELDS)
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        parts(this, &FIELDS)
    }
}

impl Target {
    /// One of the targets that a user passes: a Target, or a mapping with its fields, such as the row of a table.
    pub(crate) fn given<'py>(index: usize, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        if let Ok(target) = given.cast::<Self>() {
            return Ok(target.clone());
        }
        let (py, name) = (given.py(), format!("targets[{index}]"));
        let Ok(row) = given.cast::<PyMapping>() else {
            let fault = wrong_type_text("a Target, or a mapping with its fields", given);
            return Err(PyTypeError::new_err(format!("{name} {fault}")));
        };
        let fields = PyDict::new(py);
        for item in row.items()? {
            let (field, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = item.extract()?;
            let field = text(&format!("a key of {name}"), Some(&field))?.unwrap_or_default();
            if !FIELDS.contains(&field.as_str()) {
                let (field, known) = (aicredits::escape_for_display(&field), FIELDS.join(", "));
                return Err(invalid(
                    py,
                    "targets",
                    &format!("are wrong: target {index} has a field `{field}`; there are {known}"),
                ));
            }
            // A table has NaN where it has no text.
            let is_nan = value.is_instance_of::<PyFloat>() && value.ne(&value)?;
            if !value.is_none() && !is_nan {
                if !value.is_instance_of::<PyString>() {
                    let fault = wrong_type_text("a str", &value);
                    return Err(PyTypeError::new_err(format!("{field} of {name} {fault}")));
                }
                fields.set_item(field, value)?;
            }
        }
        Ok(py.get_type::<Self>().call((), Some(&fields))?.cast_into()?)
    }

    /// The target of the core, or what is wrong with this one.
    pub(crate) fn native(&self, clients: &HashMap<String, aicredits::Client>) -> Result<aicredits::Target, String> {
        let (account_id, site_id) = (self.account_id.as_deref(), self.site_id.as_deref());
        let mut target = aicredits::Target::of_columns(self.scope.as_deref(), account_id, site_id)?;
        if let Some(label) = &self.label {
            target = target.label(label.as_str());
        }
        let Some(key) = &self.key else { return Ok(target) };
        if aicredits::has_key(key) {
            return Err("has an API key as its key: name a client, and pass that as `clients`".to_owned());
        }
        match clients.get(key) {
            Some(client) => Ok(target.client(key.as_str(), client)),
            None => Err(format!("has the key '{}', which `clients` lacks", aicredits::escape_for_display(key))),
        }
    }
}

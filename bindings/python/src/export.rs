//! A balance as dicts and lists, for JSON and for tables.

use std::time::{Duration, SystemTime};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::timestamp::{self, Timestamp};

/// A nested dict that `json.dumps` accepts.
pub(crate) fn dict<'py>(py: Python<'py>, balance: &aicredits::Balance) -> PyResult<Bound<'py, PyDict>> {
    let pool = |credits: Option<aicredits::Credits>| {
        let dict = |credits: aicredits::Credits| {
            let dict = PyDict::new(py);
            dict.set_item("balance", credits.balance())?;
            dict.set_item("cap", credits.cap())?;
            Ok::<_, PyErr>(dict)
        };
        credits.map(dict).transpose()
    };
    let rule = |rule: aicredits::UsageRule<'_>| {
        let dict = PyDict::new(py);
        dict.set_item("period", rule.period().map(|period| period.as_str()))?;
        dict.set_item("balance", rule.balance())?;
        dict.set_item("cap", rule.cap())?;
        dict.set_item("reset_date", rule.reset_date().map(|instant| instant.to_string()))?;
        Ok::<_, PyErr>(dict)
    };
    let source = |source: aicredits::CreditBalance<'_>| {
        let dict = PyDict::new(py);
        dict.set_item("subscription_id", source.subscription_id())?;
        dict.set_item("usage_rules", source.usage_rules().map(rule).collect::<PyResult<Vec<_>>>()?)?;
        Ok::<_, PyErr>(dict)
    };
    let dict = PyDict::new(py);
    dict.set_item("available", balance.available())?;
    dict.set_item("periodic_credits", pool(balance.periodic_credits())?)?;
    dict.set_item("top_up_credits", pool(balance.top_up_credits())?)?;
    let sources = balance.credit_balance_breakdown().map(source);
    dict.set_item("credit_balance_breakdown", sources.collect::<PyResult<Vec<_>>>()?)?;
    let scope = balance.scope().map(|scope| {
        let dict = PyDict::new(py);
        dict.set_item("account_id", scope.account_id())?;
        dict.set_item("site_id", scope.site_id())?;
        Ok::<_, PyErr>(dict)
    });
    dict.set_item("scope", scope.transpose()?)?;
    dict.set_item("request_id", balance.request_id())?;
    dict.set_item("fetched_at", balance.fetched_at().map(|instant| instant.to_string()))?;
    dict.set_item("server_date", balance.server_date().map(|instant| instant.to_string()))?;
    Ok(dict)
}

/// One dict per rule. Its keys and their order are the columns of `python/aicredits/_tables.py`.
pub(crate) fn records<'py>(py: Python<'py>, balance: &aicredits::Balance) -> PyResult<Bound<'py, PyList>> {
    let scope = balance.scope();
    let (account_id, site_id) = scope.map_or((None, None), |scope| (scope.account_id(), scope.site_id()));
    let read_at = timestamp::datetime(py, balance.fetched_at().map(Timestamp))?;
    let pools = [
        ("periodic_balance", balance.periodic_credits().and_then(|credits| credits.balance())),
        ("periodic_cap", balance.periodic_credits().and_then(|credits| credits.cap())),
        ("top_up_balance", balance.top_up_credits().and_then(|credits| credits.balance())),
        ("top_up_cap", balance.top_up_credits().and_then(|credits| credits.cap())),
    ];
    let records = PyList::empty(py);
    for (source_number, source) in balance.credit_balance_breakdown().enumerate() {
        for (rule_number, rule) in source.usage_rules().enumerate() {
            let dict = PyDict::new(py);
            dict.set_item("target", 0)?;
            dict.set_item("label", py.None())?;
            dict.set_item("account_id", account_id)?;
            dict.set_item("site_id", site_id)?;
            dict.set_item("source", source_number)?;
            dict.set_item("subscription_id", source.subscription_id())?;
            dict.set_item("rule", rule_number)?;
            dict.set_item("period", rule.period().map(|period| period.as_str()))?;
            dict.set_item("balance", rule.balance())?;
            dict.set_item("cap", rule.cap())?;
            dict.set_item("reset_date", timestamp::datetime(py, rule.reset_date().map(Timestamp))?)?;
            dict.set_item("read_at", &read_at)?;
            for (name, count) in pools {
                dict.set_item(name, count)?;
            }
            records.append(dict)?;
        }
    }
    Ok(records)
}

/// The time since an instant by this machine's clock: `12 s`, `3 min`, `5 h`, `4 days`.
pub(crate) fn age(since: Timestamp) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let seconds = now.saturating_sub(since.0.unix_seconds().try_into().unwrap_or(0));
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

//! Cells as CSV and as JSON.

use std::borrow::Cow;

use super::value::TableValue;
use crate::text::json;

/// The format of a file with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableFormat {
    /// CSV as in RFC 4180, with a header; an absent value is empty.
    Csv,
    /// One JSON object in each line, with every column; an absent value is `null`.
    JsonLines,
}

/// A text as a CSV cell that no spreadsheet reads as a formula.
#[doc(hidden)]
pub fn csv_text(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t']) {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}

/// The text of a CSV cell, without the quotation marks that it may need.
pub(super) fn csv_cell(value: TableValue<'_>) -> Cow<'_, str> {
    match value {
        TableValue::Null => "".into(),
        TableValue::Text(text) => csv_text(text),
        TableValue::Integer(number) => number.to_string().into(),
        TableValue::Boolean(value) => value.to_string().into(),
        TableValue::Timestamp(instant) => instant.to_string().into(),
    }
}

/// The value in JSON.
pub(super) fn json_cell(value: TableValue<'_>) -> String {
    match value {
        TableValue::Null => "null".to_owned(),
        TableValue::Text(text) => json(text),
        TableValue::Integer(number) => number.to_string(),
        TableValue::Boolean(value) => value.to_string(),
        TableValue::Timestamp(instant) => json(&instant.to_string()),
    }
}

//! The cells of one column: numbers side by side, or texts in one string.

use super::schema::{ColumnType, TableColumn};
use super::value::TableValue;
use crate::Timestamp;

const MICROSECONDS: i64 = 1_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    values: Values,
    /// An absent value is 0, or an empty text.
    is_present: Vec<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Values {
    /// The texts one after another, and where each one ends.
    Texts { text: String, ends: Vec<usize> },
    /// Numbers, 0 or 1 for a truth value, or microseconds since 1970.
    Numbers(Vec<i64>),
}

impl Cells {
    pub(super) fn new(column: &TableColumn) -> Self {
        let values = match column.column_type() {
            ColumnType::Text => Values::Texts { text: String::new(), ends: Vec::new() },
            _ => Values::Numbers(Vec::new()),
        };
        Self { values, is_present: Vec::new() }
    }

    pub(super) fn push(&mut self, value: TableValue<'_>) {
        self.is_present.push(value != TableValue::Null);
        match &mut self.values {
            Values::Texts { text, ends } => {
                if let TableValue::Text(added) = value {
                    text.push_str(added);
                }
                ends.push(text.len());
            }
            Values::Numbers(numbers) => numbers.push(number(value)),
        }
    }

    pub(super) fn set(&mut self, row: usize, value: TableValue<'_>) {
        if let Values::Numbers(numbers) = &mut self.values {
            (numbers[row], self.is_present[row]) = (number(value), value != TableValue::Null);
        }
    }

    pub(super) fn value(&self, row: usize, column_type: ColumnType) -> TableValue<'_> {
        if !self.is_present[row] {
            return TableValue::Null;
        }
        match (&self.values, column_type) {
            (Values::Texts { text, ends }, _) => {
                let begin = row.checked_sub(1).map_or(0, |before| ends[before]);
                TableValue::Text(&text[begin..ends[row]])
            }
            (Values::Numbers(numbers), ColumnType::Boolean) => TableValue::Boolean(numbers[row] != 0),
            (Values::Numbers(numbers), ColumnType::Timestamp) => {
                let (seconds, rest) = (numbers[row].div_euclid(MICROSECONDS), numbers[row].rem_euclid(MICROSECONDS));
                Timestamp::from_unix(seconds, rest as u32 * 1000).into()
            }
            (Values::Numbers(numbers), _) => TableValue::Integer(numbers[row]),
        }
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let values = match &self.values {
            Values::Texts { text, ends } => {
                let mut selected = (String::new(), Vec::with_capacity(rows.len()));
                for &row in rows {
                    let begin = row.checked_sub(1).map_or(0, |before| ends[before]);
                    selected.0.push_str(&text[begin..ends[row]]);
                    selected.1.push(selected.0.len());
                }
                Values::Texts { text: selected.0, ends: selected.1 }
            }
            Values::Numbers(numbers) => Values::Numbers(rows.iter().map(|&row| numbers[row]).collect()),
        };
        Self { values, is_present: rows.iter().map(|&row| self.is_present[row]).collect() }
    }

    pub(super) fn clear(&mut self) {
        self.is_present.clear();
        match &mut self.values {
            Values::Texts { text, ends } => {
                text.clear();
                ends.clear();
            }
            Values::Numbers(numbers) => numbers.clear(),
        }
    }
}

/// Digits of an instant past microseconds are cut.
fn number(value: TableValue<'_>) -> i64 {
    match value {
        TableValue::Null | TableValue::Text(_) => 0,
        TableValue::Integer(number) => number,
        TableValue::Boolean(value) => value.into(),
        // Of the years 1 to 9999, so it fits.
        TableValue::Timestamp(at) => at.unix_seconds() * MICROSECONDS + i64::from(at.subsec_nanoseconds() / 1000),
    }
}

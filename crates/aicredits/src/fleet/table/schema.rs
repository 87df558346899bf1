//! The two schemas. docs/sites.md shows them, which a test checks. New columns come last.

use super::value::TableValue;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// Text in UTF-8.
    Text,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A truth value.
    Boolean,
    /// An instant in UTC, to the microsecond.
    Timestamp,
}

impl ColumnType {
    /// The name of the type in Arrow.
    pub const fn arrow_name(self) -> &'static str {
        match self {
            Self::Text => "Utf8",
            Self::Int32 => "Int32",
            Self::Int64 => "Int64",
            Self::Boolean => "Boolean",
            Self::Timestamp => "Timestamp(Microsecond, \"UTC\")",
        }
    }
}

/// A column of a [`Table`](super::Table).
#[derive(Debug, PartialEq, Eq)]
pub struct TableColumn {
    name: &'static str,
    column_type: ColumnType,
    is_nullable: bool,
    summary: &'static str,
}

impl TableColumn {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its type.
    pub const fn column_type(&self) -> ColumnType {
        self.column_type
    }

    /// Whether a value may be absent.
    pub const fn is_nullable(&self) -> bool {
        self.is_nullable
    }

    /// Its meaning, in a phrase.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    pub(super) fn accepts(&self, value: &TableValue<'_>) -> bool {
        match (value, self.column_type) {
            (TableValue::Null, _) => self.is_nullable,
            (TableValue::Text(_), ColumnType::Text)
            | (TableValue::Integer(_), ColumnType::Int64)
            | (TableValue::Boolean(_), ColumnType::Boolean)
            | (TableValue::Timestamp(_), ColumnType::Timestamp) => true,
            (TableValue::Integer(number), ColumnType::Int32) => i32::try_from(*number).is_ok(),
            _ => false,
        }
    }
}

const fn required(name: &'static str, column_type: ColumnType, summary: &'static str) -> TableColumn {
    TableColumn { name, column_type, is_nullable: false, summary }
}

const fn nullable(name: &'static str, column_type: ColumnType, summary: &'static str) -> TableColumn {
    TableColumn { name, column_type, is_nullable: true, summary }
}

use ColumnType::{Boolean, Int32, Int64, Text, Timestamp};

pub(super) const BALANCES: &[TableColumn] = &[
    required("target", Int64, "the position of the target in the input, from 0"),
    nullable("label", Text, "the label of the target"),
    required("scope", Text, "`account`, `site`, `account_and_site` or `credential`"),
    nullable("account_id", Text, "the account that is asked for, or the owner of the site"),
    nullable("site_id", Text, "the site that is asked for"),
    nullable("key", Text, "the name of the client that asked, never a key"),
    required("status", Text, "`ok`, or the kind of the error, such as `forbidden`"),
    nullable("http_status", Int32, "the HTTP status of the last reply"),
    nullable("error_code", Text, "Wix's code of the error"),
    nullable("error", Text, "the message of the error"),
    nullable("request_id", Text, "the server's id of the last request"),
    required("attempts", Int32, "the number of attempts; 0 if nothing was sent"),
    nullable("started_at", Timestamp, "the start of the first attempt"),
    nullable("read_at", Timestamp, "the time at which the reply was complete"),
    nullable("server_date", Timestamp, "the server's clock at the reply"),
    nullable("has_periodic", Boolean, "whether there are recurring credits; absent if that is unknown"),
    nullable("has_top_up", Boolean, "whether there are top-up credits; absent if that is unknown"),
    nullable("periodic_balance", Int64, "the recurring credits that are left"),
    nullable("periodic_cap", Int64, "the recurring credits of a period"),
    nullable("top_up_balance", Int64, "the top-up credits that are left"),
    nullable("top_up_cap", Int64, "the top-up credits that were bought"),
    nullable("available", Int64, "the sum of both pools; absent if it is unknown, never 0 for a failure"),
    nullable("spendable", Int64, "the credits that can be spent under all rules; absent if they are unknown"),
    nullable("next_reset", Timestamp, "the next reset of a rule that is below its cap"),
    nullable("sources", Int32, "the number of entries in the breakdown"),
    nullable("rules", Int32, "the number of rules in all of them"),
    nullable("same_as", Int64, "the `target` of an earlier row with the same reading under the same key"),
    nullable("same_as_is_sure", Boolean, "whether that is the same wallet for sure: the readings name a subscription"),
    required("resumed", Boolean, "whether the outcome is from the resume file"),
];

pub(super) const RULES: &[TableColumn] = &[
    required("target", Int64, "the position of the target in the input, from 0"),
    nullable("label", Text, "the label of the target"),
    nullable("account_id", Text, "the account that is asked for, or the owner of the site"),
    nullable("site_id", Text, "the site that is asked for"),
    required("source", Int32, "the position of the source in the breakdown, from 0"),
    nullable("subscription_id", Text, "the subscription that the source belongs to"),
    required("rule", Int32, "the position of the rule in its source, from 0"),
    nullable("period", Text, "how often the credits replenish, such as `MONTH`, also an unknown text"),
    nullable("balance", Int64, "the credits that are left under this rule"),
    nullable("cap", Int64, "the most credits of a period"),
    nullable("reset_date", Timestamp, "when the balance resets to the cap"),
    required("read_at", Timestamp, "the time at which the reply was complete"),
];

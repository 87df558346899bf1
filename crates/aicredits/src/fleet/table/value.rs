use crate::Timestamp;

/// One value of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableValue<'a> {
    /// Absent: not known, or nothing there.
    Null,
    /// A text.
    Text(&'a str),
    /// A number of an [`Int32`](super::ColumnType::Int32) or [`Int64`](super::ColumnType::Int64) column.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
    /// An instant, to the microsecond.
    Timestamp(Timestamp),
}

impl<'a> TableValue<'a> {
    /// The text, if it is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(number),
            _ => None,
        }
    }
}

impl<'a> From<&'a str> for TableValue<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for TableValue<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// A count: no table has more than `i64::MAX` of anything.
impl From<usize> for TableValue<'_> {
    fn from(count: usize) -> Self {
        Self::Integer(count as i64)
    }
}

impl From<bool> for TableValue<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Timestamp> for TableValue<'_> {
    fn from(instant: Timestamp) -> Self {
        Self::Timestamp(instant)
    }
}

impl<'a, T: Into<TableValue<'a>>> From<Option<T>> for TableValue<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

//! The outcomes of fleets as tables: schemas, cells, and the formats of files.

mod cells;
mod columns;
mod format;
mod row_writer;
mod rows;
mod schema;
mod value;
mod wallets;
mod writer;

pub use columns::Table;
pub use format::{TableFormat, csv_text};
pub use row_writer::RowWriter;
pub use schema::{ColumnType, TableColumn};
pub use value::TableValue;
pub use writer::TableWriter;

pub(super) use rows::{kind_name, push_balance, push_rules};
pub(super) use wallets::{Reading, Wallets};

#[cfg(test)]
mod tests;

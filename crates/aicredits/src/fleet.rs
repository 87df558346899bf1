//! Fleets: the balances of many accounts and sites, each with one outcome.

mod builder;
mod clock;
mod failures;
mod handle;
mod outcome;
mod plan;
mod progress;
mod report;
mod resume;
mod schedule;
mod shared;
mod table;
mod target;
mod totals;
mod worker;

pub use builder::FleetBuilder;
pub use clock::FleetClock;
pub use failures::FailureGroup;
pub use handle::Fleet;
pub use outcome::{FleetAttempt, FleetOutcome};
pub use progress::FleetProgress;
pub use report::{Report, ReportBuilder};
pub use table::{ColumnType, RowWriter, Table, TableColumn, TableFormat, TableValue, TableWriter, csv_text};
pub use target::Target;
pub use totals::Totals;

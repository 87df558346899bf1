use std::io;

use super::columns::Table;
use super::format::TableFormat;
use super::rows::{push_balance, push_rules};
use super::schema::TableColumn;
use super::wallets::Wallets;
use super::writer::TableWriter;
use crate::fleet::outcome::FleetOutcome;

/// Writes the rows of outcomes as they come, in order of completion: the column `target` has their places in the input. Its
/// memory does not grow with the rows, except for a few words for each different reading (`same_as`).
///
/// ```
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// # let client = aicredits::Client::builder()
/// #     .api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url()).build()?;
/// use aicredits::{RowWriter, TableFormat, Target};
///
/// let mut rows = RowWriter::balances(Vec::new(), TableFormat::JsonLines)?;
/// for outcome in client.get_balances([Target::account(emulator.account_id())])? {
///     rows.write(&outcome)?;
/// }
/// assert!(rows.finish()?.starts_with(br#"{"target":0,"label":null,"scope":"account","#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RowWriter<W: io::Write> {
    /// The rows of one outcome.
    pub(super) table: Table,
    writer: TableWriter<W>,
    /// For `balances`.
    wallets: Option<Wallets>,
}

impl<W: io::Write> RowWriter<W> {
    /// A writer of the table `balances`.
    ///
    /// # Errors
    ///
    /// Those of the writer, as for each method.
    pub fn balances(writer: W, format: TableFormat) -> io::Result<Self> {
        Self::new(writer, format, Table::BALANCES, Some(Wallets::default()))
    }

    /// A writer of the table `rules`.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn rules(writer: W, format: TableFormat) -> io::Result<Self> {
        Self::new(writer, format, Table::RULES, None)
    }

    fn new(
        writer: W,
        format: TableFormat,
        columns: &'static [TableColumn],
        wallets: Option<Wallets>,
    ) -> io::Result<Self> {
        Ok(Self { table: Table::new(columns), writer: TableWriter::new(writer, format, columns)?, wallets })
    }

    /// Appends the rows of an outcome.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&mut self, outcome: &FleetOutcome) -> io::Result<()> {
        self.table.clear();
        match &mut self.wallets {
            Some(wallets) => {
                let reading = outcome.result().ok().and_then(|balance| wallets.reading(outcome.client, balance));
                let same_as = reading.and_then(|reading| wallets.same_as(reading, outcome.index()));
                push_balance(&mut self.table, outcome, same_as);
            }
            None => push_rules(&mut self.table, outcome),
        }
        self.writer.write(&self.table)
    }

    /// Writes what is in buffers, and returns the writer.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }
}

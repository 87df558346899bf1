use super::cells::Cells;
use super::schema::{self, TableColumn};
use super::value::TableValue;

/// Rows of one schema, stored by column. A report makes it.
///
/// ```
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// # let client = aicredits::Client::builder()
/// #     .api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url()).build()?;
/// use aicredits::{Report, TableValue, Target};
///
/// let report: Report = client.get_balances([Target::account(emulator.account_id())])?.collect();
/// let table = report.balances();
/// assert_eq!(table.column("available").unwrap().next(), Some(TableValue::Integer(1050)));
/// assert!(table.to_csv().starts_with("target,label,scope,account_id,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    columns: &'static [TableColumn],
    /// One for each column.
    cells: Vec<Cells>,
    rows: usize,
}

impl Table {
    /// The columns of `balances`: one row for each target. Later versions only append to them.
    pub const BALANCES: &'static [TableColumn] = schema::BALANCES;
    /// The columns of `rules`: one row for each rule of each balance. Later versions only append to them.
    pub const RULES: &'static [TableColumn] = schema::RULES;
    /// The version of both, as a key and a value for the metadata of files.
    pub const METADATA: (&'static str, &'static str) = ("aicredits.schema", "1");

    pub(crate) fn new(columns: &'static [TableColumn]) -> Self {
        Self { columns, cells: columns.iter().map(Cells::new).collect(), rows: 0 }
    }

    /// The columns.
    pub fn columns(&self) -> &'static [TableColumn] {
        self.columns
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The value in this row and column, both from 0.
    ///
    /// # Panics
    ///
    /// If there is no such row or column.
    pub fn value(&self, row: usize, column: usize) -> TableValue<'_> {
        self.cells[column].value(row, self.columns[column].column_type())
    }

    /// The values of the column with this name; `None` if there is none.
    pub fn column(&self, name: &str) -> Option<impl ExactSizeIterator<Item = TableValue<'_>> + Clone> {
        let column = self.place(name)?;
        Some((0..self.rows).map(move |row| self.value(row, column)))
    }

    /// These rows, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn select(mut self, rows: &[usize]) -> Self {
        // Column by column, so that both orders of a large table never exist at once.
        for cells in &mut self.cells {
            *cells = cells.select(rows);
        }
        self.rows = rows.len();
        self
    }

    /// The number of the column with this name.
    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name() == name)
    }

    /// Appends a row, with a value for each column.
    pub(super) fn push<const N: usize>(&mut self, row: [TableValue<'_>; N]) {
        assert_eq!(N, self.columns.len(), "a row has a value for each column");
        for (cells, (value, column)) in self.cells.iter_mut().zip(row.into_iter().zip(self.columns)) {
            debug_assert!(column.accepts(&value), "{column:?}: {value:?}");
            cells.push(value);
        }
        self.rows += 1;
    }

    /// Replaces an absent value that is not a text.
    pub(crate) fn set(&mut self, row: usize, name: &str, value: TableValue<'_>) {
        let column = self.place(name).expect("the schema has it");
        debug_assert!(self.columns[column].accepts(&value), "{name}: {value:?}");
        self.cells[column].set(row, value);
    }

    /// Without rows; it keeps its memory.
    pub(super) fn clear(&mut self) {
        self.cells.iter_mut().for_each(Cells::clear);
        self.rows = 0;
    }
}

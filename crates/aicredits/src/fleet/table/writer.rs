use std::io;

use csv::{Terminator, WriterBuilder};

use super::columns::Table;
use super::format::{TableFormat, csv_cell, json_cell};
use super::schema::TableColumn;

/// Writes the rows of tables with the same columns as one file.
#[derive(Debug)]
pub struct TableWriter<W: io::Write>(Format<W>);

#[derive(Debug)]
enum Format<W: io::Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines(io::BufWriter<W>),
}

impl<W: io::Write> TableWriter<W> {
    /// Writes the header, if the format has one.
    ///
    /// # Errors
    ///
    /// Those of the writer, as for each method.
    pub fn new(writer: W, format: TableFormat, columns: &[TableColumn]) -> io::Result<Self> {
        Ok(Self(match format {
            TableFormat::Csv => {
                let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(writer);
                writer.write_record(columns.iter().map(TableColumn::name)).map_err(of_writer)?;
                Format::Csv(Box::new(writer))
            }
            TableFormat::JsonLines => Format::JsonLines(io::BufWriter::new(writer)),
        }))
    }

    /// Appends the rows of a table.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&mut self, table: &Table) -> io::Result<()> {
        for row in 0..table.rows() {
            let cells = (0..table.columns().len()).map(|column| table.value(row, column));
            match &mut self.0 {
                Format::Csv(writer) => {
                    writer.write_record(cells.map(csv_cell).map(|cell| cell.into_owned())).map_err(of_writer)?;
                }
                Format::JsonLines(writer) => {
                    let members = table.columns().iter().zip(cells);
                    let members = members.map(|(column, cell)| format!("\"{}\":{}", column.name(), json_cell(cell)));
                    io::Write::write_all(
                        writer,
                        format!("{{{}}}\n", members.collect::<Vec<_>>().join(",")).as_bytes(),
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is in buffers, and returns the writer.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Format::Csv(writer) => writer.into_inner().map_err(|error| error.into_error()),
            Format::JsonLines(writer) => writer.into_inner().map_err(|error| error.into_error()),
        }
    }
}

/// The writer's own error, with its kind.
fn of_writer(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl Table {
    /// The table as CSV (RFC 4180), with a header. An absent value is empty. A text that a spreadsheet would read as a
    /// formula begins with `'`.
    pub fn to_csv(&self) -> String {
        self.to_text(TableFormat::Csv)
    }

    /// The table as JSON Lines: one object for each row, with every column.
    pub fn to_json_lines(&self) -> String {
        self.to_text(TableFormat::JsonLines)
    }

    /// Writes the table as a whole file.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&self, writer: impl io::Write, format: TableFormat) -> io::Result<()> {
        let mut writer = TableWriter::new(writer, format, self.columns())?;
        writer.write(self)?;
        writer.finish().map(drop)
    }

    pub(super) fn to_text(&self, format: TableFormat) -> String {
        let mut bytes = Vec::new();
        self.write(&mut bytes, format).expect("a Vec takes all");
        String::from_utf8(bytes).expect("cells are UTF-8")
    }
}

//! The file of a table. It appears as a whole: under a temporary name first, then renamed.

use std::borrow::Cow;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aicredits::{Table, TableFormat, escape_for_display};

use crate::exit::{Exit, Failure};
use crate::output::print_raw;

pub(super) struct TableFile {
    /// None for standard output.
    path: Option<PathBuf>,
    format: TableFormat,
}

impl TableFile {
    /// Checks the name and the folder, before anything is asked.
    pub(super) fn new(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            return Ok(Self { path: None, format: TableFormat::Csv });
        }
        let shown = escape_for_display(&path.to_string_lossy());
        let refused = |fault: &str| Failure::new(Exit::Configuration, format!("cannot write {shown}: {fault}"));
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => TableFormat::Csv,
            Some("jsonl") => TableFormat::JsonLines,
            Some("parquet") => {
                return Err(refused("this command does not write Parquet yet; name a .csv or a .jsonl file"));
            }
            Some("html") => return Err(refused("this command does not write HTML yet; name a .csv or a .jsonl file")),
            _ => return Err(refused("the name ends with neither .csv nor .jsonl")),
        };
        // A link stays a link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let writable = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => Ok(()),
            _ => tempfile::tempfile_in(folder(&path)).map(drop),
        };
        writable.map_err(|error| refused(&error.to_string()))?;
        Ok(Self { path: Some(path), format })
    }

    /// Writes these rows, in this order.
    pub(super) fn write(&self, table: &Table, rows: &[usize]) -> Result<(), Failure> {
        // A large table is not copied without need.
        let is_whole = rows.iter().copied().eq(0..table.rows());
        let table = &if is_whole { Cow::Borrowed(table) } else { Cow::Owned(table.clone().select(rows)) };
        let Some(path) = &self.path else {
            return print_raw(table.to_csv().as_bytes());
        };
        self.replace(path, table).map_err(|error| {
            Failure::new(Exit::Output, format!("cannot write {}: {error}", escape_for_display(&path.to_string_lossy())))
        })
    }

    fn replace(&self, path: &Path, table: &Table) -> io::Result<()> {
        if is_special(path) {
            return table.write(File::options().write(true).open(path)?, self.format);
        }
        // The user's mask takes its part of the mode.
        let mode = fs::metadata(path).map_or_else(|_| Permissions::from_mode(0o666), |known| known.permissions());
        let file = tempfile::Builder::new().permissions(mode).tempfile_in(folder(path))?;
        table.write(&file, self.format)?;
        file.persist(path).map(drop).map_err(|error| error.error)
    }
}

/// A FIFO or a device, which cannot be replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

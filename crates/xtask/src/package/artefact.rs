//! The files that a release publishes, with the figures of the table.

use std::fs;
use std::path::{Path, PathBuf};

use crate::elf;
use crate::native;
use crate::tool::{self, Outcome};

/// A file that a release publishes.
#[derive(Debug)]
pub(super) struct Artefact {
    pub(super) file: PathBuf,
    /// `glibc 2.18`, `musl`, `static`, or nothing where it has no native code.
    pub(super) needs: String,
}

impl Artefact {
    /// `binaries` are the native files in it. The newest glibc that one of them asks for is what the artefact needs. One
    /// that may not be published is an error.
    pub(super) fn new(file: PathBuf, binaries: &[PathBuf]) -> Outcome<Artefact> {
        binaries.iter().try_for_each(|binary| native::check(binary))?;
        Ok(Artefact { needs: needs(binaries)?, file })
    }
}

fn needs(binaries: &[PathBuf]) -> Outcome<String> {
    let (mut glibc, mut is_linked) = (None, false);
    for binary in binaries {
        glibc = glibc.max(elf::glibc(binary)?);
        is_linked |= !elf::dynamic(binary)?.needed.is_empty();
    }
    Ok(match glibc {
        Some((major, minor)) => format!("glibc {major}.{minor}"),
        None if is_linked => "musl".to_owned(),
        None if binaries.is_empty() => String::new(),
        None => "nothing".to_owned(),
    })
}

/// The table of all, also as `SHA256SUMS` next to them.
pub(super) fn table(folder: &Path, artefacts: &[Artefact]) -> Outcome<String> {
    let mut rows = Vec::new();
    for artefact in artefacts {
        let name = artefact.file.strip_prefix(folder)?.to_str().ok_or("its name is not UTF-8")?;
        let sum = tool::read(tool::command("sha256sum").arg(&artefact.file))?;
        let sum = sum.split(' ').next().unwrap_or_default().to_owned();
        rows.push((name.to_owned(), fs::metadata(&artefact.file)?.len(), &artefact.needs, sum));
    }
    rows.sort();
    let sums: String = rows.iter().map(|(name, _, _, sum)| format!("{sum}  {name}\n")).collect();
    fs::write(folder.join("SHA256SUMS"), sums)?;
    let widest = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    let lines = rows.iter().map(|(name, size, needs, sum)| format!("{name:<widest$}  {size:>9}  {needs:<10}  {sum}\n"));
    Ok(format!("{:<widest$}  {:>9}  {:<10}  SHA-256\n", "name", "bytes", "needs") + &lines.collect::<String>())
}

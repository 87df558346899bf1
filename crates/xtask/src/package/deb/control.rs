//! Texts for dpkg: `control`, the checksums and the symbols.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::contents;
use super::packages::{LIBRARY, MAINTAINER, Package, VERSION};

use crate::elf;
use crate::library::C_LIBRARIES;
use crate::tool::{self, Outcome};

const UPSTREAM: &str = env!("CARGO_PKG_VERSION");
/// A package whose tree is laid out.
pub(super) struct Facts<'a> {
    pub(super) package: &'a Package,
    pub(super) tree: &'a Path,
    pub(super) architecture: &'a str,
    pub(super) depends: String,
    /// The native files in it.
    pub(super) binaries: &'a [PathBuf],
}

/// Writes the folder `DEBIAN` of a tree.
pub(super) fn write(facts: &Facts) -> Outcome {
    let files = contents::files(facts.tree)?;
    let mut sums = tool::command("md5sum");
    sums.current_dir(facts.tree);
    for file in files.iter().filter(|file| !file.is_symlink()) {
        sums.arg(file.strip_prefix(facts.tree)?);
    }
    let mut texts = vec![("control", control(facts)?), ("md5sums", tool::read(&mut sums)?)];
    if facts.package.name == LIBRARY.name {
        texts.push(("symbols", symbols(facts.binaries)?));
        texts.push(("shlibs", shlibs()));
        texts.push(("triggers", "activate-noawait ldconfig\n".to_owned()));
    }
    let folder = facts.tree.join("DEBIAN");
    fs::create_dir(&folder)?;
    for (name, text) in texts {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn control(facts: &Facts) -> Outcome<String> {
    let Package { name, section, multi_arch, summary, description, .. } = facts.package;
    let (architecture, depends, size) = (facts.architecture, &facts.depends, kibibytes(facts.tree)?);
    let source = if *name == "aicredits" { "" } else { "Source: aicredits\n" };
    let description: String = description.lines().map(|line| format!(" {line}\n")).collect();
    Ok(format!(
        "Package: {name}\n{source}Version: {VERSION}\nArchitecture: {architecture}\nMaintainer: {MAINTAINER}\n\
         Installed-Size: {size}\nDepends: {depends}\nSection: {section}\nPriority: optional\nMulti-Arch: {multi_arch}\n\
         Description: {summary}\n{description}"
    ))
}

/// As Debian counts: each file by itself, and one for a folder or a link.
fn kibibytes(folder: &Path) -> Outcome<u64> {
    let mut sum = 1;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        sum += match () {
            () if kind.is_dir() => kibibytes(&entry.path())?,
            () if kind.is_file() => entry.metadata()?.len().div_ceil(1024),
            () => 1,
        };
    }
    Ok(sum)
}

/// From which version on a symbol is there. Until 1.0 it is the version that a program was linked with.
fn symbols(libraries: &[PathBuf]) -> Outcome<String> {
    let mut text = String::new();
    for (library, file) in C_LIBRARIES.iter().zip(libraries) {
        let version = library.symbol_version;
        writeln!(text, "{} {} #MINVER#", library.soname(), LIBRARY.name)?;
        writeln!(text, " {version}@{version} {UPSTREAM}")?;
        let mut exported = elf::exported(file)?;
        exported.sort();
        for (name, version) in exported {
            writeln!(text, " {name}@{version} {UPSTREAM}")?;
        }
    }
    Ok(text)
}

fn shlibs() -> String {
    let line = |library: &crate::library::CLibrary| {
        format!("lib{} {} {} (>= {UPSTREAM})\n", library.name, library.abi, LIBRARY.name)
    };
    C_LIBRARIES.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_depend_on_the_version_that_they_were_linked_with() {
        assert!(
            shlibs().starts_with(&format!("libaicredits 0 libaicredits0 (>= {UPSTREAM})\nlibaicredits_emulator 0 "))
        );
    }
}

//! The packages of Debian: `libaicredits0`, `libaicredits-dev` and `aicredits`.
//!
//! `packages` has one row each, `contents` says which file of the install tree is in which one, `control` and `texts`
//! write for dpkg and for policy. `dpkg-deb` is all that this needs of Debian, so one machine makes the packages of
//! every processor.

mod contents;
mod control;
mod packages;
mod texts;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use control::Facts;
pub(super) use packages::PACKAGES;
use packages::{COMMAND, DEVELOPMENT, LIBRARY, VERSION};

use super::artefact::Artefact;
use super::build::Built;
use super::release;
use crate::elf;
use crate::install::{self, Place};
use crate::library::C_LIBRARIES;
use crate::target::Libc;
use crate::tool::{self, Outcome, Tool};

pub(super) const DPKG_DEB: Tool = Tool::new("dpkg-deb", &["dpkg-deb"], "apt-get install dpkg");

/// Makes them for a platform with glibc.
pub(super) fn make(built: &Built, packages: &Path) -> Outcome<Vec<Artefact>> {
    if built.target.libc != Libc::Glibc {
        return Ok(Vec::new());
    }
    let scratch = release::scratch().join("deb").join(built.target.debian());
    tool::remove_folder(&scratch)?;
    let installed = scratch.join("installed");
    let libdir = format!("lib/{}", built.target.multiarch());
    let parts = built.parts()?;
    install::lay_out(&installed.join("usr"), &Place::at("/usr", &libdir)?, &parts)?;
    contents::share_out(&installed, &scratch)?;

    let libraries = scratch.join(LIBRARY.name).join("usr").join(&libdir);
    let shared: Vec<_> = C_LIBRARIES.iter().map(|library| libraries.join(library.soname())).collect();
    let command = vec![scratch.join(COMMAND.name).join("usr/bin/aicredits")];
    let mut made = Vec::new();
    for (package, binaries) in [(&LIBRARY, shared), (&DEVELOPMENT, Vec::new()), (&COMMAND, command)] {
        let tree = scratch.join(package.name);
        contents::add_documents(package, &tree, &parts.notices)?;
        let depends = match package.name {
            "libaicredits-dev" => format!("{} (= {VERSION})", LIBRARY.name),
            _ => depends_on_libc(&binaries)?,
        };
        control::write(&Facts {
            package,
            tree: &tree,
            architecture: built.target.debian(),
            depends,
            binaries: &binaries,
        })?;
        let file = packages.join(package.file(built.target));
        pack(&tree, &file)?;
        made.push(Artefact::new(file, &binaries)?);
    }
    Ok(made)
}

/// By the newest symbol that one of them needs.
fn depends_on_libc(binaries: &[PathBuf]) -> Outcome<String> {
    let versions = binaries.iter().map(|binary| elf::glibc(binary)).collect::<Outcome<Vec<_>>>()?;
    let (major, minor) = versions.into_iter().max().flatten().ok_or("it needs no glibc")?;
    Ok(format!("libc6 (>= {major}.{minor})"))
}

/// Packs a tree so that the same contents give the same bytes.
fn pack(tree: &Path, file: &Path) -> Outcome {
    // The user's umask is no part of the package.
    tool::run(tool::command("chmod").args(["--recursive", "u=rwX,go=rX"]).arg(tree))?;
    let time = release::commit_time()?;
    let mut date = OsString::from("--date=@");
    date.push(&time);
    let mut touch = tool::command("find");
    touch.arg(tree).args(["-exec", "touch", "--no-dereference"]).arg(date).args(["{}", "+"]);
    tool::run(&mut touch)?;
    let mut dpkg = DPKG_DEB.command()?;
    // Debian 11 reads no zstd, which Ubuntu's dpkg-deb would write.
    dpkg.args(["-Zxz", "--root-owner-group", "--build"]).arg(tree).arg(file).env("SOURCE_DATE_EPOCH", time);
    tool::read(&mut dpkg).map(|_| ())
}

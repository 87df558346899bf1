//! The install tree of one platform, in a file that can be unpacked anywhere.

use std::path::{Path, PathBuf};

use super::artefact::Artefact;
use super::build::Built;
use super::release;
use super::release::VERSION;
use crate::install::{self, Place};
use crate::library::C_LIBRARIES;
use crate::tool::{self, Outcome};

/// Packs the libraries and the command of a platform, with all that `cargo xtask install` installs.
pub(super) fn make(built: &Built, packages: &Path) -> Outcome<Vec<Artefact>> {
    let name = format!("aicredits-{VERSION}-{}", built.target.platform());
    let trees = release::scratch().join("trees");
    let tree = trees.join(&name);
    tool::remove_folder(&tree)?;
    install::lay_out(&tree, &Place::anywhere(), &built.parts()?)?;
    let file = packages.join(format!("{name}.tar.gz"));
    pack(&trees, &name, &file)?;
    let shared = C_LIBRARIES.iter().map(|library| tree.join("lib").join(library.shared()));
    let binaries: Vec<PathBuf> = shared.chain([tree.join("bin/aicredits")]).collect();
    Ok(vec![Artefact::new(file, &binaries)?])
}

/// Packs a folder so that the same contents give the same bytes.
pub(super) fn pack(folder: &Path, name: &str, file: &Path) -> Outcome {
    let mut tar = tool::command("tar");
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--format=ustar", "--mode=go=rX,u+rw"]);
    tar.arg(format!("--mtime=@{}", release::commit_time()?));
    // Without a name and a time.
    tar.args(["--use-compress-program=gzip -9 --no-name", "--create", "--file"]).arg(file);
    tool::run(tar.arg("--directory").arg(folder).arg(name))
}

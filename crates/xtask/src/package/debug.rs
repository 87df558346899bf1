//! The symbols of a platform's files, for debuggers: `tar -C /usr --strip-components=1` puts them where gdb looks.

use std::fs;
use std::path::Path;

use super::artefact::Artefact;
use super::build::Built;
use super::release::VERSION;
use super::{release, tarball};
use crate::licenses;
use crate::tool::{self, Outcome};

/// The name of the archive and of its folder.
pub(super) fn name(platform: &str) -> String {
    format!("aicredits-{VERSION}-{platform}-debug")
}

/// Packs them.
pub(super) fn make(built: &Built, packages: &Path) -> Outcome<Vec<Artefact>> {
    let name = name(&built.target.platform());
    let trees = release::scratch().join("trees");
    let tree = trees.join(&name);
    tool::remove_folder(&tree)?;
    // A copy: the folder is of one platform, and its name is that of the archive.
    tool::run(tool::command("cp").arg("--recursive").arg(release::symbols(built.target)).arg(&tree))?;
    fs::write(tree.join(licenses::FILE_NAME), built.notices()?)?;
    let file = packages.join(format!("{name}.tar.gz"));
    tarball::pack(&trees, &name, &file)?;
    Ok(vec![Artefact::new(file, &[])?])
}

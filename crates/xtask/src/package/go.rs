//! The Go module with the archives of all platforms, in the file tree that GOPROXY reads.

use std::fs;
use std::path::{Path, PathBuf};

use super::artefact::Artefact;
use super::build::Built;
use super::release::VERSION;
use super::{release, runtime};
use crate::go_module;
use crate::library::C_LIBRARIES;
use crate::licenses;
use crate::tool::{self, GO, Outcome};

/// Packs one module for these platforms.
pub(super) fn make(built: &[Built], packages: &Path) -> Outcome<Vec<Artefact>> {
    let module = release::scratch().join("go");
    tool::remove_folder(&module)?;
    tool::copy_folder(&go_module::folder(), &module)?;
    let targets: Vec<_> = built.iter().map(|built| built.target).collect();
    fs::write(module.join(licenses::FILE_NAME), licenses::release_text(&runtime::of_a_release(&targets)?)?)?;
    for built in built {
        go_module::put_archives(&module, built.target, &built.dist)?;
    }
    let proxy = packages.join("go");
    pack(&module, &proxy)?;

    // They are linked from what is in the archives, so they need the same glibc.
    let shared =
        |built: &Built| C_LIBRARIES.iter().map(|library| built.dist.join("lib").join(library.shared())).collect();
    let shared: Vec<PathBuf> = built.iter().map(shared).collect::<Vec<Vec<_>>>().concat();
    let versions = proxy.join(go_module::PATH).join("@v");
    let mut artefacts = vec![Artefact::new(versions.join(format!("v{VERSION}.zip")), &shared)?];
    for file in ["list".to_owned(), format!("v{VERSION}.info"), format!("v{VERSION}.mod")] {
        artefacts.push(Artefact::new(versions.join(file), &[])?);
    }
    Ok(artefacts)
}

/// Packs it as a module proxy would: the same files give the same bytes.
fn pack(module: &Path, proxy: &Path) -> Outcome {
    let mut go = GO.command()?;
    go.current_dir(tool::root().join("crates/xtask/gomodule")).args(["run", "."]);
    go.arg(module).args([go_module::PATH, &format!("v{VERSION}"), &release::commit_time()?]).arg(proxy);
    tool::run(&mut go)
}

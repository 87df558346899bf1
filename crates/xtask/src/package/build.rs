//! The libraries and the command of a platform, built once for all the kinds of packages.

use std::fs;
use std::path::PathBuf;

use super::{release, runtime};
use crate::dist;
use crate::install::Parts;
use crate::library::C_LIBRARIES;
use crate::licenses;
use crate::symbols;
use crate::target::{Libc, TARGETS, Target};
use crate::tool::{self, Outcome};

/// The parts that packages of a platform are made of.
pub(super) struct Built {
    pub(super) target: &'static Target,
    /// Headers and libraries, as in `target/dist`.
    pub(super) dist: PathBuf,
    /// The command. It is static on musl.
    pub(super) command: PathBuf,
    /// A command that this machine can run.
    pub(super) printer: PathBuf,
}

impl Built {
    /// For an install tree.
    pub(super) fn parts(&self) -> Outcome<Parts> {
        Ok(Parts {
            dist: self.dist.clone(),
            command: self.command.clone(),
            printer: self.printer.clone(),
            notices: self.notices()?,
        })
    }

    /// The licences of what they contain.
    pub(super) fn notices(&self) -> Outcome<String> {
        licenses::release_text(&runtime::of_a_release(&[self.target])?)
    }
}

/// Builds them.
pub(super) fn build(target: &'static Target) -> Outcome<Built> {
    release::prepare(target)?;
    let symbols = release::symbols(target);
    if symbols.exists() {
        // Those of earlier builds have other build ids, and nothing would replace them.
        fs::remove_dir_all(symbols)?;
    }
    let command = command(target)?;
    let printer = if target.runs_here() { command.clone() } else { self::command(here()?)? };
    Ok(Built { target, dist: libraries(target)?, command, printer })
}

/// The static command of this machine's processor, which every Linux can run.
fn here() -> Outcome<&'static Target> {
    let here = TARGETS.iter().find(|target| target.runs_here() && target.libc == Libc::Musl);
    Ok(here.ok_or("no platform of a release is this machine's")?)
}

fn command(target: &'static Target) -> Outcome<PathBuf> {
    // Without other flags the crates that both need are compiled once.
    let has_flags = !library_flags(target).is_empty();
    let built = if has_flags { release::scratch().join("programs") } else { libraries_folder() };
    tool::run(release::cargo(target, &built, &[])?.args(["--package", "aicredits-cli"]))?;
    let tools = release::toolchain(target)?;
    let whole = built.join(target.triple).join("release/aicredits");
    symbols::keep(&whole, &release::symbols(target), &tools)?;
    let stripped = whole.with_extension("stripped");
    tool::run(tools.objcopy().arg("--strip-all").arg(whole).arg(&stripped))?;
    Ok(stripped)
}

fn libraries(target: &'static Target) -> Outcome<PathBuf> {
    let (built, flags) = (libraries_folder(), library_flags(target));
    for library in C_LIBRARIES {
        tool::run(release::cargo(target, &built, flags)?.args(["--package", library.package]))?;
    }
    let dist = release::scratch().join("dist").join(target.triple);
    fs::create_dir_all(dist.parent().ok_or("it is in a folder")?)?;
    dist::lay_out(&built.join(target.triple).join("release"), &dist, C_LIBRARIES, &release::toolchain(target)?)?;
    Ok(dist)
}

/// Where libraries are built: those of C, and the modules of Python.
pub(super) fn libraries_folder() -> PathBuf {
    release::scratch().join("libraries")
}

/// rustc's flags for libraries.
pub(super) fn library_flags(target: &Target) -> &'static [&'static str] {
    // Without it the archive would have all of musl in it, as if it were a program.
    if target.libc == Libc::Musl { &["-Ctarget-feature=-crt-static"] } else { &[] }
}

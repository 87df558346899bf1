//! The libraries and the command of a platform, built once for all the kinds of packages.

use std::fs;
use std::path::PathBuf;

use super::{release, runtime};
use crate::dist;
use crate::install::Parts;
use crate::library::C_LIBRARIES;
use crate::licenses;
use crate::symbols;
use crate::target::{self, Libc, Target};
use crate::tool::{self, Outcome};

const COMMAND: &str = "aicredits-cli";

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
    // Those of earlier builds have other build ids, and nothing would replace them.
    tool::remove_folder(&release::symbols(target))?;
    compile(target)?;
    let command = command(target)?;
    let printer = if target.runs_here() { command.clone() } else { self::command(here()?)? };
    Ok(Built { target, dist: libraries(target)?, command, printer })
}

/// The static command of this machine's processor, which every Linux can run.
fn here() -> Outcome<&'static Target> {
    let here = target::of_this_machine(Libc::Musl)?;
    compile_command(here)?;
    Ok(here)
}

/// Without other flags for libraries, the crates that all need are compiled once.
fn compile(target: &Target) -> Outcome {
    let mut cargo = release::cargo(target, &libraries_folder(), library_flags(target))?;
    cargo.args(C_LIBRARIES.iter().flat_map(|library| ["--package", library.package]));
    if programs_folder(target) == libraries_folder() {
        return tool::run(cargo.args(["--package", COMMAND]));
    }
    tool::run(&mut cargo)?;
    compile_command(target)
}

/// The static command, which is built apart: for size, because it waits for the network all the time. Without symbols for
/// debuggers: those of zig's runtime, which it contains, have the path of zig.
fn compile_command(target: &Target) -> Outcome {
    let mut cargo = release::cargo(target, &programs_folder(target), &[])?;
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s");
    cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "false").env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    tool::run(cargo.args(["--package", COMMAND]))
}

/// The compiled command without its symbols, which are kept.
fn command(target: &Target) -> Outcome<PathBuf> {
    let whole = programs_folder(target).join(target.triple).join("release/aicredits");
    if target.libc == Libc::Musl {
        return Ok(whole);
    }
    let tools = release::toolchain(target)?;
    symbols::keep(&whole, &release::symbols(target), &tools)?;
    let stripped = whole.with_extension("stripped");
    tool::run(tools.objcopy().arg("--strip-all").arg(whole).arg(&stripped))?;
    Ok(stripped)
}

/// Makes the libraries of the compiled ones.
fn libraries(target: &Target) -> Outcome<PathBuf> {
    let built = libraries_folder().join(target.triple).join("release");
    let dist = release::scratch().join("dist").join(target.triple);
    fs::create_dir_all(dist.parent().ok_or("it is in a folder")?)?;
    dist::lay_out(&built, &dist, C_LIBRARIES, &release::toolchain(target)?)?;
    Ok(dist)
}

/// Where libraries are built: those of C, and the modules of Python.
pub(super) fn libraries_folder() -> PathBuf {
    release::scratch().join("libraries")
}

/// Where the command is built: apart, where it has other flags.
fn programs_folder(target: &Target) -> PathBuf {
    if library_flags(target).is_empty() { libraries_folder() } else { release::scratch().join("programs") }
}

/// rustc's flags for libraries.
fn library_flags(target: &Target) -> &'static [&'static str] {
    // Without it the archive would have all of musl in it, as if it were a program. maturin sets the same.
    if target.libc == Libc::Musl { &["-C", "target-feature=-crt-static"] } else { &[] }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::python;

    /// Features that change nothing that is built here: `std` of bitflags is for its error type.
    const HARMLESS: [&str; 1] = ["bitflags v"];

    /// Else they would be compiled again for each, or one would get features that it does not ask for.
    #[test]
    fn all_that_is_shipped_asks_for_the_same_features() {
        let libraries = C_LIBRARIES.iter().map(|library| library.package);
        let mut known = BTreeMap::new();
        for member in libraries.chain([COMMAND, python::PACKAGE, python::TOOLS]) {
            let mut tree = tool::cargo("tree");
            tree.args([
                "--edges",
                "normal,no-proc-macro",
                "--prefix",
                "none",
                "--format",
                "{p}|{f}",
                "--package",
                member,
            ]);
            for line in tool::read(&mut tree).unwrap().lines().filter(|line| !line.contains(" (")) {
                let (name, features) = line.split_once('|').unwrap();
                let (first, by) = known.entry(name.to_owned()).or_insert_with(|| (features.to_owned(), member));
                let is_harmless = HARMLESS.iter().any(|start| name.starts_with(start));
                assert!(is_harmless || first == features, "{name}: {by} asks for {first}, {member} for {features}");
            }
        }
        assert!(known.len() > 50, "{known:?}");
    }
}

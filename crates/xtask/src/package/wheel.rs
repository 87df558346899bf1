//! The Python wheels of one platform, and the source distribution.

use std::fs;
use std::path::{Path, PathBuf};

use super::artefact::Artefact;
use super::build;
use super::{release, runtime};
use crate::python;
use crate::target::{GLIBC, Libc, Target};
use crate::tool::{self, Outcome};

/// Free-threaded Python 3.14 has a separate ABI. From 3.15 on there is a stable one, which every Python has.
const FREE_THREADED: [&str; 2] = ["python3.14t", "python3.15t"];

/// The wheel for Python 3.9 and later.
pub(super) fn make(target: &Target, packages: &Path) -> Outcome<Vec<Artefact>> {
    wheel(target, "", packages)
}

/// The wheels for a free-threaded Python. maturin knows its file names and flags, so no such Python has to be here.
pub(super) fn make_free_threaded(target: &Target, packages: &Path) -> Outcome<Vec<Artefact>> {
    let mut made = Vec::new();
    for interpreter in FREE_THREADED {
        made.extend(wheel(target, &format!(" --interpreter {interpreter}"), packages)?);
    }
    Ok(made)
}

fn wheel(target: &Target, more: &str, packages: &Path) -> Outcome<Vec<Artefact>> {
    release::prepare(target)?;
    let folder = release::scratch().join("wheels");
    tool::remove_folder(&folder)?;
    let arguments = format!(
        "--zig --strip --locked --target {} --compatibility {}{more}{}",
        target.triple,
        compatibility(target),
        link_arguments(target)?
    );
    let mut pip = python::pip_wheel(release::VENV, &arguments, &folder);
    release::settings(&mut pip, &[])?;
    // The modules and the C libraries have most crates in common: maturin adds the flags of libraries by itself.
    pip.env("CARGO_TARGET_DIR", build::libraries_folder());
    pip.env("SOURCE_DATE_EPOCH", release::commit_time()?);
    tool::run(&mut pip)?;
    let wheel = fs::read_dir(&folder)?.next().ok_or("pip made no wheel")??;
    let file = packages.join(wheel.file_name());
    fs::copy(wheel.path(), &file)?;
    Ok(vec![Artefact::new(file, &modules(&wheel.path(), &folder)?)?])
}

/// Links musl by the name that the policy of musllinux wheels has: Alpine's. zig's own names it `libc.so`, and musl's loader
/// takes both for itself.
fn link_arguments(target: &Target) -> Outcome<String> {
    if target.libc != Libc::Musl {
        return Ok(String::new());
    }
    let name = format!("libc.musl-{}.so.1", target.processor);
    let library = release::musl().join(&name);
    fs::create_dir_all(release::musl())?;
    let mut cc = release::toolchain(target)?.cc();
    cc.args(["-shared", "-nostdlib", "-DPTR64", "-DTIME64"]).arg(format!("-DARCH_{}", target.processor));
    cc.arg(format!("-Wl,-soname,{name}")).arg("-o").arg(&library).arg(runtime::zig()?.join("lib/libc/musl/libc.S"));
    tool::run(&mut cc)?;
    // Relative, because rustc's arguments are a part of what it names, and two builds must be equal.
    let library = library.strip_prefix(tool::root())?.display().to_string();
    Ok(format!(" -- -C link-arg=-Wl,--as-needed -C link-arg={library}"))
}

/// As the names of wheels have it. The glibc is that of all packages; 1.2 is the musl of Alpine 3.13 and later.
fn compatibility(target: &Target) -> String {
    match target.libc {
        Libc::Glibc => format!("manylinux_{}", GLIBC.replace('.', "_")),
        Libc::Musl => "musllinux_1_2".to_owned(),
    }
}

/// The native modules of a wheel, unpacked in a folder.
fn modules(wheel: &Path, folder: &Path) -> Outcome<Vec<PathBuf>> {
    tool::run(python::within(release::VENV, "python").args(["-m", "zipfile", "--extract"]).arg(wheel).arg(folder))?;
    let files = fs::read_dir(folder.join("aicredits"))?.map(|entry| Ok(entry?.path()));
    let files = files.collect::<Outcome<Vec<_>>>()?;
    let modules: Vec<_> = files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "so")).collect();
    if modules.len() == 2 { Ok(modules) } else { Err(format!("a wheel with {} modules", modules.len()).into()) }
}

/// The source distribution.
pub(super) fn make_source(packages: &Path) -> Outcome<Vec<Artefact>> {
    release::environment()?;
    let mut build = python::within(release::VENV, "python");
    build.current_dir(python::package()).env("PYTHONPATH", "backend");
    release::settings(&mut build, &[])?;
    build.env("SOURCE_DATE_EPOCH", release::commit_time()?);
    build.args(["-c", "import sys, aicredits_build\naicredits_build.build_sdist(sys.argv[1])"]).arg(packages);
    tool::run(&mut build)?;
    let file = packages.join(format!("aicredits-{}.tar.gz", env!("CARGO_PKG_VERSION")));
    Ok(vec![Artefact::new(file, &[])?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::TARGETS;

    #[test]
    fn the_tag_names_the_oldest_c_library() {
        let tags: Vec<_> = TARGETS[..2].iter().map(compatibility).collect();
        assert_eq!(tags, ["manylinux_2_28", "musllinux_1_2"]);
    }
}

//! `target/dist`: the libraries as their users see them.
//!
//! ```text
//! include/  every header of the repository's include/ and of the folders in it
//! lib/      for each library, such as `aicredits`:
//!           libaicredits.so -> libaicredits.so.0 -> libaicredits.so.<version>
//!           libaicredits.a      linkable beside any other archive, Rust's own included
//!           libaicredits.libs   what a program that links the archive links besides, one line
//! ```

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::library::{C_LIBRARIES, CLibrary};
use crate::progress;
use crate::symbols::{self, BUILD_ID};
use crate::tool::{self, Outcome};
use crate::toolchain::Toolchain;

/// The libraries that the archive needs, except those that a C compiler links by itself (libc, libgcc).
/// Since glibc 2.34 these are empty; before, they are not.
pub(crate) const LINKS_WITH: &[&str] = &["-lpthread", "-ldl", "-lm"];

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `target/dist`.
pub(crate) fn folder() -> PathBuf {
    tool::root().join("target/dist")
}

/// The folder of the release's programs: the command `aicredits`, and the Rust example `balance`.
pub(crate) fn programs() -> PathBuf {
    tool::cargo_target().join("release")
}

/// Builds the libraries and lays them out.
pub(crate) fn build() -> Outcome {
    build_with(&[])
}

/// As [`build`], and also the Rust example and the command.
pub(crate) fn build_with_programs() -> Outcome {
    build_with(&["--package", "aicredits-example"])?;
    let unwinder = unwinder()?;
    let mut cargo = tool::cargo("rustc");
    cargo.args(["--release", "--package", "aicredits-cli", "--bin", "aicredits", "--", "-L"]).arg(unwinder);
    progress::report("building the command", || tool::run(&mut cargo))
}

/// In one run, because they have all features in common: see `[workspace.dependencies]`.
fn build_with(more: &[&str]) -> Outcome {
    // Named before the long build and not after it. The C compiler is rustc's linker, too, and builds ring.
    let tools = Toolchain::of_this_machine()?;
    let mut cargo = tool::cargo("build");
    cargo.arg("--release").args(C_LIBRARIES.iter().flat_map(|library| ["--package", library.package])).args(more);
    progress::report("building the release libraries and programs", || tool::run(&mut cargo))?;
    lay_out(&programs(), &folder(), C_LIBRARIES, &tools)
}

/// A folder where a linker that looks for `libgcc_s` finds the archive of the unwinder: rustc names only the shared library.
fn unwinder() -> Outcome<PathBuf> {
    let folder = tool::cargo_target().join("unwinder");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("libgcc_s.so"), "INPUT(-lgcc_eh)\n")?;
    Ok(folder)
}

/// The libraries with the hooks that their tests need, laid out alike.
pub(crate) fn testing_folder() -> PathBuf {
    tool::root().join("target/testing/dist")
}

/// Builds them, without the release's optimizations: they are not what users get.
pub(crate) fn build_testing() -> Outcome {
    let target = tool::root().join("target/testing");
    let mut cargo = tool::cargo("build");
    cargo.args(["--profile", "testing", "--target-dir"]).arg(&target);
    for library in C_LIBRARIES {
        cargo.args(["--package", library.package, "--features"]).arg(format!("{}/testing", library.package));
    }
    tool::run(&mut cargo)?;
    lay_out(&target.join("testing"), &testing_folder(), C_LIBRARIES, &Toolchain::of_this_machine()?)
}

/// Makes the folder `dist` from the headers and the archives of these libraries that cargo has built.
pub(crate) fn lay_out(built: &Path, dist: &Path, libraries: &[CLibrary], tools: &Toolchain) -> Outcome {
    // Written to a temporary folder and renamed at the end, so that a failure leaves the earlier files whole.
    let made = dist.with_extension(format!("new-{}", std::process::id()));
    let done = fill(built, &made, libraries, tools).and_then(|()| replace(dist, &made));
    tool::remove_folder(&made)?;
    done
}

fn fill(built: &Path, dist: &Path, libraries: &[CLibrary], tools: &Toolchain) -> Outcome {
    let (include, lib) = (dist.join("include"), dist.join("lib"));
    fs::create_dir_all(&lib)?;
    copy_headers(&tool::root().join("include"), &include)?;
    for library in libraries {
        let object = lib.join(library.name).with_extension("o");
        finish_object(library, &built.join(library.archive()), &object, tools)?;
        link_shared(library, &object, &lib, tools)?;
        tool::run(tools.objcopy().arg("--strip-debug").arg(&object))?;
        // `D`: no times and no owners.
        tool::run(tools.ar().arg("rcsD").arg(lib.join(library.archive())).arg(&object))?;
        fs::remove_file(object)?;
        fs::write(lib.join(format!("lib{}.libs", library.name)), LINKS_WITH.join(" ") + "\n")?;
    }
    Ok(())
}

fn copy_headers(from: &Path, to: &Path) -> Outcome {
    for header in C_LIBRARIES.iter().map(|library| from.join(library.header())) {
        if !header.is_file() {
            return Err(format!("there is no {}: `cargo xtask generate` writes it", header.display()).into());
        }
    }
    copy_headers_of(from, to)
}

/// Copies `.h` and `.hpp` files: the description of the API is for those who build from the repository.
fn copy_headers_of(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (file, copy) = (entry.path(), to.join(entry.file_name()));
        if file.is_dir() {
            copy_headers_of(&file, &copy)?;
        } else if file.extension().is_some_and(|suffix| suffix == "h" || suffix == "hpp") {
            fs::copy(&file, &copy)?;
        }
    }
    Ok(())
}

/// One object in which only the symbols of the library are global, so that a program can hold another Rust archive as well.
fn finish_object(library: &CLibrary, built: &Path, object: &Path, tools: &Toolchain) -> Outcome {
    // Groups are resolved here, because a later link would merge the group of `DW.ref.rust_eh_personality` with that of
    // the other archive and leave the local references of one of them dangling: it crashes at the first caught panic.
    let mut link = tools.ld();
    link.args(["--relocatable", "--force-group-allocation", "-o"]).arg(object).arg("--whole-archive").arg(built);
    link.args(&tools.unwinder);
    tool::run(&mut link)?;
    let mut narrow = tools.objcopy();
    narrow.arg("--wildcard").arg(format!("--keep-global-symbol={}", library.symbols()));
    // LLVM's bitcode, at which an older LLVM behind the system's nm and ar gives up.
    narrow.args(["--remove-section=.llvmbc", "--remove-section=.llvmcmd"]);
    tool::run(narrow.arg(object))
}

/// The shared library, and the two names by which the linker and the loader look for it. Linked here and not by rustc,
/// which passes its own version script: a linker takes one.
fn link_shared(library: &CLibrary, object: &Path, lib: &Path, tools: &Toolchain) -> Outcome {
    let (soname, shared) = (library.soname(), library.shared());
    let (file, script) = (lib.join(format!("{shared}.{VERSION}")), object.with_extension("map"));
    let (version, symbols) = (library.symbol_version, library.symbols());
    fs::write(&script, format!("{version} {{ global: {symbols}; local: *; }};\n"))?;
    let mut link = tools.cc();
    // The unwinder is linked in, hidden by the version script: the library depends on libc alone.
    link.args(["-shared", "-o"]).arg(&file).arg(object).args(tools.shared).args(LINKS_WITH);
    let mut version_script = OsString::from("-Wl,--version-script,");
    version_script.push(&script);
    link.arg(version_script).arg(format!("-Wl,-soname,{soname}"));
    // A process that unloads the library would pull the code from under what std has registered to run at thread exit.
    link.arg("-Wl,-z,nodelete");
    link.args(["-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,--no-undefined"]);
    link.args(["-Wl,--gc-sections", "-Wl,--as-needed", BUILD_ID]);
    tool::run(&mut link)?;
    fs::remove_file(script)?;
    if let Some(symbols) = &tools.symbols {
        symbols::keep(&file, symbols, tools)?;
    }
    tool::run(tools.objcopy().arg("--strip-unneeded").arg(&file))?;
    symlink(file.file_name().expect("it has a name"), lib.join(&soname))?;
    symlink(&soname, lib.join(shared))?;
    Ok(())
}

/// Puts the new folder in place of the old one, or leaves that alone where it is the same: someone may be using it.
fn replace(old: &Path, new: &Path) -> Outcome {
    if old.exists() {
        if contents(old)? == contents(new)? {
            return Ok(());
        }
        let aside = old.with_extension(format!("old-{}", std::process::id()));
        fs::rename(old, &aside)?;
        fs::rename(new, old)?;
        fs::remove_dir_all(aside)?;
    } else {
        fs::rename(new, old)?;
    }
    eprintln!("made {}", old.display());
    Ok(())
}

/// The content of each file under a folder, and the target of each symbolic link.
fn contents(folder: &Path) -> io::Result<BTreeMap<OsString, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, path, kind) = (entry.file_name(), entry.path(), entry.file_type()?);
        if kind.is_dir() {
            let below = contents(&path)?.into_iter();
            found.extend(below.map(|(file, bytes)| (Path::new(&name).join(file).into(), bytes)));
        } else if kind.is_symlink() {
            found.insert(name, fs::read_link(path)?.into_os_string().into_encoded_bytes());
        } else {
            found.insert(name, fs::read(path)?);
        }
    }
    Ok(found)
}

/// Compiler arguments that build one C or C++ source against the shared library of a folder that [`lay_out`] made. The
/// program finds that library when it runs.
pub(crate) fn compile(compiler: &mut Command, dist: &Path, source: &Path, program: &Path) {
    let (include, lib) = (dist.join("include"), dist.join("lib"));
    compiler.arg("-I").arg(include).arg(source).arg("-o").arg(program);
    compiler.arg("-L").arg(&lib).arg("-laicredits").arg(format!("-Wl,-rpath,{}", lib.display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = tool::cargo_target().join("xtask-tests").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn tree(folder: &Path, text: &str, link: &str) {
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(folder.join("lib/file"), text).unwrap();
        symlink(link, folder.join("lib/link")).unwrap();
    }

    #[test]
    fn the_same_contents_are_left_in_place_and_others_replaced() {
        let scratch = scratch("replace");
        let (old, new) = (scratch.join("dist"), scratch.join("new"));
        for (text, link, replaced) in [("a", "x", true), ("a", "x", false), ("b", "x", true), ("b", "y", true)] {
            tree(&new, text, link);
            replace(&old, &new).unwrap();
            assert_eq!(!new.exists(), replaced, "{text} {link}");
            assert_eq!(fs::read_to_string(old.join("lib/file")).unwrap(), text);
            let _ = fs::remove_dir_all(&new);
        }
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 1, "no other file is left");
    }

    /// rustc knows which of the system's libraries std needs.
    #[test]
    fn the_archive_is_linked_with_what_rustc_says() {
        let folder = scratch("native-static-libs");
        let (source, list) = (folder.join("empty.rs"), folder.join("list"));
        fs::write(&source, "").unwrap();
        let mut rustc = tool::command("rustc");
        rustc.args(["--crate-type", "staticlib", "--print"]).arg(format!("native-static-libs={}", list.display()));
        let ran = rustc.arg("--out-dir").arg(&folder).arg(source).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        // A C compiler adds libc and libgcc by itself. Of librt and libutil std uses nothing that glibc 2.28 keeps
        // there.
        let without = ["-lc", "-lgcc_s", "-lrt", "-lutil"];
        let list = fs::read_to_string(list).unwrap();
        let mut says: Vec<_> = list.split_whitespace().filter(|library| !without.contains(library)).collect();
        let mut links_with = LINKS_WITH.to_vec();
        says.sort_unstable();
        links_with.sort_unstable();
        assert_eq!(links_with, says);
    }
}

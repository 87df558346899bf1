//! Building for the platforms of a release, on any machine: zig's C compiler brings the C libraries of them all, and
//! rustup LLVM's tools, which know every processor.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python;
use crate::runtime::rustc;
use crate::symbols::BUILD_ID;
use crate::target::{Libc, Target};
use crate::tool::{self, Outcome, PYTHON, Tool};
use crate::toolchain::Toolchain;

/// The version of all that is published.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Of PyPI, because a C compiler for four platforms is there a package as any other.
pub(super) const ZIG: &str = "ziglang==0.17.1\ncargo-zigbuild==0.24.1";
/// The environment that has it.
pub(super) const VENV: &str = "package";

const RUSTUP: Tool = Tool::new("rustup", &["rustup"], "https://rustup.rs; a distribution's Rust has one platform");

/// `target/package`: what is built on the way, apart from what developers build.
pub(super) fn scratch() -> PathBuf {
    tool::root().join("target/package")
}

/// The folder of musl's shared libraries, by the names that Python's modules have for them.
pub(super) fn musl() -> PathBuf {
    scratch().join("musl")
}

/// The symbols for debuggers of what is built for this platform.
pub(super) fn symbols(target: &Target) -> PathBuf {
    scratch().join("symbols").join(target.triple)
}

/// Brings what builds for this platform, or names what is missing.
pub(super) fn prepare(target: &Target) -> Outcome {
    let rustup = RUSTUP.find()?;
    let installed = tool::read(tool::command(&rustup).args(["target", "list", "--installed"]))?;
    if !installed.lines().any(|line| line == target.triple) {
        return Err(format!("no Rust for {}: rustup target add {}", target.triple, target.triple).into());
    }
    llvm("llvm-objcopy")?;
    environment()
}

/// Brings the packages of Python that build.
pub(super) fn environment() -> Outcome {
    python::environment(VENV, &PYTHON.find()?, &format!("{ZIG}\n{}", python::MATURIN))
}

/// A cargo that builds for the platform with `RUSTFLAGS` of a release.
///
/// `built` is the folder of what it builds. It must be another one where `flags` are others.
pub(super) fn cargo(target: &Target, built: &Path, flags: &[&str]) -> Outcome<Command> {
    let mut cargo = tool::cargo("zigbuild");
    cargo.args(["--release", "--target", &target.cargo()]);
    cargo.env("CARGO_TARGET_DIR", built);
    settings(&mut cargo, flags)?;
    Ok(cargo)
}

/// The variables of a build for a release.
pub(super) fn settings(command: &mut Command, flags: &[&str]) -> Outcome {
    command.env("PATH", python::path(VENV)?);
    command.env("CARGO_ENCODED_RUSTFLAGS", encoded(flags)?);
    // Lines for backtraces. They go into a separate file, so developers' builds do without. The wheels are stripped, but
    // with other options every crate would be compiled again for them.
    command.env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only").env("CARGO_PROFILE_RELEASE_STRIP", "none");
    // Its order of functions depends on earlier builds.
    command.env("CARGO_PROFILE_RELEASE_INCREMENTAL", "false");
    // C code has paths in assertions and in its debug information.
    let c: Vec<_> = remapped()?.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect();
    command.env("CFLAGS", c.join(" "));
    command.envs(zig_settings()?);
    Ok(())
}

/// The variables of zig. It compiles parts of the C libraries when it first needs them, and keeps them.
fn zig_settings() -> Outcome<[(&'static str, OsString); 2]> {
    let root = tool::root().to_str().ok_or("the repository has an odd path")?;
    // They have debug information, and the build id depends on the folder in it. `#`: clang says nothing of it.
    let map = format!("# +-ffile-prefix-map={root}=/aicredits");
    Ok([("ZIG_GLOBAL_CACHE_DIR", scratch().join("zig-cache").into()), ("CCC_OVERRIDE_OPTIONS", map.into())])
}

fn encoded(flags: &[&str]) -> Outcome<String> {
    let remap = remapped()?.into_iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
    let link = [format!("-Clink-arg={BUILD_ID}")];
    Ok(remap.chain(link).chain(flags.iter().map(|&flag| flag.to_owned())).collect::<Vec<_>>().join("\x1f"))
}

/// Folders of the builder, and the names that replace them in the files.
fn remapped() -> Outcome<Vec<(String, &'static str)>> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("a path is not UTF-8");
    // The last one that fits is taken, so the widest is first.
    Ok(vec![(text(&sysroot()?)?, "/rust"), (text(&cargo)?, "/cargo"), (text(tool::root())?, "/aicredits")])
}

/// When the commit was made, in seconds: the time of all that is packed.
pub(super) fn commit_time() -> Outcome<String> {
    Ok(tool::read(tool::command("git").args(["log", "-1", "--format=%ct"]))?.trim().to_owned())
}

pub(super) fn sysroot() -> Outcome<PathBuf> {
    Ok(tool::read(tool::command("rustc").args(["--print", "sysroot"]))?.trim().into())
}

/// One of LLVM's tools, of the version that rustc has.
fn llvm(name: &str) -> Outcome<PathBuf> {
    let path = sysroot()?.join("lib/rustlib").join(rustc("host")?).join("bin").join(name);
    if path.exists() { Ok(path) } else { Err(format!("no {name}: rustup component add llvm-tools").into()) }
}

/// The programs that make the libraries of this platform.
pub(super) fn toolchain(target: &Target) -> Outcome<Toolchain> {
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let llvm = |name: &str| llvm(name).map(PathBuf::into_os_string);
    let mut cc = vec![OsString::from("env")];
    for (name, value) in zig_settings()? {
        let mut setting = OsString::from(format!("{name}="));
        setting.push(value);
        cc.push(setting);
    }
    cc.push(python::program(VENV, "python").into_os_string());
    // Optimized: for another build zig adds the runtime of its checks, which has the path of zig.
    cc.extend(words(&["-m", "ziglang", "cc", "-O2", "-target", &target.zig()]));
    let mut ld = vec![llvm("rust-lld")?];
    ld.extend(words(&["-flavor", "gnu"]));
    let unwinder = match target.libc {
        Libc::Glibc => None,
        // rustc brings it for programs that are wholly static.
        Libc::Musl => Some(sysroot()?.join("lib/rustlib").join(target.triple).join("lib/self-contained/libunwind.a")),
    };
    let shared: &[&str] = if unwinder.is_some() { &[] } else { &["-lunwind"] };
    let (objcopy, ar) = (vec![llvm("llvm-objcopy")?], vec![llvm("llvm-ar")?]);
    Ok(Toolchain { ld, cc, objcopy, ar, shared, unwinder, symbols: Some(symbols(target)) })
}

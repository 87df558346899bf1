//! The languages: how each one's runner is built.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A language with a runner.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// Builds the runner and gives its command line.
    pub(crate) build: fn() -> Result<Vec<OsString>, String>,
}

/// A column of the report each. `README.md` tells how to add one.
pub(crate) const LANGUAGES: &[Language] = &[Language { name: "rust", build: rust }, Language { name: "c", build: c }];

/// Cargo has built it with this test.
fn rust() -> Result<Vec<OsString>, String> {
    Ok(vec![env!("CARGO_BIN_EXE_conformance-rust").into()])
}

fn c() -> Result<Vec<OsString>, String> {
    let dist = PathBuf::from(variable("AICREDITS_DIST")?);
    let lib = dist.join("lib");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-c");
    let mut compiler = Command::new(variable("AICREDITS_CC")?);
    compiler.args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O1"]);
    compiler.arg("-I").arg(dist.join("include")).arg(runners().join("c.c")).arg("-o").arg(&program);
    compiler.arg("-L").arg(&lib).arg("-laicredits").arg(format!("-Wl,-rpath,{}", lib.display()));
    run(&mut compiler)?;
    Ok(vec![program.into()])
}

fn runners() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/runners")
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("{name} is not set: `cargo xtask test --only conformance` sets it"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

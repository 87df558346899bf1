//! Go: its tests, and programs that are built against `target/dist`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::dist;
use crate::go_module;
use crate::tool::{self, GO, Outcome};

/// The modules that use the package.
const USERS: [&str; 3] = ["examples/go", "tests/conformance/runners/go", "crates/aicredits-bench/contenders/go"];

/// The command, within a module.
fn go(module: &Path) -> Outcome<Command> {
    let mut go = GO.command()?;
    go.current_dir(module);
    Ok(go)
}

/// Checks the sources and the builds that cannot succeed, and then runs the tests.
pub(crate) fn tests() -> Outcome<Vec<Command>> {
    formatted()?;
    for module in std::iter::once("bindings/go").chain(USERS) {
        tool::run(go(&tool::root().join(module))?.args(["vet", "-tags", "aicredits_dev", "./..."]))?;
    }
    builds_without_the_library()?;
    builds_that_cannot_succeed()?;
    carries_no_emulator()?;

    let mut strict = test(&go_module::folder(), &["-skip", "Rounds|Goroutines"])?;
    strict.env("GOGC", "1").env("GOEXPERIMENT", "cgocheck2");
    let examples = test(&tool::root().join("examples/go"), &["-race"])?;
    Ok(vec![
        test(&go_module::folder(), &["-race"])?,
        test(&go_module::folder(), &["-run", "Rounds"])?,
        strict,
        examples,
    ])
}

/// The tests whose names contain one of these words.
pub(crate) fn some_tests(words: &[String]) -> Outcome<Command> {
    test(&go_module::folder(), &["-race", "-run", &words.join("|")])
}

/// The tests of each package of a module.
fn test(module: &Path, arguments: &[&str]) -> Outcome<Command> {
    let mut test = go(module)?;
    // Go's test cache does not notice that the archive changed.
    test.args(["test", "-v", "-count=1", "-tags", "aicredits_dev"]).args(arguments).arg("./...");
    Ok(test)
}

fn formatted() -> Outcome {
    let gofmt = GO.find()?.with_file_name("gofmt");
    let mut command = tool::command(gofmt);
    command.args(["-l", "bindings/go", "crates/xtask"]).args(USERS);
    let wrong = tool::read(&mut command)?;
    if wrong.trim().is_empty() { Ok(()) } else { Err(format!("gofmt would change:\n{wrong}").into()) }
}

/// Without cgo, and on another system, what imports the package compiles, and the package says what it lacks.
fn builds_without_the_library() -> Outcome {
    for module in std::iter::once("bindings/go").chain(USERS) {
        let module = tool::root().join(module);
        tool::run(go(&module)?.args(["vet", "./..."]).env("CGO_ENABLED", "0"))?;
        for system in ["darwin", "windows"] {
            tool::run(go(&module)?.args(["vet", "./..."]).env("GOOS", system).env("CGO_ENABLED", "0"))?;
        }
    }
    tool::run(go(&go_module::folder())?.args(["test", "-count=1", "./..."]).env("CGO_ENABLED", "0"))
}

/// In a copy that Go has never built, or it would take what it built there before.
fn builds_that_cannot_succeed() -> Outcome {
    let copies = tool::root().join("target/go/alone");
    tool::remove_folder(&copies)?;
    let copy = copies.join(std::process::id().to_string());
    tool::copy_folder(&go_module::folder(), &copy)?;
    // A clone has no archives. The error names each way out.
    for package in [".", "./aicreditstest"] {
        refused(
            go(&copy)?.args(["build", package]),
            "add -tags aicredits_dev, or install the library and add -tags aicredits_system",
        )?;
    }
    let dev = ["build", "-tags", "aicredits_dev"];
    refused(go(&copy)?.args(dev).arg("."), "run `cargo xtask build`")?;
    // Where no library is installed. `pkg-config` may be missing as well, and then go names it.
    let has_pkg_config = tool::PKG_CONFIG.find().is_ok();
    let system = ["build", "-tags", "aicredits_system"];
    let mut uninstalled = go(&copy)?;
    uninstalled.args(system).arg(".").env("PKG_CONFIG_PATH", "").env("PKG_CONFIG_LIBDIR", "/nowhere");
    refused(&mut uninstalled, if has_pkg_config { "aicredits.pc" } else { "pkg-config" })?;
    if !has_pkg_config {
        return Ok(());
    }
    // Where only the client is installed. Go builds `aicreditstest` after the client.
    let pc = copy.join("aicredits.pc");
    let archive = dist::folder().join("lib/libaicredits.a");
    let libs = format!("{} {}", archive.display(), dist::LINKS_WITH.join(" "));
    fs::write(pc, format!("Name: aicredits\nDescription: the client\nVersion: 0\nLibs: {libs}\n"))?;
    let mut without_emulator = go(&copy)?;
    without_emulator.args(system).arg("./aicreditstest").env("PKG_CONFIG_PATH", "").env("PKG_CONFIG_LIBDIR", &copy);
    refused(&mut without_emulator, "aicredits-emulator.pc")
}

/// A program that imports only the package `aicredits` links no emulator. A test program that imports `aicreditstest`
/// does, so the search can find it.
fn carries_no_emulator() -> Outcome {
    let folder = tool::root().join("target/go");
    fs::create_dir_all(&folder)?;
    let (program, tests) = (folder.join("balance"), folder.join("emulator.test"));
    let examples = tool::root().join("examples/go");
    build(&mut go(&examples)?, "aicredits_dev", &program)?;
    let mut compile = go(&examples)?;
    tool::run(compile.args(["test", "-c", "-tags", "aicredits_dev", "-o"]).arg(&tests).arg("./emulator"))?;
    for (file, expected) in [(program, false), (tests, true)] {
        let symbol = b"aicredits_emulator_start";
        if fs::read(&file)?.windows(symbol.len()).any(|bytes| bytes == symbol) != expected {
            let link = if expected { "no emulator" } else { "an emulator" };
            return Err(format!("{} has {link}", file.display()).into());
        }
    }
    Ok(())
}

/// A build that must fail, and say this.
fn refused(build: &mut Command, says: &str) -> Outcome {
    let output = build.output().map_err(|error| tool::failure(build, error))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains(says) {
        return Err(format!("a build that cannot succeed does not say `{says}` but:\n{said}").into());
    }
    Ok(())
}

/// Builds the example program with the libraries of this folder, which is laid out like `target/dist`.
pub(crate) fn example(dist: &Path, program: &Path) -> Outcome {
    // The tag `aicredits_dev` links the libraries in one place of the repository, so this is a small copy of it.
    let copy = dist.with_file_name("repository");
    tool::remove_folder(&copy)?;
    tool::copy_folder(&go_module::folder(), &copy.join("bindings/go"))?;
    tool::copy_files(&tool::root().join("examples/go"), &copy.join("examples/go"))?;
    fs::create_dir(copy.join("target"))?;
    symlink(dist, copy.join("target/dist"))?;
    build(&mut go(&copy.join("examples/go"))?, "aicredits_dev", program)
}

/// Builds one of the benchmark's contenders with the archive in `target/dist`.
pub(crate) fn contender(source: &Path, program: &Path) -> Outcome {
    build(&mut go(source)?, "aicredits_dev", program)
}

fn build(go: &mut Command, tag: &str, program: &Path) -> Outcome {
    // A program that is there is not linked again for an archive that changed: Go knows nothing of that one.
    if program.exists() {
        fs::remove_file(program)?;
    }
    tool::run(go.args(["build", "-tags", tag, "-o"]).arg(program).arg("."))
}

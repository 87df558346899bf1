//! Python: the wheel, the environments that it is tried in, and its tests.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::dist;
use crate::emulator::Emulator;
use crate::tool::{self, FREE_THREADED_PYTHON, Outcome, PYTHON};

/// It builds the wheels. pip installs another one, named by `pyproject.toml`, to build from the sources.
pub(crate) const MATURIN: &str = "maturin==1.16.0";

/// Formats and lints all Python code of the repository, by `ruff.toml`.
const RUFF: &str = "ruff==0.17.5";

/// A module with a fault for each of ruff's two parts. `ruff.toml` must let neither pass.
const PLANTED_FAULT: &str = "import os\nx = 'a'\n";

/// The crate of the native module.
pub(crate) const PACKAGE: &str = "aicredits-python";
/// The crate of the second one, for tests.
pub(crate) const TOOLS: &str = "aicredits-python-tools";
/// Its feature for a module that Python loads. maturin knows it from `pyproject.toml`.
pub(crate) const EXTENSION_MODULE: &str = "aicredits-python/extension-module";

pub(crate) fn package() -> PathBuf {
    tool::root().join("bindings/python")
}

fn requirements() -> PathBuf {
    package().join("requirements-dev.txt")
}

fn scratch() -> PathBuf {
    tool::root().join("target/python")
}

/// Where the tests run: the wheel is installed there, and what tests need besides.
pub(crate) fn interpreter() -> PathBuf {
    scratch().join("venv/bin/python")
}

/// Where a program of one of the environments is.
pub(crate) fn program(venv: &str, name: &str) -> PathBuf {
    scratch().join(venv).join("bin").join(name)
}

/// A program of one of the environments.
pub(crate) fn within(venv: &str, name: &str) -> Command {
    let mut command = tool::command(program(venv, name));
    command.env("CARGO_TARGET_DIR", tool::cargo_target());
    command
}

fn new_venv(venv: &str, python: &Path) -> Outcome {
    let folder = scratch().join(venv);
    tool::remove_folder(&folder)?;
    fs::create_dir_all(scratch())?;
    tool::run(tool::command(python).args(["-m", "venv"]).arg(folder))
}

/// pip's `install`, in one of the environments.
fn pip_install(venv: &str) -> Command {
    let mut pip = within(venv, "python");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip
}

/// Makes the environment `venv` with these requirements, in pip's format, unless it is there and has them.
pub(crate) fn environment(venv: &str, python: &Path, requirements: &str) -> Outcome {
    let folder = scratch().join(venv);
    // An environment's programs contain its path, so an environment that was moved is made again.
    let wanted = format!("# {}\n{requirements}\n", folder.display());
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    new_venv(venv, python)?;
    let list = folder.join("wanted.txt");
    fs::write(&list, wanted)?;
    tool::run(pip_install(venv).arg("-r").arg(&list))?;
    Ok(fs::rename(list, stamp)?)
}

/// An environment that has what a file of requirements names, and the wheel as it is now.
fn with_wheel(venv: &str, python: &Path, requirements: &Path, wheel: &Path) -> Outcome {
    environment(venv, python, &fs::read_to_string(requirements)?)?;
    tool::run(pip_install(venv).args(["--force-reinstall", "--no-deps"]).arg(wheel))
}

/// Builds the wheel, and makes the environment that tests it.
pub(crate) fn prepare() -> Outcome<PathBuf> {
    let (python, wheels) = (PYTHON.find()?, scratch().join("wheels"));
    let wheel = wheel("maturin", &python, &wheels)?;
    with_wheel("venv", &python, &requirements(), &wheel)?;
    Ok(wheel)
}

/// A Python that has the wheel and its peers, for the benchmark's contenders.
pub(crate) fn contender(requirements: &Path) -> Outcome<PathBuf> {
    static MADE: Mutex<bool> = Mutex::new(false);
    let mut made = MADE.lock().map_err(|_| "the environment of the contenders could not be made")?;
    if !*made {
        let python = PYTHON.find()?;
        with_wheel("bench", &python, requirements, &wheel("maturin", &python, &scratch().join("wheels"))?)?;
        *made = true;
    }
    Ok(scratch().join("bench/bin/python"))
}

/// The one wheel in its folder: for this Python and all later ones, or for this one alone where it is free-threaded.
///
/// pip builds it, by the package's own build backend. Nothing else knows both native modules.
fn wheel(venv: &str, python: &Path, wheels: &Path) -> Outcome<PathBuf> {
    tool::remove_folder(wheels)?;
    environment(venv, python, MATURIN)?;
    // The lowest manylinux tag that fits. By default, what pip builds has none.
    let mut pip = pip_wheel(venv, "--locked --compatibility", wheels);
    pip.env("PATH", path(venv)?);
    tool::run(&mut pip)?;
    Ok(fs::read_dir(wheels)?.next().ok_or("pip made no wheel")??.path())
}

/// pip's `wheel` for the package, in an environment that has maturin. The arguments are maturin's.
///
/// The backend runs maturin by its name, so the variable `PATH` must be that of [`path`].
pub(crate) fn pip_wheel(venv: &str, arguments: &str, wheels: &Path) -> Command {
    let mut pip = within(venv, "python");
    pip.args(["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]);
    pip.arg("--config-settings").arg(format!("build-args={arguments}")).arg("--wheel-dir").arg(wheels).arg(package());
    pip
}

/// The variable `PATH`, in which the programs of an environment are first.
pub(crate) fn path(venv: &str) -> Outcome<OsString> {
    let programs = scratch().join(venv).join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path)))?)
}

/// The lines of the requirements for tests that name these packages, so that each version is written once.
pub(crate) fn pinned(packages: &[&str]) -> Outcome<String> {
    let text = fs::read_to_string(requirements())?;
    let is_wanted = |line: &&str| line.split_once("==").is_some_and(|(name, _)| packages.contains(&name));
    let lines: Vec<&str> = text.lines().filter(is_wanted).collect();
    if lines.len() == packages.len() {
        Ok(lines.join("\n"))
    } else {
        Err("requirements-dev.txt lacks one of them".into())
    }
}

/// Checks the format and the lints of all Python code of the repository.
pub(crate) fn lints() -> Outcome {
    environment("ruff", &PYTHON.find()?, RUFF)?;
    for arguments in [["format", "--check"], ["check", "--quiet"]] {
        tool::run(ruff().args(arguments).arg("."))?;
        let mut planted = ruff();
        planted.args(arguments).args(["--stdin-filename", "bindings/python/python/aicredits/planted.py", "-"]);
        tool::refuses(&mut planted, PLANTED_FAULT)?;
    }
    Ok(())
}

fn ruff() -> Command {
    let mut ruff = within("ruff", "ruff");
    ruff.env("RUFF_NO_CACHE", "true");
    ruff
}

/// Copies the package with a native module that cargo has built, to a folder from which Python can import it.
pub(crate) fn in_place(built: &Path, path: &Path) -> Outcome {
    let module = path.join("aicredits");
    tool::remove_folder(&module)?;
    tool::copy_files(&package().join("python/aicredits"), &module)?;
    fs::copy(built.join("lib_native.so"), module.join("_native.abi3.so"))?;
    Ok(())
}

/// Checks the wheel and the sources, and then runs the tests.
pub(crate) fn tests() -> Outcome<Vec<Command>> {
    let wheel = prepare()?;
    tool::run(within("venv", "abi3audit").args(["--strict", "--summary"]).arg(&wheel))?;
    check_platform(&wheel)?;
    let mut mypy = within("venv", "mypy");
    mypy.arg("--config-file").arg(package().join("pyproject.toml"));
    let examples = ["examples/balance.py", "examples/gate.py", "examples/emulator_test.py"];
    mypy.args(["python/aicredits", "python/_aicredits_pytest"].map(|path| package().join(path)));
    tool::run(mypy.args(examples.map(|path| tool::root().join(path))))?;
    let mut stubtest = within("venv", "stubtest");
    // typeshed's stubs lack the attributes that enum adds to every class.
    let known = scratch().join("stubtest-allowlist");
    let enums = ["_period.FeaturePeriod", "_deciding.Answer", "_deciding.DenialReason"];
    // stubtest takes a name of a Literal for a union.
    let literals = ["Connect", "Route", "VerdictRule"].map(|name| format!("aicredits.testing.types.{name}\n"));
    fs::write(&known, enums.map(|name| format!("aicredits.{name}.__new__\n")).concat() + &literals.concat())?;
    tool::run(stubtest.current_dir(scratch()).arg("aicredits").arg("--allowlist").arg(known))?;

    // As a user installs it: from the wheel, and from the sources.
    let emulator = Emulator::start(&dist::programs())?;
    for what in [wheel, package()] {
        new_venv("clean", &PYTHON.find()?)?;
        tool::run(pip_install("clean").arg(&what))?;
        let mut example = within("clean", "python");
        emulator.speak_to(example.arg(tool::root().join("examples/balance.py")));
        let said = tool::read(&mut example)?;
        if !said.starts_with("recurring: 850 of 1000\ntop-up: 200 of 200\n") {
            return Err(format!("the example, with {} installed, says:\n{said}", what.display()).into());
        }
    }

    let mut commands = vec![pytest("venv")];
    match FREE_THREADED_PYTHON.find() {
        Ok(python) => commands.extend(free_threaded_tests(&python)?),
        Err(missing) => println!("{missing}; so the wheel for that is not built"),
    }
    Ok(commands)
}

/// Checks that the wheel's name promises no platform on which one of its modules does not run.
fn check_platform(wheel: &Path) -> Outcome {
    let platform = tool::read(within("venv", "auditwheel").arg("show").arg(wheel))?;
    let name = wheel.file_stem().unwrap_or_default().to_string_lossy();
    match name.rsplit('-').next().filter(|tag| tag.contains("manylinux")) {
        Some(tag) if platform.contains(&format!("\"{tag}\"")) => {}
        _ => return Err(format!("{name} has the wrong platform in its name:\n{platform}").into()),
    }
    println!("{name}: {} bytes", fs::metadata(wheel)?.len());
    Ok(())
}

/// The tests whose names contain one of these words.
pub(crate) fn some_tests(words: &[String]) -> Outcome<Command> {
    prepare()?;
    let mut pytest = pytest("venv");
    pytest.arg("-k").arg(words.join(" or "));
    Ok(pytest)
}

fn free_threaded_tests(python: &Path) -> Outcome<[Command; 2]> {
    let wheel = wheel("free-threaded-maturin", python, &scratch().join("free-threaded-wheels"))?;
    with_wheel("free-threaded", python, &requirements(), &wheel)?;
    let mut import = within("free-threaded", "python");
    import.args(["-c", "import sys, aicredits; assert not sys._is_gil_enabled(), 'the module brings the lock back'"]);
    Ok([import, pytest("free-threaded")])
}

fn pytest(venv: &str) -> Command {
    let mut pytest = within(venv, "python");
    pytest.current_dir(package()).args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]);
    pytest.arg(tool::root().join("examples/emulator_test.py"));
    pytest
}

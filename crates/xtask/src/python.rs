//! Python: the wheel, the environments that it is tried in, and its tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist;
use crate::tool::{self, Outcome, PYTHON};

fn package() -> PathBuf {
    tool::root().join("bindings/python")
}

fn scratch() -> PathBuf {
    tool::root().join("target/python")
}

/// Where the tests run: the wheel is installed there, and what tests need besides.
pub(crate) fn interpreter() -> PathBuf {
    scratch().join("venv/bin/python")
}

fn within(venv: &str, program: &str) -> Command {
    let mut command = tool::command(scratch().join(venv).join("bin").join(program));
    command.env("CARGO_TARGET_DIR", scratch().join("cargo"));
    command
}

fn new_venv(venv: &str) -> Outcome {
    let folder = scratch().join(venv);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(scratch())?;
    tool::run(PYTHON.command()?.args(["-m", "venv"]).arg(folder))
}

fn pip_install(venv: &str, what: &Path) -> Outcome {
    let mut pip = within(venv, "python");
    tool::run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(what))
}

/// Builds the wheel, and makes the environment that has it.
pub(crate) fn prepare() -> Outcome<PathBuf> {
    let requirements = package().join("requirements-dev.txt");
    let (stamp, wanted) = (scratch().join("venv/requirements"), fs::read_to_string(&requirements)?);
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        new_venv("venv")?;
        let mut pip = within("venv", "python");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        tool::run(pip.arg(&requirements))?;
        fs::write(stamp, wanted)?;
    }
    let wheels = scratch().join("wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    let mut maturin = within("venv", "maturin");
    maturin.args(["build", "--release", "--quiet", "--manifest-path"]).arg(package().join("Cargo.toml"));
    tool::run(maturin.arg("--out").arg(&wheels))?;
    let wheel = fs::read_dir(&wheels)?.next().ok_or("maturin made no wheel")??.path();
    let mut pip = within("venv", "python");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"]);
    tool::run(pip.arg(&wheel))?;
    Ok(wheel)
}

/// A Python of its own into which pip has installed the package, as a user would.
pub(crate) fn example() -> Outcome<Command> {
    if !scratch().join("demo/bin/python").exists() {
        new_venv("demo")?;
    }
    pip_install("demo", &package())?;
    Ok(within("demo", "python"))
}

/// What must hold of the wheel and of the sources, and then the command that tests.
pub(crate) fn tests() -> Outcome<Vec<Command>> {
    let wheel = prepare()?;
    tool::run(within("venv", "abi3audit").args(["--strict", "--summary"]).arg(&wheel))?;
    let platform = tool::read(within("venv", "auditwheel").arg("show").arg(&wheel))?;
    if !platform.contains("manylinux") {
        return Err(format!("the wheel suits no manylinux platform:\n{platform}").into());
    }
    let mut mypy = within("venv", "mypy");
    mypy.arg("--config-file").arg(package().join("pyproject.toml"));
    tool::run(mypy.arg(package().join("python/aicredits")).arg(tool::root().join("examples/balance.py")))?;
    let mut stubtest = within("venv", "stubtest");
    tool::run(stubtest.current_dir(scratch()).args(["aicredits._native"]))?;

    // As a user installs it: from the wheel, and from the sources.
    for what in [wheel, package()] {
        new_venv("clean")?;
        pip_install("clean", &what)?;
        let mut example = within("clean", "python");
        example.arg(tool::root().join("examples/balance.py"));
        for variable in tool::SETTINGS {
            example.env_remove(variable);
        }
        let output = example.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(1) || !said.starts_with("balance: api_key is not set") {
            return Err(format!("the example, with {} installed, says:\n{said}", what.display()).into());
        }
    }

    let mut pytest = within("venv", "python");
    pytest.current_dir(package()).args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    pytest.env("AICREDITS_COMMAND", dist::programs().join("aicredits"));
    Ok(vec![pytest])
}

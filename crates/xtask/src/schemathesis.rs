//! schemathesis, which tries the emulator's control protocol by its OpenAPI description.

use std::process::Command;

use crate::python;
use crate::tool::{self, Outcome, PYTHON};

/// The requirements, in pip's format. pytest runs it, so that its test is counted as others are.
const REQUIREMENTS: &str = "schemathesis==4.32.5\npytest";

/// The folder of its environment, under `target/python`.
const ENVIRONMENT: &str = "schemathesis";

/// The program that serves the emulator, built.
fn serve() -> Outcome<std::path::PathBuf> {
    tool::run(tool::cargo("build").args(["--quiet", "--package", "aicredits-emulator", "--example", "serve"]))?;
    Ok(tool::cargo_target().join("debug/examples/serve"))
}

/// The commands that run its tests.
pub(crate) fn tests() -> Outcome<Vec<Command>> {
    python::environment(ENVIRONMENT, &PYTHON.find()?, REQUIREMENTS)?;
    let mut pytest = python::within(ENVIRONMENT, "python");
    pytest.current_dir(tool::root().join("tests/emulator/schemathesis"));
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"]);
    pytest.env("AICREDITS_SERVE", serve()?).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(vec![pytest])
}

/// The tests whose names contain one of these words.
pub(crate) fn some_tests(words: &[String]) -> Outcome<Command> {
    let mut pytest = tests()?.remove(0);
    pytest.arg("-k").arg(words.join(" or "));
    Ok(pytest)
}

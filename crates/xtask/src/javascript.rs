//! JavaScript: Wix's own client and a browser, against the emulator.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::dist;
use crate::tool::{self, CHROMIUM, NODE, NPM, Outcome};

fn sources() -> PathBuf {
    tool::root().join("tests/javascript")
}

/// The tests and the packages that they use: Node looks for packages next to the sources.
fn folder() -> PathBuf {
    tool::cargo_target().join("javascript")
}

/// All tests.
pub(crate) fn tests() -> Outcome<Vec<Command>> {
    prepare()?;
    Ok(vec![test(&[])?])
}

/// The tests whose names contain one of these words.
pub(crate) fn some_tests(words: &[String]) -> Outcome<Command> {
    prepare()?;
    test(words)
}

/// Copies the sources, and installs the packages of the lock file if it changed.
fn prepare() -> Outcome {
    let (sources, folder) = (sources(), folder());
    fs::create_dir_all(&folder)?;
    let lock = fs::read(sources.join("package-lock.json"))?;
    let is_installed = fs::read(folder.join("installed")).is_ok_and(|installed| installed == lock);
    for entry in fs::read_dir(&sources)? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    if !is_installed {
        let mut npm = NPM.command()?;
        npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        tool::run(&mut npm)?;
        fs::write(folder.join("installed"), lock)?;
    }
    Ok(())
}

fn test(words: &[String]) -> Outcome<Command> {
    let mut node = NODE.command()?;
    node.current_dir(folder()).args(["--test", "--test-reporter=tap"]);
    for word in words {
        node.arg(format!("--test-name-pattern={word}"));
    }
    node.env("AICREDITS_COMMAND", dist::programs().join("aicredits"));
    node.env("CHROMIUM", CHROMIUM.find()?);
    node.env("PICTURES", tool::cargo_target().join("pictures"));
    Ok(node)
}

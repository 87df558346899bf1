//! Two builds of one commit are equal, byte for byte: in another folder, and with another `CARGO_HOME`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Child;

use super::Checks;
use crate::package::release;
use crate::tool::{self, Outcome};

const WHAT: &str = "all files: a second build is equal";
const PLACE: &str = "another folder and CARGO_HOME";

/// A second build, which runs while the first one does.
pub(in crate::package) struct SecondBuild {
    running: Option<Child>,
}

impl SecondBuild {
    /// Starts it in a clone of this commit. `arguments` choose the files.
    pub(in crate::package) fn start(arguments: &[String]) -> Outcome<SecondBuild> {
        if !tool::read(tool::command("git").args(["status", "--porcelain"]))?.is_empty() {
            return Ok(SecondBuild { running: None });
        }
        let again = folder();
        tool::remove_folder(&again)?;
        fs::create_dir_all(&again)?;
        let clone = clone();
        tool::run(tool::command("git").args(["clone", "--quiet", "--shared"]).arg(tool::root()).arg(&clone))?;
        let log = File::create(log())?;
        let mut cargo = tool::cargo("xtask");
        cargo.current_dir(clone).env("CARGO_HOME", again.join("cargo")).env_remove("CARGO_TARGET_DIR");
        cargo.arg("package").args(arguments).stdout(log.try_clone()?).stderr(log);
        let running = cargo.spawn().map_err(|error| tool::failure(&cargo, error))?;
        Ok(SecondBuild { running: Some(running) })
    }

    /// Waits for it, and compares the files.
    pub(in crate::package) fn compare(mut self, checks: &mut Checks) -> Outcome {
        let Some(running) = &mut self.running else {
            checks.not_run(WHAT, PLACE, "there are changes that are not committed");
            return Ok(());
        };
        let status = running.wait()?;
        let packages = checks.packages.clone();
        checks.prove(WHAT, PLACE, || {
            if !status.success() {
                return Err(format!("{status}; {} says why", log().display()).into());
            }
            same(&sums(&packages)?, &sums(&clone().join("target/packages"))?)?;
            tool::remove_folder(&folder())
        });
        Ok(())
    }
}

impl Drop for SecondBuild {
    fn drop(&mut self) {
        // After `compare` this does nothing.
        if let Some(running) = &mut self.running {
            let _ = running.kill();
        }
    }
}

fn folder() -> PathBuf {
    release::scratch().join("second-build")
}

/// The other folder. Its depth and its name are other ones than those of this checkout.
fn clone() -> PathBuf {
    folder().join("aicredits")
}

fn log() -> PathBuf {
    folder().join("log")
}

fn sums(packages: &Path) -> Outcome<String> {
    Ok(fs::read_to_string(packages.join("SHA256SUMS"))?)
}

/// Compares two files `SHA256SUMS`.
fn same(first: &str, second: &str) -> Outcome {
    let read = |text: &str| -> BTreeMap<String, String> {
        let rows = text.lines().filter_map(|line| line.split_once("  "));
        rows.map(|(sum, name)| (name.to_owned(), sum.to_owned())).collect()
    };
    let (first, second) = (read(first), read(second));
    let names = first.keys().chain(second.keys().filter(|name| !first.contains_key(*name)));
    let different: Vec<_> = names.filter(|name| first.get(*name) != second.get(*name)).map(String::as_str).collect();
    match (first.is_empty(), different.is_empty()) {
        (true, _) => Err("there is no file".into()),
        (_, true) => Ok(()),
        _ => Err(format!("these differ: {}", different.join(", ")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_are_named() {
        assert!(same("ab  x\ncd  y\n", "cd  y\nab  x\n").is_ok());
        let refused = |first, second| same(first, second).unwrap_err().to_string();
        assert_eq!(refused("ab  x\ncd  y\n", "ab  x\nce  y\nff  z\n"), "these differ: y, z");
        assert_eq!(refused("ab  x\n", ""), "these differ: x");
        assert_eq!(refused("", ""), "there is no file");
    }
}

//! Two builds of one commit are equal, byte for byte: in another folder, and with another `CARGO_HOME`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Checks;
use crate::package::release;
use crate::tool::{self, Outcome};

const WHAT: &str = "all files: a second build is equal";
const PLACE: &str = "another folder and CARGO_HOME";

/// Builds the same files again. `arguments` choose them.
pub(in crate::package) fn run(checks: &mut Checks, arguments: &[String]) -> Outcome {
    if !tool::read(tool::command("git").args(["status", "--porcelain"]))?.is_empty() {
        checks.not_run(WHAT, PLACE, "there are changes that are not committed");
        return Ok(());
    }
    let packages = checks.packages.clone();
    checks.prove(WHAT, PLACE, || {
        let again = release::scratch().join("second-build");
        tool::remove_folder(&again)?;
        let (clone, home) = (again.join("aicredits"), again.join("cargo"));
        tool::run(tool::command("git").args(["clone", "--quiet", "--shared"]).arg(tool::root()).arg(&clone))?;
        let mut cargo = tool::cargo("xtask");
        cargo.current_dir(&clone).env("CARGO_HOME", home).env_remove("CARGO_TARGET_DIR");
        tool::run(cargo.arg("package").args(arguments))?;
        same(&sums(&packages)?, &sums(&clone.join("target/packages"))?)?;
        Ok(fs::remove_dir_all(&again)?)
    });
    Ok(())
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

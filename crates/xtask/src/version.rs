//! The version is written once, in the manifest of the workspace. Everything else reads it there.

use std::fs;

use crate::tool::{self, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The request for this version that docs/install.md shows to users of CMake: a minor version may change the API until 1.0.
const REQUEST: &str = concat!(
    "find_package(aicredits ",
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR"),
    " REQUIRED)"
);

/// Files that may contain the version's digits, each with the reason.
const EXEMPT: &[(&str, &str)] = &[
    ("Cargo.toml", "the one copy"),
    ("Cargo.lock", "written by cargo"),
    ("CHANGELOG.md", "the history of versions"),
    ("THIRD-PARTY-LICENSES", "versions of other packages"),
    ("include/aicredits.h", "generated, and checked for drift"),
    ("bindings/go/aicredits.h", "generated, and checked for drift"),
    ("crates/aicredits-emulator/openapi.json", "generated, and checked for drift"),
    ("bindings/go/log_test.go", "pairs of versions to compare"),
];

/// Fails if another file has a copy, or if docs/install.md asks CMake for another version.
pub(crate) fn check() -> Outcome {
    let mut wrong = Vec::new();
    for file in tool::tracked_files(&[""; 0])?.iter().filter(|file| !is_exempt(file)) {
        // Pictures are not text.
        let Ok(text) = fs::read_to_string(tool::root().join(file)) else { continue };
        let copies = text.lines().enumerate().filter(|(_, line)| has_copy(line, VERSION));
        wrong.extend(copies.map(|(at, line)| format!("{file}:{}: {}", at + 1, line.trim())));
    }
    let manifest = fs::read_to_string(tool::root().join("Cargo.toml"))?;
    let copies = manifest.lines().filter(|line| line.starts_with("version = ") && has_copy(line, VERSION)).count();
    if copies != 1 {
        wrong.push(format!("Cargo.toml has the version {copies} times"));
    }
    wrong.extend(manifest.lines().filter(|line| asks_for_another(line)).map(|line| format!("Cargo.toml: {line}")));
    if !wrong.is_empty() {
        let rule = "the version belongs in the manifest of the workspace alone; these are copies of it";
        return Err(format!("{rule}:\n{}", wrong.join("\n")).into());
    }
    match fs::read_to_string(tool::root().join("docs/install.md"))?.contains(REQUEST) {
        true => Ok(()),
        false => Err(format!("docs/install.md does not show `{REQUEST}`").into()),
    }
}

/// Whether a line of a manifest asks for a package of this workspace by another version. Published packages must ask for
/// each other by version, so these copies cannot be avoided.
fn asks_for_another(line: &str) -> bool {
    line.contains("path = ") && line.contains("version = ") && !line.contains(&format!("version = \"{VERSION}\""))
}

fn is_exempt(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    EXEMPT
        .iter()
        .any(|(exempt, _)| *exempt == file || (*exempt == name && !name.ends_with(".toml") && !name.ends_with(".h")))
}

/// Whether the version is in the line, and not as a part of a longer number.
fn has_copy(line: &str, version: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|it| it.is_ascii_digit() || it == '.');
    line.match_indices(version).any(|(at, _)| {
        let after = &line[at + version.len()..];
        // A sentence may end behind it.
        let goes_on =
            after.strip_prefix('.').map_or(is_part(after.chars().next()), |rest| is_part(rest.chars().next()));
        !is_part(line[..at].chars().next_back()) && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_whole_number() {
        for line in ["version = \"1.2.3\"", "v1.2.3", "aicredits-1.2.3.", "lib.so-1.2.3 x"] {
            assert!(has_copy(line, "1.2.3"), "{line}");
        }
        for line in ["11.2.3", "1.2.30", "1.2.3.4", "0.1.2.3", "1.2"] {
            assert!(!has_copy(line, "1.2.3"), "{line}");
        }
    }

    #[test]
    fn a_package_asks_for_this_version_of_another() {
        let line = |version: &str| format!("a = {{ path = \"crates/a\", version = \"{version}\" }}");
        assert!(!asks_for_another(&line(VERSION)));
        assert!(asks_for_another(&line("0.0.9")));
        assert!(!asks_for_another("b = { path = \"crates/b\" }"), "not published");
        assert!(!asks_for_another("c = { version = \"9\" }"), "of the registry");
    }

    #[test]
    fn a_manifest_of_a_member_is_not_exempt() {
        assert!(is_exempt("Cargo.toml") && is_exempt("crates/aicredits-bench/Cargo.lock"));
        assert!(!is_exempt("crates/aicredits/Cargo.toml") && !is_exempt("bindings/python/pyproject.toml"));
    }
}

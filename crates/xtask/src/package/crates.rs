//! The crates, as `cargo publish` would send them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::artefact::Artefact;
use super::release;
use super::release::VERSION;
use crate::tool::{self, Outcome};

/// Each after those that it depends on, as a registry takes them.
pub(super) const PUBLISHED: [&str; 3] = ["aicredits-emulator", "aicredits", "aicredits-cli"];

/// Packs them.
pub(super) fn make(packages: &Path) -> Outcome<Vec<Artefact>> {
    let built = release::scratch().join("crates");
    tool::run(cargo(&built).arg("--no-verify"))?;
    let mut made = Vec::new();
    for name in PUBLISHED {
        let file = packages.join(file_name(name));
        fs::copy(packed(&built, name), &file)?;
        made.push(Artefact::new(file, &[])?);
    }
    Ok(made)
}

/// `cargo package`. Without `--no-verify` it builds each one from the packed files of them all and the registry.
pub(super) fn cargo(built: &Path) -> Command {
    let mut cargo = tool::cargo("package");
    // Git's state is in each: a release is packed from a clean one.
    cargo.env("CARGO_TARGET_DIR", built).args(["--quiet", "--allow-dirty"]);
    cargo.args(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    cargo
}

/// Where cargo puts one.
pub(super) fn packed(built: &Path, name: &str) -> PathBuf {
    built.join("package").join(file_name(name))
}

pub(super) fn file_name(name: &str) -> String {
    format!("{name}-{VERSION}.crate")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A registry shows them, or asks for them.
    const WANTED: [&str; 8] = [
        "description",
        "version.workspace",
        "license.workspace",
        "repository.workspace",
        "documentation",
        "readme",
        "keywords",
        "categories",
    ];

    #[test]
    fn a_crate_is_published_if_it_is_listed_and_then_its_manifest_is_complete() {
        let mut published = Vec::new();
        for manifest in tool::tracked_files(&["*Cargo.toml"]).unwrap() {
            let text = fs::read_to_string(tool::root().join(&manifest)).unwrap();
            let lines = || text.lines().take_while(|line| !line.starts_with('[') || *line == "[package]");
            let Some(name) = lines().find_map(|line| line.strip_prefix("name = ")) else { continue };
            if lines().any(|line| line.starts_with("publish")) {
                continue;
            }
            for key in WANTED {
                assert!(lines().any(|line| line.starts_with(&format!("{key} = "))), "{manifest}: {key}");
            }
            let folder = tool::root().join(&manifest);
            for file in ["README.md", "LICENSE"] {
                assert!(folder.with_file_name(file).is_file(), "{manifest}: {file}");
            }
            published.push(name.trim_matches('"').to_owned());
        }
        published.sort_unstable();
        let mut listed = PUBLISHED;
        listed.sort_unstable();
        assert_eq!(published, listed);
    }
}

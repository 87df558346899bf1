//! The licences of the third-party packages that the project ships: one text for the wheel, one for the install tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::python;
use crate::runtime::{LLVM, OF_THIS_MACHINE, Runtime, STANDARD_LIBRARY};
use crate::target::TARGETS;
use crate::tool::{self, Outcome};

/// The name of the file, in the wheel and in the install tree.
pub(crate) const FILE_NAME: &str = "THIRD-PARTY-LICENSES";

/// The members of the workspace that an install tree has.
const INSTALLED: &[&str] = &["aicredits-ffi", "aicredits-emulator-ffi", "aicredits-cli"];

const LICENSE_FILES: [&str; 5] = ["license", "licence", "copying", "notice", "unlicense"];

/// Where the licences of a file are that cannot contain them.
pub(crate) fn next_to(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{FILE_NAME}"));
    name.into()
}

/// A package that cargo links into what is shipped.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    license: String,
}

/// `cargo xtask licenses [--check]`: writes the text of the wheel, or fails if it has drifted.
///
/// That text is in the repository because pip, which builds the package from its sources, does not run this.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    match arguments {
        [] => Ok(fs::write(wheel_file(), wheel_text()?)?),
        [option] if option == "--check" => check(),
        _ => Err("takes only --check".into()),
    }
}

/// Fails if the text of the wheel is not what the lock file asks for.
pub(crate) fn check() -> Outcome {
    if fs::read_to_string(wheel_file()).ok() == Some(wheel_text()?) {
        Ok(())
    } else {
        Err(format!("{} has drifted: run `cargo xtask licenses`", wheel_file().display()).into())
    }
}

fn wheel_file() -> PathBuf {
    python::package().join(FILE_NAME)
}

fn wheel_text() -> Outcome<String> {
    text(&[python::PACKAGE, python::TOOLS], &[STANDARD_LIBRARY, LLVM], Vec::new())
}

/// The text for the install tree of this machine: the C libraries and the command.
pub(crate) fn install_text() -> Outcome<String> {
    text(INSTALLED, OF_THIS_MACHINE, Vec::new())
}

/// The text for the same of a release, in which other parts are linked.
pub(crate) fn release_text(parts: &[Runtime]) -> Outcome<String> {
    let notices: Vec<_> = parts.iter().map(|part| part.notice).collect();
    let mut texts = Vec::new();
    for part in parts {
        if let Some(file) = &part.text {
            texts.push((format!("{} {}", part.name, part.version), fs::read_to_string(file)?));
        }
    }
    text(INSTALLED, &notices, texts)
}

/// The licences of all that these members of the workspace link.
fn text(members: &[&str], runtime: &[&str], texts: Vec<(String, String)>) -> Outcome<String> {
    let mut tree = tool::cargo("tree");
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}|{l}"]);
    tree.args(members.iter().flat_map(|member| ["--package", member]));
    // The text is the same, whichever platform builds it.
    tree.args(TARGETS.iter().flat_map(|target| ["--target", target.triple]));
    let packages = third_party(&tool::read(&mut tree)?);
    if packages.is_empty() {
        return Err(format!("cargo names no third-party package of {}", members.join(", ")).into());
    }

    let metadata = tool::read(tool::cargo("metadata").args(["--format-version", "1"]))?;
    let folders = folders(&metadata);
    let mut files = texts;
    for package in &packages {
        let key = format!("{}-{}", package.name, package.version);
        let folder = folders.get(&key).ok_or_else(|| format!("cargo does not say where {key} is"))?;
        let found = license_files(folder)?;
        if found.is_empty() {
            return Err(format!("{key} ({}) has no licence file in {}", package.license, folder.display()).into());
        }
        for file in found {
            let place = format!("{} {} ({})", package.name, package.version, file.strip_prefix(folder)?.display());
            files.push((place, fs::read_to_string(&file)?));
        }
    }
    Ok(written(&packages, runtime, &files))
}

/// The lines of `cargo tree` without the project's own packages, which are the ones with a path.
fn third_party(tree: &str) -> BTreeSet<Package> {
    let package = |line: &str| {
        let (package, license) = line.trim_end_matches(" (*)").split_once('|')?;
        let (name, version) = package.split_once(" v")?;
        let is_ours = version.contains(' ');
        (!is_ours).then(|| Package { name: name.into(), version: version.into(), license: license.into() })
    };
    tree.lines().filter_map(package).collect()
}

/// The folder of each package, by the folder's name, which is name and version for a package of a registry.
fn folders(metadata: &str) -> BTreeMap<String, PathBuf> {
    let manifests = metadata.split(r#""manifest_path":""#).skip(1).filter_map(|rest| rest.split('"').next());
    let folder = |manifest: &str| {
        let folder = Path::new(manifest).parent()?;
        Some((folder.file_name()?.to_str()?.to_owned(), folder.to_owned()))
    };
    manifests.filter_map(folder).collect()
}

/// The licence files of a package, in order, also those of code that it has copied.
fn license_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_dir() {
            files.extend(license_files(&entry.path())?);
        } else if LICENSE_FILES.iter().any(|start| name.starts_with(start)) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Each text once, with the packages that it is from: most packages have the same text of the Apache licence.
fn written(packages: &BTreeSet<Package>, runtime: &[&str], files: &[(String, String)]) -> String {
    let mut text = String::from(
        "aicredits contains the software that is listed here. Each entry has its licence; the texts follow.\n\
         Generated by `cargo xtask licenses`; do not edit.\n\n",
    );
    for Package { name, version, license } in packages {
        let _ = writeln!(text, "{name} {version}: {license}");
    }
    for part in runtime {
        text += "\n";
        text += part;
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut texts: Vec<(String, &str, Vec<&str>)> = Vec::new();
    for (place, content) in files {
        let key = words(content);
        match texts.iter_mut().find(|(known, ..)| *known == key) {
            Some((.., places)) => places.push(place),
            None => texts.push((key, content, vec![place])),
        }
    }
    for (_, content, places) in texts {
        let _ = write!(text, "\n{}\n{}\n\n", "=".repeat(80), places.join("\n"));
        for line in content.trim_matches('\n').lines() {
            text += line.trim_end();
            text += "\n";
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_marks_the_project_s_own_packages() {
        let tree = "aicredits v1.2.3 (/src/crates/aicredits)|MIT\nlog v0.4.1|MIT OR Apache-2.0 (*)\n\nlog v0.4.1|MIT OR Apache-2.0\n";
        let packages = third_party(tree);
        let log = Package { name: "log".into(), version: "0.4.1".into(), license: "MIT OR Apache-2.0".into() };
        assert_eq!(packages.into_iter().collect::<Vec<_>>(), [log]);
    }

    #[test]
    fn folders_are_found_by_name_and_version() {
        let metadata =
            r#"{"packages":[{"manifest_path":"/r/log-0.4.1/Cargo.toml"},{"manifest_path":"/r/a-1/Cargo.toml"}]}"#;
        assert_eq!(folders(metadata)["log-0.4.1"], Path::new("/r/log-0.4.1"));
        assert_eq!(folders(metadata).len(), 2);
    }

    #[test]
    fn equal_texts_are_written_once() {
        let files = [("a 1 (LICENSE)", "Be  kind.\n"), ("b 1 (LICENSE)", "Be\nkind."), ("c 1 (LICENSE)", "Be fair.")];
        let files = files.map(|(place, text)| (place.to_owned(), text.to_owned()));
        let text = written(&BTreeSet::new(), &[], &files);
        assert_eq!(text.matches("kind.").count(), 1, "{text}");
        assert!(text.contains("a 1 (LICENSE)\nb 1 (LICENSE)\n\nBe  kind.\n"), "{text}");
        assert!(text.contains("c 1 (LICENSE)\n\nBe fair.\n"), "{text}");
    }

    #[test]
    fn a_package_without_a_licence_file_has_none() {
        let folder = std::env::temp_dir().join(format!("aicredits-licenses-{}", std::process::id()));
        fs::create_dir_all(folder.join("third_party")).unwrap();
        fs::write(folder.join("lib.rs"), "").unwrap();
        assert_eq!(license_files(&folder).unwrap(), Vec::<PathBuf>::new());
        fs::write(folder.join("third_party/Licence.txt"), "").unwrap();
        assert_eq!(license_files(&folder).unwrap(), [folder.join("third_party/Licence.txt")]);
        fs::remove_dir_all(&folder).unwrap();
    }
}

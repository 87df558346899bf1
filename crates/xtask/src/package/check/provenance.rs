//! Every file: no path of its builder, and a bill of materials and notices that list what it contains.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::Checks;
use crate::licenses;
use crate::package::deb::DPKG_DEB;
use crate::package::{release, sbom};
use crate::python;
use crate::tool::{self, Outcome, PYTHON, Tool};

const GREP: Tool = Tool::new("GNU grep", &["grep"], "apt-get install grep");

/// Of PyPI: it has the schemas of CycloneDX.
const VALIDATOR: &str = "cyclonedx-python-lib[json-validation]==11.12.0";
const VALIDATE: &str = "import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(sys.stdin.read())
sys.exit(str(wrong) if wrong else 0)
";

/// Reads every published file.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    let files =
        tool::read(tool::command("find").arg(&checks.packages).args(["-type", "f", "!", "-name", "SHA256SUMS"]))?;
    let mut files: Vec<PathBuf> = files.lines().map(PathBuf::from).collect();
    files.sort();
    let unpacked = release::scratch().join("unpacked");
    tool::remove_folder(&unpacked)?;
    checks.prove("all files: no path of the builder", "unpacked", || {
        let mut wrong = Vec::new();
        for file in &files {
            wrong.extend(paths_in(&unpack(file, &unpacked)?, &builder()?)?);
        }
        none(wrong)
    });
    let contents: Vec<PathBuf> = files.iter().filter(|file| sbom::of(file).is_file()).cloned().collect();
    checks.prove("all files: bill of materials and notices have each crate", "unpacked", || {
        let mut wrong = Vec::new();
        for file in &contents {
            wrong.extend(unlisted(file, &unpack(file, &unpacked)?)?);
        }
        none(wrong)
    });
    checks.prove("all files: the bill of materials follows the schema", "CycloneDX's validator", || {
        python::environment("cyclonedx", &PYTHON.find()?, VALIDATOR)?;
        for file in &contents {
            let text = fs::read_to_string(sbom::of(file))?;
            tool::refuses(&mut validator(), &text.replace("\"library\"", "\"book\""))?;
            if tool::refuses(&mut validator(), &text).is_ok() {
                return Err(format!("{} does not follow it", sbom::of(file).display()).into());
            }
        }
        if contents.is_empty() { Err("there is none".into()) } else { Ok(()) }
    });
    Ok(())
}

fn validator() -> std::process::Command {
    let mut python = python::within("cyclonedx", "python");
    python.args(["-c", VALIDATE]);
    python
}

fn none(wrong: Vec<String>) -> Outcome {
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ").into()) }
}

/// A folder with the contents of a file. Compressed files in it are unpacked, too.
fn unpack(file: &Path, all: &Path) -> Outcome<PathBuf> {
    let name = file.file_name().and_then(|name| name.to_str()).ok_or("its name is not UTF-8")?;
    let folder = all.join(name);
    if folder.exists() {
        return Ok(folder);
    }
    fs::create_dir_all(&folder)?;
    let mut unpack = if name.ends_with(".tar.gz") || name.ends_with(".crate") {
        let mut tar = tool::command("tar");
        tar.arg("-xzf").arg(file).arg("-C").arg(&folder);
        tar
    } else if name.ends_with(".whl") || name.ends_with(".zip") {
        let mut zip = PYTHON.command()?;
        zip.args(["-m", "zipfile", "-e"]).arg(file).arg(&folder);
        zip
    } else if name.ends_with(".deb") {
        let mut deb = DPKG_DEB.command()?;
        deb.arg("--raw-extract").arg(file).arg(&folder);
        deb
    } else {
        fs::copy(file, folder.join(name))?;
        return Ok(folder);
    };
    tool::run(&mut unpack)?;
    // Manual pages and changelogs. It fails if there is no such file, and then there is nothing to do.
    let _ = tool::command("gzip").args(["--quiet", "--decompress", "--recursive"]).arg(&folder).output()?;
    Ok(folder)
}

/// Folders of this machine that no file may name.
fn builder() -> Outcome<Vec<PathBuf>> {
    let home = env::var_os("HOME").map(PathBuf::from).ok_or("HOME is not set")?;
    let folder =
        |variable: &str, default: &str| env::var_os(variable).map_or_else(|| home.join(default), PathBuf::from);
    let sysroot = release::sysroot()?;
    let others = [
        tool::root().to_owned(),
        tool::cargo_target(),
        folder("CARGO_HOME", ".cargo"),
        folder("RUSTUP_HOME", ".rustup"),
    ];
    Ok(others.into_iter().chain([sysroot, home.clone()]).collect())
}

/// The files below a folder that have one of these paths, as bytes.
fn paths_in(folder: &Path, paths: &[PathBuf]) -> Outcome<Vec<String>> {
    // Not as a part of another word: `/root/` of root's home is also in `crates/root/`.
    let path = |path: &PathBuf| format!(r"\Q{}\E(?![\w.-])", path.display());
    let pattern = format!(r"(?<![\w.-])(?:{})", paths.iter().map(path).collect::<Vec<_>>().join("|"));
    let found = grep(&["--files-with-matches", "--regexp", &pattern], folder)?;
    Ok(found.iter().map(|file| format!("{file} has a path of the builder")).collect())
}

/// The crates that the contents name as their source, and that a list lacks.
fn unlisted(file: &Path, folder: &Path) -> Outcome<Vec<String>> {
    let source = r"/registry/src/[^/\s]+/\K[A-Za-z0-9_-]+-[0-9]+\.[0-9]+\.[0-9]+[A-Za-z0-9.+-]*(?=/)";
    let crates: BTreeSet<_> =
        grep(&["--only-matching", "--no-filename", "--regexp", source], folder)?.into_iter().collect();
    let name = file.file_name().unwrap_or_default().display();
    let mut wrong = Vec::new();
    let bill = fs::read_to_string(sbom::of(file))?;
    let notices = notices(file, folder)?;
    for it in &crates {
        let (crate_name, version) = split(it).ok_or_else(|| format!("{it} is no name and version"))?;
        if !bill.contains(&format!("\"pkg:cargo/{crate_name}@{}\"", version.replace('+', "%2B"))) {
            wrong.push(format!("{name} contains {it}, which its bill of materials lacks"));
        }
        if notices.as_ref().is_some_and(|text| !text.contains(&format!("\n{crate_name} {version}: "))) {
            wrong.push(format!("{name} contains {it}, which its notices lack"));
        }
    }
    if !crates.is_empty() && notices.is_none() {
        wrong.push(format!("{name} contains crates and no {}", licenses::FILE_NAME));
    }
    Ok(wrong)
}

/// `name-1.2.3` as name and version.
fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.match_indices('-').find(|(at, _)| text[at + 1..].starts_with(|it: char| it.is_ascii_digit()))?.0;
    Some((&text[..at], &text[at + 1..]))
}

/// The notices in a file, or those that lie next to it.
fn notices(file: &Path, folder: &Path) -> Outcome<Option<String>> {
    let found = tool::read(tool::command("find").arg(folder).args(["-name", licenses::FILE_NAME, "-type", "f"]))?;
    let next_to = licenses::next_to(file);
    match found.lines().next() {
        Some(found) => Ok(Some(fs::read_to_string(found)?)),
        None if next_to.is_file() => Ok(Some(fs::read_to_string(next_to)?)),
        None => Ok(None),
    }
}

/// The lines that grep prints of all files below the folder.
fn grep(arguments: &[&str], folder: &Path) -> Outcome<Vec<String>> {
    let mut grep = GREP.command()?;
    // As bytes: not all of them are text.
    grep.env("LC_ALL", "C").args(["--recursive", "--text", "--perl-regexp"]).args(arguments).arg(folder);
    let output = grep.output()?;
    match output.status.code() {
        Some(0 | 1) => Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()),
        _ => Err(tool::failure(&grep, String::from_utf8_lossy(&output.stderr))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_builder_is_found_in_what_is_packed() {
        let folder = env::temp_dir().join(format!("aicredits-provenance-{}", std::process::id()));
        let (packed, unpacked) = (folder.join("packed"), folder.join("unpacked"));
        fs::create_dir_all(&packed).unwrap();
        fs::write(packed.join("library.so"), b"\x7fELF\xff\xfe\0/build/me/src/lib.rs\0").unwrap();
        fs::write(packed.join("fine"), "/rebuild/me/x /build/me.too x/build/me/y").unwrap();
        let file = folder.join("a.tar.gz");
        tool::run(tool::command("tar").arg("-czf").arg(&file).arg("-C").arg(&folder).arg("packed")).unwrap();
        let contents = unpack(&file, &unpacked).unwrap();
        let found = paths_in(&contents, &["/build/me".into()]).unwrap();
        assert_eq!(found, [format!("{}/packed/library.so has a path of the builder", contents.display())]);
        assert_eq!(paths_in(&contents, &["/build/you".into()]).unwrap(), [""; 0]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_crate_that_a_list_lacks_is_found() {
        let folder = env::temp_dir().join(format!("aicredits-unlisted-{}", std::process::id()));
        fs::create_dir_all(folder.join("contents")).unwrap();
        fs::write(folder.join("contents/a.so"), b"\xff/cargo/registry/src/index/ring-0.17.1/src/x.c\0").unwrap();
        let file = folder.join("a.tar.gz");
        let wrong = |bill: &str, notices: Option<&str>| {
            fs::write(sbom::of(&file), bill).unwrap();
            if let Some(notices) = notices {
                fs::write(licenses::next_to(&file), notices).unwrap();
            }
            unlisted(&file, &folder.join("contents")).unwrap().len()
        };
        assert_eq!(wrong("\"pkg:cargo/ring@0.17.1\"", None), 1, "no notices");
        assert_eq!(wrong("\"pkg:cargo/ring@0.17.1\"", Some("x\nring 0.17.1: MIT\n")), 0);
        assert_eq!(wrong("\"pkg:cargo/ring@0.17.2\"", Some("x\nring 0.17.2: MIT\n")), 2);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_version_starts_with_a_digit() {
        assert_eq!(split("rustls-pki-types-1.16.0"), Some(("rustls-pki-types", "1.16.0")));
        assert_eq!(split("x"), None);
    }
}
